"""`manage.py sources export` and `sources apply FILE`: sources that are reviewed before they go anywhere."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError

from metrics import source_files


class Command(BaseCommand):
    help = "Write all sources as YAML without their secrets, or make them be as such a file says."

    def add_arguments(self, parser: ArgumentParser) -> None:
        ways = parser.add_subparsers(dest="way", required=True)
        ways.add_parser("export", help="print the sources")
        apply = ways.add_parser("apply", help="create and change sources, all or none")
        apply.add_argument("file", help="the file, or - for standard input")
        apply.add_argument("--dry-run", action="store_true", help="only say what would change")
        apply.add_argument("--as", dest="email", default="", help="the person whom the audit names")

    def handle(self, *args: Any, way: str, **options: Any) -> None:
        """Print the YAML, or what changed; CommandError with every fault, and nothing changed then."""
        if way == "export":
            self.stdout.write(source_files.export(), ending="")
            return
        try:
            changes = source_files.apply(
                _text(options["file"]), actor=_person(options["email"]), dry_run=options["dry_run"]
            )
        except source_files.SourceFileError as error:
            raise CommandError(str(error)) from None
        for change in changes:
            self.stdout.write(change.words)
        if options["dry_run"]:
            self.stdout.write("Nothing was changed (--dry-run).")


def _text(file: str) -> str:
    try:
        return sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"{file} cannot be read: {error}") from None


def _person(email: str) -> Any:
    if not email:
        return None
    found = get_user_model().objects.filter(email__iexact=email, is_active=True).first()
    if found is None:
        raise CommandError(f"Nobody here has the address {email}.")
    return found
