"""Dates in words, the same on every machine whatever its locale."""

from __future__ import annotations

from datetime import date

MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def date_words(day: date, today: date) -> str:
    """Such as "17 Jan", and "17 Jan 2025" where the year is not today's."""
    short = f"{day.day} {MONTHS[day.month - 1][:3]}"
    return short if day.year == today.year else f"{short} {day.year}"


def long_date_words(day: date) -> str:
    """Such as "31 August 2026"."""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"
