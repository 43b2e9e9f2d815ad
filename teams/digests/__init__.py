"""The weekly letter: what it says is frozen with the weekly review, each person reads their part of it."""
