"""Whether a candidate can be measured, and whether a choice is ready to begin: findings in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from metrics import checklist, formatting, series
from metrics.analysis.points import Point, complete_points
from metrics.connectors.registry import connector_class
from metrics.models import Company, Metric, StarChoice

LEAST_PERIODS = 8
LEAST_CANDIDATES = 3
IN_TIME = timedelta(days=2)
PASS, WARN, BLOCK = "good", "warn", "bad"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of a test: its state is good, warn or bad (bad blocks); `step` is where it can be mended."""

    state: str
    words: str
    step: str = ""


def measurement(metric: Metric | None, *, company: Company, now: datetime) -> list[Finding]:
    """The measurement test of a candidate: it arrives, it has a past, it is there within two days."""
    if metric is None:
        words = "It is not measured yet. Define its metric, then choose that metric for this candidate."
        return [Finding(BLOCK, words, "candidates")]
    points = series.of(metric, company=company, now=now)
    found = [*_definition(metric), _arrival(metric, points), *_history(metric, points), _in_time(metric)]
    return sorted(found, key=lambda each: (BLOCK, WARN, PASS).index(each.state))


def readiness(choice: StarChoice, tested: Sequence[Finding], *, needs_reason: bool = False) -> list[Finding]:
    """What stands in the way of beginning (bad), and what a leader should know first (warn)."""
    found = [*_answers(choice), *_chosen(choice)]
    if choice.chosen is not None:
        found += [Finding(each.state, each.words, "measurement") for each in tested if each.state != PASS]
    if needs_reason and not choice.answers.get("change_reason"):
        found.append(Finding(BLOCK, "Say why the present North Star ends.", "begin"))
    return sorted(found, key=lambda each: (BLOCK, WARN, PASS).index(each.state))


def blocked(found: Iterable[Finding]) -> bool:
    return any(each.state == BLOCK for each in found)


def candidate_of(choice: StarChoice) -> dict[str, Any] | None:
    """The chosen candidate as it is kept; None while none is chosen."""
    place = choice.chosen
    return choice.candidates[place] if place is not None and place < len(choice.candidates) else None


def metric_of(candidate: dict[str, Any] | None) -> Metric | None:
    """The metric of a candidate; None where it is not measured, or where it was archived since."""
    number = candidate.get("metric") if candidate else None
    return Metric.objects.listed().select_related("source").filter(pk=number).first() if number else None


def _definition(metric: Metric) -> Iterator[Finding]:
    if metric.direction == "range":
        yield Finding(BLOCK, f"{metric.name} is best within a range. A North Star has a direction.")
    if metric.role != "output":
        yield Finding(WARN, f"{metric.name} is kept as an input; a North Star is a result of many inputs.")


def _arrival(metric: Metric, points: Sequence[Point]) -> Finding:
    source = metric.source
    if not connector_class(source.kind).pulls:
        how = "typed" if source.kind == "hand" else "sent"
        if any(point.value is not None for point in points):
            return Finding(PASS, f"Its values are {how} and some have arrived.")
        return Finding(BLOCK, f"Its values are {how}, and none has arrived yet.")
    if metric.paused_at or source.paused_at:
        return Finding(BLOCK, f"Nobody asks for it: {source.name if source.paused_at else 'it'} is paused.")
    if metric.last_error_message or source.failures:
        return Finding(BLOCK, f"The last pull from {source.name} failed. Mend that first.")
    if metric.last_ok_at is None:
        return Finding(BLOCK, f"The first pull from {source.name} has not come back yet.")
    return Finding(PASS, f"The last pull from {source.name} succeeded.")


def _history(metric: Metric, points: Sequence[Point]) -> Iterator[Finding]:
    noun = f"{series.grain_of(metric)}s"
    complete = complete_points(points)
    known = [point for point in complete if point.value is not None]
    if not known:
        yield Finding(BLOCK, f"It has no complete {series.grain_of(metric)} yet.")
        return
    if len(known) < LEAST_PERIODS:
        yield Finding(
            WARN,
            f"It has {len(known)} complete {noun}; with {LEAST_PERIODS} one sees what is usual. "
            "Fetch its past if the source has it.",
        )
    else:
        since = formatting.day_words(known[0].start)
        yield Finding(PASS, f"It has {len(known)} complete {noun}, since {since}.")
    newest = complete[-LEAST_PERIODS:]
    gaps = sum(point.value is None for point in newest)
    if gaps:
        lack = "lacks" if gaps == 1 else "lack"
        yield Finding(WARN, f"{gaps} of the last {len(newest)} {noun} {lack} a value.")


def _in_time(metric: Metric) -> Finding:
    if metric.latency <= IN_TIME:
        return Finding(PASS, f"A {series.grain_of(metric)} is complete within two days of its end.")
    days = -(-metric.latency_hours // 24)
    return Finding(
        WARN, f"A {series.grain_of(metric)} is complete {days} days after its end: late to act on."
    )


def _answers(choice: StarChoice) -> Iterator[Finding]:
    said = choice.answers
    if not (said.get("customer") and said.get("gains")):
        yield Finding(BLOCK, "Say who gains what: “We win when …”.", "value")
    if choice.scope == "unit" and not (said.get("why_not_company") and said.get("relation")):
        words = "Say why the unit needs a North Star of its own, and how it relates to the company's."
        yield Finding(BLOCK, words, "value")
    if not said.get("stayers"):
        yield Finding(WARN, "Nothing is said about what customers who stay do.", "behaviour")
    if not said.get("link_to_strategy"):
        yield Finding(WARN, "It is not linked to the strategy yet.", "strategy")
    if not said.get("how_it_could_be_gamed"):
        yield Finding(WARN, "Nobody has asked how it could be gamed.", "strategy")
    if not said.get("guardrails"):
        yield Finding(WARN, "No guardrail would show that it is won at a cost.", "strategy")


def _chosen(choice: StarChoice) -> Iterator[Finding]:
    count = len(choice.candidates)
    if count < LEAST_CANDIDATES:
        few = {0: "There is no candidate yet", 1: "There is one candidate"}.get(
            count, "There are two candidates"
        )
        yield Finding(WARN if count else BLOCK, f"{few}: compare at least three.", "candidates")
    candidate = candidate_of(choice)
    if candidate is None:
        if count:
            yield Finding(BLOCK, "Choose which of the candidates it is.", "checklist")
        return
    if not candidate.get("definition"):
        yield Finding(BLOCK, f"{candidate['name']} needs a definition in one sentence.", "candidates")
    answers = checklist.codes(candidate.get("checklist", {}))
    unanswered = checklist.open_questions(answers)
    if unanswered:
        count = len(unanswered)
        noun = "question has" if count == 1 else "questions have"
        must = any(each.must for each in unanswered)
        words = f"{count} of the eleven {noun} no answer for {candidate['name']}."
        yield Finding(BLOCK if must else WARN, words, "checklist")
    failing = [each.criterion for each in checklist.refused(answers)]
    if failing:
        state = WARN if choice.answers.get("override_reason") else BLOCK
        words = (
            f"Answered no, though it must hold: {', '.join(failing)}. A leader may say why it begins anyway."
        )
        yield Finding(state, words, "begin")
    elif checklist.is_weak(answers):
        yield Finding(WARN, f"A weak candidate: {checklist.summary(answers)}.", "checklist")
