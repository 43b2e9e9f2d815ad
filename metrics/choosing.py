"""Choosing a North Star step by step: a draft that keeps every answer, until a leader lets one begin."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from metrics import gallery
from metrics.aiming import SteeringError
from metrics.auditing import record
from metrics.models import StarChoice
from northstar.lib import clock

MOST_CANDIDATES = 6
MOST_GUARDRAILS = 3
#: What a candidate says of itself; its checklist stands beside it.
CANDIDATE = ("name", "definition", "counted", "action", "window", "metric")


@dataclass(frozen=True, slots=True)
class Step:
    """A step of the choice: its name in the address, its word in the stepper, the answers it asks for."""

    name: str
    label: str
    asks: tuple[str, ...] = ()


STEPS = (
    Step("example", "Examples"),
    Step("value", "Value", ("customer", "gains", "why_not_company", "relation")),
    Step("behaviour", "Behaviour", ("stayers", "leavers", "evidence")),
    Step("candidates", "Candidates"),
    Step("checklist", "Checklist"),
    Step("measurement", "Measurement"),
    Step(
        "strategy",
        "Strategy",
        (
            "why_it_predicts_success",
            "link_to_strategy",
            "inclusions_exclusions",
            "known_weaknesses",
            "how_it_could_be_gamed",
            "guardrails",
        ),
    ),
    Step(
        "begin",
        "Begin",
        ("owner", "review_every_months", "next_review_on", "change_reason", "override_reason"),
    ),
)
NAMES = tuple(step.name for step in STEPS)


class ChoiceError(SteeringError):
    """Nothing was kept; the sentence says why."""


def beside(step: str, by: int) -> str:
    """The name of the step so many places further; the first or the last one at the ends."""
    return NAMES[max(0, min(len(NAMES) - 1, NAMES.index(step) + by))]


def start(*, scope: str, unit: str, example: str, actor: Any) -> StarChoice:
    """The open choice of the company or unit, a new one if there is none; an example becomes a candidate."""
    unit = " ".join(unit.split()) if scope == "unit" else ""
    if scope == "unit" and not unit:
        raise ChoiceError("Name the business unit.", "unit")
    with transaction.atomic():
        rows = StarChoice.objects.select_for_update().filter(scope=scope, unit=unit, finished_at=None)
        choice = rows.order_by("pk").first()
        if choice is None:
            choice = StarChoice.objects.create(scope=scope, unit=unit, started_by=actor, changed_by=actor)
            record("north_star.choice", choice, actor=actor, after={"for": unit or "the company"})
        found = gallery.named(example)
        if found is not None:
            _add_example(choice, found, actor)
    return choice


def drop(choice: StarChoice, *, actor: Any) -> None:
    """Throw an open choice away. ChoiceError if it is finished: that one tells how a star was chosen."""
    with transaction.atomic():
        _locked(choice)
        record("north_star.choice_dropped", choice, actor=actor, before={"candidates": _names(choice)})
        StarChoice.objects.filter(pk=choice.pk).delete()


def kept(choice: StarChoice, step: str) -> dict[str, Any]:
    """What is kept of a step."""
    if step == "candidates":
        return {"candidates": [{name: row.get(name) for name in CANDIDATE} for row in choice.candidates]}
    if step == "checklist":
        lists = [row.get("checklist", {}) for row in choice.candidates]
        return {"names": _names(choice), "checklists": lists, "chosen": choice.chosen}
    asked = next(each.asks for each in STEPS if each.name == step)
    return {name: choice.answers[name] for name in asked if name in choice.answers}


def stamp(choice: StarChoice, step: str) -> str:
    """Changes when anybody keeps other answers to this step."""
    return hashlib.sha256(json.dumps(kept(choice, step), sort_keys=True).encode()).hexdigest()[:16]


def keep(choice: StarChoice, step: str, given: Mapping[str, Any], *, seen: str, actor: Any) -> StarChoice:
    """Keep the answers to a step. `seen` is the stamp that the answers were given to.

    Raises ChoiceError where somebody else kept other answers to the same step meanwhile.
    """
    with transaction.atomic():
        fresh = _locked(choice)
        before = stamp(fresh, step)
        _put(fresh, step, given)
        if stamp(fresh, step) == before:
            return fresh
        if seen != before:
            raise ChoiceError(
                f"{fresh.changed_by or 'Somebody'} changed this step a moment ago. Your answers are still "
                "here: save again to keep yours, or open the step anew to see theirs."
            )
        fresh.changed_by = actor
        fresh.save(
            update_fields=["answers", "candidates", "chosen", "scope", "unit", "changed_by", "changed_at"]
        )
    return fresh


def finish(choice: StarChoice, *, north_star: Any) -> None:
    """Mark it as the story of a star; the caller holds the transaction and the lock."""
    choice.north_star, choice.finished_at = north_star, clock.now()
    choice.save(update_fields=["north_star", "finished_at", "changed_at"])


def lock(choice: StarChoice) -> StarChoice:
    """The open choice as it stands now, locked for this transaction. Raises ChoiceError if finished."""
    return _locked(choice)


def _locked(choice: StarChoice) -> StarChoice:
    rows = StarChoice.objects.select_for_update(of=("self",)).select_related("changed_by")
    fresh = rows.filter(pk=choice.pk).first()
    if fresh is None:
        raise ChoiceError("This choice was thrown away a moment ago. Start a new one.")
    if fresh.finished_at is not None:
        raise ChoiceError("This choice is finished. It stays as it was, to be read.")
    return fresh


def _put(choice: StarChoice, step: str, given: Mapping[str, Any]) -> None:
    if step == "candidates":
        _put_candidates(choice, given["candidates"])
        return
    if step == "checklist":
        for row, answers in zip(choice.candidates, given["checklists"], strict=False):
            row["checklist"] = answers
        chosen = given.get("chosen")
        choice.chosen = chosen if chosen is not None and chosen < len(choice.candidates) else None
        return
    choice.answers = choice.answers | dict(given)


def _put_candidates(choice: StarChoice, rows: list[dict[str, Any]]) -> None:
    """Each row says what it `was` called, so that its checklist and the choice go with it."""
    lists = {row.get("name"): row.get("checklist", {}) for row in choice.candidates}
    place = choice.chosen
    chosen = choice.candidates[place]["name"] if place is not None else None
    choice.candidates, choice.chosen = [], None
    for row in rows[:MOST_CANDIDATES]:
        was = row.get("was") or None
        if was is not None and was == chosen:
            choice.chosen = len(choice.candidates)
        told = {name: row.get(name) for name in CANDIDATE}
        choice.candidates.append(told | {"checklist": lists.get(was, {})})


def _add_example(choice: StarChoice, example: gallery.Example, actor: Any) -> None:
    names = _names(choice)
    if example.name in names or len(names) >= MOST_CANDIDATES:
        return
    row = {"name": example.name, "definition": example.definition, "counted": example.counted}
    row |= {"action": example.action, "window": example.window, "metric": None, "checklist": {}}
    choice.candidates = [*choice.candidates, row]
    value = {"customer": example.customer, "gains": example.gains}
    choice.answers = value | {name: text for name, text in choice.answers.items() if text}
    choice.changed_by = actor
    choice.save(update_fields=["candidates", "answers", "changed_by", "changed_at"])


def _names(choice: StarChoice) -> list[str]:
    return [row.get("name", "") for row in choice.candidates]
