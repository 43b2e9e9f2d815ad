"""The coverage calendar of a metric: squares, legend, the same as a table, and what can be filled."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Any

from metrics import backfilling, covering, formatting
from metrics.charts import calendar
from metrics.connectors.registry import connector_class
from metrics.covering import Covered
from metrics.models import Company, Metric
from northstar.lib import periods

WEEKS, MONTHS = 26, 12
WORDS = {
    "ok": "In time",
    "late": "Late",
    "missing": "Missing",
    "unknown": "Unknown",
    "restated": "Restated",
    "incomplete": "Not over",
}
UNDER_WAY = {
    "running": "Days are being fetched",
    "paused": "A backfill is paused",
    "failed": "A backfill has stopped",
}
UNITS = {"day": "day", "week": "week", "month": "month"}
#: Rows of the table; what is older stands in the calendar and in the file of the metric.
MOST_RUNS = 60


@dataclass(frozen=True, slots=True)
class Run:
    """Periods in a row of the same state for the same reason: a line of the table."""

    when: str
    count: str
    state: str
    words: str


def coverage(metric: Metric, *, company: Company, now: datetime) -> dict[str, Any]:
    """The calendar of one metric, in a constant number of queries."""
    covered = _shown(metric, company=company, now=now)
    gaps = [each.start for each in covered if each.state in covering.FILLABLE]
    today = periods.local_day(now, company.zone)
    sentence = _sentence(covered, gaps, metric.grain, today=today) if covered else ""
    source, legend = metric.source, _legend(covered)
    squares = [calendar.Square(each.start, each.state, _words(each, metric.grain)) for each in covered]
    open_one = metric.backfills.filter(state__in=backfilling.OPEN).order_by("-id").first()
    return {
        "metric": metric,
        "sentence": sentence,
        "legend_words": _legend_words(legend),
        "svg": calendar.draw(squares, metric.grain, says=f"Coverage of {metric.name}: {sentence}")
        if squares
        else "",
        "legend": legend,
        "runs": _runs(covered, metric.grain)[:MOST_RUNS],
        "gaps": len(gaps),
        "fill": f"Fill {'this' if len(gaps) == 1 else 'these'} {_count(len(gaps), metric.grain)}",
        "can_fill": bool(gaps) and open_one is None and connector_class(source.kind).pulls,
        "held": bool(source.failures or source.paused_at),
        "under_way": UNDER_WAY[open_one.state] if open_one else "",
    }


def gaps(metric: Metric, *, company: Company, now: datetime) -> list[date]:
    """The first days of the periods that the button fills."""
    covered = _shown(metric, company=company, now=now)
    return [each.start for each in covered if each.state in covering.FILLABLE]


def first_day(grain: str, today: date) -> date:
    """Where the calendar begins: 26 weeks or 12 months back, the running one included."""
    if grain == "month":
        return periods.next_start(periods.period_start(today, "month"), "month", 1 - MONTHS)
    return periods.next_start(periods.period_start(today, "week"), "week", 1 - WEEKS)


def _shown(metric: Metric, *, company: Company, now: datetime) -> list[Covered]:
    """Its periods since it was first asked for: before that nothing is missing."""
    today = periods.local_day(now, company.zone)
    since = covering.asked_since(metric)
    if since is None:
        return []
    start = max(first_day(metric.grain, today), periods.period_start(since, metric.grain))
    return covering.coverage(metric, start, periods.next_start(today, "day"), now=now)


def _sentence(covered: Sequence[Covered], gaps: Sequence[date], grain: str, *, today: date) -> str:
    over = [each for each in covered if each.state != "incomplete"]
    if not gaps:
        return f"All of the last {_count(len(over), grain)} are known." if over else "Nothing is over yet."
    since = formatting.period_words(gaps[0], grain, today)
    return f"{len(over) - len(gaps)} of {_count(len(over), grain)} known; first gap: {since}."


def _legend(covered: Sequence[Covered]) -> list[tuple[str, str, int]]:
    counts = Counter(each.state for each in covered)
    return [(calendar.key(state), words, counts[state]) for state, words in WORDS.items() if counts[state]]


def _legend_words(legend: Sequence[tuple[str, str, int]]) -> str:
    """ "178 in time, 3 late." """
    words = ", ".join(f"{count} {words.lower()}" for _, words, count in legend)
    return f"{words}." if words else ""


def _runs(covered: Sequence[Covered], grain: str) -> list[Run]:
    found = []
    for (state, _), group in groupby(covered, key=lambda each: (each.state, each.words)):
        run = list(group)
        first = formatting.period_words(run[0].start, grain)
        when = first if len(run) == 1 else f"{first} until {formatting.period_words(run[-1].start, grain)}"
        found.append(Run(when, _count(len(run), grain), WORDS[state], run[0].words))
    return found[::-1]


def _words(each: Covered, grain: str) -> str:
    return f"{formatting.period_words(each.start, grain)}: {WORDS[each.state].lower()}. {each.words}"


def _count(count: int, grain: str) -> str:
    return f"1 {UNITS[grain]}" if count == 1 else f"{count} {UNITS[grain]}s"
