"""How good forecasts were, and what people think of their own bets."""

from __future__ import annotations

from django.contrib import messages
from django.db.models import Count, Min
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from metrics.models import ChartDocument, Company, ForecastRecord
from northstar.lib import clock
from northstar.lib.policy import find, requires
from teams import calibrating, confiding, reckoning
from teams.forms.confidence import ConfidenceForm
from teams.models import Omtm
from teams.views import omtms


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


@require_POST
@requires("omtm.confide")
def omtm_confidence(request: HttpRequest, pk: int) -> HttpResponse:
    found = find(request, "omtm.confide", Omtm.objects.select_related("team"), pk=pk)
    form = ConfidenceForm(request.POST)
    if not form.is_valid():
        return _refused(request, pk, " ".join(sum(form.errors.values(), [])))
    today = clock.today(Company.current().zone)
    try:
        confiding.say(found, request.user, **form.cleaned_data, today=today)
    except confiding.ConfidingError as error:
        return _refused(request, pk, str(error))
    messages.success(request, "Your answer stands for four weeks, or until you change it.")
    return redirect("omtm", pk=pk)


def _refused(request: HttpRequest, pk: int, sentence: str) -> HttpResponse:
    """The page of the bet with what is wrong above it."""
    messages.error(request, sentence)
    page = omtms.omtm(request, pk=pk)
    page.status_code = 422
    return page
