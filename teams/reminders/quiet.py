"""When a person may be told something: no message leaves at night, at weekends or on holidays (domain.md §8).

Pure: no database, no clock. Quiet is what the person's clock shows, so that it is right in every zone and on
days on which the clocks change.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from northstar.lib.localtime import instant, local_day
from northstar.lib.workdays import next_working_day

DAY = timedelta(days=1)
MONDAY = 0


@dataclass(frozen=True, slots=True)
class Hours:
    """The quiet hours of a person in their zone, with the holidays of the company's country ("" has none).

    They may cross midnight (18:00 to 8:00) or not (0:00 to 9:00); from and until the same are no quiet hours.
    """

    zone: str
    country: str
    quiet_from: time
    quiet_until: time

    def is_quiet(self, moment: datetime) -> bool:
        """Whether nothing may leave at this moment."""
        wall = moment.astimezone(ZoneInfo(self.zone))
        return not self.is_working(wall.date()) or not self.allows(wall.time())

    def is_working(self, day: date) -> bool:
        return next_working_day(day, self.country) == day

    def allows(self, wall: time) -> bool:
        """Whether a clock that shows `wall` on a working day is outside the quiet hours."""
        if self.quiet_from > self.quiet_until:
            return self.quiet_until <= wall < self.quiet_from
        return wall < self.quiet_from or wall >= self.quiet_until


def next_allowed(now: datetime, hours: Hours) -> datetime:
    """`now` where it is not quiet, else the first moment after it, in UTC, at which it is not any more."""
    if not hours.is_quiet(now):
        return now.astimezone(UTC)
    day = local_day(now, hours.zone)
    while True:
        for moment in _ends_of_quiet(day, hours):
            if moment >= now and not hours.is_quiet(moment):
                return moment
        day += DAY


def next_morning(now: datetime, hours: Hours) -> datetime:
    """The first slot at or after `now`, in UTC: where the quiet hours end on a working day, one a day."""
    day = local_day(now, hours.zone)
    while True:
        slot = instant(datetime.combine(day, hours.quiet_until), hours.zone)
        # A date that a zone left out, or a whole window inside a change of clocks, has no slot.
        if slot >= now and local_day(slot, hours.zone) == day and not hours.is_quiet(slot):
            return slot
        day += DAY


def next_week(now: datetime, hours: Hours) -> datetime:
    """The first slot of a week, Monday's or that of its first working day, at or after `now`, in UTC."""
    day = local_day(now, hours.zone)
    monday = day - timedelta(days=day.weekday())
    while True:
        slot = next_morning(start_of(monday, hours), hours)
        if slot >= now:
            return slot
        monday += 7 * DAY


def start_of(day: date, hours: Hours) -> datetime:
    """The first instant of a local date, in UTC."""
    return instant(datetime.combine(day, time.min), hours.zone)


def _ends_of_quiet(day: date, hours: Hours) -> list[datetime]:
    """The moments of a day at which quiet may end, in order: clocks set back show a time twice."""
    place = ZoneInfo(hours.zone)
    walls = [datetime.combine(day, wall) for wall in (time.min, hours.quiet_until)]
    firsts = {instant(wall, hours.zone) for wall in walls}
    return sorted(firsts | {wall.replace(tzinfo=place, fold=1).astimezone(UTC) for wall in walls})
