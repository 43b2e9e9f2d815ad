"""What is beside the questions of a review: figures and words that are frozen with it (domain 3.6).

All of it is JSON in words, so that a review that was held reads the same whatever happens to metric, team or
source afterwards.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from metrics import formatting, series
from metrics.analysis.points import Point
from metrics.models import ChartDocument, Company, NorthStar, NorthStarVersion
from northstar.lib import periods
from teams import activity, charting, ledger
from teams.models import Omtm, Review
from teams.models.omtm import AT_A_COST, OUTCOMES

Facts = dict[str, Any]
MOST_CHECK_INS = 40
COPIED = (
    "state",
    "reason",
    "verdict",
    "reading_words",
    "reading_span",
    "pace_words",
    "progress_words",
    "expected_words",
    "needed_words",
    "weeks_done",
    "weeks",
    "from_words",
    "to_words",
    "range_words",
    "final_words",
    "attainment_words",
    "outcome",
    "guardrails",
    "as_of_words",
)
A_WEEK_BEFORE = timedelta(weeks=1)


def beside(omtm: Omtm, document: ChartDocument | None, *, company: Company, now: datetime) -> Facts:
    """Everything a review page prints beside its questions; a fixed number of queries.

    `omtm.metric` and `.team` are loaded; `document` is its chart as it is to be kept.
    """
    today = periods.local_day(now, company.zone)
    facts = document.facts if document else {}
    found = {name: facts.get(name, "") for name in COPIED} | {
        "name": omtm.name,
        "team": omtm.team.name,
        "goal": charting.goal_sentence(omtm, today),
        "why": omtm.why,
        "metric": omtm.metric.name if omtm.metric else omtm.metric_idea,
        "definition": omtm.definition,
        "ranged": omtm.target is None,
        "window": f"{formatting.day_words(omtm.start, today)} to {formatting.day_words(omtm.end, today)}",
        "day": formatting.day_words(today),
        "at": now.isoformat(),
        "guardrails": facts.get("guardrails") or [],
        "outcome_words": _outcome_words(facts),
        "at_original_end": _at_original_end(omtm, facts),
        "changes": list(_changes(omtm)),
        "statuses": _statuses(omtm, today),
        "north_star": _north_star(omtm, company=company, now=now, today=today),
        "check_ins": _check_ins(omtm),
        "quality": list(_quality(omtm, facts)),
    }
    return found | {"chart": _chart(document)}


def brief(omtm: Omtm, document: ChartDocument | None) -> Facts:
    """What a meeting sees of a bet, without its chart."""
    facts = document.facts if document else {}
    names = ("state", "verdict", "reading_words", "reading_span", "from_words", "to_words", "range_words")
    return {name: facts.get(name, "") for name in names} | {"name": omtm.name, "team": omtm.team.name}


def recorded(omtm: Omtm, record: Facts, *, company: Company, now: datetime) -> Facts:
    """The same from a record that was frozen at `now` (`concluding.freeze`)."""
    chart = {name: record[name] for name in ("figure", "sketches", "facts")}
    return beside(omtm, ChartDocument(key=charting.key_of(omtm), **chart), company=company, now=now)


def document_of(review: Review) -> ChartDocument | None:
    """The chart that was frozen with a review."""
    chart = review.facts.get("chart")
    day = review.held_at.date() if review.held_at else None
    return ChartDocument(key=f"review:{review.pk}", drawn_on=day, **chart) if chart else None


def _chart(document: ChartDocument | None) -> Facts | None:
    if document is None:
        return None
    return {"figure": document.figure, "sketches": document.sketches, "facts": document.facts}


def _at_original_end(omtm: Omtm, facts: Facts) -> Facts | None:
    """How it would have been judged by the end that was committed to."""
    first = facts.get("at_original_end")
    if not first or omtm.original_end is None:
        return None
    return first | {"day": formatting.day_words(omtm.original_end), "words": OUTCOMES[first["outcome"]]}


def _changes(omtm: Omtm) -> Iterator[Facts]:
    """Every moved goal-post: from what to what, when, by whom and why."""
    for entry in ledger.of(omtm):
        when = formatting.day_words(entry.day)
        yield {"words": entry.words, "when": when, "who": entry.who, "reason": entry.reason}


def _statuses(omtm: Omtm, today: date) -> list[Facts]:
    return [
        {"when": formatting.day_words(event.day), "what": event.what, "why": event.detail}
        for event in activity.status_changes(omtm)
        if event.day <= today
    ]


def _check_ins(omtm: Omtm) -> list[Facts]:
    """Newest first. Who said it is shown to the team and its leaders only: the page decides."""
    return [
        {
            "when": formatting.day_words(row.day),
            "who": str(row.person) if row.person else "",
            "chance": row.chance,
            "note": row.note,
            "help": row.help_wanted,
        }
        for row in omtm.check_ins.select_related("person")[:MOST_CHECK_INS]
    ]


def _quality(omtm: Omtm, facts: Facts) -> Iterator[str]:
    """What the reader should know of the data before trusting the outcome."""
    yield from (facts.get("trust") or {}).get("sentences", [])
    done, weeks = facts.get("weeks_done"), facts.get("weeks")
    if weeks and done is not None and done < weeks and omtm.state != "active":
        yield f"{done} of the {weeks} weeks of the window are complete."
    then = _when_opened(omtm)
    if then and then != facts.get("final_words"):
        yield f"When the review opened the final reading was {then}; it was revised since."
    if omtm.baseline_reason:
        yield f"The baseline was set by hand: {omtm.baseline_reason}"


def _when_opened(omtm: Omtm) -> str:
    """The final reading that was frozen when the closing review opened, in words."""
    record = omtm.snapshot or {}
    then = record.get("at_review", record.get("concluded")) or {}
    value = then.get("final_reading")
    return formatting.show(float(value), **charting.shown_as(omtm)) if value is not None else ""


def _outcome_words(facts: Facts) -> str:
    outcome = facts.get("outcome", "")
    broke = any(guard.get("broke") for guard in facts.get("guardrails") or [])
    return AT_A_COST.get(outcome, OUTCOMES.get(outcome, "")) if broke else OUTCOMES.get(outcome, "")


def _north_star(omtm: Omtm, *, company: Company, now: datetime, today: date) -> Facts | None:
    """The North Star before the window and at its end, or today, with a small line of that time."""
    star = NorthStar.current()
    versions = NorthStarVersion.objects.filter(north_star=star).select_related("metric")
    version = versions.order_by("-version_no").first() if star else None
    if star is None or version is None:
        return None
    metric = version.metric
    since = omtm.start - charting.BEFORE
    points = series.weekly([metric], company=company, now=now, since=since)[metric.pk]
    last_day = min(omtm.end, today)
    before, after = _last(points, omtm.start - timedelta(days=1)), _last(points, last_day)
    if before is None or after is None or before.value is None or after.value is None:
        return None
    shown: Any = {"unit": metric.unit, "decimals": metric.decimals, "kind": metric.kind}
    return {
        "name": star.name,
        "from_words": formatting.show(before.value, **shown),
        "from_when": formatting.week_words(before.start),
        "to_words": formatting.show(after.value, **shown),
        "to_when": formatting.week_words(after.start),
        "change_words": formatting.show_change(after.value - before.value, **shown),
        "sketch": _sketch(star.name, metric, points, omtm, last_day),
    }


def _last(points: Sequence[Point], day: date) -> Point | None:
    """The newest complete week with a value that ends on `day` or before."""
    known = [p for p in points if p.complete and p.value is not None and p.start + charting.TO_SUNDAY <= day]
    return known[-1] if known else None


def _sketch(name: str, metric: Any, points: Sequence[Point], omtm: Omtm, last_day: date) -> str:
    from metrics.charts import sketch
    from metrics.charts.spec import ChartSpec

    first = omtm.start - A_WEEK_BEFORE
    shown = tuple(p for p in points if p.complete and first <= p.start <= last_day - charting.TO_SUNDAY)
    spec = ChartSpec(
        title=name,
        unit=metric.unit,
        decimals=metric.decimals,
        kind=metric.kind,
        direction=metric.direction,
        points=shown,
    )
    return sketch.line(spec, width=420, height=90, small=True)
