"""What happened, as notes on the charts: written by hand or sent by programs (domain.md §7.7)."""
