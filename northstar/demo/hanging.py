"""The demo's wall screen: one that was approved. Nobody holds its secret; "Look" shows what it shows."""

from __future__ import annotations

from datetime import time, timedelta

from northstar.demo.days import Days
from teams.models import Screen, User

BROWSER = "Mozilla/5.0 (X11; Linux aarch64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36"


def connect(approved_by: User, days: Days) -> Screen:
    """The television in the kitchen, connected some weeks ago and switched off on Friday evening."""
    screen = Screen(
        label="Kitchen, ground floor",
        approved_by=approved_by,
        approved_at=days.moment(days.sunday(-3) - timedelta(days=3), "09:40"),
        seen_at=days.moment(days.sunday(0) - timedelta(days=2), "18:05"),
        dims_from=time(20),
        dims_until=time(7),
        address="192.0.2.40",
        browser=BROWSER,
        is_demo=True,
    )
    screen.new_secret()
    screen.save()
    return screen
