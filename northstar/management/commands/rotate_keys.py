"""`manage.py rotate_keys`: seal every stored secret anew under the first of DATA_KEYS."""

from __future__ import annotations

import os
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from metrics import rotating
from northstar.lib import keys

_ELSEWHERE = (
    "DATA_KEYS comes from the environment here: change it there. First put the new key behind the others on "
    "every process, then before them, then run rotate_keys, then take the others away."
)


class Command(BaseCommand):
    help = "Seal all stored secrets anew under the first of DATA_KEYS; older keys may go then."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--new-key", action="store_true", help="put a fresh key first in keys.json")
        parser.add_argument("--drop-old", action="store_true", help="then take older keys out of keys.json")

    def handle(self, *args: Any, new_key: bool, drop_old: bool, **options: Any) -> None:
        """Say how many were sealed anew; CommandError where secrets are left that no key opens."""
        if new_key:
            self._add()
            return
        found = rotating.rotate()
        self.stdout.write(
            f"{found.resealed} secrets were sealed anew, {found.current} were already under the first key."
        )
        if found.lost:
            raise CommandError(
                f"No key opens secrets of: {', '.join(sorted(found.lost))}. Add the key they were sealed "
                "with, or type these secrets again. Keep the older keys until then."
            )
        if drop_old:
            self._drop()
        elif len(settings.DATA_KEYS) > 1:
            self.stdout.write(
                f"The other {len(settings.DATA_KEYS) - 1} of DATA_KEYS may go, once every web and worker "
                "process has been restarted with this first key."
            )

    def _add(self) -> None:
        _refuse_elsewhere()
        count = keys.add_data_key(Path(settings.DATA_DIR))
        self.stdout.write(
            f"keys.json holds {count} keys now. Restart Northstar, which opens all and seals with the first; "
            "then run rotate_keys --drop-old. Back keys.json up again."
        )

    def _drop(self) -> None:
        _refuse_elsewhere()
        gone = keys.drop_old_data_keys(Path(settings.DATA_DIR))
        self.stdout.write(f"{gone} older keys were taken out of keys.json. Restart Northstar once more.")


def _refuse_elsewhere() -> None:
    if any(os.environ.get(f"DATA_KEYS{end}") for end in ("", "_FILE")):
        raise CommandError(_ELSEWHERE)
    if not (Path(settings.DATA_DIR) / "keys.json").exists():
        raise CommandError(
            f"There is no keys.json in {settings.DATA_DIR}. Start Northstar once, which makes it."
        )
