"""People: who they are, what they may do, whose account is open."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from metrics.models import PushToken, Source
from northstar.lib import clock
from northstar.lib.policy import find, may, requires
from teams import granting
from teams.forms.people import GrantsForm, PlaceForm
from teams.middleware import subject_for
from teams.models import Grant, Invitation, Membership, Team, User


@requires("people.view")
@require_safe
def people(request: HttpRequest) -> HttpResponse:
    """Everybody, and who was asked to join."""
    now = clock.now()
    waiting = Invitation.objects.pending(now).select_related("team", "created_by").order_by("-id")
    everybody = list(_everybody().order_by("-is_active", "name", "email"))
    active = sum(person.is_active for person in everybody)
    context = {"people": everybody, "active": active, "waiting": waiting}
    return render(request, "people/people.html", context)


@requires("people.view")
@require_safe
def person(request: HttpRequest, pk: int) -> HttpResponse:
    """One person: grants, teams, whether the account is open."""
    return _page(request, find(request, "people.view", _everybody(), pk=pk))


@requires("people.edit")
@require_POST
def grants(request: HttpRequest, pk: int) -> HttpResponse:
    """Give and withdraw grants."""
    person = find(request, "people.edit", _everybody(), pk=pk)
    form = GrantsForm(request.POST)
    if not form.is_valid():
        return _page(request, person, status=422, grants_form=form)
    try:
        wanted = set(form.cleaned_data["grants"])
        changed = granting.set_grants(person, wanted, actor=request.user, now=clock.now())
    except granting.LastAdmin as problem:
        return _page(request, person, status=422, refused=str(problem))
    messages.success(request, f"Saved what {person} may do." if changed else "Nothing was changed.")
    # Who gave admin away is led to a page that is still theirs.
    return redirect("person", pk) if may(subject_for(request.user), "people.view") else redirect("home")


@requires("people.edit")
@require_POST
def teams(request: HttpRequest, pk: int) -> HttpResponse:
    """Put a person into a team, or change the role there."""
    person = find(request, "people.edit", _everybody(), pk=pk)
    form = PlaceForm(request.POST)
    if not form.is_valid():
        return _page(request, person, status=422, place_form=form)
    team = form.cleaned_data["team"]
    granting.place(person, team, role=form.cleaned_data["role"], actor=request.user)
    messages.success(request, f"{person} is in {team} now.")
    return redirect("person", pk)


@requires("people.edit")
@require_POST
def team_leave(request: HttpRequest, pk: int, slug: str) -> HttpResponse:
    """Take a person out of a team."""
    person = find(request, "people.edit", _everybody(), pk=pk)
    team = get_object_or_404(Team, slug=slug, memberships__user=person)
    granting.take_out(person, team, actor=request.user)
    messages.success(request, f"{person} is no longer in {team}.")
    return redirect("person", pk)


@requires("people.edit")
@require_POST
def deactivate(request: HttpRequest, pk: int) -> HttpResponse:
    """Close an account at once."""
    person = find(request, "people.edit", _everybody(), pk=pk)
    try:
        granting.deactivate(person, actor=request.user, now=clock.now())
    except granting.LastAdmin as problem:
        return _page(request, person, status=422, refused=str(problem))
    messages.success(request, f"{person} is signed out everywhere and cannot sign in.")
    return redirect("person", pk)


@requires("people.edit")
@require_POST
def reactivate(request: HttpRequest, pk: int) -> HttpResponse:
    """Open an account again."""
    person = find(request, "people.edit", _everybody(), pk=pk)
    granting.reactivate(person, actor=request.user, now=clock.now())
    messages.success(request, f"{person} can sign in again.")
    return redirect("person", pk)


def _everybody() -> QuerySet[User]:
    """People with `places`, their memberships in teams that exist."""
    places = Membership.objects.filter(team__archived_at=None).select_related("team").order_by("team__name")
    return User.objects.prefetch_related("grants", Prefetch("memberships", places, to_attr="places"))


def _keys_of(person: User) -> QuerySet[PushToken]:
    """Keys this person made that still work: whoever made one may have kept its text."""
    working = PushToken.objects.filter(revoked_at=None, expires_at__gt=clock.now(), source__archived_at=None)
    return working.filter(created_by=person).select_related("source").order_by("label")


def _page(request: HttpRequest, person: User, *, status: int = 200, **changes: Any) -> HttpResponse:
    held = list(Grant.objects.filter(user=person).values_list("name", flat=True))
    context = {
        "person": person,
        "grants_form": GrantsForm(initial={"grants": held}),
        "place_form": PlaceForm(),
        "keys": list(_keys_of(person)),
        "owned": list(Source.objects.listed().filter(owner=person)),
        "breadcrumbs": [("Settings", reverse("settings")), ("People", reverse("people")), (str(person), "")],
    }
    return render(request, "people/person.html", context | changes, status=status)
