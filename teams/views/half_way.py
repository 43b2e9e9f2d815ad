"""The half-way review of an OMTM: three questions, saved by themselves."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from metrics.models import Company
from northstar.lib import clock
from northstar.lib.policy import find, may, requires, subject_of
from teams import autosaving, checking_in, closing_pages, reviewing
from teams.forms.reviews import HalfWayForm
from teams.models import Omtm
from teams.views import closing

RECORDED = "The half-way review is recorded."


@requires("omtm.view")
def omtm_midpoint(request: HttpRequest, pk: int) -> HttpResponse:
    """Everybody who is reminded may look; only the lead, or a leader, may record."""
    action = "omtm.review" if request.method == "POST" else "omtm.view"
    found = find(request, action, closing.joined(), pk=pk)
    if request.method != "POST":
        return _page(request, found)
    form = HalfWayForm(request.POST)
    try:
        if "save" in request.POST:
            return closing.saved(request, found, "midpoint", form)
        if form.is_valid():
            return _held(request, found, form)
    except autosaving.DraftConflict as clash:
        return _page(request, found, typed=form, clash=clash)
    except (reviewing.ReviewError, autosaving.DraftError) as error:
        form.add_error(None, str(error))
    return _page(request, found, form=form)


def _held(request: HttpRequest, found: Omtm, form: HalfWayForm) -> HttpResponse:
    company = Company.current()
    today = clock.today(company.zone)
    asked = {"actor": request.user, "today": today, "country": company.country}
    review = reviewing.hold_half_way(found, **form.terms, **asked, seen=closing.seen(request))
    if form.cleaned_data["chance"] is not None:
        said = {"chance": form.cleaned_data["chance"], "note": form.cleaned_data["note"]}
        checking_in.check_in(found, request.user, **said, today=today, now=clock.now())
    if review.decision == "retire_early":
        messages.success(request, f"{RECORDED} Now write down why it ends and what was learnt.")
        return redirect("omtm-retire", pk=found.pk)
    messages.success(request, RECORDED)
    return redirect("review", pk=review.pk)


def _page(
    request: HttpRequest,
    found: Omtm,
    *,
    form: HalfWayForm | None = None,
    typed: HalfWayForm | None = None,
    clash: autosaving.DraftConflict | None = None,
) -> HttpResponse:
    company, subject = Company.current(), subject_of(request)
    context = closing_pages.half_way(found, company=company, now=clock.now(), actor=request.user, clash=clash)
    kept: dict[str, Any] = dict(
        autosaving.typed(typed.data, typed.fields) if typed else context["draft"].fields
    )
    form = form or HalfWayForm(initial=kept)
    former, team = context["draft"].former, found.team
    context |= {
        "form": form,
        "former": closing_pages.labelled(form, former["fields"]) if former else [],
        "allowed": may(subject, "omtm.review", found),
        "knows": may(subject, "omtm.check_in", found),
        "breadcrumbs": [
            closing.REVIEWS,
            (team.name, reverse("team", args=[team.slug])),
            (found.name, ""),
        ],
    }
    status = 409 if clash else 422 if form.is_bound and form.errors else 200
    return render(request, "reviews/half_way.html", context, status=status)
