"""The minutes of a review in plain text: written from decision and answers; no database."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from metrics import formatting
from teams.models.omtm import VERDICTS

DRIVER_MOVED = {"yes": "Yes", "no": "No", "too_early": "Too early to tell"}
BOTTLENECK = {"yes": "Yes", "no": "No", "cannot_tell": "Cannot tell"}
DECIDED = {
    "retire": "Retire it.",
    "renew": "Retire it and go on with the same metric in a new window.",
    "replace": "Retire it and push another metric.",
    "continue": "Keep going.",
    "change_actions": "Change what we do; the target stays.",
    "retire_early": "Stop early.",
}
ASKED = (
    ("others", "What else could explain it"),
    ("paid", "Who paid for it"),
    ("keep", "We keep doing"),
    ("stop", "We stop doing"),
)
Facts = Mapping[str, Any]


def of_closing(facts: Facts, answers: Facts, *, note: str, lesson: str, decision: str) -> str:
    """The minutes of a closing review; `facts` are those that were frozen with it."""
    parts = [
        f"Closing review of {facts['name']}, {facts['team']}, {facts['day']}",
        "\n".join(_numbers(facts)),
        f"What happened\n{note}",
        "\n".join(_believed(answers)),
        _actions(answers),
        *(f"{words}\n{answers[name]}" for name, words in ASKED if answers.get(name)),
        "\n".join(_short(answers)),
        f"Decision\n{DECIDED.get(decision, decision)}",
        f"What another team should learn\n{lesson}" if lesson else "",
    ]
    return "\n\n".join(part for part in parts if part)


def of_half_way(facts: Facts, answers: Facts, *, note: str, decision: str) -> str:
    """The minutes of a half-way review."""
    parts = [
        f"Half-way review of {facts['name']}, {facts['team']}, {facts['day']}",
        facts.get("verdict") or facts.get("reason") or "",
        f"What happened\n{note}",
        "\n".join(_believed(answers)),
        f"Decision\n{DECIDED.get(decision, decision)}",
        f"What changes\n{answers['change']}" if answers.get("change") else "",
    ]
    return "\n\n".join(part for part in parts if part)


def _numbers(facts: Facts) -> Iterator[str]:
    way = f"to be kept {facts['range_words']}" if facts["ranged"] else _way(facts)
    yield f"{facts['goal']}. Window {facts['window']}."
    yield f"Final reading {facts['final_words'] or formatting.NOTHING}, {way}."
    if facts.get("outcome_confirmed"):
        outcome = f"Outcome: {facts['outcome_confirmed']}."
        computed = facts.get("outcome_computed")
        yield (
            f"{outcome} The numbers said {computed.lower()}. {facts['outcome_why']}" if computed else outcome
        )
    first = facts.get("at_original_end")
    if first:
        yield f"By its first end, {first['day']}: {first['words'].lower()}, {first['final_words']}."
    for guard in facts["guardrails"]:
        held = guard.get("broke_words") or "within its limit throughout"
        yield f"{guard['name']} ({guard['limit_words']}): {held}."
    star = facts.get("north_star")
    if star:
        yield f"{star['name']} meanwhile: {star['from_words']} to {star['to_words']}."


def _way(facts: Facts) -> str:
    reached = f", {facts['attainment_words']} of the way" if facts.get("attainment_words") else ""
    return f"from {facts['from_words']} to {facts['to_words']}{reached}"


def _believed(answers: Facts) -> Iterator[str]:
    verdict = VERDICTS.get(answers.get("hypothesis", ""), "")
    if verdict:
        yield f"Hypothesis: {verdict.lower()}"
    if answers.get("because"):
        yield answers["because"]


def _actions(answers: Facts) -> str:
    lines = [f"- {_day(each['day'])}{each['text']}" for each in answers.get("actions", [])]
    return "\n".join(["What we did", *lines]) if lines else ""


def _day(iso: str) -> str:
    return f"{formatting.day_words(date.fromisoformat(iso))}: " if iso else ""


def _short(answers: Facts) -> Iterator[str]:
    if answers.get("driver"):
        yield f"The driver moved as expected: {DRIVER_MOVED[answers['driver']].lower()}"
    if answers.get("bottleneck"):
        yield f"Still the bottleneck: {BOTTLENECK[answers['bottleneck']].lower()}"
