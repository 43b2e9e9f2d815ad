"""Links to one page, for people without an account."""
