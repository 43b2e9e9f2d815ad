"""Simulating: what if some steps had other rates. Plain arithmetic on the stored facts of a funnel."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from metrics import formatting, funnel_words
from metrics.analysis.funnel import LOOP, LOSS, Change, Star, Step, can_change, fits
from metrics.analysis.what_if import BEYOND_BEST, DOUBLED, Outcome, guards, what_if
from metrics.connectors import numbers
from metrics.verdict import Measure

Facts = dict[str, Any]
LONGEST, LATEST = 104, 52
CAPTION = "A model, not a promise; it assumes that the other steps stay as they are."


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody wants to know. `rates` are fractions by step (of a loop: for each customer)."""

    rates: Mapping[int, float] = field(default_factory=dict)
    horizon: int = 0
    start: int = 0
    errors: Mapping[str, str] = field(default_factory=dict)
    typed: Mapping[int, str] = field(default_factory=dict)


def asked(window: Facts, answers: Mapping[str, str]) -> Asked:
    """The answers of a form: "rate-<id>" as shown (24 is 24%), "ahead" and "start" in weeks.

    Without any answer about a step the bottleneck is brought half-way to its benchmark.
    """
    model, rows = window["model"], _rows(window)
    rates: dict[int, float] = {}
    errors: dict[str, str] = {}
    typed: dict[int, str] = {}
    for row in rows:
        text = answers.get(f"rate-{row['pk']}", "").strip().removesuffix("%").strip()
        typed[row["pk"]] = text
        if not text:
            continue
        try:
            rate = _rate(text, row)
        except ValueError as error:
            errors[f"rate-{row['pk']}"] = str(error)
            continue
        if not _same(rate, row):
            rates[row["pk"]] = rate
    horizon = _weeks(answers, "ahead", 1, LONGEST, otherwise=model["horizon"], errors=errors)
    start = _weeks(answers, "start", 0, LATEST, otherwise=0, errors=errors)
    narrow = next((row for row in rows if row["narrow"] and row["half"] is not None), None)
    if not any(key.startswith("rate-") for key in answers) and narrow is not None:
        rates, typed = {narrow["pk"]: narrow["half"]}, {narrow["pk"]: shown(narrow["half"], narrow["kind"])}
    return Asked(rates, horizon, start, errors, typed)


def simulate(facts: Facts, window: Facts, wanted: Asked) -> Facts:
    """The North Star after the horizon as texts: figure, sentence, band, long run, parts, warnings."""
    model, measure = window["model"], measure_of(facts)
    rows = {row["pk"]: row for row in _rows(window)}
    steps = {pk: step_of(row) for pk, row in rows.items()}
    star = Star(model["level"], model["inflow"], model["lapse"], wanted.horizon, model["response"])
    changes = [Change(steps[pk], rate, wanted.start) for pk, rate in wanted.rates.items()]
    found = what_if(star, changes, loss=steps.get(model["loss"]))
    day = date.fromisoformat(facts["star"]["week"]) + timedelta(days=6, weeks=wanted.horizon)
    return {
        "changed": bool(changes),
        "figure": funnel_words.effect(found.effect, measure),
        "tone": "good" if found.effect > 0 else "bad" if found.effect < 0 else "",
        "when": f"in {wanted.horizon} weeks, by {formatting.day_words(day)}",
        "level": f"{measure.show(found.after)} instead of {measure.show(found.before)}",
        "band": f"{_bare(found.low, measure)} to {funnel_words.effect(found.high, measure)}",
        "sentence": _sentence(found, changes, rows, facts=facts, model=model, horizon=wanted.horizon),
        "parts": [(rows[pk]["name"], funnel_words.effect(part, measure)) for pk, part in found.parts.items()],
        "guards": [said for change in changes for said in _guards(change, rows[change.step.key])],
        "caption": CAPTION,
    }


def step_of(row: Facts) -> Step:
    """A step as it was counted, from the stored facts."""
    entered, converted, lag, pays = row["step"]
    return Step(row["pk"], row["kind"], entered, converted, lag, pays)


def measure_of(facts: Facts) -> Measure:
    """How values of the North Star are written."""
    star = facts["star"]
    return Measure(star["name"], star["unit"], star["decimals"], star["kind"], star["direction"])


def controls(window: Facts, wanted: Asked) -> list[Facts]:
    """A row for each step that can be changed: its rate now, the one asked for, and how far a slider goes."""
    found = []
    for row in _rows(window):
        step = step_of(row)
        if not can_change(step):
            continue
        rate, kind = row["rate"], row["kind"]
        text = wanted.typed.get(row["pk"]) or shown(rate, kind)
        most = max(rate * (1.5 if kind == LOSS else 2), row["benchmark"] or 0, wanted.rates.get(row["pk"], 0))
        most = min(most, step.most if kind == LOOP else 1.0)
        found.append(
            {
                "pk": row["pk"],
                "name": row["name"],
                "field": f"rate-{row['pk']}",
                "now": shown(rate, kind),
                "now_words": row["rate_words"],
                "typed": text,
                "unit": "" if kind == LOOP else "%",
                "most": shown(most, kind),
                "step": _fine(rate, kind),
                "error": wanted.errors.get(f"rate-{row['pk']}", ""),
            }
        )
    return found


def shown(rate: float, kind: str) -> str:
    """A rate as it stands in a field: "24", "1.05", four digits at most."""
    value = Decimal(repr(rate)) * (1 if kind == LOOP else 100)
    if not value:
        return "0"
    places = max(0, 3 - value.adjusted())
    return f"{round(value, places).normalize():f}"


def _rows(window: Facts) -> list[Facts]:
    return [*window["chain"], *window["apart"]]


def _same(rate: float, row: Facts) -> bool:
    """Whether a field was left as it stood."""
    return row["rate"] is not None and shown(rate, row["kind"]) == shown(row["rate"], row["kind"])


def _rate(text: str, row: Facts) -> float:
    try:
        number = float(numbers.parse(text, label=row["name"]))
    except numbers.NumberError as error:
        raise ValueError(str(error)) from None
    rate = number if row["kind"] == LOOP else number / 100
    if _same(rate, row):
        return rate
    if not can_change(step_of(row)):
        raise ValueError(f"{row['name']}: nothing can be worked out from what is counted there.")
    if not fits(Change(step_of(row), rate)):
        limit = "less than one customer for each customer" if row["kind"] == LOOP else "0% to 100%"
        raise ValueError(f"{row['name']}: that rate is not possible. Write {limit}.")
    if row["kind"] != LOSS and rate == 0 and row["kind"] != LOOP:
        return 0.0
    return rate


def _weeks(
    answers: Mapping[str, str], name: str, least: int, most: int, *, otherwise: int, errors: dict[str, str]
) -> int:
    text = answers.get(name, "").strip()
    if not text:
        return otherwise
    if text.isascii() and text.isdigit() and len(text) < 5 and least <= int(text) <= most:
        return int(text)
    errors[name] = f"Write {least} to {most} weeks."
    return otherwise


def _sentence(
    found: Outcome,
    changes: list[Change],
    rows: Mapping[int, Facts],
    *,
    facts: Facts,
    model: Facts,
    horizon: int,
) -> str:
    if not changes:
        return "Move a step to see what it brings."
    measure = measure_of(facts)
    told = [_moves(each, rows[each.step.key]) for each in changes]
    parts = [f"If {_listed(told)}"]
    customers = model["customers"]
    if model["response"] == "stock" and customers and found.customers_lift:
        by = funnel_words.a_week(abs(customers * found.customers_lift))
        by = f"{by}.0" if "." not in by and len(by) < 3 else by
        verb = "rise" if found.customers_lift > 0 else "fall"
        parts.append(f", new {model['customers_name']} {verb} by {by} a week and")
    else:
        parts.append(",")
    name = measure.name[:1].lower() + measure.name[1:]
    higher = "higher" if found.effect >= 0 else "lower"
    size = funnel_words.effect(found.effect, measure)
    delay = max(each.week for each in changes)
    after = f" ({delay} {'week' if delay == 1 else 'weeks'} of delay)" if delay else ""
    parts.append(f" {name} are about {_unitless(size, measure)} {higher} in {horizon} weeks{after}")
    if found.long_run is not None:
        parts.append(f", {_unitless(funnel_words.effect(found.long_run, measure), measure)} in the long run")
    return "".join([*parts, ", if nothing else changes."])


def _moves(change: Change, row: Facts) -> str:
    rate = row["rate"]
    verb = "rises" if change.rate > rate else "falls"
    old = funnel_words.rate(rate, row["kind"], beside=change.rate)
    new = funnel_words.rate(change.rate, row["kind"], beside=rate)
    name = row["name"]
    return f"{name[:1].lower()}{name[1:]} {verb} from {old} to {new}"


def _guards(change: Change, row: Facts) -> list[str]:
    said = {
        DOUBLED: f"{row['name']} would more than double. Few steps ever do; the model knows no ceiling.",
        BEYOND_BEST: f"{row['name']} would be better than its best eight weeks ever ({row['best_words']}).",
    }
    return [said[each] for each in guards(change, row["best"])]


def _fine(rate: float, kind: str) -> str:
    """The step of a slider: about a fiftieth of the rate, as a power of ten."""
    value = rate * (1 if kind == LOOP else 100) or 1.0
    return f"{Decimal(10) ** (math.floor(math.log10(value)) - 1):f}"


def _bare(value: float, measure: Measure) -> str:
    return _unitless(funnel_words.effect(value, measure), measure)


def _unitless(text: str, measure: Measure) -> str:
    return text.removesuffix(f"{formatting.NBSP}{measure.unit}") if measure.unit else text


def _listed(told: list[str]) -> str:
    return " and ".join(filter(None, (", ".join(told[:-1]), told[-1])))
