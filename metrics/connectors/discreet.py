"""Stands before every connector that is opened, so that nothing it says holds one of its secrets (S22).

Each kind hides what it knows of. This is for the rest: a service that echoes the sign-in, a driver's error, a
crash.
"""

from __future__ import annotations

import functools
import traceback
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, TypeVar

from metrics.connectors.base import Answer, Ask, Connector, ConnectorError, Egress
from metrics.connectors.masking import hider

T = TypeVar("T")


class Crash(RuntimeError):
    """An error that nobody expected: its whole story as text, to be logged, without secrets."""


class Discreet(Connector):
    """See `discreet`. Errors that nobody expected become Crash."""

    def __init__(self, settings: Mapping[str, Any], secrets: Mapping[str, str], *, egress: Egress) -> None:
        self.__hide = hider(secrets.values())
        self.__within(lambda: super(Discreet, self).__init__(settings, secrets, egress=egress))

    def check(self) -> tuple[str, ...]:
        return tuple(map(self.__hide, self.__within(super().check)))  # type: ignore[safe-super]

    def fetch(self, ask: Ask) -> Answer:
        fetched = super().fetch  # type: ignore[safe-super]
        return self.__clean(self.__within(lambda: fetched(ask)))

    def __clean(self, answer: Answer) -> Answer:
        hide = self.__hide
        return replace(
            answer,
            columns=tuple(map(hide, answer.columns)),
            sample=tuple(tuple(map(hide, row)) for row in answer.sample),
            notes=tuple(map(hide, answer.notes)),
            request=hide(answer.request),
            mapping=tuple((part, hide(where)) for part, where in answer.mapping),
        )

    def close(self) -> None:
        self.__within(super().close)

    def __within(self, work: Callable[[], T]) -> T:
        try:
            return work()
        except ConnectorError as error:
            hidden = ConnectorError(
                error.code, self.__hide(error.message), permanent=error.permanent, field=error.field,
                retry_after=error.retry_after, columns=tuple(map(self.__hide, error.columns)),
            )  # fmt: skip
            if isinstance(error.answer, Answer):
                hidden.answer = self.__clean(error.answer)
            raise hidden from None
        except Exception as error:
            if _is_the_workers(error):
                raise
            raise Crash(self.__hide("".join(traceback.format_exception(error)))) from None


@functools.cache
def discreet(found: type[Connector]) -> type[Connector]:
    """The class, under its own name, behind its discretion."""
    return type(found.__name__, (Discreet, found), {"__module__": found.__module__})


def _is_the_workers(error: Exception) -> bool:
    """The worker's own time limit, raised into whatever runs."""
    return type(error).__module__.partition(".")[0] in ("billiard", "celery")
