"""The page "as we saw it": a metric at the end of a former day beside today."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from metrics import history_pages
from metrics.models import Company, Metric
from metrics.views.metrics import CRUMB
from northstar.lib import clock
from northstar.lib.policy import find, requires


@requires("metric.view")
def metric_history(request: HttpRequest, slug: str) -> HttpResponse:
    """Without a day, or with one that is none or lies ahead, it shows the newest change."""
    found = find(request, "metric.view", Metric.objects.listed().select_related("source"), slug=slug)
    company, now = Company.current(), clock.now()
    today = clock.today(company.zone)
    day, wrong = history_pages.asked_day(request.GET.get("on", ""), today=today)
    context = history_pages.page(found, day, company=company, now=now)
    context |= {
        "metric": found,
        "wrong": wrong,
        "zone": company.zone,
        "breadcrumbs": [CRUMB, (found.name, f"/metrics/{slug}/"), ("As we saw it", "")],
    }
    return render(request, "metrics/metric_history.html", context, status=422 if wrong else 200)
