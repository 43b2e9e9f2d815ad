"""Pages of reviews: the due list, the half-way review, the review of the North Star."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from metrics import fitness_words
from metrics.models import Company, NorthStar
from northstar.lib import clock
from northstar.lib.policy import demand, may, requires, subject_of
from teams import review_pages, reviewing
from teams.forms.reviews import NorthStarReviewForm
from teams.models import Delivery
from teams.reminders import reminding

REVIEWS = ("Reviews", "/reviews/")


@requires("review.view")
def review_list(request: HttpRequest) -> HttpResponse:
    company = Company.current()
    today = clock.today(company.zone)
    context = review_pages.due_list(subject_of(request), request.user, company=company, today=today)
    return render(request, "reviews/review_list.html", context)


@requires("review.view")
@require_POST
def reminder_seen(request: HttpRequest, pk: int) -> HttpResponse:
    own = Delivery.objects.filter(recipient=request.user, channel="app").select_related("reminder")
    reminding.acknowledge(get_object_or_404(own, pk=pk), clock.now())
    return redirect("inbox" if "from_inbox" in request.POST else "review-list")


@requires("north_star.view")
def north_star_review(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """Hold the review of the company's North Star, with `pk` that of a unit."""
    star = NorthStar.current() if pk is None else NorthStar.objects.filter(pk=pk, state="active").first()
    if star is None:
        raise Http404
    demand(request, "north_star.review" if request.method == "POST" else "north_star.view", star)
    company = Company.current()
    today, says = (
        clock.today(company.zone),
        fitness_words.beside(star.fitness_tests.order_by("tested_on").last()),
    )
    form = NorthStarReviewForm(request.POST or None, says=says)
    if request.method == "POST" and form.is_valid():
        try:
            review = reviewing.hold_north_star(star, **form.terms, actor=request.user, today=today)
        except reviewing.ReviewError as error:
            form.add_error(None, str(error))
        else:
            return _after_star(request, star, review.decision)
    context = review_pages.north_star(star, today=today, company=company) | {"form": form}
    context |= {
        "breadcrumbs": [REVIEWS, (star.name, "")],
        "allowed": _may(request, "north_star.review", star),
    }
    return _page(request, "reviews/north_star.html", context, form)


def _after_star(request: HttpRequest, star: NorthStar, decision: str) -> HttpResponse:
    if decision == "keep":
        messages.success(request, f"The review of {star} is recorded.")
        return redirect("review-list")
    messages.success(request, "The review is recorded. Now write the new definition.")
    if star.scope == "unit":
        return redirect("north-star-unit-edit", star.pk)
    return redirect("north-star-edit")


def _may(request: HttpRequest, action: str, obj: Any) -> bool:
    return may(subject_of(request), action, obj)


def _page(request: HttpRequest, name: str, context: dict[str, Any], form: Any) -> HttpResponse:
    refused = form.is_bound and bool(form.errors)
    return render(request, name, context, status=422 if refused else 200)
