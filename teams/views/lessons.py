"""Pages of what was learnt: the library, and how bets went."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from metrics.models import Company
from northstar.lib.policy import requires
from teams import hit_rate, lesson_pages, lessons

PAGE = 12


@requires("omtm.view")
def lesson_list(request: HttpRequest) -> HttpResponse:
    options = lessons.choices()
    wanted = lesson_pages.wanted(request.GET, options)
    page = Paginator(lessons.for_cards(lessons.find(wanted)), PAGE).get_page(request.GET.get("page"))
    context = {
        "cards": [lesson_pages.card(omtm) for omtm in page.object_list],
        "page": page,
        "wanted": wanted,
        "questions": lesson_pages.questions(wanted, options),
        "query": lesson_pages.query_of(wanted),
        "breadcrumbs": [("Teams", reverse("team-list")), ("Lessons", "")],
    }
    return render(request, "lessons/lessons.html", context)


@requires("omtm.view")
def lesson_bets(request: HttpRequest) -> HttpResponse:
    found = hit_rate.of(lesson_pages.bets(Company.current()))
    crumbs = [("Teams", reverse("team-list")), ("Lessons", reverse("lessons")), ("How bets went", "")]
    return render(request, "lessons/bets.html", {"found": found, "breadcrumbs": crumbs})


@requires("omtm.view")
def omtm_archive(request: HttpRequest) -> HttpResponse:
    """The address that the library had before."""
    query = request.GET.urlencode()
    return redirect(reverse("lessons") + (f"?{query}" if query else ""), permanent=True)
