"""What the letter of a week says beside the lines of the review: frozen with it, never worked out again."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial
from typing import Any, TypeVar

from django.db import transaction
from django.urls import reverse

from metrics import explaining, flags, formatting, picturing, reasons, targets
from metrics.analysis.trust import TRUSTED, Trust
from metrics.analysis.wording import likely_words
from metrics.charts import sketch
from metrics.charts.spec import clip
from metrics.definitions import Meaning
from metrics.looking_back import Look
from metrics.models import NorthStar
from metrics.picturing import Picture
from metrics.telling import measure_of
from northstar.lib.datewords import long_date_words
from teams import charting
from teams.digests import happening
from teams.models import HealthSnapshot, Omtm, Team
from teams.weekly_lines import Wanted

log = logging.getLogger(__name__)
T = TypeVar("T")

#: Narrower than the letter, which enlarges it: on a telephone its words can still be read.
STAR_SIZE = {"width": 380.0, "height": 200.0}
SPARK_SIZE = {"width": 232.0, "height": 56.0}
SHOWN_WEEKS = 26
MOST_NOTES = 4
NO_FOCUS = "No focus"
OUTDATED = "its target was set for the definition before"
PACE = {
    "on_track": "on pace for {goal} by {day}",
    "at_risk": "a little behind the pace for {goal} by {day}",
    "off_track": "behind the pace for {goal} by {day}",
}


@dataclass(frozen=True, slots=True)
class Table:
    """All that the review of a week was made of."""

    week: date
    wanted: Sequence[Wanted]
    looks: Mapping[int, Look]
    lines: Sequence[Mapping[str, Any]]
    snapshots: Mapping[int, HealthSnapshot]
    trust: Mapping[int, Trust]
    today: date
    country: str
    meant: Mapping[int, Meaning] = field(default_factory=dict)


def of(table: Table) -> dict[str, Any]:
    """Everything as plain JSON: {"star", "bets" by key of the line, "teams", "events", "next", "lacks"}.

    A constant number of queries. `star` is empty where no line of a North Star could be worked out. What
    fails is empty and named in `lacks`: it must keep neither the rest nor the page of the week from anybody.
    """
    stars = [
        (each, line) for each, line in _pairs(table) if each.star is not None and line["value"] is not None
    ]
    bets = [each.omtm for each in table.wanted if each.omtm is not None]
    nothing: list[dict[str, Any]] = []
    # A failed query would spoil those after it; drawings ask nothing, and there are many.
    read = partial(_guarded, around=transaction.atomic)
    star, no_star = read("star", lambda: _star(*stars[0], table) if stars else {}, {})
    drawn = {
        f"omtm:{each.pk}": _guarded("bets", partial(_bet, each, table), _unmade(each), around=nullcontext)
        for each in bets
    }
    teams, no_teams = read("teams", lambda: _teams(table), nothing)
    events, no_events = read("events", lambda: happening.events(table.week, table.today), nothing)
    coming, no_next = read("next", lambda: _coming(table), nothing)
    lacks = [no_star, next((lack for _, lack in drawn.values() if lack), ""), no_teams, no_events, no_next]
    return {
        "star": star,
        "bets": {key: bet for key, (bet, _) in drawn.items()},
        "teams": teams,
        "events": events,
        "next": coming,
        "lacks": [each for each in lacks if each],
    }


def _guarded(
    name: str, work: Callable[[], T], otherwise: T, *, around: Callable[[], AbstractContextManager[Any]]
) -> tuple[T, str]:
    """(what it comes to, ""), or (`otherwise`, the name of what could not be worked out)."""
    try:
        with around():
            return work(), ""
    except Exception:
        log.exception("the part %s of the weekly letter could not be worked out", name)
        return otherwise, name


def _coming(table: Table) -> list[dict[str, Any]]:
    return happening.coming(table.wanted, week=table.week, today=table.today, country=table.country)


def _unmade(omtm: Omtm) -> dict[str, Any]:
    return dict.fromkeys(("spark", "reading", "plan", "likely", "ends"), "") | {
        "team": omtm.team_id,
        "unmade": True,
    }


def _pairs(table: Table) -> list[tuple[Wanted, Mapping[str, Any]]]:
    return list(zip(table.wanted, table.lines, strict=True))


def _star(wanted: Wanted, line: Mapping[str, Any], table: Table) -> dict[str, Any]:
    star, look = wanted.star, table.looks[wanted.metric.pk]
    assert star is not None
    measure = measure_of(look.metric, wanted.name)
    named = measure.name.lower().split()[-1:] == [measure.unit.lower()]
    figure = measure.bare(line["value"]) if named else measure.show(line["value"])
    rest = _against(wanted, line, look, measure.bare, table)
    return {
        "verdict": f"{wanted.name} stands at {figure}{rest}.",
        "subject": f"{wanted.name} {figure}{rest.replace(',', ':', 1)}",
        "sentence": line["sentence"],
        **_star_chart(wanted, look, line, table),
        "moved": _moved(star, wanted, table),
    }


def _against(
    wanted: Wanted, line: Mapping[str, Any], look: Look, show: Callable[[float], str], table: Table
) -> str:
    """ ", on pace for 5,400 by 15 May"; empty where nothing is aimed for."""
    target = wanted.target
    if target is None:
        return ", with no target set"
    if line["state"] == "no_data":
        blocked = line["state_words"] == targets.UNTRUSTED or wanted.metric.pk not in table.meant
        return f", and {'the number is not to be relied on' if blocked else OUTDATED}"
    goal, day = float(target.target_value), formatting.day_words(target.due_date, table.today)
    if targets.reached(look.points, goal, up=goal > float(target.baseline_value)):
        return f", the target of {show(goal)} is reached"
    if target.due_date < table.today:
        return f", the target of {show(goal)} by {day} was not reached"
    if line["state"] in PACE:
        return f", {PACE[line['state']].format(goal=show(goal), day=day)}"
    return f", too early to say whether it reaches {show(goal)} by {day}"


def _star_chart(wanted: Wanted, look: Look, line: Mapping[str, Any], table: Table) -> dict[str, Any]:
    """{"chart", "notes"}: the drawing, and what its numbered flags say, newest notes only."""
    trust = table.trust.get(wanted.metric.pk, Trust(False, TRUSTED))
    meant = table.meant.get(wanted.metric.pk) or Meaning(list(look.points))
    found = Picture(
        look.metric, wanted.name, meant.points, trust, table.today, grey=meant.grey, broken_on=meant.since
    )
    near = targets.stand(found, wanted.target) if wanted.target else None
    spec = picturing.spec(found)
    if wanted.target is not None:
        spec = targets.aimed(spec, near, [wanted.target])
    shown = clip(replace(spec, sentence=line["sentence"]), SHOWN_WEEKS)
    drawn = [point.start for point in (*shown.grey, *shown.points)]
    since = min(drawn, default=table.today).isoformat()
    told = flags.flags(look.metric, wanted.versions, today=table.today, apart=meant.words)
    kept = [
        each
        for each in told
        if since <= (each.get("until") or each["day"]) and each["day"] <= table.today.isoformat()
    ][-MOST_NOTES:]
    numbered = picturing.spec(replace(found, flags=_numbered(kept))).notes
    return {
        "chart": sketch.line(replace(shown, notes=numbered), **STAR_SIZE, today=table.today),
        "notes": [
            {"number": each["number"], "when": each["when"], "text": each["text"]} for each in _numbered(kept)
        ],
    }


def _numbered(kept: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Flags that begin with 1 again."""
    return [flag | {"number": place} for place, flag in enumerate(kept, 1)]


def _moved(star: NorthStar, wanted: Wanted, table: Table) -> str:
    """What moved it, or why that cannot be said; empty without a tree of drivers. Two queries."""
    version = (
        star.versions.filter(metric=wanted.metric).select_related("metric").order_by("-version_no").first()
    )
    if version is None:
        return ""
    drivers = list(star.drivers.select_related("metric").order_by("sort", "id"))
    points = {pk: look.points for pk, look in table.looks.items()}
    doubts = {
        pk: (each.sentences or ["its newest values are not in."])[0]
        for pk, each in table.trust.items()
        if each.blocks
    }
    why = explaining.explain(star, version, points, drivers=drivers, untrusted=doubts)
    if why is None:
        return ""
    if not why.headline:
        return why.missing
    span = reasons.span(why.splits[0].comparison, grain=why.grain)
    return f"{why.headline} ({span[:1].upper()}{span[1:]}.)"


def _bet(omtm: Omtm, table: Table) -> dict[str, Any]:
    """Its small drawing, its plan and its chance as they stood."""
    look, row = table.looks[omtm.metric_id], table.snapshots.get(omtm.pk)
    shown = charting.shown_as(omtm)
    spec = charting.spec_of(omtm, look.points, today=table.today)
    drawn = bool(spec.known)
    return {
        "spark": sketch.line(spec, **SPARK_SIZE, today=table.today, small=True) if drawn else "",
        "reading": formatting.show(row.reading, **shown) if row and row.reading is not None else "",
        "plan": formatting.show(row.pace, **shown) if row and row.pace is not None else "",
        "likely": likely_words(row.p) if row and row.p is not None else "",
        "ends": formatting.day_words(omtm.end, table.today),
        "team": omtm.team_id,
    }


def _teams(table: Table) -> list[dict[str, Any]]:
    """Every team with the keys of its lines of bets, or why it has none. Two queries."""
    over = Omtm.objects.exclude(state__in=("draft", "proposed", "active")).filter(end__lt=table.today)
    last = {
        team: (state, end) for team, state, end in over.order_by("end").values_list("team", "state", "end")
    }
    keys: dict[int, list[str]] = {}
    for each in table.wanted:
        if each.omtm is not None:
            keys.setdefault(each.omtm.team_id, []).append(each.key)
    return [
        {
            "id": team.pk,
            "name": team.name,
            "path": reverse("team", args=[team.slug]),
            "bets": keys.get(team.pk, []),
            **_without(last.get(team.pk), any_now=team.pk in keys),
        }
        for team in Team.objects.listed()
    ]


def _without(last: tuple[str, date] | None, *, any_now: bool) -> dict[str, str]:
    """{"none", "word"}: it never had a focus, the review of its last one is open, or none came after it."""
    if any_now:
        return {"none": "", "word": ""}
    if last is None:
        return {"none": "No focus metric yet.", "word": NO_FOCUS}
    state, end = last
    day = long_date_words(end).rsplit(" ", 1)[0]
    if state == "in_review":
        return {"none": f"Its window ended on {day}; the closing review is open.", "word": "In review"}
    return {"none": f"No focus metric since {day}.", "word": NO_FOCUS}
