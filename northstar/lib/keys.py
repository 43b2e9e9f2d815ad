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
