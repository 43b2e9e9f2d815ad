"""The portfolio and the map of gaps."""

from __future__ import annotations

import csv

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from northstar.home.navigation import company_of
from northstar.lib import clock
from northstar.lib.policy import requires, subject_of
from northstar.portfolio import asking, gap_pages, pages, standing
from northstar.portfolio.standing import Standing


@requires("portfolio.view")
def portfolio(request: HttpRequest) -> HttpResponse:
    """Every bet of the company in one table."""
    found = _look(request)
    wanted = asking.asked(request.GET, found.departments)
    return render(request, "portfolio/portfolio.html", pages.portfolio(found, wanted, subject_of(request)))


@requires("portfolio.view")
def portfolio_export(request: HttpRequest) -> HttpResponse:
    """The table as it is shown, as a file."""
    found = _look(request)
    wanted = asking.asked(request.GET, found.departments)
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="portfolio-{found.today}.csv"'
    csv.writer(response).writerows(pages.csv_lines(found, wanted, subject_of(request)))
    return response


@requires("gaps.view")
def gap_map(request: HttpRequest) -> HttpResponse:
    """Who pushes what where, and what is missing."""
    context = gap_pages.gap_map(
        _look(request), subject_of(request), view=request.GET.get("by", ""), kind=request.GET.get("kind", "")
    )
    return render(request, "portfolio/gap_map.html", context)


def _look(request: HttpRequest) -> Standing:
    company = company_of(request)
    return standing.look(company, subject_of(request), today=clock.today(company.zone))
