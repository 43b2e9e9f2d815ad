"""The signals of a metric: what is usual, what stood out, and new limits when something changed for good."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from metrics import series, signalling
from metrics.forms.limits import LimitsForm
from metrics.models import ChartDocument, Company, Metric
from metrics.views.metrics import CRUMB
from northstar.lib import clock
from northstar.lib.policy import demand, find, may, requires, subject_of


@requires("metric.view")
def metric_signals(request: HttpRequest, slug: str) -> HttpResponse:
    metric = find(request, "metric.view", Metric.objects.listed().select_related("source"), slug=slug)
    document = ChartDocument.objects.filter(key=f"signals:{metric.pk}").first()
    if request.method == "POST":
        demand(request, "limits.set")
    form = _form(request, metric, document.facts if document else {})
    if request.method == "POST" and form.is_valid():
        try:
            signalling.set_limits(
                metric,
                form.cleaned_data["start"],
                reason=form.cleaned_data["reason"],
                basis=form.cleaned_data["basis"],
                actor=request.user,
                now=clock.now(),
            )
        except signalling.SignallingError as error:
            form.add_error(error.field or None, str(error))
        else:
            messages.success(request, f"{metric.name} has new limits.")
            return redirect("metric-signals", slug=slug)
    return _page(request, metric, document, form)


def _page(
    request: HttpRequest, metric: Metric, document: ChartDocument | None, form: LimitsForm
) -> HttpResponse:
    context = {
        "metric": metric,
        "chart": document,
        "form": form,
        "grain": series.grain_of(metric),
        "range": request.GET.get("range", "26w"),
        "can_set": may(subject_of(request), "limits.set"),
        "today": clock.today(Company.current().zone),
        "breadcrumbs": [CRUMB, (metric.name, f"/metrics/{metric.slug}/"), ("Signals", "")],
    }
    return render(request, "metrics/metric_signals.html", context, status=422 if form.errors else 200)


def _form(request: HttpRequest, metric: Metric, facts: dict[str, Any]) -> LimitsForm:
    return LimitsForm(
        request.POST if request.method == "POST" else None,
        grain=series.grain_of(metric),
        start=str(facts.get("suggested_start", "")),
        basis=str(facts.get("basis", "level")),
        today=clock.today(Company.current().zone),
    )
