"""What a chart shows, without saying how: the input of figure, sketch and table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

from metrics import formatting
from metrics.analysis.points import Point, next_start, period_start

if TYPE_CHECKING:
    from metrics.analysis.forecast import Cone

#: The ranges of the home chart; None is everything.
RANGES: dict[str, int | None] = {"26w": 26, "15m": 65, "all": None}
#: How many notes are readable on a wall.
WALL_NOTES = 2
#: Beyond these a label inside the chart is shortened.
SHORT_UNIT = 3
LONG_VALUE = 1e8


@dataclass(frozen=True, slots=True)
class Note:
    """A numbered flag on the chart, and a band up to `until`; its text also stands in the list under it."""

    day: date
    text: str
    number: int
    until: date | None = None
    kind: str = ""

    @property
    def last(self) -> date:
        """The last day on which it is so."""
        return self.until or self.day


@dataclass(frozen=True, slots=True)
class LimitLine:
    """Centre and limits of an XmR chart from one day to another; a limit that does not exist is None."""

    first: date
    last: date
    centre: float
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class SignalMark:
    """A period that stands out: `day` is any day of it, `rule` chooses the shape, `words` say why."""

    day: date
    value: float
    rule: int
    words: str = ""


@dataclass(frozen=True, slots=True)
class FormerGoal:
    """A target or bound as it was from one day to the day on which it moved to `then`."""

    first: date
    last: date
    value: float
    then: float | None = None


@dataclass(frozen=True, slots=True)
class ChartSpec:
    """One line over weeks (or months), in the unit of the metric (ratios: fractions); `sentence` reads it.

    Points stand at the last day of their period; the one in progress at `incomplete_day`, else its middle.
    `cone` is the forecast, one entry a week ahead, with its words at the right edge; `restated` names a day
    of each period that was revised; `grey` is the series of a former definition, never joined to `points`,
    and `break_words` say what changed on `break_day`, on the first day of `points` where that is None.
    `former_goals` are targets and bounds that were moved, `first_end` the end of a window that was extended.
    """

    title: str
    unit: str
    decimals: int
    kind: str
    direction: str
    points: tuple[Point, ...]
    pace: tuple[tuple[date, float], ...] = ()
    target: float | None = None
    target_day: date | None = None
    low: float | None = None
    high: float | None = None
    baseline: float | None = None
    window: tuple[date, date] | None = None
    notes: tuple[Note, ...] = ()
    start_zero: bool = False
    sentence: str = ""
    former_target: float | None = None
    incomplete_day: date | None = None
    grain: str = "week"
    cone: tuple[Cone, ...] = ()
    cone_words: tuple[str, str] = ("80%", "likely")
    limits: tuple[LimitLine, ...] = ()
    signals: tuple[SignalMark, ...] = ()
    restated: tuple[date, ...] = ()
    grey: tuple[Point, ...] = ()
    break_words: str = "definition changed"
    break_day: date | None = None
    former_goals: tuple[FormerGoal, ...] = ()
    first_end: date | None = None

    def show(self, value: float | None) -> str:
        """A value of this chart as text with its unit."""
        return formatting.show(value, unit=self.unit, decimals=self.decimals, kind=self.kind)

    def between(self, low: float, high: float) -> str:
        """Two values of this chart with the unit once, where it follows: "33.1 to 39.5%", "£10 to £12"."""
        first, last = self.show(low), self.show(high)
        tail = "%" if formatting.is_percent(self.unit, self.kind) else f"{formatting.NBSP}{self.unit}"
        return (
            f"{first.removesuffix(tail) if self.unit[:1] not in formatting.CURRENCIES else first} to {last}"
        )

    def bound(self, value: float) -> str:
        """A bound as a label: it was chosen, so zeros behind the point say nothing ("0 s", "1.5 s")."""
        scaled = value * formatting.shown_scale(self.unit, self.kind)
        needed = next(
            (n for n in range(self.decimals) if abs(scaled - round(scaled, n)) < 1e-9), self.decimals
        )
        return replace(self, decimals=needed).label(value)

    def label(self, value: float | None) -> str:
        """A value as a label inside the chart: a long unit word is left to the title."""
        if value is not None and abs(value) >= LONG_VALUE:
            return formatting.show_short(float(f"{value:.3g}"), unit=self.unit, kind=self.kind)
        unit = (
            self.unit if len(self.unit) <= SHORT_UNIT or formatting.is_percent(self.unit, self.kind) else ""
        )
        if self.kind == "ratio" and not formatting.is_percent(self.unit, self.kind):
            return formatting.show(value, unit=unit, decimals=self.decimals)
        return formatting.show(value, unit=unit, decimals=self.decimals, kind=self.kind)

    def change(self, value: float | None) -> str:
        """A difference of this chart as text with its sign."""
        return formatting.show_change(value, unit=self.unit, decimals=self.decimals, kind=self.kind)

    def day_of(self, point: Point) -> date:
        """Where a point stands on the time axis."""
        end = _last_day(point.start, self.grain)
        if point.complete:
            return end
        # A week that is over but waits for its source stands where it will stay.
        return min(end, self.incomplete_day or point.start + (end - point.start) / 2)

    def point_at(self, day: date) -> Point | None:
        """The point of the period that holds `day`."""
        start = period_start(day, self.grain)
        return next((point for point in self.points if point.start == start), None)

    def plan_at(self, day: date) -> float | None:
        """The plan at the end of `day`, straight between its corners; None outside it."""
        for (left, low), (right, high) in zip(self.pace, self.pace[1:], strict=False):
            if left <= day <= right:
                share = (day - left).days / max((right - left).days, 1)
                return low + (high - low) * share
        return None

    @property
    def known(self) -> list[Point]:
        """The complete points that have a value, oldest first."""
        return [point for point in self.points if point.complete and point.value is not None]

    @property
    def incomplete(self) -> list[Point]:
        """The period in progress, and one that is over but waits for its source, where they have values."""
        return [point for point in self.points if not point.complete and point.value is not None]


def runs(points: Sequence[Point], grain: str = "week", *, incomplete: bool = False) -> list[list[Point]]:
    """The points in unbroken stretches: a line is drawn within one, never across a gap.

    Only complete ones, unless `incomplete`.
    """
    found: list[list[Point]] = []
    follows = False
    for point in points:
        if point.value is None or not (point.complete or incomplete):
            follows = False
            continue
        follows = follows and next_start(found[-1][-1].start, grain) == point.start
        if follows:
            found[-1].append(point)
        else:
            found.append([point])
        follows = True
    return found


def clip(spec: ChartSpec, weeks: int | None) -> ChartSpec:
    """The same chart with the last `weeks` complete weeks and the one in progress; None keeps all."""
    complete = [point for point in (*spec.grey, *spec.points) if point.complete]
    if weeks is not None and spec.grain == "month":
        weeks = max(2, round(weeks * 7 / 30.44))
    if weeks is None or len(complete) <= weeks:
        return spec
    first = complete[-weeks].start
    day = _last_day(first, spec.grain)
    kept = tuple(corner for corner in spec.pace if corner[0] > day)
    plan = spec.plan_at(day)
    return replace(
        spec,
        points=tuple(point for point in spec.points if point.start >= first),
        grey=tuple(point for point in spec.grey if point.start >= first),
        pace=((day, plan), *kept) if plan is not None else kept if len(kept) > 1 else (),
        notes=tuple(note for note in spec.notes if note.last >= first),
        limits=tuple(line for line in spec.limits if line.last >= day),
        signals=tuple(mark for mark in spec.signals if mark.day >= first),
        restated=tuple(each for each in spec.restated if each >= first),
    )


def _last_day(start: date, grain: str) -> date:
    return next_start(start, grain) - timedelta(days=1)
