"""Pages that bring values in: typed, as a file, or asked for again."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from metrics import entering, metric_pages, trial_words, uploading
from metrics.connectors.csv_text import CsvError
from metrics.forms.values import FileForm, ValueForm
from metrics.models import Company, Metric
from metrics.storing import Stored, StoreError
from metrics.views.metrics import CRUMB, may_type
from northstar.lib import clock
from northstar.lib.policy import find, requires, why_not

MOST_SENTENCES = 20


@requires("metric.type_values")
def metric_values(request: HttpRequest, slug: str) -> HttpResponse:
    found = _own(request, slug)
    company = Company.current()
    form = ValueForm(request.POST or None, metric=found, today=clock.today(company.zone))
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            entering.enter(found, data["day"], **form.typed, reason=data["reason"], actor=request.user)
        except StoreError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, "The value was stored.")
            return redirect("metric-values", slug=slug)
    rows = metric_pages.newest(found, company=company, now=clock.now())[:12]
    return _page(request, "metrics/metric_values.html", found, "Type values", form, {"rows": rows})


@requires("metric.type_values")
def metric_import(request: HttpRequest, slug: str) -> HttpResponse:
    """Store a file; with `?look` only say what storing it would do."""
    found = _own(request, slug)
    form = FileForm(request.POST or None, request.FILES or None)
    looks, seen = "look" in request.GET, {}  # type: ignore[var-annotated]
    if request.method == "POST" and form.is_valid():
        try:
            if not looks:
                return _stored(request, found, form)
            seen = uploading.look(found, form.content, **_of_file(form), now=clock.now())
        except CsvError as error:
            form.add_error("file", str(error))
        except StoreError as error:
            form.add_error("file", "Nothing is stored. " + " ".join(error.problems[:MOST_SENTENCES]))
    more = {
        "result": seen,
        "rows": trial_words.rows(seen, found),
        "changes": trial_words.changes(seen, found),
    }
    if looks and request.headers.get("HX-Request") == "true":
        context = {"metric": found, "form": form, "swapped": True} | more
        status = 422 if form.errors else 200
        return render(request, "metrics/_import_look.html", context, status=status)
    return _page(request, "metrics/metric_import.html", found, "Upload a file", form, more)


def _stored(request: HttpRequest, found: Metric, form: FileForm) -> HttpResponse:
    done, notes = uploading.take(found, form.content, **_of_file(form), actor=request.user)
    messages.success(request, " ".join([_words(done), *notes]))
    return redirect("metric", slug=found.slug)


def _of_file(form: FileForm) -> dict[str, str]:
    return {"encoding": form.cleaned_data["encoding"] or "utf-8", "sheet": form.cleaned_data["sheet"]}


@require_POST
@requires("metric.pin")
def metric_take_back(request: HttpRequest, slug: str) -> HttpResponse:
    found = find(request, "metric.pin", Metric.objects.listed().select_related("source"), slug=slug)
    try:
        entering.take_back(found, date.fromisoformat(request.POST.get("day", "")), actor=request.user)
        messages.success(request, "The correction was taken back.")
    except (LookupError, ValueError) as error:
        messages.error(
            request, str(error) if isinstance(error, LookupError) else "Choose a day of the period."
        )
    return redirect("metric", slug=slug)


def _own(request: HttpRequest, slug: str) -> Metric:
    found = find(request, "metric.type_values", Metric.objects.listed().select_related("source"), slug=slug)
    if not may_type(request, found):
        raise PermissionDenied(why_not("metric.type_values"))
    return found


def _page(
    request: HttpRequest,
    template: str,
    metric: Metric,
    title: str,
    form: Any,
    more: dict[str, Any] | None = None,
) -> HttpResponse:
    crumbs = [CRUMB, (metric.name, f"/metrics/{metric.slug}/"), (title, "")]
    context = {
        "metric": metric,
        "form": form,
        "title": title,
        "breadcrumbs": crumbs,
        "zone": Company.current().zone,
    }
    return render(request, template, context | (more or {}), status=422 if form.errors else 200)


def _words(done: Stored) -> str:
    parts = [
        (done.added, "added"),
        (done.changed, "changed"),
        (done.unchanged, "as before"),
        (done.suppressed, "held back by a correction"),
    ]
    return ", ".join(f"{count} {word}" for count, word in parts if count) + "."
