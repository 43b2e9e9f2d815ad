"""The pull log over all sources, and the page about a kind of source."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from metrics import kind_pages, pull_pages
from metrics.connectors.registry import connector_class
from metrics.forms.pull_log import PullLogForm
from metrics.models import Company
from metrics.views.sources import CRUMB
from northstar.lib import clock
from northstar.lib.policy import requires

PAGE = 50


@requires("source.view")
def pull_log(request: HttpRequest) -> HttpResponse:
    form, now = PullLogForm(request.GET), clock.now()
    pulls = pull_pages.logged(form.pulls(now), most=PAGE + 1) if form.is_valid() else []
    again = request.GET.copy()
    if len(pulls) > PAGE:
        again["before"] = str(pulls[PAGE - 1].pk)
    context = {
        "form": form,
        "pulls": pulls[:PAGE],
        "older": again.urlencode() if len(pulls) > PAGE else "",
        "zone": Company.current().zone,
        "breadcrumbs": [CRUMB, ("Pull log", "")],
    }
    return render(request, "metrics/pull_log.html", context, status=422 if form.errors else 200)


@requires("source.view")
def source_kind(request: HttpRequest, kind: str) -> HttpResponse:
    if kind not in kind_pages.offered(demo=Company.current().is_demo):
        raise Http404
    cls = connector_class(kind)
    context = {"cls": cls, "tile": kind_pages.tile(cls), "breadcrumbs": [CRUMB, (cls.label, "")]}
    return render(request, "metrics/source_kind.html", context | kind_pages.about(cls))
