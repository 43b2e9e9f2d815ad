"""Puts `request.subject` on every request: computed on first use, once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.functional import SimpleLazyObject

from northstar.lib.policy import NOBODY, Subject
from teams.models import Grant, Membership


class SubjectMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.subject = SimpleLazyObject(lambda: subject_for(request.user))  # type: ignore[attr-defined]
        return self.get_response(request)


def subject_for(user: Any) -> Subject:
    """What this person may be judged by: grants and memberships, in one query."""
    if not user.is_authenticated or not user.is_active:
        return NOBODY
    grants = Grant.objects.filter(user_id=user.pk).values_list("name", "id")
    teams = Membership.objects.filter(user_id=user.pk, team__archived_at=None).values_list("role", "team_id")
    rows = list(grants.union(teams, all=True))
    return Subject(
        user_id=user.pk,
        grants=frozenset(word for word, _ in rows if word in ("leader", "admin")),
        team_ids=frozenset(number for word, number in rows if word in ("member", "lead")),
        led_team_ids=frozenset(number for word, number in rows if word == "lead"),
    )
