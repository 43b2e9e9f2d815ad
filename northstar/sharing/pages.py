"""Which pages may be shared, and what each shows to somebody who may nothing else.

A page of this table has a template of its own, which prints only what it names: no names of people, no
links into the product, no forms. A page that is not in the table cannot be shared.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import Resolver404, resolve, reverse

from metrics import metric_pages
from metrics.models import ChartDocument, Company, Metric, NorthStar
from northstar.home import shelf, star_page
from northstar.home.focus import counts_of, sorted_cards
from northstar.home.shelf import Drawing
from northstar.lib import periods
from northstar.lib.policy import NOBODY
from northstar.portfolio import asking, rows, standing
from teams import omtm_pages, team_pages, weekly_pages
from teams.models import Omtm, Team
from teams.models.omtm import CANDIDATE

Built = dict[str, Any] | None
Builder = Callable[..., Built]


@dataclass(frozen=True, slots=True)
class Page:
    """A kind of page: its words, its template, and `build(company, now, **arguments)`."""

    words: str
    template: str
    build: Builder


@dataclass(frozen=True, slots=True)
class Found:
    """A page that may be shared, with the arguments of its address."""

    page: Page
    arguments: dict[str, Any]
    path: str

    def content(self, company: Company, now: datetime) -> Built:
        """What its template prints, `title` among it; None where its object is not there (any more)."""
        return self.page.build(company, now, **self.arguments)


def at(path: str) -> Found | None:
    """The page at this address, if it may be shared; its path without query and in one spelling."""
    try:
        match = resolve(path)
    except Resolver404:
        return None
    page = PAGES.get(match.url_name or "")
    if page is None:
        return None
    return Found(page, dict(match.kwargs), reverse(match.url_name or "", kwargs=match.kwargs))


def _home(company: Company, now: datetime) -> Built:
    star = NorthStar.current()
    if star is None:
        return None
    version = star.versions.order_by("-version_no").first()
    cards = sorted_cards(row.card for row in _rows(company, now))
    drawn = shelf.drawings([shelf.HERO, shelf.WHY])
    return {
        "title": star.name,
        "definition": version.plain_definition if version else "",
        "chart": ChartDocument.objects.filter(key=shelf.HERO).first(),
        "why": drawn.get(shelf.WHY, Drawing()),
        "cards": cards,
        "counts": counts_of(cards),
    }


def _star(company: Company, now: datetime, *, pk: int) -> Built:
    star = NorthStar.objects.select_related("parent").exclude(state="draft").filter(pk=pk).first()
    if star is None:
        return None
    context = star_page.compose(star, today=periods.local_day(now, company.zone), shown="")
    wanted = ("star", "version", "versions", "chart", "facts", "targets", "guardrails")
    return {"title": star.name} | {name: context[name] for name in wanted}


def _portfolio(company: Company, now: datetime) -> Built:
    found = asking.chosen(_rows(company, now), asking.Asked())
    return {
        "title": "Portfolio",
        "rows": found,
        "bets": sum(bool(row.card.name) for row in found),
        "counts": counts_of(row.card for row in found),
    }


def _team(company: Company, now: datetime, *, slug: str) -> Built:
    team = Team.objects.listed().filter(slug=slug).first()
    if team is None:
        return None
    today = periods.local_day(now, company.zone)
    context = team_pages.detail(team, company=company, today=today)
    wanted = (
        "team", "stage", "omtm", "chart", "facts", "state", "sentence", "day_number", "days_left",
        "next_review", "past", "drivers", "today",
    )  # fmt: skip
    return {"title": team.name} | {name: context[name] for name in wanted}


def _omtm(company: Company, now: datetime, *, pk: int) -> Built:
    decided = Omtm.objects.exclude(state__in=CANDIDATE).filter(team__archived_at=None)
    omtm = decided.select_related("team", "metric").prefetch_related("reviews").filter(pk=pk).first()
    if omtm is None:
        return None
    today = periods.local_day(now, company.zone)
    context = omtm_pages.detail(omtm, company=company, today=today)
    wanted = (
        "omtm", "team", "chart", "facts", "goal", "state", "outcome", "driver", "week", "days_left",
        "next_review", "today",
    )  # fmt: skip
    return {"title": omtm.name} | {name: context[name] for name in wanted}


def _metric(company: Company, now: datetime, *, slug: str) -> Built:
    metric = Metric.objects.listed().filter(slug=slug).first()
    if metric is None:
        return None
    return {
        "title": metric.name,
        "metric": metric,
        "chart": ChartDocument.objects.filter(key=f"metric:{metric.pk}").first(),
        "facts_of_metric": metric_pages.facts(metric),
    }


def _weekly(company: Company, now: datetime, *, week: str = "") -> Built:
    day = weekly_pages.week_of(week) if week else None
    review = weekly_pages.newest() if not week else weekly_pages.of_week(day) if day else None
    if review is None:
        return None
    context = weekly_pages.page(review, company=company, now=now, whole=True)
    lines = [{name: line.get(name) for name in LINE} for line in context["lines"]]
    kept = ("week_words", "frozen", "late", "summary", "zone")
    return {"title": "Weekly review", "lines": lines} | {name: context[name] for name in kept}


def _rows(company: Company, now: datetime) -> list[rows.Row]:
    today = periods.local_day(now, company.zone)
    return rows.rows_of(standing.look(company, NOBODY, today=today), NOBODY)


#: What is shown of a line of the weekly review: no remarks, no owner.
LINE = (
    "id", "key", "name", "section", "team", "unit", "lower_is_better", "state", "state_words", "sentence",
    "signal", "signal_good", "late", "restated", "drawing", "cells", "table", "columns", "exception",
)  # fmt: skip

PAGES: dict[str, Page] = {
    "home": Page("North Star with its teams", "sharing/home.html", _home),
    "north-star": Page("Story of a North Star", "sharing/star.html", _star),
    "portfolio": Page("Portfolio", "sharing/portfolio.html", _portfolio),
    "team": Page("Team", "sharing/team.html", _team),
    "omtm": Page("One metric that matters", "sharing/omtm.html", _omtm),
    "metric": Page("Metric", "sharing/metric.html", _metric),
    "weekly": Page("Newest weekly review", "sharing/weekly.html", _weekly),
    "weekly-past": Page("Weekly review", "sharing/weekly.html", _weekly),
}
