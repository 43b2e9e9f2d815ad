"""What the numbers say today, as it was worked out when they changed: read, for all of them at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db.models import Q

from metrics import drawing
from metrics.models import Annotation, ChartDocument, NorthStar, NorthStarVersion, StarGuardrail
from teams import charting
from teams.models import CheckIn, Guardrail, HealthSnapshot, Omtm, Team, User
from teams.reminders import addressing

#: As far back as a state is looked for that another one came after.
LOOKED_BACK = timedelta(weeks=12)
Facts = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Numbers:
    """Health by OMTM (the newest row of each week, oldest week first) and what the documents keep.

    `facts` are by the key of their document: "reached", "guardrails", "blocks", "signal". `owners` answer for
    a metric that guards something: the leads of teams that type it, else the owner of its source.
    """

    health: Mapping[int, list[HealthSnapshot]]
    facts: Mapping[str, Facts]
    guards: Mapping[int, list[Guardrail]] = field(default_factory=dict)
    stars: list[NorthStar] = field(default_factory=list)
    versions: Mapping[int, NorthStarVersion] = field(default_factory=dict)
    star_guards: list[StarGuardrail] = field(default_factory=list)
    owners: Mapping[int, tuple[User, ...]] = field(default_factory=dict)
    notes: Mapping[int, list[Annotation]] = field(default_factory=dict)
    said: Mapping[int, date] = field(default_factory=dict)

    def newest(self) -> dict[int, HealthSnapshot]:
        """By OMTM its newest evaluation."""
        return {pk: rows[-1] for pk, rows in self.health.items()}


def read(omtms: Iterable[Omtm], stars: list[NorthStar], *, today: date) -> Numbers:
    """All of it in ten queries, whatever the number of OMTMs."""
    running = list(omtms)
    active = [omtm for omtm in running if omtm.state == "active"]
    guards: dict[int, list[Guardrail]] = defaultdict(list)
    rows = Guardrail.objects.filter(omtm__in=active).select_related(
        f"metric__source__owner__{addressing.WANTED}"
    )
    for guard in rows.order_by("id"):
        guards[guard.omtm_id].append(guard)
    versions = NorthStarVersion.objects.filter(north_star__in=stars).select_related("metric")
    of_stars = StarGuardrail.objects.filter(north_star__in=stars).order_by("id")
    star_guards = list(of_stars.select_related(f"metric__source__owner__{addressing.WANTED}"))
    newest = {each.north_star_id: each for each in versions.order_by("version_no")}
    guarding = {each.metric_id: each for row in guards.values() for each in row}
    guarding |= {each.metric_id: each for each in star_guards}  # type: ignore[misc]
    watched = {each.metric_id for each in newest.values()} | set(guarding)
    keys = [charting.key_of(omtm) for omtm in active] + [f"metric:{pk}" for pk in sorted(watched)]
    return Numbers(
        health=_health(running, today),
        facts=_facts([*keys, *(drawing.key_of(star) for star in stars)]),
        guards=guards,
        stars=stars,
        versions=newest,
        star_guards=star_guards,
        owners=_owners(guarding),
        notes=_notes(watched, today),
        said=_said(active),
    )


def _health(omtms: list[Omtm], today: date) -> dict[int, list[HealthSnapshot]]:
    rows = HealthSnapshot.objects.filter(omtm__in=omtms, as_of_week__gte=today - LOOKED_BACK)
    weeks: dict[int, dict[date, HealthSnapshot]] = defaultdict(dict)
    for row in rows.defer("forecast", "trust", "reason").order_by("as_of_week", "id"):
        weeks[row.omtm_id][row.as_of_week] = row
    return {pk: list(found.values()) for pk, found in weeks.items()}


def _facts(keys: list[str]) -> dict[str, Facts]:
    """The few facts that reminders are about; a document holds much more."""
    names = {
        "reached": "facts__reached_twice",
        "guardrails": "facts__guardrails",
        "blocks": "facts__trust__blocks",
        "badge": "facts__trust__badge",
        "signal": "facts__signal",
        "value": "facts__value",
    }
    rows = ChartDocument.objects.filter(key__in=keys).values_list("key", *names.values())
    return {key: dict(zip(names, values, strict=True)) for key, *values in rows}


def _owners(guards: Mapping[int, Any]) -> dict[int, tuple[User, ...]]:
    found: dict[int, tuple[User, ...]] = {}
    rows = Team.metrics.through.objects.filter(metric__in=guards, team__archived_at=None)
    leads = rows.filter(team__memberships__role="lead", team__memberships__user__is_active=True)
    people: dict[int, set[int]] = defaultdict(set)
    for metric_id, user_id in leads.values_list("metric_id", "team__memberships__user"):
        people[metric_id].add(user_id)
    users = User.objects.filter(pk__in={pk for each in people.values() for pk in each})
    known = {user.pk: user for user in users.select_related(addressing.WANTED)}
    for metric_id, guard in guards.items():
        owner = guard.metric.source.owner
        typed = tuple(known[pk] for pk in sorted(people.get(metric_id, ())) if pk in known)
        found[metric_id] = typed or ((owner,) if owner is not None else ())
    return found


def _notes(metrics: Iterable[int], today: date) -> dict[int, list[Annotation]]:
    """The notes of late on these metrics; those of the whole company under 0."""
    about = Q(metric__in=list(metrics)) | Q(metric=None)
    found: dict[int, list[Annotation]] = defaultdict(list)
    for note in Annotation.objects.filter(about, day__gte=today - LOOKED_BACK).order_by("id"):
        found[note.metric_id or 0].append(note)
    return found


def _said(omtms: list[Omtm]) -> dict[int, date]:
    """The day of the newest check-in of each."""
    rows = CheckIn.objects.filter(omtm__in=omtms).order_by("day")
    return dict(rows.values_list("omtm_id", "day"))
