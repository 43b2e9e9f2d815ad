"""The review meeting: agenda, one bet a screen, minutes, dates for the calendar."""

from __future__ import annotations

from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from metrics.models import Company
from northstar.lib import clock
from northstar.lib.policy import find, may, requires, subject_of
from teams import calendaring, convening, meeting_pages
from teams.forms.meetings import CloseMeetingForm, DecisionForm
from teams.models import Omtm, Team
from teams.models.omtm import RUNNING
from teams.refusing import LifecycleError

REVIEWS = ("Reviews", "/reviews/")
TO_DATE = "text/calendar; charset=utf-8"


@requires("review.view")
def review_run(request: HttpRequest) -> HttpResponse:
    """The agenda: what needs the meeting first, the rest folded away."""
    team = _team(request)
    today = clock.today(Company.current().zone)
    exceptions, calm = meeting_pages.split(meeting_pages.agenda(today=today, team=team))
    context = {
        "exceptions": exceptions,
        "calm": calm,
        "first": next(iter(exceptions or calm), None),
        "minutes_each": meeting_pages.MINUTES_EACH,
        "teams": Team.objects.listed().filter(omtms__state__in=RUNNING).distinct(),
        "team": team,
        "query": _query(team),
        "today": today,
        "breadcrumbs": [REVIEWS, ("Review meeting", "")],
    }
    return render(request, "reviews/run.html", context)


@requires("review.view")
def review_run_omtm(request: HttpRequest, pk: int) -> HttpResponse:
    """One bet; whoever may review it records the decision, everybody else looks on."""
    action = "omtm.review" if request.method == "POST" else "omtm.view"
    found = find(request, action, Omtm.objects.running().select_related("team"), pk=pk)
    company, team = Company.current(), _team(request)
    today = clock.today(company.zone)
    items = meeting_pages.agenda(today=today, team=team)
    context = meeting_pages.screen(items, pk, company=company, today=today)
    posted = request.POST if request.method == "POST" else None
    form = DecisionForm(posted, omtm=found, kept=context["item"].today)
    if form.is_valid():
        try:
            convening.decide(found, form.decided, actor=request.user, today=today)
        except LifecycleError as error:
            form.add_error(None, str(error))
        else:
            return redirect(_onward(context["after"], today) + _query(team))
    context |= {"form": form, "allowed": may(subject_of(request), "omtm.review", found)}
    context |= {"query": _query(team), "meeting": reverse("review-meeting", args=[today.isoformat()])}
    refused = form.is_bound and bool(form.errors)
    return render(request, "reviews/run_omtm.html", context, status=422 if refused else 200)


@requires("review.view")
def review_meeting(request: HttpRequest, day: str) -> HttpResponse:
    """The minutes of the meeting of a day; on that day, with the end of the meeting."""
    return _meeting_page(request, _day(day))


@requires("review.close_meeting")
@require_POST
def review_meeting_close(request: HttpRequest, day: str) -> HttpResponse:
    when = _day(day)
    form = CloseMeetingForm(request.POST, day=when)
    if not form.is_valid():
        return _meeting_page(request, when, form=form)
    given = form.cleaned_data
    try:
        convening.close(when, following=given["next_on"], at=given["next_at"], actor=request.user)
    except LifecycleError as error:
        form.add_error(None, str(error))
        return _meeting_page(request, when, form=form)
    messages.success(request, "The meeting is closed. Its minutes leave by mail in ten minutes, once.")
    return redirect("review-meeting", day=day)


@requires("review.view")
def review_meeting_next(request: HttpRequest, day: str) -> HttpResponse:
    """The next meeting as a calendar file."""
    rows = list(convening.decided_on(_day(day)))
    if not rows or rows[0].next_on is None:
        raise Http404
    form = CloseMeetingForm({"next_at": rows[0].answers.get("next_at", "")}, day=rows[0].due_on)
    form.is_valid()
    asked = {"count": Omtm.objects.running().count(), "company": Company.current(), "now": clock.now()}
    return _file(calendaring.meeting(rows[0].next_on, form.cleaned_data["next_at"], **asked), "meeting")


@requires("omtm.view")
def omtm_calendar(request: HttpRequest, pk: int) -> HttpResponse:
    """The review dates of a bet that is committed or runs, as a calendar file."""
    rows = Omtm.objects.filter(state__in=("committed", *RUNNING)).select_related("team")
    found = find(request, "omtm.view", rows, pk=pk)
    return _file(calendaring.reviews_of(found, company=Company.current(), now=clock.now()), f"reviews-{pk}")


def _meeting_page(request: HttpRequest, day: date, *, form: CloseMeetingForm | None = None) -> HttpResponse:
    company = Company.current()
    today = clock.today(company.zone)
    context: dict[str, Any] = meeting_pages.minutes(day, company=company, today=today)
    suggested = context["next_on"] or day + meeting_pages.NEXT_IN
    context |= {
        "form": form or CloseMeetingForm(day=day, suggested=suggested),
        "can_close": may(subject_of(request), "review.close_meeting"),
        "breadcrumbs": [REVIEWS, (f"Meeting of {context['day_words']}", "")],
    }
    status = 422 if context["form"].is_bound and context["form"].errors else 200
    return render(request, "reviews/meeting.html", context, status=status)


def _onward(after: int | None, today: date) -> str:
    if after is not None:
        return reverse("review-run-omtm", args=[after])
    return reverse("review-meeting", args=[today.isoformat()])


def _team(request: HttpRequest) -> str:
    """The slug of the one team that the meeting is about; empty for all, and for one that is not."""
    slug = request.GET.get("team", "").replace("\x00", "")[:80]
    return slug if slug and Team.objects.listed().filter(slug=slug).exists() else ""


def _query(team: str) -> str:
    return f"?{urlencode({'team': team})}" if team else ""


def _day(text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise Http404 from None
    if day.isoformat() != text:
        raise Http404
    return day


def _file(content: bytes, name: str) -> HttpResponse:
    answer = HttpResponse(content, content_type=TO_DATE)
    answer["Content-Disposition"] = f'attachment; filename="northstar-{name}.ics"'
    return answer
