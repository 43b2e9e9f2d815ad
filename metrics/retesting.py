"""Testing anew whether a North Star is still the right one, on what is stored; each test is kept as a row."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta

from django.db.models import Q

from metrics import checklist, definitions, series
from metrics.aiming import metric_of
from metrics.analysis import fitness
from metrics.analysis.fitness import DOUBTFUL, FIT, UNKNOWN, Finding
from metrics.analysis.points import Point
from metrics.auditing import record
from metrics.models import Company, FitnessTest, Metric, NorthStar
from northstar.lib import periods

#: Answered no in a review, these ask for another North Star (domain 2.3).
ASKED = ("value", "strategy", "measurable")
#: A source that has been silent for so long is gone.
GONE = timedelta(days=28)
MOST_OUTCOMES = 4
SHARES = ("ratio", "average")
FIT_WORDS = "{name} still does its work: nothing found speaks against it."
UNKNOWN_WORDS = "Too little is known yet to tell whether {name} still leads what it should."


def retest(
    star: NorthStar, *, now: datetime, answers: Mapping[str, str] | None = None, actor: object = None
) -> FitnessTest:
    """The test of today, made anew if there was one. `answers` are those of the newest review, if any.

    A handful of queries, whatever the number of drivers.
    """
    company = Company.current()
    versions = list(star.versions.select_related("metric__source").order_by("-version_no"))
    metric = metric_of(star)
    former = definitions.former(versions)
    outcomes = outcomes_of(star, metric)
    drivers = [
        each
        for each in star.drivers.select_related("metric")
        if each.metric_id and each.metric_id != metric.pk
    ]
    wanted = {metric.pk: metric} | {each.pk: each for each in outcomes}
    wanted |= {each.metric_id: each.metric for each in drivers}
    if former:
        wanted[former.metric.pk] = former.metric
    found = series.weekly(wanted.values(), company=company, now=now)
    meant = definitions.meaning(metric, former, found, company=company)
    numbers = fitness.test(
        _series(metric, meant.points, star.name),
        [_series(each, found[each.pk]) for each in outcomes],
        [_series(each.metric, found[each.metric_id], each.name) for each in drivers],
    )
    given = answers or checklist.codes(versions[0].checklist)
    findings = [*numbers, *_answers(given), _source(versions[0].metric, now)]
    return _keep(star, findings, now=now, company=company, actor=actor)


def outcomes_of(star: NorthStar, metric: Metric) -> list[Metric]:
    """What the star should lead: metrics kept as outputs that are neither it nor counted from the same."""
    own = {metric.pk} | set(star.versions.values_list("metric_id", flat=True))
    parts = star.drivers.filter(Q(edge__in=("inflow", "outflow")) | Q(edge="factor", metric__kind__in=SHARES))
    own |= set(parts.values_list("metric_id", flat=True))
    rows = (
        Metric.objects.listed()
        .filter(role="output", segment_of=None, paused_at=None)
        .exclude(direction="range")
    )
    return list(rows.exclude(pk__in=[pk for pk in own if pk]).order_by("name")[:MOST_OUTCOMES])


def _series(metric: Metric, points: Sequence[Point], name: str = "") -> fitness.Series:
    sign = -1 if metric.lower_is_better else 1
    return fitness.Series(name or metric.name, points, sign=sign, grain=series.grain_of(metric))


def _answers(answers: Mapping[str, str]) -> Iterator[Finding]:
    if not answers:
        yield Finding("checklist", UNKNOWN, "The eleven questions have not been answered yet.")
        return
    failing = [
        each.criterion for each in checklist.QUESTIONS if each.name in ASKED and answers.get(each.name) == "0"
    ]
    if failing:
        yield Finding("checklist", DOUBTFUL, f"Answered no in the last review: {', '.join(failing)}.")
    else:
        yield Finding("checklist", FIT, f"The questions that must hold do: {checklist.summary(answers)}.")


def _source(metric: Metric, now: datetime) -> Finding:
    source = metric.source
    if metric.archived_at or source.archived_at:
        return Finding(
            "source", DOUBTFUL, f"{metric.name} is not measured any more: its source was archived."
        )
    if metric.paused_at or source.paused_at:
        return Finding("source", DOUBTFUL, f"{metric.name} is not asked for at present: it is paused.")
    if source.failing_since and now - source.failing_since > GONE:
        return Finding("source", DOUBTFUL, f"{source.name} has not answered for four weeks.")
    return Finding("source", FIT, f"{source.name} is there.")


def _keep(
    star: NorthStar, findings: Iterable[Finding], *, now: datetime, company: Company, actor: object
) -> FitnessTest:
    found = list(findings)
    verdict = fitness.verdict(found)
    fields = {
        "verdict": verdict,
        "words": _headline(star, found, verdict),
        "findings": [asdict(each) for each in found],
    }
    row, _ = FitnessTest.objects.update_or_create(
        north_star=star, tested_on=periods.local_day(now, company.zone), defaults=fields
    )
    record("north_star.retested", star, actor=actor, after={"verdict": verdict, "words": row.words})
    return row


def _headline(star: NorthStar, found: Sequence[Finding], verdict: str) -> str:
    """The gravest finding as the sentence that stands above the others."""
    if verdict == DOUBTFUL:
        return next(each.words for each in found if each.verdict == DOUBTFUL)
    if verdict == UNKNOWN:
        return UNKNOWN_WORDS.format(name=star.name)
    lead = next((each.words for each in found if each.name == "lead" and each.verdict == FIT), "")
    return lead or FIT_WORDS.format(name=star.name)
