"""Making and changing teams, with an audit row each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils.text import slugify

from metrics import auditing
from teams import granting
from teams.models import Membership, Team

RESERVED = ("new",)


class NameTaken(Exception):
    """There is such a team: somebody else, or the same form sent twice, was faster."""


def create(*, name: str, department: str, stage: str, actor: Any) -> Team:
    """A new team under a free address. Raises NameTaken."""
    with transaction.atomic():
        granting.one_at_a_time()
        if Team.objects.listed().filter(name__iexact=name).exists():
            raise NameTaken(f"There is a team called {name} already. Choose another name.")
        team = Team.objects.create(name=name, slug=free_slug(name), department=department, stage=stage)
        after = {"name": name, "department": department, "stage": stage}
        auditing.record("team.created", team, actor=actor, after=after)
    return team


def edit(team: Team, *, name: str, department: str, stage: str, actor: Any) -> None:
    """Rename or regroup; the address stays, so that links keep working."""
    with transaction.atomic():
        team = Team.objects.select_for_update().get(pk=team.pk)
        before = {"name": team.name, "department": team.department, "stage": team.stage}
        team.name, team.department, team.stage = name, department, stage
        team.save(update_fields=["name", "department", "stage"])
        after = {"name": name, "department": department, "stage": stage}
        auditing.record("team.edited", team, actor=actor, before=before, after=after)


def set_members(team: Team, roles: Mapping[int, str], *, actor: Any) -> None:
    """The team has these people in these roles (user id to member or lead), and nobody else."""
    with transaction.atomic():
        Team.objects.select_for_update().get(pk=team.pk)
        now = {each.user_id: each for each in team.memberships.select_related("user")}
        before = {str(each.user): each.role for each in now.values()}
        team.memberships.exclude(user__in=roles).delete()
        for user_id, role in roles.items():
            known = now.get(user_id)
            if known is None:
                Membership.objects.create(team=team, user_id=user_id, role=role)
            elif known.role != role:
                known.role = role
                known.save(update_fields=["role"])
        after = {str(each.user): each.role for each in team.memberships.select_related("user")}
        if before != after:
            auditing.record("team.members", team, actor=actor, before=before, after=after)


def free_slug(name: str) -> str:
    """The name as an address, with a number where it is taken."""
    base = slugify(name)[:70] or "team"
    taken = {*RESERVED, *Team.objects.filter(slug__startswith=base).values_list("slug", flat=True)}
    return next(
        slug for slug in (base, *(f"{base}-{n}" for n in range(2, len(taken) + 3))) if slug not in taken
    )
