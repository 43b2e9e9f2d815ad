"""The keys of an embedded installation: made once, kept in the data folder with mode 0600."""

from __future__ import annotations

import json
import os
import secrets
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.fernet import Fernet


@dataclass(frozen=True, slots=True)
class Keys:
    """SECRET_KEY signs sessions, DATA_KEYS seal the secrets of sources (the first one seals)."""

    secret_key: str | None = field(default=None, repr=False)
    data_keys: list[str] | None = field(default=None, repr=False)


def load(data_dir: Path) -> Keys:
    """The keys of the data folder; empty where there are none yet."""
    try:
        stored = json.loads((data_dir / "keys.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        return Keys()
    return Keys(stored["secret_key"], stored["data_keys"])


def ensure(data_dir: Path) -> bool:
    """Make the keys where there are none; True if they are new. Two callers at once make one set."""
    path = data_dir / "keys.json"
    if path.exists():
        return False
    data_dir.mkdir(parents=True, exist_ok=True)
    made = {"secret_key": secrets.token_urlsafe(64), "data_keys": [Fernet.generate_key().decode()]}
    draft = data_dir / f".keys-{os.getpid()}"
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump(made, file)
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)  # fails if somebody else was first: their keys stay
    except FileExistsError:
        return False
    finally:
        draft.unlink()
    return True


def add_data_key(data_dir: Path) -> int:
    """Put a fresh key before those of the data folder; how many there are now. OSError without a file."""
    stored = json.loads((data_dir / "keys.json").read_text(encoding="utf-8"))
    stored["data_keys"].insert(0, Fernet.generate_key().decode())
    _replace(data_dir, stored)
    return len(stored["data_keys"])


def drop_old_data_keys(data_dir: Path) -> int:
    """Keep the first of the keys that seal secrets; how many went. OSError if there is no file."""
    stored = json.loads((data_dir / "keys.json").read_text(encoding="utf-8"))
    gone = len(stored["data_keys"]) - 1
    stored["data_keys"] = stored["data_keys"][:1]
    if gone:
        _replace(data_dir, stored)
    return gone


def _replace(data_dir: Path, made: dict[str, object]) -> None:
    """Whole or not at all: half a file of keys would lose every secret."""
    draft = data_dir / f".keys-{os.getpid()}"
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump(made, file)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(data_dir / "keys.json")
