"""Settings from the environment: each NAME may also be given as NAME_FILE, the path of a file with the value.

An empty value counts as not set, because compose files pass unset variables on as empty ones.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

YES = frozenset({"1", "true", "yes"})
NO = frozenset({"0", "false", "no"})
PLACEHOLDERS = frozenset({"changeme", "changethis", "secret", "secretkey", "password", "example", "insecure"})
FEWEST_DISTINCT = 5


class ConfigError(ImproperlyConfigured):
    """A setting is wrong; the sentence says which one and what to do, and never repeats a secret."""


def text(name: str, default: str | None = None) -> str:
    """The value as text, stripped; `default` where it is not set.

    Raises ConfigError where nothing is set and there is no default.
    """
    value = _read(name)
    if value is not None:
        return value
    if default is None:
        raise ConfigError(f"{name} is not set. Set {name}, or {name}_FILE to the path of a file with it.")
    return default


def flag(name: str, default: bool | None = None) -> bool:
    """True for 1/true/yes, False for 0/false/no. Raises ConfigError for anything else: no typo may switch."""
    value = _read(name)
    if value is None and default is not None:
        return default
    word = text(name).lower()
    if word not in YES | NO:
        raise ConfigError(f"{name} is {word!r}, which is neither yes nor no. Use 1, true, yes, 0, false, no.")
    return word in YES


def number(name: str, default: int | None = None, *, low: int | None = None, high: int | None = None) -> int:
    """A whole number between `low` and `high` (both inclusive). Raises ConfigError for anything else."""
    value = _read(name)
    if value is None and default is not None:
        return default
    word = text(name)
    digits = word.removeprefix("-")
    if not (digits.isascii() and digits.isdigit()):
        raise ConfigError(f"{name} is {word!r}, which is not a whole number. Write digits only, such as 30.")
    result = int(word)
    if low is not None and result < low:
        raise ConfigError(f"{name} is {result}; the smallest value allowed is {low}.")
    if high is not None and result > high:
        raise ConfigError(f"{name} is {result}; the largest value allowed is {high}.")
    return result


def listing(name: str, default: Sequence[str] = ()) -> list[str]:
    """The comma-separated parts, stripped, in their order, without empty ones."""
    value = _read(name)
    if value is None:
        return list(default)
    return [part.strip() for part in value.split(",") if part.strip()]


def secret(name: str, default: str | None = None, *, shortest: int = 0) -> str:
    """A secret of at least `shortest` characters.

    Raises ConfigError for placeholders ("changeme"), short values and repeated characters: a warning in a log
    stops nobody from running with them (Superset CVE-2023-27524). The sentence never holds the value.
    """
    value = _read(name)
    if value is None:
        return text(name, default)
    plain = "".join(letter for letter in value.lower() if letter.isalnum())
    if plain in PLACEHOLDERS or len(set(value)) < FEWEST_DISTINCT:
        raise ConfigError(f"{name} is a placeholder that anybody could guess. Set it to a random value.")
    if len(value) < shortest:
        raise ConfigError(f"{name} has {len(value)} characters and needs at least {shortest}.")
    return value


def _read(name: str) -> str | None:
    value = os.environ.get(name, "").strip()
    path = os.environ.get(f"{name}_FILE", "").strip()
    if value and path:
        raise ConfigError(f"Both {name} and {name}_FILE are set. Keep one of them.")
    if not path:
        return value or None
    try:
        return Path(path).read_text(encoding="utf-8").strip() or None
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise ConfigError(f"{name}_FILE is {path!r}, which cannot be read: {reason}.") from None
