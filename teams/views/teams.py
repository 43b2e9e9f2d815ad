"""Pages of teams: the list, one team, and the forms that make and change one."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from metrics.models import Company
from northstar.lib import clock
from northstar.lib.policy import find, may, requires, subject_of
from teams import candidate_pages, check_in_pages, commitment_pages, team_pages, teaming
from teams.forms.teams import MembersForm, TeamForm
from teams.middleware import subject_for
from teams.models import Team

CRUMB = ("Teams", "/teams/")
CANDIDATES = 4


@requires("team.view")
def team_list(request: HttpRequest) -> HttpResponse:
    rows = team_pages.rows(clock.today(Company.current().zone), subject_of(request))
    context = {
        "rows": rows,
        "gaps": sum(row.omtm is None for row in rows),
        "can_create": may(subject_of(request), "team.create"),
    }
    return render(request, "teams/team_list.html", context)


@requires("team.view")
def team(request: HttpRequest, slug: str) -> HttpResponse:
    found = find(request, "team.view", Team.objects.listed(), slug=slug)
    company = Company.current()
    context = team_pages.detail(found, company=company, today=clock.today(company.zone))
    subject = subject_of(request)
    if (omtm := context["omtm"]) is not None:
        shown = {"facts": context["facts"], "today": context["today"]}
        context["check"] = check_in_pages.panel(omtm, subject=subject, **shown)
        context["commitment"] = commitment_pages.panel(omtm, subject=subject)
    context |= {
        "candidates": candidate_pages.listing(
            found, subject=subject, company=company, now=clock.now(), most=CANDIDATES
        ),
        "can_choose": may(subject, "omtm.create", found),
        "can_retire": may(subject, "omtm.retire", found),
        "can_edit": may(subject, "team.edit", found),
        "can_except": may(subject, "exception.grant", found),
        "breadcrumbs": [CRUMB, (found.name, "")],
    }
    return render(request, "teams/team_detail.html", context)


@requires("team.create")
def team_new(request: HttpRequest) -> HttpResponse:
    form = TeamForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = teaming.create(actor=request.user, **form.cleaned_data)
        except teaming.NameTaken as taken:
            form.add_error("name", str(taken))
        else:
            messages.success(request, f"{made.name} was created. Add its people, and name a lead.")
            return redirect("team-edit", slug=made.slug)
    context = {"form": form, "breadcrumbs": [CRUMB, ("New team", "")]}
    return render(request, "teams/team_form.html", context, status=422 if form.errors else 200)


@requires("team.edit")
def team_edit(request: HttpRequest, slug: str) -> HttpResponse:
    found = find(request, "team.edit", Team.objects.listed(), slug=slug)
    form = TeamForm(request.POST or None, team=found)
    if request.method == "POST" and form.is_valid():
        teaming.edit(found, actor=request.user, **form.cleaned_data)
        messages.success(request, f"{form.cleaned_data['name']} was saved.")
        return redirect("team", slug=slug)
    return _edit_page(request, found, form, MembersForm(team=found))


@requires("team.edit")
@require_POST
def team_members(request: HttpRequest, slug: str) -> HttpResponse:
    found = find(request, "team.edit", Team.objects.listed(), slug=slug)
    form = MembersForm(request.POST, team=found)
    if not form.is_valid():
        return _edit_page(request, found, TeamForm(team=found), form)
    teaming.set_members(found, form.roles, actor=request.user)
    messages.success(request, f"The people of {found.name} were saved.")
    # Not by the rights that the request came with: a lead may just have left.
    if may(subject_for(request.user), "team.edit", found):
        return redirect("team-edit", slug=slug)
    return redirect("team", slug=slug)


def _edit_page(request: HttpRequest, team: Team, form: TeamForm, members: MembersForm) -> HttpResponse:
    context = {
        "team": team,
        "form": form,
        "members": members,
        "breadcrumbs": [CRUMB, (team.name, reverse("team", args=[team.slug])), ("Edit", "")],
    }
    refused = form.errors or members.errors
    return render(request, "teams/team_form.html", context, status=422 if refused else 200)
