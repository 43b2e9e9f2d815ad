"""`manage.py doctor`: is everything as it has to be? One line a part; exit code 1 if something is not."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from northstar.examining import examine


class Command(BaseCommand):
    help = "Look at settings, keys, database, clock, queue, disk, drivers; exit code 1 if something is wrong."
    # Wrong settings are among what it tells.
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        """A line for each part, with the sentence that says what to do; SystemExit(1) if one is bad."""
        bad = 0
        for finding in examine():
            bad += finding.state == "bad"
            self.stdout.write(f"{finding.state:<5} {finding.part:<10} {finding.words}")
        if bad:
            self.stdout.write(f"\n{bad} {'thing needs' if bad == 1 else 'things need'} to be put right.")
            raise SystemExit(1)
