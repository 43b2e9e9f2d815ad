"""Rows of the demo company: people, teams, sources, metrics, the North Star. No numbers yet."""

from __future__ import annotations

import os
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.utils.text import slugify

from metrics import defining
from metrics.connectors import demo_growth
from metrics.connectors.demo_series import SERIES
from metrics.models import (
    Annotation,
    Company,
    Driver,
    Metric,
    NorthStar,
    NorthStarTarget,
    NorthStarVersion,
    Source,
)
from northstar.demo import measures, star
from northstar.demo.days import Days
from northstar.demo.people import COMPANY, PEOPLE, TEAMS
from teams.models import Grant, Membership, Team, User

ZONE, COUNTRY = "Europe/Berlin", "DE"


def company() -> Company:
    """The company under the name of the demo; a name, zone or country that somebody chose stays."""
    found = Company.current()
    if found.name == Company._meta.get_field("name").default:
        found.name = COMPANY
    if not os.environ.get("TIME_ZONE") and found.zone == "UTC" and not Metric.objects.exists():
        found.zone = ZONE
    found.country, found.is_demo = found.country or COUNTRY, True
    found.save()
    return found


def people(hashed: str) -> dict[str, User]:
    """Everybody by key, all with the same stored password; teams and what people may do included."""
    fields = {"password": hashed, "is_demo": True}
    users = {who.key: User.objects.create(email=who.email, name=who.name, **fields) for who in PEOPLE}
    teams = {
        group.slug: _team(group.slug, group.name, group.department, stage=group.stage) for group in TEAMS
    }
    for who in PEOPLE:
        Grant.objects.bulk_create(Grant(user=users[who.key], name=name) for name in who.grants)
        if who.team:
            Membership.objects.create(team=teams[who.team], user=users[who.key], role=who.role)
    return users


def _team(slug: str, name: str, department: str, *, stage: str) -> Team:
    return Team.objects.create(slug=slug, name=name, department=department, stage=stage, is_demo=True)


def sources(users: dict[str, User], days: Days) -> dict[str, Source]:
    """The sources by slug, due now; the built-in one for typed values is among them."""
    made = {
        origin.slug: Source.objects.create(
            slug=origin.slug,
            name=origin.name,
            kind="demo",
            settings={"broken": True} if origin.broken else {},
            schedule=origin.schedule,
            owner=users[origin.owner],
            backup_owner=users.get(origin.backup),
            next_due_at=days.now,
            next_scheduled_at=days.now,
            is_demo=True,
        )
        for origin in measures.SOURCES
    }
    return made | {defining.BY_HAND: defining.by_hand()}


def metrics(found: dict[str, Source], days: Days) -> dict[str, Metric]:
    """A metric for every series, by its key, and the one that is typed as "visits"."""
    made = {each.series: _metric(each, found[each.source], days) for each in measures.METRICS}
    made["visits"] = Metric.objects.create(
        name=measures.VISITS_NAME,
        slug=slugify(measures.VISITS_NAME),
        definition=measures.VISITS_DEFINITION,
        source=found[defining.BY_HAND],
        kind="flow_sum",
        grain="week",
        unit="visits",
        is_demo=True,
    )
    Metric.objects.filter(pk=made["wac"].pk).update(replaces=made["wac_prior"])
    return made


def _metric(wanted: measures.Measure, source: Source, days: Days) -> Metric:
    series = SERIES[wanted.series]
    return Metric.objects.create(
        name=series.label,
        slug=slugify(series.label),
        definition=wanted.definition,
        source=source,
        query={"series": series.key},
        kind=series.kind,
        grain=series.grain,
        direction=wanted.direction,
        unit=series.unit,
        decimals=series.decimals,
        role=wanted.role,
        restate_days=14,
        history_from=days.monday(series.first_week),
        is_demo=True,
    )


def north_star(made: dict[str, Metric], users: dict[str, User], days: Days) -> NorthStar:
    """The North Star with both definitions, its targets and its drivers, each linked to who moves it."""
    leader = users["maren"]
    found = NorthStar.objects.create(
        name=star.NAME,
        state="active",
        owner=leader,
        next_review_on=days.sunday(1) if days.sunday(1) > days.today else days.sunday(2),
        is_demo=True,
    )
    _versions(found, made, leader=leader, days=days)
    for aim in star.TARGETS:
        NorthStarTarget.objects.create(**_target(aim, days), north_star=found, set_by=leader)
    _tree(found, made)
    for group in TEAMS:
        Team.objects.get(slug=group.slug).metrics.set(made[key] for key in group.typed)
    return found


def _tree(found: NorthStar, made: dict[str, Metric]) -> None:
    """What moves it: the formula, the flows, the beliefs, and one driver that nobody measures yet."""
    grown: dict[str, Driver] = {}
    for place, limb in enumerate(star.DRIVERS):
        grown[limb.key] = driver = Driver.objects.create(
            north_star=found,
            parent=grown.get(limb.above),
            metric=made[limb.key] if limb.measured else None,
            name=limb.name,
            edge=limb.edge,
            evidence=limb.evidence,
            expected_lag_weeks=limb.lag,
            sensitivity=None if limb.effect is None else Decimal(limb.effect),
            sort=place,
            is_demo=True,
        )
        driver.teams.set(
            Team.objects.filter(slug__in=[each.slug for each in TEAMS if limb.key in each.drivers])
        )


def _versions(found: NorthStar, made: dict[str, Metric], *, leader: User, days: Days) -> None:
    first, since = days.monday(star.FIRST_WEEK), days.monday(star.REDEFINED)
    common = {"north_star": found, "approved_by": leader}
    NorthStarVersion.objects.create(
        **common | star.FIRST,
        version_no=1, metric=made["wac_prior"], effective_from=first, effective_to=since, approved_on=first,
    )  # fmt: skip
    NorthStarVersion.objects.create(
        **common | star.SECOND, version_no=2, metric=made["wac"], effective_from=since, approved_on=since
    )


def _target(aim: star.Aim, days: Days) -> dict[str, Any]:
    over = aim.superseded_week
    return {
        "horizon": aim.horizon,
        "target_value": Decimal(aim.value),
        "due_date": days.sunday(aim.due_week),
        "baseline_value": Decimal(demo_growth.week(aim.base_week).wac),
        "baseline_date": days.sunday(aim.base_week),
        "rationale": aim.rationale,
        "set_on": days.monday(aim.set_week),
        "superseded_on": None if over is None else days.monday(over),
        "superseded_reason": aim.superseded_reason,
    }


def notes(made: dict[str, Metric], users: dict[str, User], days: Days) -> None:
    """What happened, as notes on the charts."""
    rows = []
    for each in star.HAPPENINGS:
        day = days.monday(each.week) + timedelta(days=each.weekday)
        rows.append(
            Annotation(
                day=day,
                until=day + timedelta(days=each.days - 1) if each.days > 1 else None,
                text=each.text,
                kind=each.kind,
                metric=made[each.series] if each.series else None,
                of_team=bool(each.team),
                author=users[each.author],
                is_demo=True,
            )
        )
    Annotation.objects.bulk_create(rows)
    for each, note in zip(star.HAPPENINGS, rows, strict=True):
        if each.team:
            Team.objects.get(slug=each.team).annotations.add(note)
