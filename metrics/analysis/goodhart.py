"""Signs that a number was moved rather than what it stands for (product 2, no. 13).

Each compares the weeks before a window with its last ones, and asks only where the number improved. None of
them is proof: a sign is a question to the team. An honest improvement shows none of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from metrics.analysis.points import FLOW_SUM, RATIO, SNAPSHOT_STOCK, Point, complete_points
from metrics.analysis.reading import baseline, read_points, reading
from northstar.lib.periods import A_DAY, WEEK

BEFORE = 8
#: A whole that moved by less did not move.
SHRUNK = 0.10
#: So many weeks without a single fall, and the number can only rise.
NEVER_FELL = 26
#: One segment that explains more of an improvement than this, while the others got worse.
ALONE = 0.80
#: Of these the whole is the sum of its segments; of a share, its parts are.
ADDITIVE = frozenset({FLOW_SUM, SNAPSHOT_STOCK})


@dataclass(frozen=True, slots=True)
class Span:
    """A window, how many of its last weeks count, and the direction that is better (1 or -1)."""

    start: date
    end: date
    k: int
    sign: int


@dataclass(frozen=True, slots=True)
class Shrunk:
    """A share that improved by its whole alone: part and whole a week, before the window and now."""

    part: tuple[float, float]
    whole: tuple[float, float]


def shrunk(points: Sequence[Point], span: Span) -> Shrunk | None:
    """A share that rose although its part did not, because its whole became smaller; of a share that is to
    fall, one whose part did not fall while its whole grew.
    """
    before, after = _before(points, span), _after(points, span)
    if not before or not after:
        return None
    (part0, whole0), (part1, whole1) = _parts(before), _parts(after)
    if min(whole0, whole1) <= 0 or span.sign * (part1 / whole1 - part0 / whole0) <= 0:
        return None
    moved = span.sign * (whole0 - whole1) / whole0
    if moved < SHRUNK or span.sign * (part1 - part0) > 0:
        return None
    return Shrunk((part0, part1), (whole0, whole1))


def only_rises(points: Sequence[Point], kind: str, span: Span) -> bool:
    """Whether a stock that is to rise has never fallen in the half-year up to now, and rose in most weeks."""
    known = [p.value for p in complete_points(points) if p.value is not None and p.start <= span.end]
    last = known[-NEVER_FELL - 1 :]
    if kind != SNAPSHOT_STOCK or span.sign < 0 or len(last) <= NEVER_FELL:
        return False
    steps = [now - then for then, now in zip(last, last[1:], strict=False)]
    return min(steps) >= 0 and sum(step > 0 for step in steps) > len(steps) / 2


def driven_by(
    whole: Sequence[Point], segments: Mapping[str, Sequence[Point]], *, kind: str, span: Span
) -> str | None:
    """The one segment behind nearly all of an improvement while every other one got worse; else None."""
    if kind != RATIO and kind not in ADDITIVE:
        return None
    total = _change(whole, kind, span)
    if total is None or span.sign * total <= 0 or len(segments) < 2:
        return None
    brought = {}
    for name, points in segments.items():
        share = _brought(points, whole, kind, span)
        if share is None:
            return None
        brought[name] = span.sign * share
    best = max(brought, key=lambda name: brought[name])
    others = [_change(points, kind, span) for name, points in segments.items() if name != best]
    worse = all(change is not None and span.sign * change < 0 for change in others)
    return best if worse and brought[best] > ALONE * span.sign * total else None


def there_already(points: Sequence[Point], kind: str, *, target: float, span: Span) -> bool:
    """Whether the weeks before the window, read as its last ones will be, were at the target already."""
    before = baseline(points, kind, start=span.start, weeks=span.k)
    return before is not None and span.sign * (before - target) >= 0


def _before(points: Sequence[Point], span: Span) -> list[Point]:
    return read_points([p for p in points if p.start + WEEK <= span.start], RATIO, BEFORE)


def _after(points: Sequence[Point], span: Span) -> list[Point]:
    inside = [p for p in points if span.start <= p.start and p.start + WEEK <= span.end + A_DAY]
    return read_points(inside, RATIO, span.k)


def _parts(points: Sequence[Point]) -> tuple[float, float]:
    """Part and whole a week."""
    part = sum(point.numerator or 0.0 for point in points) / len(points)
    return part, sum(point.denominator or 0.0 for point in points) / len(points)


def _change(points: Sequence[Point], kind: str, span: Span) -> float | None:
    before, after = _before(points, span), _after(points, span)
    was, now = reading(before, kind, len(before)), reading(after, kind, len(after))
    return None if was is None or now is None else now - was


def _brought(points: Sequence[Point], whole: Sequence[Point], kind: str, span: Span) -> float | None:
    """What a segment brought to the change of the whole; of a share its part over the whole's whole."""
    if kind != RATIO:
        return _change(points, kind, span)
    own = [_before(points, span), _after(points, span)]
    all_of = [_before(whole, span), _after(whole, span)]
    if not all(own) or not all(all_of):
        return None
    (was, _), (now, _) = map(_parts, own)
    (_, base0), (_, base1) = map(_parts, all_of)
    return now / base1 - was / base0 if base0 > 0 and base1 > 0 else None
