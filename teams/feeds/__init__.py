"""Calendars that a program reads again and again: of a person, a team, the company."""
