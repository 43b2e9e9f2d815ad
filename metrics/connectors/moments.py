"""Dates as services write them, and the local day each one means. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from northstar.lib.periods import first_instant

FORMATS = (
    ("auto", "An ISO date, week, month or moment"),
    ("unix", "Unix time in seconds"),
    ("unix_ms", "Unix time in milliseconds"),
)
_EARLIEST, _LATEST = 1900, 2200
_WEEK = re.compile(r"(\d{4})-?W(\d{2})", re.ASCII)
_MONTH = re.compile(r"(\d{4})-(\d{2})", re.ASCII)
_WHOLE = re.compile(r"-?[0-9]{1,15}", re.ASCII)


@dataclass(frozen=True, slots=True)
class When:
    """A local day; `exact` where the text names just the day, or the very moment it begins. `order` sorts
    moments within a day."""

    day: date
    exact: bool
    order: datetime


@dataclass(frozen=True, slots=True)
class Dates:
    """How dates are written: `written` is a key of FORMATS or a strptime pattern such as %Y%m%d.

    `days`: local (a moment belongs to the day it is in `zone`) or utc (to the day it is in UTC).
    """

    written: str
    zone: str
    days: str = "local"

    def read(self, value: object, *, label: str) -> When:
        """The day that `value` means. Raises ValueError with a sentence."""
        if value is None or value == "":
            raise ValueError(f"{label}: the period is empty. Leave such rows out.")
        moment = self._moment(value)
        if moment is None or not _EARLIEST <= moment.year <= _LATEST:
            raise ValueError(f"{label}: {_shown(value)} is not a date{self._expected(value)}.")
        return self._when(moment)

    def _moment(self, value: object) -> datetime | None:
        if self.written in ("unix", "unix_ms"):
            return _from_epoch(value, 1000 if self.written == "unix_ms" else 1)
        if isinstance(value, (date, datetime)):
            return value if isinstance(value, datetime) else datetime.combine(value, datetime.min.time())
        if isinstance(value, (int, Decimal)) and not isinstance(value, bool) and self.written != "auto":
            value = str(value)
        if not isinstance(value, str) or len(value) > 64:
            return None
        return _iso(value.strip()) if self.written == "auto" else _by_pattern(value.strip(), self.written)

    def _when(self, moment: datetime) -> When:
        if moment.tzinfo is None:
            midnight = datetime.combine(moment.date(), datetime.min.time())
            return When(moment.date(), moment == midnight, moment.replace(tzinfo=UTC))
        order = moment.astimezone(UTC)
        if self.days == "utc":
            return When(order.date(), order.time() == datetime.min.time(), order)
        day = moment.astimezone(ZoneInfo(self.zone)).date()
        return When(day, first_instant(day, self.zone) == moment, order)

    def _expected(self, value: object) -> str:
        if self.written == "unix":
            return " in Unix seconds, such as 1795046400"
        if self.written == "unix_ms":
            return " in Unix milliseconds, such as 1795046400000"
        if self.written != "auto":
            return f" written as {self.written[:40]}"
        if _WHOLE.fullmatch(str(value)):
            return " such as 2026-11-16. If it is Unix time, choose that as the date format"
        return " such as 2026-11-16. If it is written in another way, give its pattern as the date format"


def pattern_fault(written: str) -> str:
    """Why this cannot be a date format; empty if it can."""
    if written in dict(FORMATS):
        return ""
    if "%" not in written:
        return "has to be auto, unix, unix_ms or a pattern such as %Y%m%d."
    sample = datetime(2026, 11, 16, 10, 30, tzinfo=UTC)
    try:
        datetime.strptime(sample.strftime(written), written)  # noqa: DTZ007
    except (ValueError, re.error, IndexError):
        return f"'{written[:40]}' is no pattern that can be read, such as %Y%m%d or %d.%m.%Y."
    return ""


def _from_epoch(value: object, per_second: int) -> datetime | None:
    if isinstance(value, bool) or not isinstance(value, (int, Decimal, str)):
        return None
    if isinstance(value, str) and not _WHOLE.fullmatch(value):
        return None
    try:
        return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=float(value) / per_second)
    except (OverflowError, ValueError):
        return None


def _iso(text: str) -> datetime | None:
    try:
        if found := _WEEK.fullmatch(text):
            return datetime.fromisocalendar(int(found[1]), int(found[2]), 1)
        if found := _MONTH.fullmatch(text):
            return datetime(int(found[1]), int(found[2]), 1)  # noqa: DTZ001
        if "-" not in text:  # 20261116 may as well be a count of something
            return None
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _by_pattern(text: str, pattern: str) -> datetime | None:
    try:
        return datetime.strptime(text, pattern)  # noqa: DTZ007
    except (ValueError, re.error, IndexError):
        return None


def _shown(value: object) -> str:
    text = "".join(c if c.isprintable() else "?" for c in str(value)[:40])
    return f"'{text}'"
