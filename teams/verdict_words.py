"""What the verdict on a bet's effect says in words: moved as predicted or not, never caused or not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from metrics import formatting
from metrics.analysis.effect import PAST_LEAST, Judged

LONGEST = 400
_CANNOT = "It cannot be told: "
_PREMISE = {
    "not_reached": "the focus came no closer to its target, so the prediction was not put to the test.",
    "not_measurable": "the focus could not be measured, so the prediction was not put to the test.",
}
_SAID = {
    "moved": "{name} moved as predicted: {came}.",
    "short": "{name} did not move as predicted: {came}.",
    "against": "{name} moved against the prediction: {came}.",
    "between": _CANNOT + "{name} moved by {came}, which fits the prediction as well as chance.",
    "noise": _CANNOT
    + "in so many weeks {name} strays further by itself than was predicted. It moved by {came}.",
    "direction": "{name} moved in the direction that was hoped for: {came}.",
    "within": _CANNOT + "{name} moved by {came}, which chance does as well.",
}


def of_premise(premise: str) -> str:
    """Why a prediction was never put to the test."""
    return _CANNOT + _PREMISE[premise]


def of_verdict(judged: Judged, detail: Mapping[str, Any]) -> str:
    """One to three sentences: what came, what was predicted, what is usual without the bet."""
    name = detail["name"]
    lacking = {
        "short_past": f"{_CANNOT}{name} has less than {PAST_LEAST} weeks of values before the window.",
        "missing": f"{_CANNOT}values of {name} are missing from the weeks that count.",
        "redefined": f"{_CANNOT}what {name} means was changed in between.",
    }
    if judged.reason in lacking:
        return lacking[judged.reason]
    came = f"{change(judged.observed, detail)} compared with what was expected without the bet"
    said = _SAID[judged.reason].format(name=name, came=came)
    return f"{said}{_compared(judged, detail)} {_scaled(detail)}".strip()[:LONGEST]


def _compared(judged: Judged, detail: Mapping[str, Any]) -> str:
    """What was predicted, and what chance alone does."""
    low, high = change(judged.low, detail), change(judged.high, detail)
    unit = high.partition(formatting.NBSP)[1:]
    usual = f"usual is {low.removesuffix(''.join(unit))} to {high}."
    if judged.predicted is None:
        return f" No size was predicted; {usual}"
    return f" {change(judged.predicted, detail)} was predicted, {usual}"


def _scaled(detail: Mapping[str, Any]) -> str:
    """Why less was to be expected than what was promised for reaching the target."""
    share, promised = detail["share"], detail["promised"]
    if promised is None or share >= 1:
        return ""
    whole = change(promised, detail)
    return f"The focus came {formatting.show_share(share)} of the way, so as much of {whole} was expected."


def change(value: float | None, detail: Mapping[str, Any]) -> str:
    """A difference of the metric that was judged, as text with its sign."""
    return formatting.show_change(
        value, unit=detail["unit"], decimals=detail["decimals"], kind=detail["kind"]
    )
