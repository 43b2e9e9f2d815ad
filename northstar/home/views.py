"""The home page: where do we stand."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from metrics.charts.spec import RANGES
from metrics.models import Metric, Source
from northstar.home import composing
from northstar.home.navigation import company_of
from northstar.lib import clock
from northstar.lib.policy import requires
from teams.models import Omtm, Team


@requires("home.view")
def home(request: HttpRequest) -> HttpResponse:
    """The North Star with its teams; without one, the three steps to get there."""
    chosen = request.GET.get("range", "")
    shown = chosen if chosen in RANGES else composing.DEFAULT_RANGE
    context = composing.compose(company_of(request), now=clock.now(), shown=shown)
    if context["star"] is None:
        return render(request, "home/start.html", context | _steps())
    return render(request, "home/home.html", context)


def _steps() -> dict[str, bool]:
    """Which steps to a North Star are done."""
    return {
        "has_source": Source.objects.listed().exclude(kind="hand").exists(),
        "has_metric": Metric.objects.listed().exists(),
        "has_team": Team.objects.listed().exists(),
        "has_omtm": Omtm.objects.running().exists(),
    }
