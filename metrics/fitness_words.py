"""A fitness test as pages print it."""

from __future__ import annotations

from typing import Any

from metrics.models import FitnessTest

VERDICTS = {
    "fit": ("good", "Fit"),
    "doubtful": ("bad", "Doubtful"),
    "unknown": ("neutral", "Not known yet"),
}
NAMES = {
    "lead": "Leading",
    "apart": "Goes the same way",
    "sensitive": "Moves visibly",
    "driver": "Drivers",
    "checklist": "Eleven questions",
    "source": "Source",
}
#: The question of the checklist that a test speaks to.
SPEAKS_TO = {
    "lead": "leading",
    "apart": "value",
    "sensitive": "tempo",
    "driver": "actionable",
    "source": "measurable",
}
ORDER = ("doubtful", "unknown", "fit")


def shown(test: FitnessTest) -> dict[str, Any]:
    """The day, the verdict with its pill, and a line for each finding, the doubtful first.

    Drivers that hold are told together: one line says how many.
    """
    rows = [
        each for each in test.findings if not (each["name"] == "driver" and each["verdict"] != "doubtful")
    ]
    holding = sum(each["name"] == "driver" and each["verdict"] == "fit" for each in test.findings)
    unknown = sum(each["name"] == "driver" and each["verdict"] == "unknown" for each in test.findings)
    if holding or unknown:
        parts = [f"{holding} of {holding + unknown} drivers could be tested, and none of them turned round."]
        verdict = "fit" if holding else "unknown"
        words = parts[0] if holding else "No driver could be tested yet."
        rows.append({"name": "driver", "verdict": verdict, "words": words})
    tone, word = VERDICTS[test.verdict]
    lines = [
        {
            "name": NAMES.get(each["name"], each["name"]),
            "state": VERDICTS[each["verdict"]][0],
            "words": each["words"],
        }
        for each in sorted(rows, key=lambda each: ORDER.index(each["verdict"]))
    ]
    return {
        "row": test,
        "day": test.tested_on,
        "tone": tone,
        "word": word,
        "words": test.words,
        "lines": lines,
    }


def beside(test: FitnessTest | None) -> dict[str, list[str]]:
    """What the data says to each of the eleven questions, by the question's name."""
    found: dict[str, list[str]] = {}
    for each in test.findings if test else ():
        name = SPEAKS_TO.get(each["name"])
        if name and not (each["name"] == "driver" and each["verdict"] != "doubtful"):
            found.setdefault(name, []).append(each["words"])
    return found
