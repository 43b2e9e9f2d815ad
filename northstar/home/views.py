"""The home page, settings of the company."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from metrics.auditing import record
from metrics.charts.spec import RANGES
from metrics.models import Company, Metric, Source
from northstar.home import composing
from northstar.home.forms import CompanyForm
from northstar.home.navigation import company_of
from northstar.lib import clock
from northstar.lib.policy import requires, subject_of
from teams.models import Omtm, Team


@requires("home.view")
def home(request: HttpRequest) -> HttpResponse:
    """The North Star with its teams; without one, the three steps to get there."""
    chosen = request.GET.get("range", "")
    shown = chosen if chosen in RANGES else composing.DEFAULT_RANGE
    context = composing.compose(company_of(request), subject_of(request), now=clock.now(), shown=shown)
    if context["star"] is None:
        return render(request, "home/start.html", context | _steps())
    return render(request, "home/home.html", context)


@requires("settings.edit")
@require_http_methods(["GET", "HEAD", "POST"])
def settings(request: HttpRequest) -> HttpResponse:
    """Name, zone and country of the company."""
    company = Company.current()
    before = {name: getattr(company, name) for name in CompanyForm.Meta.fields}
    form = CompanyForm(request.POST or None, instance=company)
    if request.method == "POST" and form.is_valid():
        saved = form.save()
        after = {name: getattr(saved, name) for name in CompanyForm.Meta.fields}
        record("company.edit", saved, actor=request.user, before=before, after=after)
        messages.success(request, "The settings are saved.")
        return redirect("settings")
    return render(request, "settings/company.html", {"form": form}, status=422 if form.is_bound else 200)


def _steps() -> dict[str, bool]:
    """Which steps to a North Star are done."""
    return {
        "has_source": Source.objects.listed().exclude(kind="hand").exists(),
        "has_metric": Metric.objects.listed().exists(),
        "has_team": Team.objects.listed().exists(),
        "has_omtm": Omtm.objects.running().exists(),
    }
