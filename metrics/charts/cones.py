"""The forecast as a cone: from the last complete point, where it has no width, to the day that counts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from metrics import formatting
from metrics.analysis.points import period_start
from metrics.charts.canvas import Canvas, Place

if TYPE_CHECKING:
    from metrics.charts.scales import Frame
    from metrics.charts.spec import ChartSpec

#: The table lists about this many weeks of a long forecast, the last one always.
ROWS = 8
_PERIOD_DAYS = {"day": 1, "week": 7, "month": 31}
#: Role of a band and the places of its edges among the values of an Ahead.
_BANDS = (("cone80", 1, 4), ("cone50", 2, 3))


class Ahead(NamedTuple):
    """What is expected on a day, with the ranges that hold 80 and 50 of 100 outcomes."""

    day: date
    mean: float
    low80: float
    low50: float
    high50: float
    high80: float
    #: The last day of the period that this was said of.
    period_end: date


def ahead(spec: ChartSpec) -> list[Ahead]:
    """The cone from its tip on; empty without a forecast or without a point to start from.

    It is cut at the end of the window or the day of the target; what is said of the last whole period before
    that day is what counts on it, so it is drawn there.
    """
    if not spec.cone or not spec.known:
        return []
    last, value = spec.day_of(spec.known[-1]), spec.known[-1].value or 0.0
    found = [Ahead(last, value, value, value, value, value, last)]
    found += [
        Ahead(c.day, c.mean, c.low80, c.low50, c.high50, c.high80, c.day) for c in spec.cone if c.day > last
    ]
    ends = [*([spec.window[1]] if spec.window else []), *([spec.target_day] if spec.target_day else [])]
    return _until(found, max(ends), within=_PERIOD_DAYS[spec.grain]) if ends else found if found[1:] else []


def _until(cone: list[Ahead], day: date, *, within: int) -> list[Ahead]:
    kept = [each for each in cone if each.day <= day]
    beyond = next((each for each in cone if each.day > day), None)
    if not kept or len(cone) < 2:
        return []
    end = kept[-1]
    if beyond is not None and end.day < day:
        share = (day - end.day).days / (beyond.day - end.day).days
        mean, low80, low50, high50, high80 = (
            a + (b - a) * share for a, b in zip(end[1:6], beyond[1:6], strict=True)
        )
        kept.append(Ahead(day, mean, low80, low50, high50, high80, beyond.period_end))
    elif kept[1:] and end.day < day and (day - end.day).days < within:
        kept[-1] = end._replace(day=day)
    return kept if kept[1:] else []


def draw(canvas: Canvas, box: Frame, cone: Sequence[Ahead]) -> None:
    """Both bands and the dashed middle, cut where the axis ends."""
    if not cone:
        return
    for role, corners in bands(cone).items():
        inside = _cut([(box.x(day), box.y(value)) for day, value in corners], box.top, box.bottom)
        if len(inside) > 2:
            canvas.area(inside, f"chart-cone chart-{role}")
    middle = [(each.day, each.mean) for each in cone if box.low <= each.mean <= box.high]
    if len(middle) > 1:
        canvas.path([(box.x(day), box.y(value)) for day, value in middle], "chart-forecast")


def bands(cone: Sequence[Ahead]) -> dict[str, list[tuple[date, float]]]:
    """The corners of each band by its role, around: the upper edge out, the lower one back."""
    return {role: _outline(cone, low, high) for role, low, high in _BANDS}


def range_words(spec: ChartSpec, each: Ahead) -> str:
    """ "33.1 to 39.5% likely (80%)"."""
    return f"{spec.between(each.low80, each.high80)} likely (80%)"


def hover(spec: ChartSpec, each: Ahead) -> list[str]:
    """Period, expected value and likely range, in lines."""
    start = period_start(each.period_end, spec.grain)
    return [
        formatting.period_words(start, spec.grain),
        f"expected {spec.show(each.mean)}",
        range_words(spec, each),
    ]


def listed(spec: ChartSpec) -> list[Ahead]:
    """What the table shows of the cone, furthest first: all of a short one, each nth of a long one."""
    found = ahead(spec)[1:]
    step = -(-len(found) // ROWS) or 1
    return found[::-1][::step]


def _outline(cone: Sequence[Ahead], low: int, high: int) -> list[tuple[date, float]]:
    out = [(each.day, each[1:6][high]) for each in cone]
    return out + [(each.day, each[1:6][low]) for each in reversed(cone[1:])]


def _cut(corners: Sequence[Place], top: float, bottom: float) -> list[Place]:
    """The shape between two heights (Sutherland and Hodgman, once for each)."""
    kept = list(corners)
    for edge, sign in ((top, 1), (bottom, -1)):
        given, kept = kept, []
        for here, there in zip(given, [*given[1:], *given[:1]], strict=True):
            inside, follows = sign * (here[1] - edge) >= 0, sign * (there[1] - edge) >= 0
            if inside:
                kept.append(here)
            if inside != follows:
                share = (edge - here[1]) / (there[1] - here[1])
                kept.append((here[0] + (there[0] - here[0]) * share, edge))
    return kept
