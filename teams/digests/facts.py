"""What the letter of a week says beside the lines of the review: frozen with it, never worked out again."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from django.db.models import Q
from django.urls import reverse

from metrics import explaining, flags, formatting, picturing, reasons, targets
from metrics.analysis.trust import TRUSTED, Trust
from metrics.analysis.wording import likely_words
from metrics.charts import sketch
from metrics.charts.spec import clip
from metrics.definitions import Meaning
from metrics.looking_back import Look
from metrics.models import Annotation, NorthStar
from metrics.picturing import Picture
from metrics.telling import measure_of
from northstar.lib.datewords import long_date_words
from northstar.lib.periods import WEEK
from northstar.lib.windows import half_way
from northstar.lib.workdays import next_working_day
from teams import charting
from teams.models import HealthSnapshot, Omtm, Review, Team
from teams.weekly_lines import NORTH_STAR, SUNDAY, Wanted

#: Narrower than the letter, which enlarges it: on a telephone its words can still be read.
STAR_SIZE = {"width": 380.0, "height": 200.0}
SPARK_SIZE = {"width": 232.0, "height": 56.0}
SHOWN_WEEKS = 26
MOST_EVENTS, MOST_NOTES = 12, 4
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
    """Everything as plain JSON: {"star", "bets" by key of the line, "teams", "events", "next"}.

    A constant number of queries. `star` is empty where no line of a North Star could be worked out.
    """
    stars = [
        (each, line) for each, line in _pairs(table) if each.star is not None and line["value"] is not None
    ]
    return {
        "star": _star(*stars[0], table) if stars else {},
        "bets": {
            line["key"]: _bet(each.omtm, table) for each, line in _pairs(table) if each.omtm is not None
        },
        "teams": _teams(table),
        "events": _events(table.week, table.today),
        "next": _next(table),
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


def _events(week: date, today: date) -> list[dict[str, Any]]:
    """What happened in the week of the review, oldest first. Two queries."""
    last = week + SUNDAY
    during = Q(day__range=(week, last)) | Q(day__lt=week, until__gte=week)
    rows = Annotation.objects.filter(during).select_related("metric").prefetch_related("teams")
    return [
        {
            "when": flags.when(row, today),
            "text": row.text,
            "metric": row.metric.name if row.metric else "",
            "teams": [team.pk for team in row.teams.all()],
        }
        for row in rows.order_by("day", "id")[:MOST_EVENTS]
    ]


def _next(table: Table) -> list[dict[str, Any]]:
    """What the calendar holds for the seven days from the Monday of the letter on, in order. One query."""
    first = table.week + WEEK
    last = first + SUNDAY
    bets = [each.omtm for each in table.wanted if each.omtm is not None]
    held = set(Review.objects.filter(omtm__in=bets, kind="midpoint").values_list("omtm", flat=True))
    found: list[tuple[date, str, str, int | None]] = []
    for omtm in bets:
        path = reverse("omtm", args=[omtm.pk])
        if omtm.pk not in held:
            middle = next_working_day(half_way(omtm.start, omtm.end), table.country)
            found.append((middle, f"Half-time for {omtm.name}", path, omtm.team_id))
        found.append((omtm.end, f"The window of {omtm.name} ends", path, omtm.team_id))
        found.append((omtm.review_due_on, f"The review of {omtm.name} is due", path, omtm.team_id))
    for each in table.wanted:
        if each.section == NORTH_STAR and each.star is not None:
            if each.star.next_review_on:
                found.append(
                    (
                        each.star.next_review_on,
                        f"Review of the North Star, {each.name}",
                        reverse("north-star-review"),
                        None,
                    )
                )
            if each.target is not None:
                found.append((each.target.due_date, f"Target date of {each.name}", reverse("home"), None))
    kept = sorted((each for each in found if first <= each[0] <= last), key=lambda each: (each[0], each[1]))
    return [
        {
            "when": f"{day:%a} {formatting.day_words(day, table.today)}",
            "text": text,
            "path": path,
            "team": team,
        }
        for day, text, path, team in kept
    ]
