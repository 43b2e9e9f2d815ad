"""The page on which a team chooses its focus: from nothing, or from one of its candidates."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from metrics.models import Company
from northstar.lib import clock
from northstar.lib.policy import find, requires
from teams import drafting, lifecycle, omtm_pages, ranking
from teams.forms.omtms import OmtmForm
from teams.models import ExceptionGrant, Omtm, Team
from teams.models.omtm import CANDIDATE

TEAMS = "/teams/"


@requires("omtm.create")
def omtm_new(request: HttpRequest, slug: str) -> HttpResponse:
    team = find(request, "omtm.create", Team.objects.listed(), slug=slug)
    form = _form(request, team)
    if form.candidate is not None and form.candidate.state not in CANDIDATE:
        messages.info(request, f"{form.candidate} is decided already.")
        return redirect("omtm", pk=form.candidate.pk)
    if request.method == "POST" and form.is_valid() and "check" not in request.POST:
        try:
            return _keep(request, form) if form.drafting else _start(request, form)
        except lifecycle.LifecycleError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
    asks = not _alone(request, team)
    context = {
        "team": team,
        "form": form,
        "asks": asks,
        "preview": omtm_pages.preview(_begun(form), asks=asks),
        "running": None if _excepted(team, form) else team.omtms.active().first(),
        "choice": _choice(form),
        "breadcrumbs": [("Teams", TEAMS), (team.name, reverse("team", args=[slug])), ("New focus", "")],
    }
    refused = form.is_bound and not form.is_valid()
    return render(request, "teams/omtm_new.html", context, status=422 if refused else 200)


@requires("omtm.create")
@require_POST
def omtm_preview(request: HttpRequest, slug: str) -> HttpResponse:
    """What follows from the answers so far, as a part of the page."""
    team = find(request, "omtm.create", Team.objects.listed(), slug=slug)
    form = _form(request, team)
    form.is_valid()
    preview = omtm_pages.preview(form, asks=not _alone(request, team))
    return render(request, "teams/_omtm_preview.html", {"team": team, "preview": preview})


def _start(request: HttpRequest, form: OmtmForm) -> HttpResponse:
    omtm = lifecycle.start_omtm(
        form.team,
        form.idea(),
        actor=request.user,
        today=form.today,
        candidate=form.candidate,
        choice_reason=form.cleaned_data["choice_reason"],
    )
    said = {
        "active": f"{omtm.name} has begun. Everybody sees it on the page of {form.team}.",
        "committed": f"{omtm.name} is committed. Everybody sees it on the page of {form.team}.",
        "proposed": f"{omtm.name} waits for a leader to approve it.",
    }
    messages.success(request, said[omtm.state])
    return redirect("omtm", pk=omtm.pk)


def _keep(request: HttpRequest, form: OmtmForm) -> HttpResponse:
    told: dict[str, Any] = {"actor": request.user, "today": form.today}
    if form.candidate is None:
        kept = drafting.draft(form.team, form.idea(), **told)
    else:
        kept = drafting.edit(form.candidate, form.idea(), **told)
    messages.success(request, f"{kept.name} is kept as a candidate of {form.team}.")
    return redirect("omtm", pk=kept.pk)


def _form(request: HttpRequest, team: Team) -> OmtmForm:
    now = clock.now()
    return OmtmForm(
        request.POST or None,
        team=team,
        today=clock.today(Company.current().zone),
        now=now,
        candidate=_candidate(request, team),
        drafting=request.POST.get("save") == "candidate",
    )


def _begun(form: OmtmForm) -> OmtmForm:
    """The form as if what its candidate says had been typed: the page begins with what follows from that."""
    if form.is_bound or form.candidate is None:
        return form
    said = {name: form[name].value() for name in form.fields}
    told = {name: value for name, value in said.items() if value is not None}
    begun = OmtmForm(told, team=form.team, today=form.today, now=form.now, candidate=form.candidate)
    begun.is_valid()
    return begun


def _candidate(request: HttpRequest, team: Team) -> Omtm | None:
    """The candidate that the address names; another team's is not found."""
    text = request.GET.get("candidate", "")
    if not text:
        return None
    pk = int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0
    return get_object_or_404(team.omtms.select_related("metric", "team", "predecessor"), pk=pk)


def _choice(form: OmtmForm) -> str:
    """Why a reason is asked for: another candidate is ranked first."""
    if form.candidate is None:
        return ""
    return ranking.against(form.candidate, company=Company.current(), now=form.now)


def _excepted(team: Team, form: OmtmForm) -> bool:
    return ExceptionGrant.objects.open_on(form.today).filter(team=team).exists()


def _alone(request: HttpRequest, team: Team) -> bool:
    return lifecycle.needs_no_leader(request.user, Omtm(team=team))
