"""When a source is asked: every so many minutes, at a local time of day, or by cron (reliability R13)."""

from __future__ import annotations

import calendar
import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from northstar.lib import cron as crons
from northstar.lib.datewords import WEEKDAYS
from northstar.lib.localtime import instant, local_day

KINDS = ("every", "daily", "weekly", "monthly", "cron")
DAY_MINUTES = 24 * 60
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
#: Sources of the same minute are spread over at most this, or over a tenth of their interval.
MOST_JITTER, JITTER_SHARE = timedelta(minutes=1), 10
TIME_OF_DAY = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]", re.ASCII)


class ScheduleError(ValueError):
    """The schedule cannot be kept; the sentence says which part is wrong."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """`kind` says which of the other fields count: `minutes` for every, `cron` for cron; `at` for all others,
    with `weekday` (0 is Monday) for weekly and `day` for monthly, where 31 means the last day of shorter
    months too. An empty `zone` is the company's."""

    kind: str = "every"
    minutes: int = 60
    at: str = "06:00"
    weekday: int = 0
    day: int = 1
    cron: str = ""
    zone: str = ""

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ScheduleError(f"{self.kind!r} is no kind of schedule. Use one of {', '.join(KINDS)}.")
        _whole("minutes", self.minutes, low=1, high=DAY_MINUTES)
        _whole("weekday", self.weekday, low=0, high=6)
        _whole("day", self.day, low=1, high=31)
        if not isinstance(self.at, str) or not TIME_OF_DAY.fullmatch(self.at):
            raise ScheduleError(f"{self.at!r} is no time of day. Write it like 06:00 or 17:30.")
        if self.kind == "cron" or self.cron:
            try:
                crons.check(self.cron)
            except crons.CronError as error:
                raise ScheduleError(str(error)) from None
        if self.zone and not (isinstance(self.zone, str) and self.zone in _zones()):
            raise ScheduleError(f"{self.zone!r} is no time zone. Use a name such as Europe/Berlin.")

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Schedule:
        """The schedule in `data`, defaults for fields left out. Raises ScheduleError for anything else."""
        unknown = sorted(set(data) - set(cls.__slots__))
        if unknown:
            raise ScheduleError(f"A schedule has no field {unknown[0]!r}.")
        return cls(**data)

    def to_dict(self) -> dict[str, Any]:
        """All fields as plain JSON values."""
        return asdict(self)

    def words(self) -> str:
        """Such as "Every hour", "Every Monday 06:00", "Every month on the 1st 06:00, Asia/Tokyo time"."""
        zone = f", {self.zone} time" if self.zone and self.kind != "every" else ""
        match self.kind:
            case "every":
                return _every_words(self.minutes)
            case "daily":
                return f"Every day {self.at}{zone}"
            case "weekly":
                return f"Every {WEEKDAYS[self.weekday]} {self.at}{zone}"
            case "cron":
                return f"{crons.words(self.cron)}{zone}"
            case _:
                return f"Every month on the {_ordinal(self.day)} {self.at}{zone}"


def next_due(schedule: Schedule, after: datetime, zone: str) -> datetime:
    """The first due moment strictly after `after`, in UTC.

    "every" keeps a grid counted from the start of 1970 in UTC, so late runs never shift it. The others go
    by the clocks of the schedule's zone, or else of `zone`: a time that a clock change leaves out runs at the
    first instant after it, one that occurs twice runs once, at its first occurrence.
    """
    if schedule.kind == "every":
        step = timedelta(minutes=schedule.minutes)
        return EPOCH + ((after - EPOCH) // step + 1) * step
    place = schedule.zone or zone
    dues = (instant(wall, place) for wall in _walls(schedule, after, place))
    return next(due for due in dues if due > after)


def upcoming(schedule: Schedule, after: datetime, zone: str, count: int = 3) -> list[datetime]:
    """The next `count` due moments after `after`, in UTC; `zone` counts where the schedule has none."""
    found = [after]
    for _ in range(count):
        found.append(next_due(schedule, found[-1], zone))
    return found[1:]


def jitter(schedule: Schedule, key: str, slot: datetime, *, zone: str) -> timedelta:
    """By how much the run of `slot` waits, always the same for one `key`: below a minute and a tenth of the
    interval, so that a hundred sources of "every day 06:00" do not begin in the same second."""
    interval = next_due(schedule, slot, zone) - slot
    most = min(MOST_JITTER, interval / JITTER_SHARE)
    share = int.from_bytes(hashlib.sha256(key.encode()).digest()[:4]) / 2**32
    return timedelta(seconds=int(most.total_seconds() * share))


def _walls(schedule: Schedule, after: datetime, zone: str) -> Iterator[datetime]:
    """Local times that may be due next, in order; the first ones may lie before `after`."""
    if schedule.kind == "cron":
        yield from crons.walls(schedule.cron, after.astimezone(ZoneInfo(zone)).replace(tzinfo=None))
        return
    at, day = time.fromisoformat(schedule.at), local_day(after, zone)
    while True:
        if _runs_on(schedule, day):
            yield datetime.combine(day, at)
        day += timedelta(days=1)


def _runs_on(schedule: Schedule, day: date) -> bool:
    if schedule.kind == "weekly":
        return day.weekday() == schedule.weekday
    if schedule.kind == "monthly":
        return day.day == min(schedule.day, calendar.monthrange(day.year, day.month)[1])
    return True


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


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
