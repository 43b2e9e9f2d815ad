"""What is known of a metric period by period, and asking its source again for days that are past."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from metrics import backfilling, coverage_pages
from metrics.forms.values import BackfillForm
from metrics.models import Backfill, Company, Metric
from metrics.views.metrics import CRUMB
from northstar.lib import clock
from northstar.lib.policy import find, requires

SHOWN = 20
VERBS: dict[str, Callable[..., None]] = {
    "pause": backfilling.pause,
    "resume": backfilling.resume,
    "cancel": backfilling.cancel,
}


@requires("source.run")
def metric_coverage(request: HttpRequest, slug: str) -> HttpResponse:
    found = _metric(request, slug)
    context = coverage_pages.coverage(found, company=Company.current(), now=clock.now())
    if request.headers.get("HX-Request") == "true":
        return render(request, "metrics/_coverage.html", context)
    context["breadcrumbs"] = [CRUMB, (found.name, f"/metrics/{slug}/"), ("Coverage", "")]
    return render(request, "metrics/metric_coverage.html", context)


@require_POST
@requires("source.run")
def metric_fill(request: HttpRequest, slug: str) -> HttpResponse:
    found = _metric(request, slug)
    missing = coverage_pages.gaps(found, company=Company.current(), now=clock.now())
    try:
        backfilling.fill(found, missing, actor=request.user)
    except backfilling.BackfillError as error:
        messages.error(request, str(error))
    return redirect("metric-backfill", slug=slug)


@requires("source.run")
def metric_backfill(request: HttpRequest, slug: str) -> HttpResponse:
    found = _metric(request, slug)
    form = BackfillForm(request.POST or None, today=clock.today(Company.current().zone))
    if request.method == "POST" and form.is_valid():
        first, last = form.cleaned_data["first"], form.cleaned_data["last"]
        try:
            backfilling.begin(found, first, last + timedelta(days=1), actor=request.user)
            return redirect("metric-backfill", slug=slug)
        except backfilling.BackfillError as error:
            form.add_error(None, str(error))
    context = _backfills(found) | {"form": form, "metric": found, "zone": Company.current().zone}
    context["breadcrumbs"] = [CRUMB, (found.name, f"/metrics/{slug}/"), ("Fetch days again", "")]
    return render(request, "metrics/metric_backfill.html", context, status=422 if form.errors else 200)


@require_POST
@requires("source.run")
def backfill_move(request: HttpRequest, slug: str, pk: int, verb: str) -> HttpResponse:
    found = find(
        request, "source.run", Backfill.objects.select_related("metric__source"), pk=pk, metric__slug=slug
    )
    if verb not in VERBS:
        raise Http404
    VERBS[verb](found, actor=request.user)
    return redirect("metric-backfill", slug=slug)


def _metric(request: HttpRequest, slug: str) -> Metric:
    return find(request, "source.run", Metric.objects.listed().select_related("source"), slug=slug)


def _backfills(metric: Metric) -> dict[str, Any]:
    """The newest ones with how far each is, in a constant number of queries."""
    now = clock.now()
    newest = list(metric.backfills.select_related("requested_by").order_by("-id")[:SHOWN])
    progress = backfilling.progress_of(newest, now)
    rows = [
        {
            "backfill": each,
            "last": each.end - timedelta(days=1),
            "progress": progress[each.pk],
            "share": progress[each.pk].done / max(progress[each.pk].total, 1),
            "open": each.state in backfilling.OPEN,
        }
        for each in newest
    ]
    return {"backfills": rows, "moves": any(each.state == "running" for each in newest)}
