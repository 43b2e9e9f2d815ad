"""Ways to tell somebody something; each knows how, none knows when."""
