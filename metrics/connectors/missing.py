"""The stand-in for a kind that is not there any more, so that its sources stay on the pages."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, ClassVar, NoReturn

from metrics.connectors.base import Answer, Ask, Connector, ConnectorError, Egress


class MissingKind(Connector):
    """A source of this kind is listed and keeps what is stored; whatever needs its code says why not."""

    sentence: ClassVar[str]
    description: ClassVar[str] = "Its package is not there."
    initials: ClassVar[str] = "?"
    is_there: ClassVar[bool] = False

    def __init__(self, settings: Mapping[str, Any], secrets: Mapping[str, str], *, egress: Egress) -> None:
        self._refuse()

    @classmethod
    def missing_driver(cls) -> str:
        return cls.sentence

    # Nothing is saved over what is stored: without its fields it would be saved as empty.
    @classmethod
    def clean_settings(cls, values: Mapping[str, Any]) -> dict[str, Any]:
        cls._refuse("config")

    @classmethod
    def clean_secrets(cls, values: Mapping[str, Any], *, kept: Collection[str] = ()) -> dict[str, str]:
        cls._refuse("config")

    @classmethod
    def clean_query(cls, values: Mapping[str, Any]) -> dict[str, Any]:
        cls._refuse("config")

    def check(self) -> tuple[str, ...]:
        self._refuse()

    def fetch(self, ask: Ask) -> Answer:
        self._refuse()

    @classmethod
    def _refuse(cls, code: str = "driver") -> NoReturn:
        raise ConnectorError(code, cls.sentence, permanent=True)


def missing(kind: str, sentence: str) -> type[MissingKind]:
    """A stand-in class for `kind`; `sentence` says why it is not there and what to do."""
    texts = {"kind": kind, "label": f"{kind[:40]}, not installed", "sentence": sentence}
    return type("MissingKind", (MissingKind,), texts)
