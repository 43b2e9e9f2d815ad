"""The next runs of a schedule while it is typed."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from metrics import source_pages
from metrics.forms.schedules import ScheduleForm
from metrics.models import Company
from northstar.lib import clock
from northstar.lib.policy import requires


@require_GET
@requires("source.edit")
def next_runs(request: HttpRequest) -> HttpResponse:
    zone = Company.current().zone
    form = ScheduleForm(request.GET, zone=zone)
    runs = source_pages.runs(form.schedule, clock.now(), zone=zone) if form.is_valid() else []
    wrong = [error for errors in form.errors.values() for error in errors]
    return render(request, "metrics/_next_runs.html", {"runs": runs, "wrong": wrong[:1]})
