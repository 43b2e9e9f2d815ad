"""Work out the forecasts that past weeks would have brought, for the calibration page."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from northstar.lib import clock
from teams import calibrating


class Command(BaseCommand):
    help = (
        "Works out the forecasts of past weeks from the values known then, marks them as replayed, and holds "
        "them against what happened. Safe to run again: weeks that have a forecast are left out."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        count = calibrating.replay_all(clock.now())
        self.stdout.write(f"{count} forecasts were worked out and held against what happened.")
