"""When a source is asked: every so many minutes, or at a local time of day (reliability R13)."""

from __future__ import annotations

import calendar
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from northstar.lib.datewords import WEEKDAYS
from northstar.lib.localtime import instant, local_day

KINDS = ("every", "daily", "weekly", "monthly")
DAY_MINUTES = 24 * 60
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
TIME_OF_DAY = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]", re.ASCII)


class ScheduleError(ValueError):
    """The schedule cannot be kept; the sentence says which part is wrong."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """`kind` says which of the other fields count: `minutes` for every; `at` for all others, with `weekday`
    (0 is Monday) for weekly and `day` for monthly, where 31 means the last day of shorter months too."""

    kind: str = "every"
    minutes: int = 60
    at: str = "06:00"
    weekday: int = 0
    day: int = 1

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ScheduleError(f"{self.kind!r} is no kind of schedule. Use one of {', '.join(KINDS)}.")
        _whole("minutes", self.minutes, low=1, high=DAY_MINUTES)
        _whole("weekday", self.weekday, low=0, high=6)
        _whole("day", self.day, low=1, high=31)
        if not isinstance(self.at, str) or not TIME_OF_DAY.fullmatch(self.at):
            raise ScheduleError(f"{self.at!r} is no time of day. Write it like 06:00 or 17:30.")

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Schedule:
        """The schedule in `data`, defaults for fields left out. Raises ScheduleError for anything else."""
        unknown = sorted(set(data) - set(cls.__slots__))
        if unknown:
            raise ScheduleError(f"A schedule has no field {unknown[0]!r}.")
        return cls(**data)

    def to_dict(self) -> dict[str, Any]:
        """All five fields as plain JSON values."""
        return asdict(self)

    def words(self) -> str:
        """Such as "Every hour", "Every 15 minutes", "Every Monday 06:00", "Every month on the 1st 06:00"."""
        match self.kind:
            case "every":
                return _every_words(self.minutes)
            case "daily":
                return f"Every day {self.at}"
            case "weekly":
                return f"Every {WEEKDAYS[self.weekday]} {self.at}"
            case _:
                return f"Every month on the {_ordinal(self.day)} {self.at}"


def next_due(schedule: Schedule, after: datetime, zone: str) -> datetime:
    """The first due moment strictly after `after`, in UTC.

    "every" keeps a grid counted from the start of 1970 in UTC, so late runs never shift it. The others go
    by the clocks of `zone`: a time that a clock change leaves out runs at the first instant after it, one
    that occurs twice runs once, at its first occurrence.
    """
    if schedule.kind == "every":
        step = timedelta(minutes=schedule.minutes)
        return EPOCH + ((after - EPOCH) // step + 1) * step
    at = time.fromisoformat(schedule.at)
    day = local_day(after, zone)
    while True:
        if _runs_on(schedule, day):
            due = instant(datetime.combine(day, at), zone)
            if due > after:
                return due
        day += timedelta(days=1)


def _runs_on(schedule: Schedule, day: date) -> bool:
    if schedule.kind == "weekly":
        return day.weekday() == schedule.weekday
    if schedule.kind == "monthly":
        return day.day == min(schedule.day, calendar.monthrange(day.year, day.month)[1])
    return True


def _whole(name: str, value: object, *, low: int, high: int) -> None:
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        raise ScheduleError(f"The schedule's {name} is {value!r}; it is a whole number from {low} to {high}.")


def _every_words(minutes: int) -> str:
    if minutes == DAY_MINUTES:
        return "Every 24 hours"
    hours, rest = divmod(minutes, 60)
    if rest:
        return "Every minute" if minutes == 1 else f"Every {minutes} minutes"
    return "Every hour" if hours == 1 else f"Every {hours} hours"


def _ordinal(day: int) -> str:
    if day == 31:
        return "last day"
    ending = "th" if 11 <= day <= 13 else {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")
    return f"{day}{ending}"
