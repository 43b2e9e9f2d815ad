"""The eleven questions to a North Star (domain.md §2.2): answered no, partly or yes, shown as words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

ANSWERS = {"0": "No", "1": "Partly", "2": "Yes"}
TONES = {"0": "bad", "1": "warn", "2": "good"}
#: Below this share of the points a choice is warned about.
WEAK = 0.7


@dataclass(frozen=True, slots=True)
class Question:
    """A criterion with its question; `must` may not be answered no."""

    name: str
    criterion: str
    words: str
    must: bool = False


QUESTIONS = (
    Question(
        "value",
        "Expresses value",
        "If this number goes up, has a customer demonstrably got more of what they came for?",
        must=True,
    ),
    Question(
        "strategy",
        "Represents strategy",
        "Does it restate a sentence of our strategy, and would it not fit another strategy?",
        must=True,
    ),
    Question(
        "leading",
        "Leading",
        "Does it move before revenue or renewal moves, and have we seen that?",
    ),
    Question(
        "actionable",
        "Actionable",
        "Can at least three teams each name something they could do this quarter to move it?",
        must=True,
    ),
    Question(
        "understandable",
        "Understandable",
        "Could anyone here explain it in a sentence without an analyst?",
        must=True,
    ),
    Question(
        "measurable",
        "Measurable",
        "Can we compute it the same way each week, for years, within two days of week end?",
        must=True,
    ),
    Question(
        "not_vanity",
        "Not vanity",
        "When it falls, do we know what we would do differently by Monday?",
        must=True,
    ),
    Question(
        "hard_to_game",
        "Hard to game",
        "If it rose while customers are worse off, would a guardrail show that?",
    ),
    Question(
        "company_wide",
        "Company wide",
        "Does each department find itself in what drives it?",
    ),
    Question(
        "tempo",
        "Right tempo",
        "Does it move visibly within a quarter, yet not jump from week to week by chance?",
    ),
    Question(
        "not_directly_movable",
        "Not directly movable",
        "Is it a sum of many efforts and not a switch that one team can pull?",
    ),
)


def summary(answers: Mapping[str, str]) -> str:
    """The answers as words: "8 yes, 2 partly, 1 no: Expresses value"; empty where none was given."""
    known = [(question, answers[question.name]) for question in QUESTIONS if answers.get(question.name)]
    parts = []
    for code in reversed(ANSWERS):
        count = sum(given == code for _, given in known)
        if count:
            parts.append(f"{count} {ANSWERS[code].lower()}")
    failing = [question.criterion for question, given in known if question.must and given == "0"]
    return ", ".join(parts) + (f": {', '.join(failing)}" if failing else "")


def codes(stored: Mapping[str, Any]) -> dict[str, str]:
    """The bare answers {"value": "2", …}, whether they are kept with sentences or without."""
    found = {}
    for question in QUESTIONS:
        given = stored.get(question.name, "")
        code = given.get("answer", "") if isinstance(given, Mapping) else given
        if code in ANSWERS:
            found[question.name] = code
    return found


def note(stored: Mapping[str, Any], name: str) -> str:
    """The sentence beside an answer; empty where none was written."""
    given = stored.get(name, "")
    return str(given.get("note", "")) if isinstance(given, Mapping) else ""


def refused(answers: Mapping[str, str]) -> list[Question]:
    """The questions that must hold and were answered no."""
    return [each for each in QUESTIONS if each.must and answers.get(each.name) == "0"]


def open_questions(answers: Mapping[str, str]) -> list[Question]:
    """Those without an answer."""
    return [each for each in QUESTIONS if answers.get(each.name) not in ANSWERS]


def is_weak(answers: Mapping[str, str]) -> bool:
    """Whether all are answered and sum to less than 0.7 of the 22 points (domain 2.2); a warning only."""
    if open_questions(answers):
        return False
    return sum(int(answers[each.name]) for each in QUESTIONS) / (2 * len(QUESTIONS)) < WEAK


def told(stored: Mapping[str, Any]) -> list[dict[str, str]]:
    """A line for each question as a page prints it: criterion, question, answer, its tone, its sentence."""
    answers = codes(stored)
    return [
        {
            "criterion": each.criterion,
            "words": each.words,
            "answer": ANSWERS.get(answers.get(each.name, ""), "Not answered"),
            "tone": TONES.get(answers.get(each.name, ""), "neutral"),
            "note": note(stored, each.name),
        }
        for each in QUESTIONS
    ]
