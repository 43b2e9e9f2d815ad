"""The page "as we saw it": a metric at the end of a former day beside today."""

from __future__ import annotations

from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from metrics import history_pages
from metrics.models import Company, Metric
from metrics.views.metrics import CRUMB
from northstar.lib import clock
from northstar.lib.policy import find, requires

BACK = timedelta(weeks=4)


@requires("metric.view")
def metric_history(request: HttpRequest, slug: str) -> HttpResponse:
    """Without a day it shows four weeks ago; what is no day, or lies ahead, is told and shows that too."""
    found = find(request, "metric.view", Metric.objects.listed().select_related("source"), slug=slug)
    company, now = Company.current(), clock.now()
    today = clock.today(company.zone)
    day, wrong = history_pages.asked_day(request.GET.get("on", ""), today=today)
    context = history_pages.page(found, day or today - BACK, company=company, now=now)
    context |= {
        "metric": found,
        "wrong": wrong,
        "zone": company.zone,
        "breadcrumbs": [CRUMB, (found.name, f"/metrics/{slug}/"), ("As we saw it", "")],
    }
    return render(request, "metrics/metric_history.html", context, status=422 if wrong else 200)
