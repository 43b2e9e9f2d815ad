"""`manage.py setup_link`: the one-time link that makes the first admin."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.urls import reverse

from northstar.lib import clock
from teams import founding
from teams.inviting import LinkError


class Command(BaseCommand):
    help = "Print a link, valid for 30 minutes, that makes the first admin; only while nobody has an account."

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the link; CommandError once there is somebody."""
        try:
            token = founding.make_link_token(clock.now())
        except LinkError as problem:
            raise CommandError(str(problem)) from None
        self.stdout.write("Nobody has an account yet. Make the first admin here (once, within 30 minutes):")
        self.stdout.write(settings.SITE_URL + reverse("setup", args=[token]))
