"""Drawing the signals of a metric: its values or changes with centre, limits and what stands out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from metrics import flags, formatting
from metrics.analysis.locking import CHANGES
from metrics.analysis.points import Point, next_start
from metrics.analysis.watching import IN_A_ROW, NEAR_LIMIT, Mark, Stretch
from metrics.charts.spec import RANGES, ChartSpec, LimitLine, Note, SignalMark
from metrics.models import Annotation, ChartDocument, Metric
from metrics.signal_words import Told
from northstar.lib.periods import A_DAY

if TYPE_CHECKING:
    from metrics.signalling import Seen

RULES = {
    1: "Beyond a limit",
    2: "Eight in a row on one side",
    3: "Three of four close to a limit",
}
LISTED = 20


def draw_signals(metric: Metric, points: Sequence[Point], seen: Seen, *, today: date) -> ChartDocument:
    """Draw the signals of a metric and keep them under "signals:<id>"; three queries."""
    # Plotly is large: only who draws loads it.
    from metrics import charting

    listed = flags.flags(metric, today=today)
    spec = _spec(metric, points, seen, notes=listed)
    told = {
        "basis": seen.basis,
        "unusual": seen.unusual,
        "known": bool(seen.segments),
        "suggestion": seen.suggestion,
        "jumps": [formatting.period_words(week, seen.grain, today) for week in reversed(seen.jumps)][:LISTED],
        "suggested_start": seen.run.start.isoformat() if seen.run else "",
        "signals": _listed(seen, _notes(metric), today=today),
        "segments": [_segment_facts(metric, seen, each, today=today) for each in reversed(seen.segments)],
        "flags": listed,
        "notes": [f"{flag['when']} · {flag['text']}" for flag in listed],
    }
    return charting.draw(f"signals:{metric.pk}", spec, today=today, ranges=RANGES, facts=told)


def _spec(metric: Metric, points: Sequence[Point], seen: Seen, *, notes: list[dict[str, Any]]) -> ChartSpec:
    """Changes of a percentage are points: they are drawn as such, not as a percentage."""
    changes = seen.basis == CHANGES
    in_points = changes and formatting.is_percent(metric.unit, metric.kind)
    scale = formatting.shown_scale(metric.unit, metric.kind) if in_points else 1
    at = {point.start: point for point in points}
    drawn = tuple(
        Point(row.start, _scaled(row.value, scale), note=at[row.start].note if row.start in at else "")
        for row in seen.rows
    )
    return ChartSpec(
        title=f"{metric.name}: change from {seen.grain} to {seen.grain}" if changes else metric.name,
        unit="pp" if in_points else metric.unit,
        decimals=metric.decimals,
        kind="flow_sum" if in_points else metric.kind,
        direction=metric.direction,
        points=drawn,
        notes=tuple(Note(date.fromisoformat(each["day"]), each["text"], each["number"]) for each in notes),
        sentence=seen.sentence,
        grain=seen.grain,
        limits=tuple(_line(each, seen.grain, scale) for each in seen.segments),
        signals=tuple(SignalMark(m.week, m.value * scale, m.rule, m.words) for m in seen.marks),
    )


def _line(stretch: Stretch, grain: str, scale: float) -> LimitLine:
    found = stretch.limits
    low = found.low if found.low <= found.centre - found.reach else None
    high = found.high if found.high >= found.centre + found.reach else None
    last = next_start(stretch.last, grain) - A_DAY if stretch.last >= stretch.first else stretch.first
    return LimitLine(stretch.first, last, found.centre * scale, _scaled(low, scale), _scaled(high, scale))


def _listed(seen: Seen, notes: Sequence[Annotation], *, today: date) -> list[dict[str, Any]]:
    """The newest signals, newest first, each with what was noted when it happened."""
    found = []
    for mark in list(reversed(_told_once(seen)))[:LISTED]:
        found.append(
            {
                "week": mark.week.isoformat(),
                "when": formatting.period_words(mark.week, seen.grain, today),
                "rule": mark.rule,
                "rule_words": RULES[mark.rule],
                "words": mark.words[:1].upper() + mark.words[1:],
                "notes": _near(mark, seen.grain, notes, today=today),
            }
        )
    return found


def _told_once(seen: Seen) -> list[Mark]:
    """Without those that only go on: close to a limit right after another signal of the same side."""
    kept: list[Mark] = []
    sides = {(next_start(mark.week, seen.grain), mark.side) for mark in seen.marks}
    for mark in seen.marks:
        goes_on = mark.rule == NEAR_LIMIT and (mark.week, mark.side) in sides
        if not goes_on or mark.week == seen.week:
            kept.append(mark)
    return kept


def _near(mark: Mark, grain: str, notes: Sequence[Annotation], *, today: date) -> list[str]:
    """ "12 Nov: Sign-in outage": notes of the period; of a run, those around its first period."""
    start = mark.since if mark.rule == IN_A_ROW else mark.week
    first = start - timedelta(days=7 if grain == "week" else 31) if mark.rule == IN_A_ROW else start
    end = next_start(start, grain)
    return [
        f"{formatting.day_words(note.day, today)}: {note.text}"
        for note in notes
        if note.day < end and (note.until or note.day) >= first
    ]


def _notes(metric: Metric) -> list[Annotation]:
    return list(Annotation.objects.on([metric]))


def _segment_facts(metric: Metric, seen: Seen, stretch: Stretch, *, today: date) -> dict[str, Any]:
    told = Told(metric, seen.grain, seen.basis)
    found = stretch.limits
    return {
        "start": stretch.first.isoformat(),
        "since": formatting.period_words(stretch.first, seen.grain, today),
        "centre": told.value(found.centre),
        "usual": told.usual(found),
        "jump": told.distance(found.range_high),
        "from": f"{found.points} {told.things}",
        "provisional": found.provisional or not stretch.locked,
        "reason": stretch.reason,
    }


def _scaled(value: float | None, scale: float) -> float | None:
    return None if value is None else value * scale
