"""Pages of OMTMs: choose, follow, and the archive of those that are over."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from metrics.models import Company
from northstar.lib import clock
from northstar.lib.policy import find, may, requires, subject_of
from teams import check_in_pages, commitment_pages, lifecycle, omtm_pages
from teams.forms.check_ins import CheckInForm
from teams.forms.commitments import CommitmentForm, ReplyForm
from teams.forms.omtms import OmtmForm, WithdrawForm
from teams.models import Omtm, Team
from teams.models.omtm import OUTCOMES

TEAMS = "/teams/"
PAGE = 30


@requires("omtm.create")
def omtm_new(request: HttpRequest, slug: str) -> HttpResponse:
    team = find(request, "omtm.create", Team.objects.listed(), slug=slug)
    form = _form(request, team)
    if request.method == "POST" and form.is_valid() and "check" not in request.POST:
        try:
            omtm = lifecycle.start_omtm(team, form.idea(), actor=request.user, today=form.today)
        except lifecycle.LifecycleError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
        else:
            begun = "has begun" if omtm.state == "active" else "is committed"
            messages.success(request, f"{omtm.name} {begun}. Everybody sees it on the page of {team}.")
            return redirect("omtm", pk=omtm.pk)
    context = {
        "team": team,
        "form": form,
        "preview": omtm_pages.preview(form),
        "running": team.omtms.active().first(),
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
    return render(request, "teams/_omtm_preview.html", {"team": team, "preview": omtm_pages.preview(form)})


@requires("omtm.view")
def omtm(request: HttpRequest, pk: int) -> HttpResponse:
    return omtm_page(request, find(request, "omtm.view", joined().prefetch_related("reviews"), pk=pk))


@requires("omtm.retire")
@require_POST
def omtm_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    found = find(request, "omtm.retire", joined().prefetch_related("reviews"), pk=pk)
    form = WithdrawForm(request.POST)
    if not form.is_valid():
        return omtm_page(request, found, withdrawal=form)
    try:
        today = clock.today(Company.current().zone)
        lifecycle.withdraw(found, reason=form.cleaned_data["reason"], actor=request.user, today=today)
    except lifecycle.LifecycleError as error:
        messages.error(request, str(error))
        return redirect("omtm", pk=pk)
    messages.success(request, f"{found.name} was withdrawn before it began.")
    return redirect("team", slug=found.team.slug)


@requires("omtm.view")
def omtm_archive(request: HttpRequest) -> HttpResponse:
    words = request.GET.get("q", "").replace("\x00", "").strip()[:80]
    outcome = request.GET.get("outcome", "")
    outcome = outcome if outcome in OUTCOMES else ""
    rows = omtm_pages.archive(
        Omtm.objects.retired().select_related("team", "metric"), words=words, outcome=outcome
    )
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    context = {
        "past": omtm_pages.past(page.object_list),
        "page": page,
        "words": words,
        "outcome": outcome,
        "outcomes": OUTCOMES.items(),
        "breadcrumbs": [("Teams", TEAMS), ("Past focus", "")],
    }
    return render(request, "teams/omtm_archive.html", context)


def omtm_page(
    request: HttpRequest,
    found: Omtm,
    *,
    withdrawal: WithdrawForm | None = None,
    check_in: CheckInForm | None = None,
    commitment: CommitmentForm | None = None,
    reply: tuple[int, ReplyForm] | None = None,
) -> HttpResponse:
    """The page of an OMTM; with a form that was refused it says why and keeps what was typed."""
    company = Company.current()
    context = omtm_pages.detail(found, company=company, today=clock.today(company.zone))
    context |= {
        "can_retire": may(subject_of(request), "omtm.retire", found),
        "can_review": may(subject_of(request), "omtm.review", found),
        "check": check_in_pages.panel(
            found,
            subject=subject_of(request),
            facts=context["facts"],
            today=context["today"],
            form=check_in,
        ),
        "commitment": commitment_pages.panel(
            found, subject=subject_of(request), form=commitment, reply=reply
        ),
        "withdrawal": withdrawal or WithdrawForm(),
        "breadcrumbs": _crumbs(found, "One metric that matters"),
    }
    refused = withdrawal or check_in or commitment or reply
    return render(request, "teams/omtm_detail.html", context, status=422 if refused else 200)


def _form(request: HttpRequest, team: Team) -> OmtmForm:
    now = clock.now()
    return OmtmForm(request.POST or None, team=team, today=clock.today(Company.current().zone), now=now)


def joined() -> Any:
    """OMTMs with what their pages print of others."""
    return Omtm.objects.select_related("team", "metric", "owner", "retired_by")


def _crumbs(omtm: Omtm, here: str) -> list[tuple[str, str]]:
    return [("Teams", TEAMS), (omtm.team.name, reverse("team", args=[omtm.team.slug])), (here, "")]
