"""One line of a weekly review as it is kept: texts, drawings and tables, never to change again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.urls import reverse

from metrics import formatting, picturing, signalling, targets, telling
from metrics.analysis.box_score import Score, plan_by_day
from metrics.analysis.pace import pace_line
from metrics.analysis.trust import TRUSTED, Trust
from metrics.charts import six_twelve
from metrics.charts.six_twelve import SixTwelve
from metrics.definitions import Meaning
from metrics.looking_back import Look
from metrics.picturing import Picture
from metrics.signal_words import UNUSUAL, WANTED
from metrics.signalling import Seen
from metrics.verdict import verdict
from teams import charting
from teams.models import HealthSnapshot
from teams.weekly_lines import Wanted

A_DAY = timedelta(days=1)
WIDE, NARROW = (900, 250), (360, 480)
TROUBLED = ("at_risk", "off_track", "no_data", "warn", "bad")
GUARD_WORDS = {
    "good": "Within its limit",
    "warn": "Beyond its limit",
    "bad": "Beyond its limit for two weeks",
    "no_data": "No data",
}
SCORE_WORDS = {"month": "Month to date", "quarter": "Quarter to date", "year": "Year to date"}


@dataclass(frozen=True, slots=True)
class Beside:
    """What is known of a line beside its numbers, as of the week of the review; `late` is a sentence.

    `meant` is what a North Star that was redefined meant before.
    """

    today: date
    snapshot: HealthSnapshot | None = None
    signal: Seen | None = None
    trust: Trust = Trust(False, TRUSTED)
    late: str = ""
    meant: Meaning | None = None


def line(wanted: Wanted, look: Look, beside: Beside) -> dict[str, Any]:
    """The line as plain JSON; `exception` says whether it is to be talked about, `why` by which of them.

    `value` is the newest complete value in the unit of the metric (ratios: fractions), of the week or month
    that begins on `start`.
    """
    standing = _standing(wanted, look, beside)
    newest = look.newest
    late = beside.late or _late(look, beside.today)
    plan = standing_plan(wanted, look, beside.today)
    signal = _signal(look, beside)
    good = bool(signal) and _welcome(wanted, look, beside)
    why = [
        *(["signal"] if signal else []),
        *(["state"] if standing["state"] in TROUBLED else []),
        *(["late"] if late else []),
    ]
    return _named(wanted, look) | {
        "goal": charting.goal_sentence(wanted.omtm, beside.today) if wanted.omtm else "",
        **standing,
        "signal": signal.replace(UNUSUAL, WANTED, 1) if good else signal,
        "signal_good": good,
        "late": late,
        "why": why,
        "exception": bool(why),
        "value": newest.value if newest else None,
        "start": newest.start.isoformat() if newest else "",
        "figure": telling.show(newest.value if newest else None, look.metric),
        "cells": _cells(look, {} if _is_outdated(wanted, beside) else plan, beside.today),
        **_drawn(wanted, look),
    }


def unmade(wanted: Wanted, look: Look) -> dict[str, Any]:
    """The line where it could not be worked out: its name, and that."""
    silent = dict.fromkeys(
        ("goal", "state", "state_words", "sentence", "signal", "start", "wide", "narrow"), ""
    )
    late = "This line could not be worked out; the log of the worker says why."
    told = {
        "signal_good": False,
        "late": late,
        "why": ["late"],
        "exception": True,
        "value": None,
        "figure": telling.show(None, look.metric),
    }
    return _named(wanted, look) | silent | told | {"cells": [], "columns": [], "table": []}


def _named(wanted: Wanted, look: Look) -> dict[str, Any]:
    return {
        "key": wanted.key,
        "metric": wanted.metric.pk,
        "section": wanted.section,
        "name": wanted.name,
        "unit": _unit(wanted, look),
        "lower_is_better": look.metric.lower_is_better,
        "path": _path(wanted),
        "team": wanted.team.name if wanted.team else "",
        "owner": str(wanted.owner) if wanted.owner else "",
    }


def standing_plan(wanted: Wanted, look: Look, today: date) -> dict[date, float]:
    """What is planned for each day of the window, as a week is to have it; empty where nothing is."""
    if wanted.omtm is not None:
        if wanted.omtm.outcome_rule == "total":
            return {}
        return plan_by_day(charting.spec_of(wanted.omtm, look.points, today=today).pace)
    if wanted.target is not None:
        base, goal = float(wanted.target.baseline_value), float(wanted.target.target_value)
        start = wanted.target.baseline_date + A_DAY
        return plan_by_day(pace_line(base, goal, start=start, end=wanted.target.due_date))
    return {}


def _is_outdated(wanted: Wanted, beside: Beside) -> bool:
    """Whether its target was set for a definition that no longer counts."""
    since = beside.meant.since if beside.meant else None
    return since is not None and wanted.target is not None and wanted.target.set_on < since


def _standing(wanted: Wanted, look: Look, beside: Beside) -> dict[str, str]:
    """{"state", "state_words", "sentence"}: how it stood, in one sentence; no state for what is not aimed."""
    points, none = list(look.points), {"state": "", "state_words": ""}
    # What is unusual has a line of its own; said here too it would hide the number.
    usual = None if _signal(look, beside) else beside.signal
    since = beside.meant.since if beside.meant else None
    found = Picture(
        look.metric, wanted.name, points, beside.trust, beside.today, signal=usual, broken_on=since
    )
    told = verdict(picturing.known(found))
    if wanted.omtm is not None:
        row = beside.snapshot
        if row is None:
            return none | {"state": "too_early", "sentence": told}
        words = targets.UNTRUSTED if row.state == "no_data" and row.trust else ""
        return {"state": row.state, "state_words": words, "sentence": row.reason}
    if wanted.target is not None:
        near = targets.stand(found, wanted.target)
        state = near.health.state if near.health else ""
        words = targets.UNTRUSTED if state == "no_data" and beside.trust.blocks else ""
        return {"state": state, "state_words": words, "sentence": verdict(targets.told(found, near))}
    if wanted.guard is not None:
        guarded = charting.Guarded(wanted.guard, look.points, beside.signal)
        kept = charting.guard_facts(guarded)
        told = f"{told} To be kept {kept['limit_words']}."
        return {"state": kept["state"], "state_words": GUARD_WORDS[kept["state"]], "sentence": told}
    return none | {"sentence": told}


def _signal(look: Look, beside: Beside) -> str:
    """What is unusual about the newest period, if that is the one of the review."""
    seen, newest = beside.signal, look.newest
    of_now = seen is not None and newest is not None and seen.week == newest.start
    fresh = newest is not None and (look.grain == "month" or newest.start == look.week)
    return seen.sentence if seen is not None and seen.unusual and of_now and fresh else ""


def _welcome(wanted: Wanted, look: Look, beside: Beside) -> bool:
    """Whether it is unusual in the good direction; a metric that is to stay in a range has none."""
    direction = wanted.omtm.direction if wanted.omtm else look.metric.direction
    return direction != "range" and signalling.welcome(beside.signal, sign=1 if direction == "up" else -1)


def _late(look: Look, today: date) -> str:
    """A sentence where the week of the review has no value; empty where it has, or cannot have one yet."""
    if look.grain == "month":
        return ""
    over = [point for point in look.points if point.complete]
    if over and over[-1].start < look.week:  # its source still has time
        return ""
    if look.newest is not None and look.newest.start >= look.week:
        return ""
    asked = formatting.week_words(look.week, today)
    if look.newest is None:
        return f"There is no value for the {asked}, nor for any week before."
    return (
        f"No value for the {asked}; the newest is of the {formatting.week_words(look.newest.start, today)}."
    )


def _unit(wanted: Wanted, look: Look) -> str:
    """The unit word beside the name, unless the name or every number says it already."""
    unit = look.metric.unit
    said = wanted.name.lower().endswith(unit.lower())
    return "" if said or formatting.is_percent(unit, look.metric.kind) else unit


def _path(wanted: Wanted) -> str:
    if wanted.omtm is not None:
        return reverse("omtm", args=[wanted.omtm.pk])
    return reverse("home") if wanted.star is not None else reverse("metric", args=[wanted.metric.slug])


def _cells(look: Look, plan: Mapping[date, float], today: date) -> list[dict[str, Any]]:
    return [_cell(score, look, planned=bool(plan), today=today) for score in look.scores(plan)]


def _cell(score: Score, look: Look, *, planned: bool, today: date) -> dict[str, Any]:
    """A period of the box score with its texts; a difference that is unknown is an en dash."""
    last = score.name == "last"
    rows = [
        *([(f"on the {look.grain} before", score.before)] if last else []),
        ("on the year before", score.year_before),
        *([("on plan", score.plan)] if planned else []),
    ]
    label = f"Last {look.grain}" if last else SCORE_WORDS[score.name]
    return {
        "label": label,
        "period": span_words(score.first, score.last, today),
        "value": telling.show(score.value, look.metric),
        "rows": [_difference(score.value, past, look) | {"note": note} for note, past in rows],
    }


def _difference(value: float | None, past: float | None, look: Look) -> dict[str, Any]:
    if value is None or past is None:
        return {"change": formatting.NOTHING, "tone": "", "arrow": ""}
    share = None if abs(past) < 1e-9 or value * past < 0 else (value - past) / abs(past)
    return telling.delta(value - past, share, look.metric)


def span_words(first: date, last: date, today: date) -> str:
    """ "9 to 15 Nov", "1 Oct to 15 Nov", "28 Dec 2026 to 3 Jan 2027", "1 Nov"."""
    end = formatting.day_words(last, today)
    if first == last:
        return end
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day} to {end}"
    begin = formatting.day_words(first, today if first.year == last.year else None)
    return f"{begin} to {end}"


def _drawn(wanted: Wanted, look: Look) -> dict[str, Any]:
    weeks, prior_weeks = look.trailing_weeks()
    months, prior_months = look.trailing_months()
    panel = SixTwelve(
        title=wanted.name,
        unit=look.metric.unit,
        decimals=look.metric.decimals,
        kind=look.metric.kind,
        direction=look.metric.direction,
        weeks=tuple(weeks),
        prior_weeks=tuple(prior_weeks),
        months=tuple(months),
        prior_months=tuple(prior_months),
        target=_target(wanted),
        summed=look.summed,
    )
    columns, table = six_twelve.table(panel)
    return {
        "wide": six_twelve.sketch(panel, width=WIDE[0], height=WIDE[1]),
        "narrow": six_twelve.sketch(panel, width=NARROW[0], height=NARROW[1]),
        "columns": list(columns),
        "table": [list(row) for row in table],
    }


def _target(wanted: Wanted) -> float | None:
    if wanted.omtm is not None:
        goal = wanted.omtm.target if wanted.omtm.outcome_rule != "total" else None
    else:
        goal = wanted.target.target_value if wanted.target is not None else None
    return None if goal is None else float(goal)
