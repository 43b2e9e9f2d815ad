"""The guardrails of a North Star: how each stands, and what a verdict says when one is broken."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from metrics import telling
from metrics.analysis.points import Point, complete_points
from metrics.models import Metric, StarGuardrail
from metrics.signalling import Seen

SIDES = {"at_most": "at most", "at_least": "at least"}


def facts(guard: StarGuardrail, points: Sequence[Point], seen: Seen | None = None) -> dict[str, Any]:
    """State of a guardrail: good; warn when the newest week is over its limit; bad when the last two are.

    Bad too when the newest week is over it and outside all that is usual on that side (domain 6.6).
    """
    known = [point for point in complete_points(points) if point.value is not None][-2:]
    over = [_over(point.value, guard) for point in known]
    state = "good" if over else "no_data"
    if over and over[-1]:
        broken = all(over) and len(over) > 1
        state = "bad" if broken or _alarm(guard, known[-1], seen) else "warn"
    value = known[-1].value if known else None
    return {
        "name": guard.metric.name,
        "slug": guard.metric.slug,
        "state": state,
        "since": since(complete_points(points), lambda value: _over(value, guard)),
        "value": telling.show(value, guard.metric),
        "limit": f"{SIDES[guard.side]} {telling.measure_of(guard.metric).bare(float(guard.limit))}",
    }


def since(points: Iterable[Point], over: Callable[[float], bool]) -> str:
    """The first period (ISO) of those that are over a limit up to the newest value; "" where that is not."""
    began = ""
    for point in points:
        if point.complete and point.value is not None:
            began = (began or point.start.isoformat()) if over(point.value) else ""
    return began


def clause(told: Sequence[Mapping[str, Any]]) -> str:
    """For a verdict: "Support contacts is 9.4, at most 9.0 was agreed"; empty while none is broken."""
    broken = [each for each in told if each["state"] == "bad"]
    if not broken:
        return ""
    first = broken[0]
    more = f", and {len(broken) - 1} more" if len(broken) > 1 else ""
    return f"A guardrail is broken: {first['name']} {first['value']}, {first['limit']} was agreed{more}"


def words(metric: Metric, side: str, limit: Any) -> str:
    """ "Support contacts per 100 crews at most 9.0"."""
    return f"{metric.name} {SIDES.get(side, side)} {telling.show(float(limit), metric)}"


def _over(value: float | None, guard: StarGuardrail) -> bool:
    if value is None:
        return False
    return value > float(guard.limit) if guard.side == "at_most" else value < float(guard.limit)


def _alarm(guard: StarGuardrail, newest: Point, seen: Seen | None) -> bool:
    side = "high" if guard.side == "at_most" else "low"
    marks = seen.marks if seen else ()
    return any(mark.rule == 1 and mark.side == side and mark.week == newest.start for mark in marks)
