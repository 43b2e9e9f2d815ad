"""Pages of sources: the list, one source, and the form that makes and changes one."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from metrics import kind_pages, pulling, source_pages, sourcing
from metrics.connectors import plugins
from metrics.connectors.registry import connector_class
from metrics.forms import schedules
from metrics.forms.sources import SourceForm
from metrics.models import Company, Source
from northstar.lib import clock
from northstar.lib.policy import find, requires

CRUMB = ("Data sources", "/sources/")


@requires("source.view")
def source_list(request: HttpRequest) -> HttpResponse:
    company, now = Company.current(), clock.now()
    rows = source_pages.rows(now, zone=company.zone)
    context = {
        "rows": rows,
        "troubles": [row.trouble for row in rows if row.trouble],
        "problems": plugins.problems(),
        "groups": kind_pages.gallery(demo=company.is_demo),
    }
    return render(request, "metrics/source_list.html", context)


@requires("source.view")
def source(request: HttpRequest, slug: str) -> HttpResponse:
    found = find(
        request, "source.view", Source.objects.listed().select_related("owner", "backup_owner"), slug=slug
    )
    context = source_pages.detail(found, company=Company.current(), now=clock.now())
    return render(request, "metrics/source_detail.html", context | {"breadcrumbs": [CRUMB, (found.name, "")]})


@requires("source.edit")
def source_new(request: HttpRequest, kind: str) -> HttpResponse:
    if kind not in kind_pages.offered(demo=Company.current().is_demo):
        raise Http404
    form = SourceForm(request.POST or None, kind=kind, actor=request.user)
    if request.method == "POST" and form.is_valid():
        made = sourcing.create(kind, form.wanted, actor=request.user)
        messages.success(request, f"{made.name} was added.")
        if connector_class(kind).pulls:
            return redirect(f"{reverse('metric-new')}?source={made.slug}")
        return redirect("source", slug=made.slug)
    return _form(request, form, title=f"Add {form.cls.label}")


@requires("source.edit")
def source_edit(request: HttpRequest, slug: str) -> HttpResponse:
    found = find(request, "source.edit", Source.objects.listed(), slug=slug)
    form = SourceForm(request.POST or None, kind=found.kind, source=found, actor=request.user)
    if request.method == "POST" and form.is_valid():
        version = form.cleaned_data["version"]
        try:
            sourcing.update(found, form.wanted, version=version, actor=request.user)
        except sourcing.Stale as error:
            form.add_error(None, f"{error} Open the form again to see how it stands now.")
            return _form(request, form, title=f"Edit {found.name}", status=409)
        messages.success(request, f"{found.name} was saved.")
        return redirect("source", slug=found.slug)
    return _form(request, form, title=f"Edit {found.name}")


@require_POST
@requires("source.run")
def source_pull(request: HttpRequest, slug: str) -> HttpResponse:
    found = find(request, "source.run", Source.objects.listed(), slug=slug)
    if not connector_class(found.kind).pulls:
        messages.error(request, "Nothing pulls this source: its values are sent or typed.")
    else:
        pulling.request(found, actor=request.user)
        messages.success(request, f"{found.name} is pulled as soon as a worker is free.")
    return redirect("source", slug=found.slug)


@require_POST
@requires("source.edit")
def source_pause(request: HttpRequest, slug: str) -> HttpResponse:
    found = find(request, "source.edit", Source.objects.listed(), slug=slug)
    sourcing.pause(found, actor=request.user)
    messages.success(request, f"{found.name} is paused. What is stored stays.")
    return redirect("source", slug=found.slug)


@require_POST
@requires("source.edit")
def source_resume(request: HttpRequest, slug: str) -> HttpResponse:
    found = find(request, "source.edit", Source.objects.listed(), slug=slug)
    sourcing.resume(found, actor=request.user)
    messages.success(request, f"{found.name} runs again; what was missed is fetched first.")
    return redirect("source", slug=found.slug)


@require_POST
@requires("source.edit")
def source_archive(request: HttpRequest, slug: str) -> HttpResponse:
    found = find(request, "source.edit", Source.objects.listed(), slug=slug)
    try:
        sourcing.archive(found, actor=request.user)
    except sourcing.SourcingError as error:
        messages.error(request, str(error))
        return redirect("source", slug=found.slug)
    messages.success(request, f"{found.name} was archived and its secrets were erased.")
    return redirect("source-list")


def _form(request: HttpRequest, form: SourceForm, *, title: str, status: int = 0) -> HttpResponse:
    back = reverse("source", args=[form.source.slug]) if form.source else reverse("source-list")
    zone = Company.current().zone
    context: dict[str, Any] = {"form": form, "title": title, "back": back, "zone": zone}
    context["breadcrumbs"] = [CRUMB, *([(form.source.name, back)] if form.source else []), (title, "")]
    if form.cls.pulls:
        shown = form.schedule if form.is_bound else form.stored_schedule
        context["runs"] = source_pages.runs(shown, clock.now(), zone=zone)
        context["zones"] = schedules.zones()
    return render(
        request, "metrics/source_form.html", context, status=status or (422 if form.errors else 200)
    )
