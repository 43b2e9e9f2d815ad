"""Pages of OMTMs: choose and follow."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from metrics.models import Company
from northstar.lib import clock
from northstar.lib.policy import find, may, requires, subject_of
from teams import change_pages, check_in_pages, commitment_pages, omtm_pages
from teams.forms.check_ins import CheckInForm
from teams.forms.commitments import CommitmentForm, ReplyForm
from teams.models import Omtm
from teams.views import candidates

TEAMS = "/teams/"


@requires("omtm.view")
def omtm(request: HttpRequest, pk: int) -> HttpResponse:
    return page_of(request, find(request, "omtm.view", joined().prefetch_related("reviews"), pk=pk))


def page_of(request: HttpRequest, found: Omtm, **refused: Any) -> HttpResponse:
    """The page that fits its state: of a candidate, or of a bet."""
    page = candidates.candidate_page if candidates.is_candidate(found) else omtm_page
    return page(request, found, **refused)


def omtm_page(
    request: HttpRequest,
    found: Omtm,
    *,
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
        "changes": change_pages.offered(
            found, subject=subject_of(request), company=company, today=context["today"]
        ),
        "breadcrumbs": _crumbs(found, "One metric that matters"),
    }
    refused = check_in or commitment or reply
    return render(request, "teams/omtm_detail.html", context, status=422 if refused else 200)


def joined() -> Any:
    """OMTMs with what their pages print of others."""
    return Omtm.objects.select_related("team", "metric", "owner", "retired_by", "approval_asked_by")


def _crumbs(omtm: Omtm, here: str) -> list[tuple[str, str]]:
    return [("Teams", TEAMS), (omtm.team.name, reverse("team", args=[omtm.team.slug])), (here, "")]
