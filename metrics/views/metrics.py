"""Pages of metrics: the list, one metric, its definition, its file."""

from __future__ import annotations

import csv
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from metrics import defining, drifting, history_pages, metric_pages, pulling
from metrics.connectors.registry import connector_class
from metrics.forms.metrics import MetricForm
from metrics.models import ChartDocument, Company, Metric, Source
from northstar.lib import clock
from northstar.lib.policy import demand, find, may, requires, subject_of

CRUMB = ("Metrics", "/metrics/")


@requires("metric.view")
def metric_list(request: HttpRequest) -> HttpResponse:
    query = request.GET.get("q", "").strip()[:80]
    return render(request, "metrics/metric_list.html", {"rows": metric_pages.rows(query), "query": query})


@requires("metric.view")
def metric(request: HttpRequest, slug: str) -> HttpResponse:
    found = find(request, "metric.view", _metrics(), slug=slug)
    company, now = Company.current(), clock.now()
    context = {
        "metric": found,
        "breadcrumbs": [CRUMB, (found.name, "")],
        "chart": ChartDocument.objects.filter(key=f"metric:{found.pk}").first(),
        "range": request.GET.get("range", "26w"),
        "facts": metric_pages.facts(found),
        "rows": metric_pages.newest(found, company=company, now=now),
        "standing": metric_pages.standing(found),
        "drift": drifting.shown(found, now),
        "pulls": connector_class(found.source.kind).pulls,
        "can_define": may_define(request, found),
        "can_type": may_type(request, found),
        "today": clock.today(company.zone),
        "zone": company.zone,
    }
    response = render(request, "metrics/metric_detail.html", context)
    if metric_pages.is_awaited(found, context["chart"], now):
        response.headers["Refresh"] = "3"
    return response


@requires("metric.define_typed")
def metric_new(request: HttpRequest) -> HttpResponse:
    """Admins choose a source; leads define what they type."""
    if not may(subject_of(request), "metric.define"):
        return _define(request, defining.by_hand())
    slug = request.GET.get("source", "")
    if slug:
        return _define(request, get_object_or_404(Source.objects.listed(), slug=slug))
    defining.by_hand()
    sources = [(source, connector_class(source.kind)) for source in Source.objects.listed()]
    return render(
        request, "metrics/metric_source.html", {"sources": sources, "breadcrumbs": [CRUMB, ("New", "")]}
    )


def _define(request: HttpRequest, source: Source) -> HttpResponse:
    key = request.GET.get("suggestion", "")
    form = MetricForm(request.POST or None, source=source, suggestion=key)
    if request.method == "POST" and form.is_valid():
        made = defining.define(source, form.wanted, actor=request.user)
        _give_to_teams(request, made)
        pulls = connector_class(source.kind).pulls
        messages.success(
            request, f"{made.name} was defined." + (" Its history is being fetched." if pulls else "")
        )
        return redirect("metric" if pulls or source.kind != "hand" else "metric-values", slug=made.slug)
    first = connector_class(source.kind).pulls and not source.metrics.listed().exists()
    return _form(
        request, form, title="Which number do you want first?" if first else "Define a metric", first=first
    )


@requires("metric.define_typed")
def metric_edit(request: HttpRequest, slug: str) -> HttpResponse:
    found = find(request, "metric.define_typed", _metrics(), slug=slug)
    if not may_define(request, found):
        demand(request, "metric.define")
    form = MetricForm(request.POST or None, source=found.source, metric=found)
    if request.method == "POST" and form.is_valid():
        try:
            defining.redefine(found, form.wanted, actor=request.user)
        except defining.DefiningError as error:
            form.add_error(error.field or None, str(error))
        else:
            messages.success(request, f"{found.name} was saved.")
            return redirect("metric", slug=found.slug)
    return _form(request, form, title=f"Edit {found.name}")


def _form(request: HttpRequest, form: MetricForm, *, title: str, first: bool = False) -> HttpResponse:
    status = 422 if form.is_bound else 200
    crumb = "Define a metric" if first else title
    context = {"form": form, "title": title, "first": first, "breadcrumbs": [CRUMB, (crumb, "")]}
    return render(request, "metrics/metric_form.html", context, status=status)


@require_POST
@requires("source.run")
def metric_pull(request: HttpRequest, slug: str) -> HttpResponse:
    found = find(request, "source.run", _metrics(), slug=slug)
    if not connector_class(found.source.kind).pulls:
        messages.error(request, "Nothing to ask: the values of this metric are sent or typed.")
    else:
        pulling.request(found.source, actor=request.user, metric=found)
        messages.success(request, f"{found.name} is asked for within a minute.")
    return redirect("metric", slug=slug)


@require_POST
@requires("source.run")
def metric_resume(request: HttpRequest, slug: str) -> HttpResponse:
    found = find(request, "source.run", _metrics(), slug=slug)
    defining.resume(found, actor=request.user)
    messages.success(request, f"{found.name} is asked for again.")
    return redirect("metric", slug=slug)


@requires("metric.view")
def metric_revisions(request: HttpRequest, slug: str) -> HttpResponse:
    found = find(request, "metric.view", _metrics(), slug=slug)
    page = Paginator(metric_pages.revisions_of(found), 100).get_page(request.GET.get("page"))
    crumbs = [CRUMB, (found.name, f"/metrics/{slug}/"), ("Every change", "")]
    context = {"metric": found, "page": page, "breadcrumbs": crumbs, "origins": metric_pages.ORIGINS}
    return render(request, "metrics/metric_revisions.html", context | {"zone": Company.current().zone})


@requires("metric.export")
def metric_export(request: HttpRequest, slug: str) -> HttpResponse:
    found = find(request, "metric.export", _metrics(), slug=slug)
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{found.slug}.csv"'
    company = Company.current()
    day, wrong = history_pages.asked_day(request.GET.get("on", ""), today=clock.today(company.zone))
    if wrong:
        return HttpResponse(wrong, status=422, content_type="text/plain; charset=utf-8")
    if day is not None:
        name = f'attachment; filename="{found.slug}-as-of-{day}.csv"'
        response["Content-Disposition"] = name
    lines = history_pages.csv_lines(found, day, company=company) if day else metric_pages.csv_lines(found)
    csv.writer(response).writerows(lines)
    return response


def may_define(request: HttpRequest, found: Metric) -> bool:
    """Admins any metric; leads and leaders what is typed by hand for a team of theirs."""
    return may(subject_of(request), "metric.define") or (
        found.source.kind == "hand" and may_type(request, found)
    )


def may_type(request: HttpRequest, found: Metric) -> bool:
    """Admins correct pulled values; typed ones come from leaders, admins and the leads of its teams."""
    subject = subject_of(request)
    if found.source.kind != "hand":
        return may(subject, "metric.pin")
    if subject.grants:
        return may(subject, "metric.type_values")
    led: Any = found.teams  # type: ignore[attr-defined]
    return bool(subject.led_team_ids) and led.filter(pk__in=subject.led_team_ids).exists()


def _give_to_teams(request: HttpRequest, made: Metric) -> None:
    """What a lead defines belongs to the teams that the lead leads."""
    if made.source.kind == "hand":
        made.teams.add(*subject_of(request).led_team_ids)  # type: ignore[attr-defined]


def _metrics() -> Any:
    return Metric.objects.listed().select_related("source")
