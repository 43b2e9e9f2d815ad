"""Who is told what, when, and whether it arrived: rules, rows, words, deliveries (domain.md §8)."""
