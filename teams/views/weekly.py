"""Pages of the weekly review: the newest, earlier ones, freezing by hand, remarks."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from metrics.models import Company
from northstar.lib import clock
from northstar.lib.policy import may, requires, subject_of
from teams import weekly as freezing
from teams import weekly_pages
from teams.models import WeeklyReview


@requires("weekly.view")
def weekly(request: HttpRequest) -> HttpResponse:
    review = weekly_pages.newest()
    if review is not None:
        return _page(request, review)
    context = weekly_pages.empty(company=Company.current(), now=clock.now())
    context["may_freeze"] = may(subject_of(request), "weekly.freeze")
    return render(request, "weekly/empty.html", context)


@requires("weekly.view")
def weekly_past(request: HttpRequest, week: str) -> HttpResponse:
    return _page(request, _found(week))


@requires("weekly.remark")
@require_POST
def weekly_remark(request: HttpRequest, week: str) -> HttpResponse:
    review, key = _found(week), request.POST.get("line", "")
    text = freezing.UNKNOWN if "unknown" in request.POST else request.POST.get("text", "")
    try:
        freezing.remark(review, key, text, author=request.user)
    except freezing.WeeklyError as error:
        known = key if freezing.has_line(review, key) else ""
        return _page(request, review, refused={"line": known, "text": text, "error": str(error)})
    messages.success(request, "Your remark is on the page.")
    whole = "?all=1" if request.POST.get("all") == "1" else ""
    return redirect(f"{reverse('weekly-past', args=[week])}{whole}#{key.replace(':', '-')}")


@requires("weekly.freeze")
@require_POST
def weekly_freeze(request: HttpRequest) -> HttpResponse:
    try:
        freezing.freeze_now(clock.now(), actor=request.user)
    except freezing.WeeklyError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, "The review is frozen: what it shows stays as it is.")
    return redirect("weekly")


def _found(code: str) -> WeeklyReview:
    week = weekly_pages.week_of(code)
    review = weekly_pages.of_week(week) if week else None
    if review is None:
        raise Http404
    return review


def _page(
    request: HttpRequest, review: WeeklyReview, *, refused: dict[str, str] | None = None
) -> HttpResponse:
    whole = request.GET.get("all") == "1" or request.POST.get("all") == "1"
    context: dict[str, Any] = weekly_pages.page(
        review, company=Company.current(), now=clock.now(), whole=whole
    )
    context["may_remark"] = may(subject_of(request), "weekly.remark")
    context["refused"] = refused or {}
    return render(request, "weekly/weekly.html", context, status=422 if refused else 200)
