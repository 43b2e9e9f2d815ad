"""What each person must get and when, worked out from the sentences of domain.md §8 and of docs/reminders.md.

Nothing of the product is used here: days are counted one by one, clocks are read off, and every round asks
again what a person would be told now. It is slow and simple on purpose.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import holidays

COMPANY = ZoneInfo("Europe/Berlin")
FREE = holidays.country_holidays("DE")
DAY = timedelta(days=1)
NEVER = datetime(2200, 1, 1, tzinfo=UTC)
#: M1, M2, M13, M14 and M16 go in the digest; reviews and broken numbers are told in any week.
WAITS = {"window_started", "check_in", "no_focus", "candidate_waits", "north_star_target"}
ALWAYS = {
    "window_ended",
    "review_overdue",
    "review_escalated",
    "stale_data",
    "source_failing",
    "channel_broken",
}
#: Of reminders about one review the newest is enough.
OF_REVIEWS = {"half_way", "two_weeks_left", "window_ended", "review_overdue", "review_escalated"}


@dataclass(frozen=True)
class Person:
    """Somebody with a clock and wishes."""

    name: str
    zone: str
    quiet_from: time = time(18)
    quiet_until: time = time(8)
    most: int = 3
    weekly: bool = False
    off: frozenset[str] = frozenset()

    def wall(self, moment: datetime) -> datetime:
        return moment.astimezone(ZoneInfo(self.zone)).replace(tzinfo=None)

    def may_be_told(self, wall: datetime) -> bool:
        """Whether it is neither night, weekend nor holiday on this clock."""
        if not works(wall.date()):
            return False
        clock = wall.time()
        if self.quiet_from < self.quiet_until:
            return not self.quiet_from <= clock < self.quiet_until
        return not (clock >= self.quiet_from or clock < self.quiet_until)


@dataclass
class Focus:
    """One focus of a team and what people did with it, by day; None for never."""

    pk: int
    leads: Sequence[str]
    team: Sequence[str]
    start: date
    end: date
    half_held: date | None
    retired: date | None
    opened: date | None = None


@dataclass(frozen=True)
class Item:
    """One thing that some people are told: written at a moment, of use until another."""

    key: str
    rule: str
    thing: str
    day: date
    to: frozenset[str]
    written: datetime = field(default=NEVER)
    closed: datetime = field(default=NEVER)


@dataclass(frozen=True)
class Letter:
    """What one person read at one moment."""

    to: str
    at: datetime
    keys: frozenset[str]


def works(day: date) -> bool:
    return day.weekday() < 5 and day not in FREE


def working(day: date) -> date:
    while not works(day):
        day += DAY
    return day


def seven(day: date) -> datetime:
    """07:00 of the company on this day."""
    return datetime.combine(day, time(7), COMPANY).astimezone(UTC)


def noon(day: date | None) -> datetime:
    return NEVER if day is None else datetime.combine(day, time(12), COMPANY).astimezone(UTC)


def midnight(day: date) -> datetime:
    return datetime.combine(day, time(0), COMPANY).astimezone(UTC)


def of_focus(focus: Focus, leaders: Sequence[str], last: date) -> Iterator[tuple[Item, datetime, datetime]]:
    """(what, from when it is told at the latest run, until when it asks for something): M1 to M6."""
    over = midnight(focus.end + DAY)
    retired = noon(focus.retired)

    def item(rule: str, day: date, told: date, to: Sequence[str]) -> Item:
        return Item(f"{rule}:omtm:{focus.pk}:{day}", rule, f"focus {focus.pk}", told, frozenset(to))

    if focus.opened is not None:
        # News for a week, and of use for two.
        start = item("window_started", focus.opened, focus.opened, focus.team)
        yield start, seven(focus.opened + 8 * DAY), min(midnight(focus.opened + 14 * DAY), over, retired)
    whole = [focus.start + DAY * number for number in range((focus.end - focus.start).days + 1)]
    middle = whole[len(whole) // 2]
    two_weeks = focus.end - 14 * DAY
    half = item("half_way", middle, working(middle), focus.team)
    yield half, NEVER, min(noon(focus.half_held), over, retired)
    yield item("two_weeks_left", two_weeks, two_weeks, [*focus.team, *leaders]), NEVER, min(over, retired)
    after = focus.end + DAY
    yield item("window_ended", after, working(after), [*focus.leads, *leaders]), NEVER, retired
    for late in (14, 21):
        day = focus.end + late * DAY
        yield item("review_overdue", day, day, focus.leads), NEVER, retired
    day = focus.end + 21 * DAY
    while day <= last:
        yield item("review_escalated", day, day, leaders), NEVER, retired
        day += 7 * DAY
    yield from _asked(focus, item, {half.day, two_weeks}, min(over, retired))


def _asked(
    focus: Focus, item: object, taken: set[date], over: datetime
) -> Iterator[tuple[Item, datetime, datetime]]:
    """M2: Tuesdays from a week after the start on, not on a day that asks for something else."""
    tuesdays = [
        day
        for day in (focus.start + DAY * number for number in range(7, (focus.end - focus.start).days + 1))
        if day.weekday() == 1
    ]
    told = [(day, working(day)) for day in tuesdays]
    told = [(day, on) for day, on in told if on <= focus.end and on not in taken]
    for place, (day, on) in enumerate(told):
        following = seven(told[place + 1][1]) if place + 1 < len(told) else NEVER
        # After the first half of the week it is left to the next Tuesday.
        yield item("check_in", day, on, focus.team), seven(on + 4 * DAY), min(over, following)  # type: ignore[operator]


def of_star(
    pk: int, owner: str, leaders: Sequence[str], held: Sequence[tuple[date, date]]
) -> Iterator[tuple[Item, datetime, datetime]]:
    """M12: fourteen days before, on the day, and 14 and 28 days after it leaders too, until it is held."""
    for day, done in held:
        for days in (-14, 0, 14, 28):
            on = day + days * DAY
            to = [owner, *leaders] if days > 0 else [owner]
            key = f"north_star_review:north_star:{pk}:{on}"
            yield Item(key, "north_star_review", f"star {pk}", on, frozenset(to)), NEVER, noon(done)


def written(
    asked: Iterator[tuple[Item, datetime, datetime]], runs: Sequence[datetime], first: datetime
) -> Iterator[Item]:
    """Those that a run found due and still asking, with the run that wrote and the one that closed each.

    What had come before the first run is not looked at: the world begins there.
    """
    for item, not_from, until in asked:
        at = next((run for run in runs if run >= seven(item.day)), NEVER)
        if at < min(until, not_from) and at >= first:
            closed = next((run for run in runs if run >= until), NEVER)
            yield Item(item.key, item.rule, item.thing, item.day, item.to, at, closed)


def letters(person: Person, items: Sequence[Item], rounds: Sequence[datetime]) -> list[Letter]:
    """Round by round: what this person is told, and when."""
    waiting = sorted(
        (
            item
            for item in items
            if person.name in item.to and (item.rule not in person.off or item.rule in ALWAYS)
        ),
        key=lambda item: item.written,
    )
    told: list[tuple[date, bool]] = []
    found: list[Letter] = []
    for now in rounds:
        if not waiting or waiting[0].written > now:
            continue
        wall = person.wall(now)
        waiting = [item for item in waiting if item.closed > now]
        if not person.may_be_told(wall) or any(day == wall.date() for day, _ in told[-1:]):
            continue
        here = [item for item in waiting if item.written <= now]
        ripe = [item for item in here if _is_ripe(item, person, wall)]
        urgent = [item for item in ripe if item.rule not in WAITS]
        exempt = any(item.rule in ALWAYS for item in ripe)
        week = [
            day for day, counts in told if counts and day.isocalendar()[:2] == wall.date().isocalendar()[:2]
        ]
        most = person.most if urgent else max(person.most - 1, 1)
        if not ripe or (len(week) >= most and not exempt):
            continue
        found.append(Letter(person.name, now, frozenset(item.key for item in _newest(here))))
        told.append((wall.date(), not any(item.rule in ALWAYS for item in here)))
        waiting = [item for item in waiting if item not in here]
    return found


def _is_ripe(item: Item, person: Person, wall: datetime) -> bool:
    """What can wait leaves on the first working morning after it was written, or on the first of a week."""
    if item.rule not in WAITS:
        return True
    since = person.wall(item.written)
    day = since.date()
    while True:
        morning = datetime.combine(day, person.quiet_until)
        first = not person.weekly or not any(works(day - DAY * back) for back in range(1, day.weekday() + 1))
        if works(day) and morning >= since and first:
            return wall >= morning
        day += DAY


def _newest(items: Sequence[Item]) -> list[Item]:
    """Of each thing the newest: reviews of a focus, check-ins of a focus, the review of the star."""
    newest: dict[tuple[str, str], Item] = {}
    for item in sorted(
        items,
        key=lambda item: (item.day, item.written, int(item.key.rsplit("#", 1)[-1]) if "#" in item.key else 0),
    ):
        matter = "review" if item.rule in OF_REVIEWS else item.rule
        newest[item.thing, matter] = item
    return list(newest.values())
