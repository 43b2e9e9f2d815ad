"""What the pages of the guided choice show; a constant number of queries each."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from metrics import beginning, checklist, choosing, formatting, gallery, guarding, proving, series, telling
from metrics.analysis.reading import latest
from metrics.models import ChartDocument, Company, Metric, NorthStar, StarChoice
from northstar.lib import periods

#: The steps whose page needs the measurement test.
TESTED = ("measurement", "begin")
HALF_A_YEAR = {"week": 26, "month": 6}
NEXT = "The next page asks for targets: one within six months, one for two to five years."
BIG = {
    "example": "How do others do it?",
    "value": "What value do customers get from us?",
    "behaviour": "What do the customers who stay do?",
    "candidates": "Which numbers could it be?",
    "checklist": "How does each stand up to eleven questions?",
    "measurement": "Can it be measured, week after week?",
    "strategy": "Does it fit where we are going, and who would notice a trick?",
    "begin": "Ready?",
}
SAYS = {
    "example": "Well-known ones by business model, to think with. Take one as a first candidate, or go on.",
    "value": "The sentence that will stand above the number. It names a customer and what they came for.",
    "behaviour": "Value shows in what people do. What the loyal repeat is the best hint at a North Star.",
    "candidates": "Three or more, side by side: the first idea is rarely the best one. "
    "Two ways of counting the same thing are two candidates.",
    "checklist": "No, partly or yes, and a sentence where it helps. Six of them must hold.",
    "measurement": "A North Star that cannot be computed the same way for years is a slogan.",
    "strategy": "What it restates, what it does not show, and what would show that it is won at a cost.",
    "begin": "Everything that was answered is kept, and everybody can read how it was chosen.",
}


def context(choice: StarChoice, step: str, form: Any, *, company: Company, now: datetime) -> dict[str, Any]:
    """What a step's page shows beside its form."""
    shown: dict[str, Any] = {
        "choice": choice,
        "step": step,
        "form": form,
        "steps": stepper(choice, step),
        "title": BIG[step],
        "says": SAYS[step],
        "seen": choosing.stamp(choice, step),
        "proposition": beginning.proposition(choice.answers),
        "whose": choice.unit or "the company",
        "last": step == choosing.NAMES[-1],
    }
    if step == "example":
        shown["examples"] = gallery.EXAMPLES
    if step == "checklist":
        shown["summaries"] = [(row["name"], *_summary(row)) for row in choice.candidates]
    if step in TESTED:
        shown |= _tested(choice, step, company=company, now=now)
    return shown


def stepper(choice: StarChoice, step: str) -> list[dict[str, Any]]:
    """The steps as the head of the page draws them."""
    return [
        {
            "name": each.name,
            "label": each.label,
            "current": each.name == step,
            "done": _done(choice, each.name),
        }
        for each in choosing.STEPS
    ]


def story(choice: StarChoice) -> dict[str, Any]:
    """How it was chosen, for everybody to read: answers, candidates with their checklists, the choice."""
    said = choice.answers
    numbers = {row.get("metric") for row in choice.candidates}
    numbers |= {row["metric"] for row in said.get("guardrails", [])}
    metrics = Metric.objects.in_bulk([pk for pk in numbers if pk])
    candidates = [
        {
            **row,
            "metric": metrics.get(row.get("metric") or 0),
            "chosen": place == choice.chosen,
            "summary": _summary(row),
        }
        for place, row in enumerate(choice.candidates)
    ]
    lists = [
        [(row["name"], line) for line in checklist.told(row.get("checklist", {}))]
        for row in choice.candidates
    ]
    return {
        "choice": choice,
        "proposition": beginning.proposition(said),
        "said": said,
        "relation": beginning.RELATIONS.get(str(said.get("relation", "")), ""),
        "candidates": candidates,
        "questions": list(zip(checklist.QUESTIONS, zip(*lists, strict=True), strict=True)) if lists else [],
        "guardrails": [
            guarding.words(metrics[row["metric"]], row["side"], row["limit"])
            for row in said.get("guardrails", [])
            if row["metric"] in metrics
        ],
        "steps": stepper(choice, ""),
    }


def _summary(row: dict[str, Any]) -> tuple[str, str, str]:
    """(words, tone, warning) of a candidate's checklist."""
    answers = checklist.codes(row.get("checklist", {}))
    refused = checklist.refused(answers)
    if not answers:
        return "Not answered yet", "neutral", ""
    if refused:
        return checklist.summary(answers), "bad", "Cannot begin unless a leader says why."
    if checklist.is_weak(answers):
        return checklist.summary(answers), "warn", "A weak candidate."
    unanswered = len(checklist.open_questions(answers))
    words = checklist.summary(answers)
    return (f"{words}, {unanswered} open", "neutral", "") if unanswered else (words, "good", "")


def _tested(choice: StarChoice, step: str, *, company: Company, now: datetime) -> dict[str, Any]:
    candidate = proving.candidate_of(choice)
    metric = proving.metric_of(candidate)
    tested = proving.measurement(metric, company=company, now=now) if candidate else []
    shown = {"candidate": candidate, "metric": metric, "tested": tested}
    if step == "measurement":
        document = ChartDocument.objects.filter(key=f"metric:{metric.pk}").first() if metric else None
        return shown | {"chart": document}
    former = beginning.former(choice)
    ready = proving.readiness(choice, tested, needs_reason=former is not None)
    return shown | {
        "former": former,
        "ready": ready,
        "blocked": proving.blocked(ready),
        "refused": bool(_refused(candidate)),
        "hint": _hint(metric, company=company, now=now),
        "units": _units(choice),
    }


def _refused(candidate: dict[str, Any] | None) -> list[Any]:
    return checklist.refused(checklist.codes(candidate.get("checklist", {}))) if candidate else []


def _hint(metric: Metric | None, *, company: Company, now: datetime) -> str:
    """Where it stands and how far it went in half a year: what a first target can be held against."""
    if metric is None:
        return ""
    points = series.of(metric, company=company, now=now)
    newest = latest(points)
    if newest is None or newest.value is None:
        return ""
    today = periods.local_day(now, company.zone)
    period = telling.when(newest.start, series.grain_of(metric), today)
    stands = f"{telling.show(newest.value, metric)} in the {period}"
    half = HALF_A_YEAR[series.grain_of(metric)]
    complete = [each for each in points if each.complete and each.value is not None]
    back = complete[-half - 1].value if len(complete) > half else None
    if back is None:
        return f"{stands}. {NEXT}"
    return f"{stands}; half a year before: {telling.show(back, metric)}. {NEXT}"


def _units(choice: StarChoice) -> str:
    """A warning where there would be more stars than one can steer by."""
    if choice.scope != "unit":
        return ""
    count = NorthStar.objects.filter(scope="unit", state="active").exclude(unit=choice.unit).count()
    if count < beginning.TOO_MANY_UNITS:
        return ""
    return (
        f"{formatting.count_word(count)} units have a North Star already: more stars than one can steer by."
    )


def _done(choice: StarChoice, step: str) -> bool:
    said, candidate = choice.answers, proving.candidate_of(choice)
    return {
        "example": bool(choice.candidates or said),
        "value": bool(said.get("customer") and said.get("gains")),
        "behaviour": bool(said.get("stayers")),
        "candidates": len(choice.candidates) >= proving.LEAST_CANDIDATES,
        "checklist": candidate is not None,
        "measurement": bool(candidate and candidate.get("metric")),
        "strategy": bool(said.get("link_to_strategy") and said.get("guardrails")),
        "begin": choice.finished_at is not None,
    }[step]


def open_choices(rows: Iterable[StarChoice]) -> dict[str, list[StarChoice]]:
    """The choices on their way and those that are finished, newest first."""
    every = list(rows)
    return {
        "open": [each for each in every if each.finished_at is None],
        "finished": [each for each in every if each.finished_at is not None],
    }
