"""`manage.py createadmin EMAIL`: somebody who may do everything, made on the machine itself."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from getpass import getpass
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.core.validators import validate_email

from northstar.lib import env
from teams import founding
from teams.models import User


class Command(BaseCommand):
    help = "Create a person with the grants leader and admin."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email", help="The address they sign in with.")
        parser.add_argument("--name", default="", help="The name that others see.")
        parser.add_argument(
            "--password-stdin",
            action="store_true",
            help="Read the password from standard input. Otherwise NORTHSTAR_PASSWORD, else it is asked for.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Create the account; CommandError with a sentence if the address or the password will not do."""
        email = options["email"].strip().lower()
        try:
            validate_email(email)
        except ValidationError:
            raise CommandError(f"{email} is not an e-mail address.") from None
        if User.objects.filter(email__iexact=email).exists():
            raise CommandError(
                f"There is an account for {email} already. Use another address; that admin can then give "
                "grants to the old account, or open it again, on the People page."
            )
        password = _password(from_stdin=options["password_stdin"])
        try:
            founding.create_admin(email, name=options["name"].strip(), password=password)
        except ValidationError as problem:
            raise CommandError(" ".join(problem.messages)) from None
        self.stdout.write(f"{email} can sign in now, as leader and admin.")


def _password(*, from_stdin: bool) -> str:
    """The password from where it was said to be; never from the command line, which others can read."""
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    if given := env.secret("NORTHSTAR_PASSWORD", ""):
        return given
    first = getpass("Password (at least 12 characters): ")
    if getpass("Once more: ") != first:
        raise CommandError("The two passwords differ. Nothing was created.")
    return first
