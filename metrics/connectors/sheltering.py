"""Connectors that others wrote, sheltered: whatever they do, the product sees the contract kept."""

from __future__ import annotations

import copy
import json
import logging
import traceback
from collections.abc import Callable, Collection, Iterable, Mapping
from itertools import islice
from types import TracebackType
from typing import Any, NoReturn, Self, TypeVar

from metrics.connectors.answering import checked_answer
from metrics.connectors.base import CODES, Answer, Ask, Connector, ConnectorError, Egress
from metrics.connectors.masking import hider

log = logging.getLogger(__name__)
MOST_NOTES = 50
LONGEST = 500
T = TypeVar("T")


class Sheltered(Connector):
    """Stands before a plug-in's own class (see `sheltered`): its errors become ConnectorErrors without
    secrets, its answers are checked, and what it is handed are copies."""

    def __init__(self, settings: Mapping[str, Any], secrets: Mapping[str, str], *, egress: Egress) -> None:
        # Under a name of this class only, so that a plug-in does not use it for something else.
        self.__hide = hider(secrets.values())
        self._within(
            lambda: super(Sheltered, self).__init__(
                copy.deepcopy(dict(settings)), dict(secrets), egress=egress
            )
        )

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"

    def __enter__(self) -> Self:
        self._within(super().__enter__)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # By itself: a plug-in's own __exit__ could swallow the error that is under way.
        self.close()

    def close(self) -> None:
        try:
            self._within(super().close)
        except ConnectorError:
            log.warning("plug-in %s: closing failed, which is passed over", self.kind)

    def check(self) -> tuple[str, ...]:
        notes = self._within(super().check)  # type: ignore[safe-super]
        return self._texts(notes if isinstance(notes, (tuple, list)) else ())

    def fetch(self, ask: Ask) -> Answer:
        fetched = super().fetch  # type: ignore[safe-super]
        return self._within(lambda: checked_answer(fetched(ask), ask, clean=self._text))

    @classmethod
    def clean_settings(cls, values: Mapping[str, Any]) -> dict[str, Any]:
        return _plain(_of_class(cls, lambda: super(Sheltered, cls).clean_settings(dict(values)), "config"))

    @classmethod
    def clean_query(cls, values: Mapping[str, Any]) -> dict[str, Any]:
        return _plain(_of_class(cls, lambda: super(Sheltered, cls).clean_query(dict(values)), "config"))

    @classmethod
    def clean_secrets(cls, values: Mapping[str, Any], *, kept: Collection[str] = ()) -> dict[str, str]:
        found: Any = _of_class(
            cls, lambda: super(Sheltered, cls).clean_secrets(dict(values), kept=tuple(kept)), "config"
        )
        names = set(cls.secret_names())
        if not isinstance(found, dict) or not all(
            k in names and isinstance(v, str) for k, v in found.items()
        ):
            raise ConnectorError("config", f"The plug-in {cls.kind} misread its secrets.", permanent=True)
        return dict(found)

    @classmethod
    def secret_names(cls) -> tuple[str, ...]:
        return tuple(field.name for field in cls.settings_fields if field.secret)

    @classmethod
    def identity_changed(cls, before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
        # Where the plug-in says less than its own fields do, secrets are asked for again all the same.
        own = any(before.get(f.name) != after.get(f.name) for f in cls.settings_fields if f.identity)
        try:
            return own or bool(super().identity_changed(dict(before), dict(after)))
        except Exception:
            return True

    @classmethod
    def host_of(cls, settings: Mapping[str, Any]) -> str:
        found = _or_nothing(lambda: super(Sheltered, cls).host_of(dict(settings)))
        return found.replace("\x00", "")[:250]

    @classmethod
    def missing_driver(cls) -> str:
        return _or_nothing(super().missing_driver)[:LONGEST]

    def _within(self, work: Callable[[], T]) -> T:
        try:
            return work()
        except ConnectorError as error:
            raise self._clean(error) from None
        except (Exception, SystemExit) as error:
            if is_the_workers(error):
                raise
            _logged(self.kind, error)
            raise ConnectorError(
                "unexpected",
                f"The plug-in {self.kind} failed with {type(error).__name__}. "
                "The log of the worker has the place; its author can mend it.",
            ) from None

    def _clean(self, error: ConnectorError) -> ConnectorError:
        code = error.code if error.code in CODES else "unexpected"
        wait = error.retry_after
        return ConnectorError(
            code,
            self._text(error.message) or "The plug-in gave no reason.",
            permanent=bool(error.permanent),
            field=self._text(error.field),
            retry_after=float(wait) if isinstance(wait, (int, float)) and 0 <= wait < 1e6 else None,
            columns=self._texts(error.columns if isinstance(error.columns, (tuple, list)) else ()),
        )

    def _texts(self, texts: Iterable[Any]) -> tuple[str, ...]:
        return tuple(self._text(text) for text in islice(texts, MOST_NOTES))

    def _text(self, value: Any, longest: int = LONGEST) -> str:
        if not isinstance(value, str):
            return ""
        return self.__hide(value).replace("\x00", "")[:longest]


def sheltered(found: type[Connector]) -> type[Connector]:
    """The plug-in's class behind its shelter, under its own name."""
    kept = {
        "__module__": found.__module__,
        # No setting of the installation is handed on, and templates never call a class.
        "needs_setting": "", "is_there": True, "do_not_call_in_templates": True,
    }  # fmt: skip
    return type(found.__name__, (Sheltered, found), kept)


def _of_class(cls: type[Connector], work: Callable[[], T], code: str) -> T:
    try:
        return work()
    except ConnectorError:
        raise
    except (Exception, SystemExit) as error:
        _logged(cls.kind, error)
        raise ConnectorError(
            code,
            f"The plug-in {cls.kind} failed with {type(error).__name__} while it read this. "
            "The log has the place; its author can mend it.",
            permanent=True,
        ) from None


def _or_nothing(work: Callable[[], Any]) -> str:
    try:
        found = work()
    except (Exception, SystemExit):
        return ""
    return found if isinstance(found, str) else ""


def _plain(values: Any) -> dict[str, Any]:
    """A copy that can be stored as JSON. Raises ConnectorError."""
    try:
        if not isinstance(values, dict):
            raise TypeError
        copied: dict[str, Any] = json.loads(json.dumps(values, allow_nan=False))
    except (TypeError, ValueError, RecursionError):
        _refuse_unfit()
    return copied


def _refuse_unfit() -> NoReturn:
    raise ConnectorError(
        "config", "The plug-in returned settings that cannot be stored.", permanent=True
    ) from None


def is_the_workers(error: BaseException) -> bool:
    """The worker's own time limit, raised into whatever runs: not the plug-in's, and not to be held up."""
    return type(error).__module__.partition(".")[0] in ("billiard", "celery")


def _logged(kind: str, error: BaseException) -> None:
    """Type and place only: the text of somebody else's error may hold a secret."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename != __file__]
    # Of an endless recursion both ends tell: where it began and where it was stopped.
    places = "".join(traceback.format_list(frames[:4] + frames[4:][-4:]))
    log.error("plug-in %s: %s at\n%s", kind, type(error).__name__, places)
