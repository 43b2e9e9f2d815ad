"""Calendars: the page of a person's feeds, and the feeds themselves."""

from __future__ import annotations

import hashlib

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import get_conditional_response
from django.views.decorators.http import require_POST, require_safe

from metrics.models import Company
from northstar.lib import clock
from northstar.lib.policy import ADMIN, find, requires, subject_of
from teams.feeds import content, giving, listing
from teams.forms.calendars import FeedForm
from teams.models import CalendarFeed

TO_DATE = "text/calendar; charset=utf-8"
DEAD = "This calendar has ended, or its address has a slip in it. Make a new address in Northstar.\n"


@requires("feed.own")
@require_safe
def calendars(request: HttpRequest) -> HttpResponse:
    """The three kinds of calendars, and those that this person reads."""
    return _page(request, FeedForm())


@requires("feed.own")
@require_POST
def calendar_new(request: HttpRequest) -> HttpResponse:
    """A new address, shown once; the one before for the same calendar is dead."""
    form = FeedForm(request.POST)
    if not form.is_valid():
        return _page(request, form)
    feed, secret = giving.give(request.user, *form.chosen, now=clock.now())  # type: ignore[arg-type]
    context = {
        "feed": feed,
        "name": content.title(feed, Company.current()),
        "address": settings.SITE_URL + reverse("calendar-feed", args=[secret]),
        "breadcrumbs": [("Calendars", reverse("calendars")), ("New address", "")],
    }
    return render(request, "calendars/made.html", context, status=201)


@requires("feed.end")
@require_POST
def calendar_end(request: HttpRequest, pk: int) -> HttpResponse:
    feed = find(request, "feed.end", CalendarFeed.objects.select_related("team", "user"), pk=pk)
    giving.end(feed, actor=request.user, now=clock.now())
    messages.success(request, "That address opens nothing any more.")
    return redirect("calendars")


@requires("public")
@require_safe
def calendar_feed(request: HttpRequest, secret: str) -> HttpResponseBase:
    """The file for a calendar program; nothing of the visitor but what it has kept is looked at."""
    now = clock.now()
    feed = giving.opened(secret, now)
    if feed is None:
        return HttpResponse(DEAD, status=404, content_type="text/plain; charset=utf-8")
    body = content.calendar_of(feed, company=Company.current(), now=now)
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    response = HttpResponse(body, content_type=TO_DATE)
    response.headers["Content-Disposition"] = 'inline; filename="northstar.ics"'
    response.headers["ETag"] = tag
    response.headers["Cache-Control"] = "private, no-cache"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex"
    return get_conditional_response(request, etag=tag, response=response) or response


def _page(request: HttpRequest, form: FeedForm) -> HttpResponse:
    company = Company.current()
    kinds = listing.kinds(request.user, company=company, now=clock.now())
    context: dict[str, object] = {"form": form, "kinds": kinds}
    if ADMIN in subject_of(request).grants:
        context["everybodys"] = listing.everybodys(company=company, now=clock.now())
    return render(request, "calendars/calendars.html", context, status=422 if form.errors else 200)
