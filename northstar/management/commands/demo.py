"""`manage.py demo`: load, refresh or remove the invented company that shows what Northstar does."""

from __future__ import annotations

import secrets
from argparse import ArgumentParser
from typing import Any

from django.contrib.auth.hashers import make_password
from django.core.management.base import BaseCommand, CommandError

from northstar.lib import clock, env


class Command(BaseCommand):
    help = "Load the demo company Brindlewick; --remove takes it out again."
    # Asking whether there is anything to load is part of every start.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        way = parser.add_mutually_exclusive_group()
        way.add_argument(
            "--if-empty", action="store_true", help="Do nothing where somebody or a source exists."
        )
        way.add_argument("--remove", action="store_true", help="Delete everything of the demo.")
        way.add_argument("--refresh", action="store_true", help="Remove it and load it anew, up to today.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it and say so; CommandError with a sentence if it cannot be done."""
        if options["if_empty"] and not _is_empty():
            return
        # Loading draws charts; who only asks whether there is something to load need not wait for that.
        from northstar.demo import loading, removing

        password = env.text("DEMO_PASSWORD", "")
        try:
            if options["remove"]:
                gone = removing.remove()
                self.stdout.write("The demo company is gone." if gone else "There is no demo company here.")
            elif options["refresh"]:
                hashed = make_password(password) if password else ""
                self._say_refreshed(loading.refresh(clock.now(), hashed=hashed))
            else:
                self._load(password or secrets.token_urlsafe(12))
        except (removing.Needed, loading.Unfit) as problem:
            raise CommandError(str(problem)) from None

    def _load(self, password: str) -> None:
        from northstar.demo import loading

        # Hashed once: it is one password, and every hash takes as long as it should.
        if loading.load(clock.now(), hashed=make_password(password)):
            self._show_sign_ins(password)
        else:
            self.stdout.write("The demo company is here already. --refresh brings it up to today.")

    def _say_refreshed(self, done: bool) -> None:
        if not done:
            raise CommandError("There is no demo company here. manage.py demo loads it.")
        self.stdout.write("The demo company ends today again. Passwords are as they were, or DEMO_PASSWORD.")

    def _show_sign_ins(self, password: str) -> None:
        from northstar.demo.people import PEOPLE, may_do

        self.stdout.write("Demo company Brindlewick: all people and numbers are invented. Sign in as")
        for person in PEOPLE:
            if words := may_do(person):
                self.stdout.write(f"  {person.email:<30} {person.name:<18} {words}")
        self.stdout.write(f"The password of all of them is {password}")


def _is_empty() -> bool:
    from metrics.models import Source
    from teams.models import User

    return not User.objects.exists() and not Source.objects.exists()
