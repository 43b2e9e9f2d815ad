"""When a condition on a series begins to hold, and when it is over: the same for now and for the past.

A condition is a list of `Seen`, one for each complete period, oldest first. It begins when it has held for
as many periods in a row as asked, and is over only when it has not held for as many: a series that flaps is
one story. A period of which nothing is known counts neither way, and never ends anything.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from metrics.analysis.locking import CHANGES, Judged
from metrics.analysis.points import RATIO, Point, complete_points, next_start
from metrics.analysis.rolling import CARRIED
from metrics.analysis.watching import Stretch
from metrics.analysis.xmr import beyond

#: Below this share of what it is held against, a difference is the last digit of a float.
_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class Seen:
    """One complete period: whether the condition held (None: nobody knows), and the numbers that say so.

    `value` is the metric's own, in its unit (ratios: fractions); `low` and `high` are what it was held
    against: a plan or a limit stands in both, the value before in `low` alone. `judged` is what was held
    against them where it is not the value itself (a change).
    """

    period: date
    holds: bool | None
    value: float | None = None
    low: float | None = None
    high: float | None = None
    judged: float | None = None


@dataclass(frozen=True, slots=True)
class Week:
    """A week of a bet as it was judged: reading and plan in the unit of the metric; `state` is the confirmed
    one. `known` is False where nothing could be said: too early, no data, or none to rely on."""

    start: date
    reading: float | None
    plan: float | None
    state: str
    known: bool = True


@dataclass(frozen=True, slots=True)
class Beginning:
    """The period that completed the condition, and the first period of that run."""

    seen: Seen
    since: date

    @property
    def period(self) -> date:
        """The first day of the period that completed it."""
        return self.seen.period


@dataclass(frozen=True, slots=True)
class Story:
    """How a condition went: whether it holds after the newest period, since when, and when it began.

    `holds` is None before anything is known. `beginnings` leaves out what held already when the series
    began (not after a first unknown period); `current` is the one of them that holds now.
    """

    holds: bool | None
    since: date | None
    beginnings: tuple[Beginning, ...]
    current: Beginning | None


@dataclass(frozen=True, slots=True)
class Memory:
    """What an alert knows from its last look: its state, the newest period it had seen, and its firings.

    `fired` are the periods of all firings on record, `told` of those that people heard of.
    """

    holds: bool | None = None
    looked_to: date | None = None
    fired: tuple[date, ...] = ()
    told: tuple[date, ...] = ()


def past_limit(points: Sequence[Point], *, side: str, limit: float, kind: str, min_den: int) -> list[Seen]:
    """Above or below a limit, strictly; too few (`min_den`) or a value carried forward say nothing."""
    found = []
    for point in complete_points(points):
        value = _of_enough(point, kind=kind, min_den=min_den)
        apart = None if value is None else value - limit if side == "above" else limit - value
        holds = None if apart is None else apart > _slack(limit)
        found.append(Seen(point.start, holds, point.value, limit, limit))
    return found


def changed(
    points: Sequence[Point], *, by: float, points_of_percent: bool, grain: str, kind: str, min_den: int
) -> list[Seen]:
    """Up or down by more than `by` against the period right before it: a share of that (0.1 is 10%), or of
    metrics in percent the difference itself. From nothing there is no share."""
    rows = complete_points(points)
    at = {next_start(p.start, grain): _of_enough(p, kind=kind, min_den=min_den) for p in rows}
    found = []
    for point in rows:
        before, value = at.get(point.start), _of_enough(point, kind=kind, min_den=min_den)
        change = None
        if before is not None and value is not None and (points_of_percent or before != 0):
            change = value - before if points_of_percent else (value - before) / abs(before)
        holds = None if change is None else abs(change) > by + _slack(by)
        found.append(Seen(point.start, holds, point.value, before, None, change))
    return found


def out_of_range(points: Sequence[Point], rows: Sequence[Judged], stretches: Sequence[Stretch]) -> list[Seen]:
    """Outside the natural limits of its time (XmR rule 1, domain 6.8); unknown where there are none."""
    values = {point.start: point.value for point in points}
    found = []
    for row in rows:
        limits = next((each.limits for each in stretches if each.first <= row.start <= each.last), None)
        if limits is None or row.value is None:
            found.append(Seen(row.start, None, values.get(row.start)))
            continue
        outside = bool(beyond(row.value, limits))
        found.append(
            Seen(row.start, outside, values.get(row.start), limits.low, limits.high, judged=row.value)
        )
    return found


def silent(points: Sequence[Point]) -> list[Seen]:
    """Complete periods without a value of their own: nothing, or one carried forward. A share of nothing
    (denominator 0) was told, and is no silence."""
    return [
        Seen(point.start, _carried(point) or (point.value is None and point.denominator != 0), point.value)
        for point in complete_points(points)
    ]


def behind(weeks: Iterable[Week], *, sign: int) -> list[Seen]:
    """The reading on the wrong side of its plan: under it for a `sign` above zero, else over it."""
    found = []
    for week in weeks:
        holds = None
        if week.known and week.reading is not None and week.plan is not None:
            holds = sign * (week.plan - week.reading) > _slack(week.plan)
        found.append(Seen(week.start, holds, week.reading, week.plan, week.plan))
    return found


def in_state(weeks: Iterable[Week], *, state: str) -> list[Seen]:
    """The confirmed state is this one."""
    return [
        Seen(week.start, week.state == state if week.known else None, week.reading, week.plan, week.plan)
        for week in weeks
    ]


def story(seen: Sequence[Seen], *, periods: int, fired: Collection[date] = ()) -> Story:
    """The story of a condition that begins and ends after `periods` in a row.

    What holds from the first period on was there already. What follows periods of which nobody knew anything
    begins with the first that are known: a bet that is bad from its first judged week is news. What `fired`
    on a period began there, whatever its value has become since: it was told.
    """
    state: bool | None = None
    on = off = 0
    since = run_from = None
    begun, current = list[Beginning](), None
    in_the_dark = bool(seen) and seen[0].holds is None
    for each in seen:
        if each.holds:
            run_from = each.period if on == 0 else run_from
            on, off = on + 1, 0
        elif each.holds is False:
            on, off = 0, off + 1
        if each.period in fired and not state:
            state, since, current = True, run_from if on else each.period, None
        if each.holds and not state and on >= periods:
            assert run_from is not None
            if state is False or in_the_dark:
                current = Beginning(each, run_from)
                begun.append(current)
            state, since = True, run_from
        elif each.holds is False and (state is None or off >= periods):
            state, since, current = False, None, None
    return Story(state, since, tuple(begun), current)


def news(memory: Memory, seen: Sequence[Seen], *, periods: int) -> tuple[Story, Beginning | None]:
    """How it stands, and the beginning that was not known at the last look, if it holds still.

    Nothing is news that held when the alert was made, nor what began and was over between two looks.
    """
    told = story(seen, periods=periods, fired=memory.fired)
    begun = told.current
    if begun is None or begun.period in memory.fired:
        return told, None
    is_new = memory.looked_to is None or begun.period > memory.looked_to
    return told, begun if is_new or memory.holds is False else None


def too_soon(period: date, told: Iterable[date], *, every_days: int) -> bool:
    """Whether people heard of it less than `every_days` before this period."""
    return any(abs((period - each).days) < every_days for each in told)


def would_have_told(seen: Sequence[Seen], *, periods: int, every_days: int) -> list[Beginning]:
    """The beginnings of which people would have heard, oldest first."""
    told = list[Beginning]()
    for begun in story(seen, periods=periods).beginnings:
        if not too_soon(begun.period, [each.period for each in told], every_days=every_days):
            told.append(begun)
    return told


def stands(seen: Sequence[Seen], period: date, *, periods: int) -> bool:
    """Whether the periods that completed a condition on `period` still say so, as far as they are known."""
    known = [each for each in seen if each.period <= period and each.holds is not None][-periods:]
    return all(each.holds for each in known)


def by_level(basis: str) -> bool:
    """Whether limits of this basis are in values of the metric, not in its changes."""
    return basis != CHANGES


def _of_enough(point: Point, *, kind: str, min_den: int) -> float | None:
    few = kind == RATIO and point.denominator is not None and point.denominator < min_den
    return None if few or _carried(point) else point.value


def _carried(point: Point) -> bool:
    return point.note == CARRIED


def _slack(size: float) -> float:
    return _ROUNDING * abs(size)
