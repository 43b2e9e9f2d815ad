"""Candidates of a team: the ranked list, writing one down, scoring it, proposing it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from metrics.models import Company
from northstar.lib import clock
from northstar.lib.policy import find, requires, subject_of
from teams import candidate_pages, commitment_pages, drafting, scoring
from teams.forms.candidates import CandidateForm, ScoreForm
from teams.models import Omtm, Team
from teams.models.omtm import CANDIDATE
from teams.refusing import LifecycleError

TEAMS = "/teams/"


@requires("omtm.view")
def candidates(request: HttpRequest, slug: str) -> HttpResponse:
    team = find(request, "omtm.view", Team.objects.listed(), slug=slug)
    context = candidate_pages.listing(
        team, subject=subject_of(request), company=Company.current(), now=clock.now()
    )
    context |= {"team": team, "breadcrumbs": _crumbs(team, "Candidates")}
    return render(request, "teams/candidates.html", context)


@requires("omtm.draft")
def candidate_new(request: HttpRequest, slug: str) -> HttpResponse:
    team = find(request, "omtm.draft", Team.objects.listed(), slug=slug)
    form = CandidateForm(request.POST or None, team=team, today=_today())
    if request.method == "POST" and form.is_valid():
        try:
            made = drafting.draft(team, form.idea(), actor=request.user, today=form.today)
        except LifecycleError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
        else:
            messages.success(request, f"{made.name} is kept as a draft. {team} can score it.")
            return redirect("omtm", pk=made.pk)
    return _form_page(request, team, form)


@requires("omtm.draft")
def candidate_edit(request: HttpRequest, pk: int) -> HttpResponse:
    found = find(request, "omtm.draft", _joined(), pk=pk)
    if found.state not in CANDIDATE:
        messages.error(request, f"{found.name} is no candidate any more.")
        return redirect("omtm", pk=pk)
    form = CandidateForm(request.POST or None, team=found.team, today=_today(), candidate=found)
    if request.method == "POST" and form.is_valid():
        try:
            drafting.edit(found, form.idea(), actor=request.user, today=form.today)
        except LifecycleError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
        else:
            messages.success(request, f"{found.name} was saved.")
            return redirect("omtm", pk=pk)
    return _form_page(request, found.team, form)


@require_POST
@requires("omtm.propose")
def candidate_propose(request: HttpRequest, pk: int) -> HttpResponse:
    found = find(request, "omtm.propose", _joined(), pk=pk)
    try:
        drafting.propose(found, actor=request.user, today=_today())
    except LifecycleError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, f"{found.name} is proposed. {found.team} is asked whether it is in.")
    return redirect("omtm", pk=pk)


@require_POST
@requires("score.give")
def candidate_score(request: HttpRequest, pk: int) -> HttpResponse:
    found, company = find(request, "score.give", _joined(), pk=pk), Company.current()
    form = ScoreForm(request.POST, method=company.score_method)
    if form.is_valid():
        try:
            scoring.give(found, request.user, form.answers(), company=company, now=clock.now())
        except LifecycleError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
        else:
            messages.success(request, "Your score is kept. You can change it.")
            return redirect("omtm", pk=pk)
    if found.state not in CANDIDATE:
        messages.error(request, f"{found.name} is no candidate any more: scores are for choosing.")
        return redirect("omtm", pk=pk)
    return candidate_page(request, found, score=form)


@require_POST
@requires("omtm.create")
def candidate_round(request: HttpRequest, pk: int) -> HttpResponse:
    """Close the round of scoring, or begin another one."""
    found = find(request, "omtm.create", _joined(), pk=pk)
    again = request.POST.get("round") == "again"
    try:
        (scoring.reopen if again else scoring.close)(found, actor=request.user, now=clock.now())
    except LifecycleError as error:
        messages.error(request, str(error))
    else:
        said = "Scoring is open again." if again else "Scoring is closed: the team sees every score."
        messages.success(request, said)
    return redirect("omtm", pk=pk)


def candidate_page(
    request: HttpRequest, found: Omtm, *, score: ScoreForm | None = None, **refused: Any
) -> HttpResponse:
    """The page of a candidate; with what was refused it says why and keeps what was typed."""
    subject = subject_of(request)
    context = candidate_pages.detail(
        found, subject=subject, company=Company.current(), now=clock.now(), form=score
    )
    context |= {
        "commitment": commitment_pages.panel(found, subject=subject, **refused),
        "breadcrumbs": [
            *_crumbs(found.team, "")[:2],
            ("Candidates", reverse("candidates", args=[found.team.slug])),
            (found.name, ""),
        ],
    }
    wrong = score is not None or any(refused.values())
    return render(request, "teams/candidate.html", context, status=422 if wrong else 200)


def is_candidate(omtm: Omtm) -> bool:
    """Whether it has the page of a candidate: also one that was withdrawn before it was ever decided."""
    return omtm.state in CANDIDATE or (omtm.state == "withdrawn" and omtm.committed_at is None)


def _form_page(request: HttpRequest, team: Team, form: CandidateForm) -> HttpResponse:
    context = {
        "team": team,
        "form": form,
        "candidate": form.candidate,
        "breadcrumbs": [
            *_crumbs(team, "")[:2],
            ("Candidates", reverse("candidates", args=[team.slug])),
            (form.candidate.name if form.candidate else "New candidate", ""),
        ],
    }
    return render(request, "teams/candidate_form.html", context, status=422 if form.errors else 200)


def _joined() -> Any:
    return Omtm.objects.select_related("team", "metric", "owner", "created_by", "stage", "driver")


def _today() -> Any:
    return clock.today(Company.current().zone)


def _crumbs(team: Team, here: str) -> list[tuple[str, str]]:
    return [("Teams", TEAMS), (team.name, reverse("team", args=[team.slug])), (here, "")]
