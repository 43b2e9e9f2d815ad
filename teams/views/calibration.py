"""How good forecasts were."""

from __future__ import annotations

from django.db.models import Count, Min
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from metrics.models import ChartDocument, Company, ForecastRecord
from northstar.lib import clock
from northstar.lib.policy import requires
from teams import calibrating, reckoning


@requires("calibration.view")
def calibration(request: HttpRequest) -> HttpResponse:
    """Only what was worked out when something was scored; and how much waits."""
    document = ChartDocument.objects.filter(key=calibrating.KEY).first()
    waiting = ForecastRecord.objects.filter(scored_at=None).aggregate(count=Count("id"), first=Min("due_on"))
    context = {
        "chart": document,
        "facts": document.facts if document else {},
        "waiting": waiting,
        "enough": reckoning.ENOUGH,
        "today": clock.today(Company.current().zone),
        "breadcrumbs": [("Reviews", "/reviews/"), ("How good forecasts were", "")],
    }
    return render(request, "teams/calibration.html", context)
