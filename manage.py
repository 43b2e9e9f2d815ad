#!/usr/bin/env python
"""Django's command line for Northstar."""

from __future__ import annotations

import os
import sys
from pathlib import Path


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "northstar.settings")
    if sys.argv[1:2] == ["up"]:
        os.umask(0o077)  # the data folder and all in it are the owner's alone
        make_first_keys()
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


def make_first_keys() -> None:
    """Before the settings are read: they refuse to load without keys."""
    from northstar.lib import env, keys

    if any(
        not (os.environ.get(name) or os.environ.get(f"{name}_FILE")) for name in ("SECRET_KEY", "DATA_KEYS")
    ):
        keys.ensure(Path(env.text("DATA_DIR", str(Path(__file__).resolve().parent / "data"))).resolve())


if __name__ == "__main__":
    main()
