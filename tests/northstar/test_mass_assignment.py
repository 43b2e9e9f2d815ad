"""Every form gets every field of every model: nobody raises themselves, or reaches into another team."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from django.apps import apps
from django.db import transaction

from metrics.models import Source
from teams.models import Grant, Invitation, Membership, Team, User
from tests.northstar.world import World, as_somebody, make_world, routes

OURS = ("teams", "metrics")
HOSTILE = {
    "is_active": "on", "is_staff": "on", "is_superuser": "on", "is_demo": "on", "grants": "admin",
    "role": "lead", "purpose": "setup", "state": "retired", "slot": "2", "archived_at": "2026-01-01",
}  # fmt: skip


@pytest.fixture
def world(
    maren: User, idris: User, teo: User, vera: User, yuki: User,
    marketing: Team, platform: Team, make_metric: Any, make_weeks: Any,
) -> World:  # fmt: skip
    cast = {"maren": maren, "idris": idris, "teo": teo}
    return make_world(cast, (marketing, platform), make_metric, make_weeks)


@pytest.mark.one_database
@pytest.mark.parametrize("who", ["vera@example.com", "teo@example.com", "idris@example.com"])
def test_no_form_gives_rights(
    who: str, world: World, platform: Team, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.CRITICAL, logger="django.request")
    user = User.objects.get(email=who)
    client, before = as_somebody(user), _rights(platform)
    fields = _every_field(user, platform)
    for route in routes():
        with transaction.atomic():
            answer = client.post(world.path(route), fields)
            assert answer.status_code < 500, route.name
            assert _rights(platform) == before, route.name
            transaction.set_rollback(True)


def _every_field(user: User, other: Team) -> dict[str, str]:
    """Each field name of each model, also with _id, pointing at this user and the other team."""
    fields: dict[str, str] = {}
    for model in (model for app in OURS for model in apps.get_app_config(app).get_models()):
        for field in model._meta.get_fields():
            points = {User: user.pk, Team: other.pk}.get(getattr(field, "related_model", None), 1)
            value = str(points) if field.is_relation else "x"
            fields |= {field.name: value, f"{field.name}_id": value}
    return fields | {"user": str(user.pk), "team": str(other.pk), f"role_{user.pk}": "lead"} | HOSTILE


def _rights(other: Team) -> list[Any]:
    """Who may what: grants, accounts, the other team, sources, invitations."""
    return [
        sorted(Grant.objects.values_list("user_id", "name")),
        sorted(User.objects.values_list("pk", "email", "is_active", "is_demo", "password")),
        sorted(Membership.objects.filter(team=other).values_list("user_id", "role")),
        sorted(Team.objects.values_list("pk", "slug", "is_demo", "archived_at")),
        sorted(Source.objects.values_list("pk", "slug", "owner_id", "is_demo")),
        sorted(Invitation.objects.values_list("pk", "digest", "purpose")),
    ]
