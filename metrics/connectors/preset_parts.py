"""Taking a preset's YAML apart strictly: every fault is a sentence that names the file and the key."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

_NEEDED: Any = object()


class PresetError(ValueError):
    """A preset file that cannot be used; the text names the file, the key and what is wrong."""


class Part:
    """One mapping of a file, taken key by key; `end` complains of whatever nobody took."""

    def __init__(self, data: Any, *, file: str, place: str = "") -> None:
        self.file, self.place = file, place
        if not isinstance(data, dict):
            self.wrong("", "has to be keys and values")
        self._data: dict[Any, Any] = dict(data)

    def __contains__(self, key: str) -> bool:
        return key in self._data

    def wrong(self, key: str, sentence: str) -> NoReturn:
        """Raise PresetError for one key of this part ("" for the part itself)."""
        path = ".".join(filter(None, (self.place, key)))
        raise PresetError(f"{self.file}: {path + ' ' if path else ''}{sentence}.")

    def take(self, key: str, default: Any = _NEEDED) -> Any:
        """The value of a key as YAML gave it."""
        if key in self._data:
            return self._data.pop(key)
        if default is _NEEDED:
            self.wrong(key, "is missing")
        return default

    def text(self, key: str, default: str = _NEEDED) -> str:
        """Text without spaces around it, not empty unless that is the default."""
        value = self.take(key, default)
        if not isinstance(value, str):
            self.wrong(key, "has to be text; put it into quotes")
        if not value.strip() and default is _NEEDED:
            self.wrong(key, "is empty")
        return value.strip() if key not in _LITERAL else value

    def one_of(self, key: str, known: Sequence[str], default: str = _NEEDED) -> str:
        """Text that is one of the known words."""
        value = self.text(key, default)
        if value not in known:
            self.wrong(key, f"is '{value}'; it has to be one of: {', '.join(known)}")
        return value

    def number(self, key: str, default: int = _NEEDED) -> int:
        """A whole number that is not negative."""
        value = self.take(key, default)
        if isinstance(value, bool) or not isinstance(value, int) or value < 0:
            self.wrong(key, "has to be a whole number")
        return value

    def flag(self, key: str, default: bool = _NEEDED) -> bool:
        """True or false."""
        value = self.take(key, default)
        if not isinstance(value, bool):
            self.wrong(key, "has to be true or false")
        return value

    def texts(self, key: str, default: Sequence[str] = _NEEDED) -> tuple[str, ...]:
        """A list of texts."""
        value = self.take(key, default)
        if not isinstance(value, (list, tuple)) or not all(isinstance(one, str) for one in value):
            self.wrong(key, "has to be a list of texts")
        return tuple(value)

    def words(self, key: str, default: Mapping[str, str] = _NEEDED) -> dict[str, str]:
        """Texts by name, such as headers."""
        value = self.take(key, default)
        if not isinstance(value, Mapping) or not all(
            isinstance(name, str) and isinstance(text, str) for name, text in value.items()
        ):
            self.wrong(key, "has to be names with texts; put numbers into quotes")
        return dict(value)

    def part(self, key: str, default: Any = _NEEDED) -> Part:
        """The mapping below a key."""
        return Part(self.take(key, default), file=self.file, place=".".join(filter(None, (self.place, key))))

    def parts(self, key: str, default: Any = _NEEDED) -> list[Part]:
        """The mappings of a list below a key, each named by its own `key` or `name` in sentences."""
        value = self.take(key, default)
        if not isinstance(value, (list, tuple)):
            self.wrong(key, "has to be a list")
        found = []
        for index, one in enumerate(value):
            name = (one.get("key") or one.get("name") or index) if isinstance(one, dict) else index
            place = ".".join(filter(None, (self.place, key, str(name))))
            found.append(Part(one, file=self.file, place=place))
        return found

    def end(self) -> None:
        """Raise PresetError if a key is left that no preset has."""
        for key in self._data:
            self.wrong(str(key)[:60], "is not a key that presets know")


#: Here spaces at the ends belong to the text.
_LITERAL = ("prefix",)
