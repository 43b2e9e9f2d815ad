"""Pure arithmetic on periods: no database, no settings, no clock."""
