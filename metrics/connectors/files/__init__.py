"""Database files as sources: off until a setting names their folder, read in a process of their own (S45)."""
