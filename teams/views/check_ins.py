"""Checking in on the page of a bet or of its team."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from metrics.models import Company
from northstar.lib import clock
from northstar.lib.policy import find, requires
from teams import checking_in
from teams.forms.check_ins import CheckInForm
from teams.views import omtms


@require_POST
@requires("omtm.check_in")
def omtm_check_in(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep what was said and go back to where it was said; what is wrong stands beside its answer."""
    found = find(request, "omtm.check_in", omtms.joined().prefetch_related("reviews"), pk=pk)
    now, today = clock.now(), clock.today(Company.current().zone)
    form = CheckInForm(request.POST)
    if form.is_valid():
        try:
            checking_in.check_in(found, request.user, today=today, now=now, **form.cleaned_data)
        except checking_in.CheckInError as error:
            form.add_error(error.field or None, str(error))
        else:
            messages.success(request, "Checked in. It stands for four weeks, or until you say otherwise.")
            if "from_team" in request.POST:
                return redirect("team", slug=found.team.slug)
            return redirect("omtm", pk=pk)
    if not checking_in.is_open(found, today):
        messages.error(request, checking_in.CLOSED)
    return omtms.omtm_page(request, found, check_in=form)
