"""Cron expressions of five fields, by the clocks on the wall: of their changes `schedules` takes care."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from functools import lru_cache

from cronsim import CronSim, CronSimError

LONGEST = 100
SIGNS = re.compile(r"[0-9A-Za-z*/,#\- ]+", re.ASCII)
_FIELDS = ("minute", "hour", "day-of-month", "month", "day-of-week")
_WEEKDAYS = "on Monday through Friday"
_ANY_DAY = datetime(2026, 1, 1)  # noqa: DTZ001 - a time on the wall


class CronError(ValueError):
    """The expression cannot be kept; the sentence says why."""


@lru_cache(maxsize=1024)
def check(expression: object) -> None:
    """Raise CronError unless it has five fields, can be read, and comes true some day."""
    if not isinstance(expression, str) or not expression.strip():
        raise CronError('Write a cron expression of five fields, such as "30 6 * * 1-5".')
    if len(expression) > LONGEST or not SIGNS.fullmatch(expression):
        raise CronError(f"A cron expression holds figures, names and * / , - #, at most {LONGEST} signs.")
    count = len(expression.split())
    if count == 6:
        raise CronError(
            "This expression has six fields: seconds are not kept, nothing runs more than once a minute."
        )
    if count != len(_FIELDS):
        raise CronError(
            f"A cron expression has five fields (minute, hour, day, month, weekday); this one has {count}."
        )
    try:
        next(CronSim(expression, _ANY_DAY))
    except CronSimError as error:
        raise CronError(_bad(str(error))) from None
    except StopIteration:
        raise CronError(f"{expression} never comes true: there is no such day.") from None


def walls(expression: str, after: datetime) -> Iterator[datetime]:
    """The naive local times at which it comes true, strictly after the naive `after`, in order."""
    return CronSim(expression, after)


@lru_cache(maxsize=1024)
def words(expression: str) -> str:
    """ "At 06:30 on weekdays (30 6 * * 1-5)"; the expression alone where words would run too long."""
    said = CronSim(expression, _ANY_DAY).explain().replace(_WEEKDAYS, "on weekdays")
    return f"{said} ({expression})" if len(said) <= LONGEST else expression


def _bad(said: str) -> str:
    """What the library says ("Bad day-of-month") as a sentence."""
    field = next((name for name in _FIELDS if said.endswith(name)), "")
    if field == "day-of-month":
        return "The day of the month cannot be read, or no month of it has such a day."
    words = {"day-of-week": "day of the week"}.get(field, field)
    return f"The {words} cannot be read." if field else "This cron expression cannot be read."
