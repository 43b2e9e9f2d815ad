"""One metric as its page shows it: values, what they are worth, how usual the newest is, where they lead."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

from metrics import outlook, series, signalling, telling
from metrics.analysis.forecast import Forecast, Withheld
from metrics.analysis.locking import CHANGES
from metrics.analysis.points import Point
from metrics.analysis.trust import Trust
from metrics.charts.spec import ChartSpec, Note, SignalMark
from metrics.models import Metric
from metrics.signal_words import UNUSUAL
from metrics.signalling import Seen
from metrics.verdict import Known, Signal

#: A chart rings the newest signals of the last half year; the signals page has them all.
RINGED = timedelta(weeks=26)
MOST_RINGS = 3
BADGES = {
    "stale": "Stale",
    "incomplete": "Incomplete",
    "failing": "Failing",
    "redefined": "Redefined",
    "backfilling": "Being fetched",
    "quiet": "Quiet",
}


@dataclass(frozen=True, slots=True)
class Picture:
    """What was gathered of a metric; `name` is what the page calls it, `grey` its former definition,
    which ended on `broken_on`; `apart` says how much apart the two read.

    `end` is what the running period is likely to come to, None where nobody can tell.
    """

    metric: Metric
    name: str
    points: list[Point]
    trust: Trust
    today: date
    flags: list[dict[str, Any]] = field(default_factory=list)
    forecast: Forecast | Withheld | None = None
    signal: Seen | None = None
    grey: tuple[Point, ...] = ()
    broken_on: date | None = None
    restated: tuple[date, ...] = ()
    data_changes: list[dict[str, Any]] = field(default_factory=list)
    apart: str = ""
    end: float | None = None


def spec(found: Picture) -> ChartSpec:
    """The chart without plan and target; the forecast as a cone unless something nearer is aimed for."""
    metric, cone = found.metric, found.forecast
    return ChartSpec(
        title=found.name,
        unit=metric.unit,
        decimals=metric.decimals,
        kind=metric.kind,
        direction=metric.direction,
        points=tuple(found.points),
        notes=tuple(
            Note(
                date.fromisoformat(each["day"]),
                each["text"],
                each["number"],
                date.fromisoformat(each["until"]) if each.get("until") else None,
                each["kind"],
            )
            for each in found.flags
        ),
        incomplete_day=found.today,
        grain=series.grain_of(metric),
        cone=cone.cone if isinstance(cone, Forecast) else (),
        signals=_rings(found),
        restated=found.restated,
        grey=found.grey,
        break_day=found.broken_on,
    )


def known(found: Picture) -> Known:
    """What a verdict may say of it: the newest value, its doubt, its signal, where it leads."""
    plain = telling.known(found.metric, found.points, today=found.today, name=found.name)
    doubt = found.trust.sentences[0] if found.trust.blocks and found.trust.sentences else ""
    ended = found.metric.paused_at is not None and found.trust.blocks
    return replace(plain, ended=ended, doubt=doubt, forecast=found.forecast, signal=_signal(found))


def facts(found: Picture) -> dict[str, Any]:
    """Figure, changes, trust, forecast and notes as texts."""
    measure = telling.measure_of(found.metric, found.name)
    told = telling.figure_facts(
        found.metric, found.points, today=found.today, grain=series.grain_of(found.metric), end=found.end
    )
    return told | {
        "flags": found.flags,
        "apart": found.apart,
        "data_changes": found.data_changes,
        "trust": _trust(found.trust),
        "signal": signalling.facts(found.signal) if found.signal else {},
        **outlook.facts(found.forecast, measure, today=found.today),
    }


def _signal(found: Picture) -> Signal | None:
    """The newest period against its limits; None while there are none."""
    seen = found.signal
    if seen is None or not seen.segments:
        return None
    if not seen.unusual:
        return Signal(False)
    mark = next((each for each in seen.marks if each.week == seen.week and each.rule == seen.rule), None)
    if seen.rule != 1 or mark is None:
        figure = seen.sentence.removeprefix(UNUSUAL).strip().split(". ")[0].rstrip(".")
        return Signal(True, f"Unusual: {figure}. Look for a cause.")
    shown, _, usual = mark.words.partition(", usual ")
    figure = f"{shown.split(' in ')[0]}, usual {usual}" if seen.basis == CHANGES else f"usually {usual}"
    return Signal(True, f"Unusual {seen.grain}: {figure}. Look for a cause.")


def _rings(found: Picture) -> tuple[SignalMark, ...]:
    """The newest signals on the line itself, whatever it is that was judged."""
    values = {point.start: point.value for point in found.points if point.complete}
    since = max(values, default=found.today) - RINGED
    rings = []
    for mark in found.signal.marks if found.signal else ():
        value = values.get(mark.week)
        if value is not None and mark.week > since:
            rings.append(SignalMark(mark.week, value, mark.rule, mark.words))
    return tuple(rings[-MOST_RINGS:])


def _trust(trust: Trust) -> dict[str, Any]:
    return {
        "badge": trust.badge,
        "blocks": trust.blocks,
        "sentences": list(trust.sentences),
        "words": BADGES.get(trust.badge, ""),
        "tone": "bad" if trust.blocks else "warn",
    }
