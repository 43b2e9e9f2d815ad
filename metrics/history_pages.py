"""What the page "as we saw it" prints: a former day beside today, in four queries.

It is worked out when it is read, because any day may be asked for; three years of days at most.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from metrics import formatting, metric_pages, remembering, series, telling
from metrics.analysis.points import Point
from metrics.charts import sketch
from metrics.charts.spec import ChartSpec
from metrics.models import ChartDocument, Company, Metric, ObservationRevision
from northstar.lib import periods
from northstar.lib.periods import A_DAY

EARLIEST = date(2000, 1, 1)
SHOWN, BACK = timedelta(weeks=52), timedelta(weeks=4)
WIDE, NARROW = (760, 300), (340, 240)
HOW = metric_pages.ORIGINS | {"typed": "corrected by hand"}


@dataclass(frozen=True, slots=True)
class Difference:
    """A complete period that reads otherwise today, in words; `cause` is what changed it last."""

    start: date
    period: str
    then: str
    now: str
    change: str
    cause: str


@dataclass(frozen=True, slots=True)
class Change:
    """A complete period that was restated, in words; `day` is the day before it was."""

    day: date
    when: str
    period: str
    words: str
    cause: str


def page(metric: Metric, day: date | None, *, company: Company, now: datetime) -> dict[str, Any]:
    """Everything of the page for the end of that day; None: before the newest change, else four weeks ago."""
    today = periods.local_day(now, company.zone)
    restated = changes(metric, company=company, today=today)
    day = day or (restated[0].day if restated else today - BACK)
    at = min(remembering.end_of(day, company.zone), now)
    then = remembering.as_seen(metric, at, company=company)
    current = series.weekly([metric], company=company, now=now, since=day - remembering.REACH)[metric.pk]
    found = differences(metric, then, current, at=at, today=today, company=company)
    summary = _summary(found, day, today, grain=series.grain_of(metric))
    return {
        "day": day,
        "today": today,
        "known": any(point.value is not None for point in then),
        "differences": found,
        "summary": summary,
        "chart": _chart(metric, then, current, day=day, today=today, summary=summary),
        "changes": restated,
        "previous": max((each.day for each in restated if each.day < day), default=None),
        "next": min((each.day for each in restated if day < each.day), default=None),
    }


def differences(
    metric: Metric,
    then: Sequence[Point],
    current: Sequence[Point],
    *,
    at: datetime,
    today: date,
    company: Company,
) -> list[Difference]:
    """Periods that were complete then and have another value now, newest first. One query, for the causes."""
    before = {point.start: point.value for point in then if point.complete}
    moved = [
        (point.start, before[point.start], point.value)
        for point in current
        if point.start in before and point.complete and _differ(before[point.start], point.value)
    ]
    causes = _causes(metric, [start for start, _, _ in moved], at=at, today=today, company=company)
    return [_difference(metric, *each, cause=causes.get(each[0], ""), today=today) for each in moved[::-1]]


def changes(metric: Metric, *, company: Company, today: date) -> list[Change]:
    """What was restated in the last half year, newest first, as it was found when the metric was drawn."""
    document = ChartDocument.objects.filter(key=f"metric:{metric.pk}").only("facts").first()
    rows = document.facts.get("data_changes", []) if document else []
    return [_change(metric, row, company=company, today=today) for row in rows[::-1]]


def csv_lines(metric: Metric, day: date, *, company: Company) -> list[list[str]]:
    """All stored periods as they were known at the end of the day, oldest first. One query."""
    parts = ("numerator", "denominator", "value") if metric.kind == "ratio" else ("value",)
    parts += ("denominator",) if metric.kind == "average" else ()
    known = remembering.observed(metric, remembering.end_of(day, company.zone))
    head = ["weight" if metric.kind == "average" and name == "denominator" else name for name in parts]
    lines = [["period", *head]]
    for start, point in sorted(known.items()):
        numbers = [getattr(point, name) for name in parts]
        lines.append([start.isoformat(), *("" if each is None else f"{each:.15g}" for each in numbers)])
    return lines


def asked_day(text: str, *, today: date) -> tuple[date | None, str]:
    """(the day, "") or (None, what is wrong); (None, "") where no day was asked for."""
    if not text:
        return None, ""
    try:
        day = date.fromisoformat(text[:10])
    except ValueError:
        return None, "This is not a date. Write it like 2026-11-23."
    if day > today:
        return None, "This day is still to come. Choose one up to today."
    if day < EARLIEST:
        return None, "Check the year of this date."
    return day, ""


def _differ(then: float | None, now: float | None) -> bool:
    if then is None or now is None:
        return then is not now
    return abs(then - now) > 1e-9 * max(1.0, abs(then))


def _causes(
    metric: Metric, starts: Sequence[date], *, at: datetime, today: date, company: Company
) -> dict[date, str]:
    """By period: what changed it last, when, and why."""
    if not starts:
        return {}
    grain = series.grain_of(metric)
    rows = ObservationRevision.objects.filter(
        metric=metric,
        grain=metric.grain,
        suppressed=False,
        outdated=False,
        received_at__gt=at,
        period_start__range=(min(starts), periods.last_day(max(starts), grain)),
    )
    fields = ("period_start", "received_at", "origin", "reason", "actor__name")
    found = {}
    for start, received, origin, reason, who in rows.order_by("id").values_list(*fields):
        day = periods.local_day(received, company.zone)
        words = cause_words(origin, who or "", reason, when=formatting.day_words(day, today))
        found[periods.period_start(start, grain)] = words
    return found


def cause_words(how: str, who: str, reason: str, *, when: str) -> str:
    """ "Pulled on 5 Nov", "Corrected by hand by Idris Vane on 5 Nov: counted twice"."""
    by = f" by {who}" if who else ""
    because = f": {reason.rstrip('.')}" if reason else ""
    words = HOW.get(how, how)
    return f"{words[:1].upper()}{words[1:]}{by} on {when}{because}"


def _difference(
    metric: Metric, start: date, then: float | None, now: float | None, *, cause: str, today: date
) -> Difference:
    change = "" if then is None or now is None else _moved(metric, then, now)
    period = formatting.period_words(start, series.grain_of(metric), today)
    return Difference(start, period, _known(then, metric), _known(now, metric), change, cause)


def _change(metric: Metric, row: Mapping[str, Any], *, company: Company, today: date) -> Change:
    start, at = date.fromisoformat(row["start"]), datetime.fromisoformat(row["at"])
    day = periods.local_day(at, company.zone)
    when = formatting.day_words(day, today)
    before, after = _known(row["before"], metric), _known(row["after"], metric)
    return Change(
        day - A_DAY,
        when,
        formatting.period_words(start, series.grain_of(metric), today),
        f"{before} became {after} ({_moved(metric, row['before'], row['after'])})",
        cause_words(row["how"], row["who"], row["reason"], when=when),
    )


def _moved(metric: Metric, then: float, now: float) -> str:
    """ "+4.0%" of the former value; points where the values are percentages."""
    if formatting.is_percent(metric.unit, metric.kind) or abs(then) < 1e-9 or then * now < 0:
        return formatting.show_change(
            now - then, unit=metric.unit, decimals=metric.decimals, kind=metric.kind
        )
    return formatting.show_share((now - then) / abs(then), decimals=1, sign=True)


def _summary(found: Sequence[Difference], day: date, today: date, *, grain: str) -> str:
    when = formatting.day_words(day, today)
    if not found:
        return f"Every {grain} that was complete on {when} reads the same today."
    if len(found) == 1:
        each = found[0]
        moved = f", restated by {each.change} since" if each.change else ""
        return f"1 {grain} reads otherwise today: {each.period}{moved}."
    return f"{len(found)} {grain}s that were complete on {when} read otherwise today."


def _chart(
    metric: Metric,
    then: Sequence[Point],
    current: Sequence[Point],
    *,
    day: date,
    today: date,
    summary: str,
) -> ChartDocument:
    """Both series, not kept: the former one grey behind today's."""
    first = day - SHOWN
    spec = ChartSpec(
        title=f"{metric.name}, as seen on {formatting.day_words(day, today)}",
        unit=metric.unit,
        decimals=metric.decimals,
        kind=metric.kind,
        direction=metric.direction,
        points=tuple(point for point in current if point.start >= first),
        grey=tuple(point for point in then if point.start >= first and point.complete),
        incomplete_day=today,
        break_words="",
        grain=series.grain_of(metric),
        sentence="The grey line is what was known then, the coloured one what is known today.",
    )
    return ChartDocument(
        key=f"history:{metric.pk}:{day.isoformat()}",
        drawn_on=today,
        facts=_facts(metric, spec, summary),
        sketches={
            "all": sketch.line(spec, width=WIDE[0], height=WIDE[1], today=today),
            "all-small": sketch.line(spec, width=NARROW[0], height=NARROW[1], today=today),
        },
    )


def _facts(metric: Metric, spec: ChartSpec, summary: str) -> dict[str, Any]:
    """Both series side by side, newest first."""
    then = {point.start: spec.show(point.value) for point in spec.grey}
    current = {point.start: spec.show(point.value) for point in spec.points}
    return {
        "title": spec.title.removeprefix(f"{metric.name}, "),
        "sentence": f"{summary} {spec.sentence}",
        "columns": [spec.grain.capitalize(), "Known then", "Known today"],
        "table": [
            [
                formatting.period_words(start, spec.grain),
                then.get(start, formatting.NOTHING),
                current.get(start, formatting.NOTHING),
            ]
            for start in sorted(then | current, reverse=True)
        ],
    }


def _known(value: float | None, metric: Metric) -> str:
    return "not known" if value is None else telling.show(value, metric)
