"""Pages of closing reviews: written, saved by themselves, held, read for ever."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from metrics import formatting
from metrics.models import Company
from northstar.lib import clock
from northstar.lib.policy import demand, find, may, requires, subject_of
from teams import autosaving, closing, closing_pages, minuting
from teams.forms.closing import ClosingForm
from teams.forms.reviews import HalfWayForm, MinutesForm
from teams.models import Omtm, Review
from teams.models.omtm import RUNNING
from teams.refusing import LifecycleError

REVIEWS = ("Reviews", "/reviews/")
SAVED = "Saved. It stays here until the review is recorded."


@requires("omtm.retire")
def omtm_retire(request: HttpRequest, pk: int) -> HttpResponse:
    found = find(request, "omtm.retire", joined(), pk=pk)
    if found.state not in RUNNING:
        return redirect(closing_pages.held_path(found, "closing"))
    if request.method != "POST":
        return _closing_page(request, found)
    form = ClosingForm(request.POST, omtm=found, today=clock.today(Company.current().zone))
    try:
        if "save" in request.POST:
            return saved(request, found, "closing", form)
        if form.is_valid():
            return _closed(request, found, form)
    except LifecycleError as error:
        form.add_error(error.field if error.field in form.fields else None, str(error))
    except autosaving.DraftConflict as clash:
        return _closing_page(request, found, typed=form, clash=clash)
    except autosaving.DraftError as error:
        form.add_error(None, str(error))
    return _closing_page(request, found, form=form)


@requires("omtm.review")
@require_POST
def review_draft(request: HttpRequest, pk: int, kind: str) -> HttpResponse:
    """What was typed so far, kept: 204 with its number; 409 with a sentence where somebody was faster."""
    found = find(request, "omtm.review", joined(), pk=pk)
    if kind not in autosaving.KINDS:
        raise Http404
    form = HalfWayForm() if kind == "midpoint" else ClosingForm(omtm=found, today=found.start)
    try:
        review = _save(request, found, kind, form)
    except autosaving.DraftConflict as clash:
        return JsonResponse({"sentence": str(clash), "draft_no": clash.review.draft_no}, status=409)
    except autosaving.DraftError as error:
        return JsonResponse({"sentence": str(error)}, status=422)
    headers = {"X-Draft-Number": str(review.draft_no), "X-Draft-Saved": closing_pages.clock_words(review)}
    return HttpResponse(status=204, headers=headers)


@requires("review.view")
def review(request: HttpRequest, pk: int) -> HttpResponse:
    """A review as it was held, from what was frozen with it; one that is open leads to its questions."""
    rows = Review.objects.select_related("omtm__team", "omtm__metric", "north_star", "held_by")
    found = find(request, "review.view", rows, pk=pk)
    if found.held_at is None:
        return redirect(closing_pages.open_path(found))
    subject = subject_of(request)
    context = closing_pages.held(found, company=Company.current(), today=clock.today(Company.current().zone))
    context |= {
        "breadcrumbs": [REVIEWS, (context["title"], "")],
        "knows": found.omtm is not None and may(subject, "omtm.check_in", found.omtm),
        "can_correct": found.omtm is not None and may(subject, "omtm.review", found.omtm),
    }
    return render(request, "reviews/held.html", context)


@requires("omtm.review")
def review_minutes(request: HttpRequest, pk: int) -> HttpResponse:
    """Minutes put right by whoever may hold the review; the rest of it stays as it was held."""
    held = Review.objects.filter(held_at__isnull=False, omtm__isnull=False).select_related("omtm__team")
    found = find(request, "review.view", held, pk=pk)
    demand(request, "omtm.review", found.omtm)
    posted = request.POST if request.method == "POST" else None
    form = MinutesForm(posted, initial={"minutes": found.minutes})
    if form.is_valid():
        minuting.correct(found, form.cleaned_data["minutes"], actor=request.user)
        messages.success(request, "The minutes are corrected.")
        return redirect("review", pk=pk)
    context = {"review": found, "form": form, "title": str(found.omtm)}
    context["breadcrumbs"] = [REVIEWS, (str(found.omtm), reverse("review", args=[pk])), ("Minutes", "")]
    return render(request, "reviews/minutes.html", context, status=422 if form.errors else 200)


def joined() -> Any:
    """OMTMs with what their review pages read."""
    return Omtm.objects.select_related("team", "metric", "owner", "driver")


def seen(request: HttpRequest) -> int:
    """The number of the draft over which the page was opened."""
    text = request.POST.get("draft_no", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def saved(request: HttpRequest, found: Omtm, kind: str, form: Any) -> HttpResponse:
    """Save for later, without a script: back to the page. Raises autosaving.DraftError."""
    _save(request, found, kind, form)
    messages.success(request, SAVED)
    return redirect(request.path)


def _save(request: HttpRequest, found: Omtm, kind: str, form: Any) -> Review:
    typed = autosaving.typed(request.POST, form.fields)
    asked = {"seen": seen(request), "actor": request.user, "now": clock.now(), "company": Company.current()}
    return autosaving.save(found, kind, typed, **asked)


def _closed(request: HttpRequest, found: Omtm, form: ClosingForm) -> HttpResponse:
    today = clock.today(Company.current().zone)
    if form.extends:
        _save(request, found, "closing", form)
    goes_on = closing.close(found, form.closing, actor=request.user, today=today, seen=seen(request))
    found.refresh_from_db()
    if found.state == "active":
        end = formatting.day_words(found.end, today)
        messages.success(request, f"{found.name} goes on until {end}. What you typed is kept for its review.")
        return redirect("omtm", pk=found.pk)
    messages.success(request, f"{found.name} is retired: {found.outcome_words.lower()}.")
    if goes_on.pk != found.pk:
        return redirect("omtm", pk=goes_on.pk)
    return redirect(closing_pages.held_path(found, "closing"))


def _closing_page(
    request: HttpRequest,
    found: Omtm,
    *,
    form: ClosingForm | None = None,
    typed: ClosingForm | None = None,
    clash: autosaving.DraftConflict | None = None,
) -> HttpResponse:
    """The facts and the questions; what was typed is there again after an error, a reload or a clash."""
    company, now = Company.current(), clock.now()
    context = closing_pages.closing(found, company=company, now=now, actor=request.user, clash=clash)
    kept = autosaving.typed(typed.data, typed.fields) if typed else context["draft"].fields
    crumbs = [REVIEWS, (found.team.name, reverse("team", args=[found.team.slug])), (found.name, "")]
    form = form or ClosingForm(omtm=found, today=context["today"], drafted=kept)
    former = context["draft"].former
    context |= {
        "form": form,
        "former": closing_pages.labelled(form, former["fields"]) if former else [],
        "early": form.early,
        "consequences": closing.CONSEQUENCES,
        "breadcrumbs": crumbs,
        "knows": True,
    }
    status = 409 if clash else 422 if form.is_bound and form.errors else 200
    return render(request, "reviews/closing.html", context, status=status)
