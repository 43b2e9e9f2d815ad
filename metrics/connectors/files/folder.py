"""Which file a source means: one inside the folder that was opened, and nothing of Northstar's."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Mapping
from pathlib import Path

from metrics.connectors.errors import ConnectorError

SETTING = "SOURCE_FILES_DIR"
_NAME = re.compile(r"[^/\\\x00-\x1f]{1,200}")


def found(name: str, environment: Mapping[str, str]) -> Path:
    """The file of that name. `environment` holds the setting, and under "DATA_DIR" and "DATABASE" what is
    Northstar's own. Raises ConnectorError."""
    folder = environment.get(SETTING, "")
    if not folder:
        raise _refused(switched_off(), field="")
    if not _NAME.fullmatch(name) or name.startswith("."):
        raise _refused(f"Type the name of a file in {SETTING}, without a folder, such as sales.db.")
    path = Path(os.path.realpath(folder)) / name
    try:
        seen = path.lstat()
    except OSError:
        raise _refused(f"There is no file {name} in {SETTING}.") from None
    if not stat.S_ISREG(seen.st_mode) or os.path.realpath(path) != str(path):
        raise _refused(f"{name} is no ordinary file. Links and folders are not opened.")
    if _is_own(path, seen, environment):
        raise _refused(f"{name} belongs to Northstar itself, whose data no source may read.")
    return path


def switched_off() -> str:
    """The sentence for an installation without such a folder."""
    return f"Database files are off. To allow them, set {SETTING} to the folder that holds them."


def _is_own(path: Path, seen: os.stat_result, environment: Mapping[str, str]) -> bool:
    data = environment.get("DATA_DIR", "")
    if data and path.is_relative_to(os.path.realpath(data)):
        return True
    try:
        # A hard link has another path, and the same inode.
        return bool(environment.get("DATABASE")) and os.path.samestat(seen, os.stat(environment["DATABASE"]))
    except OSError:
        return False


def _refused(sentence: str, *, field: str = "file") -> ConnectorError:
    return ConnectorError("config", sentence, permanent=True, field=field)
