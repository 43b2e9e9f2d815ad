"""Putting a closing review off."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from metrics.models import Company
from northstar.lib import clock
from northstar.lib.policy import find, requires
from teams.forms.snoozes import SnoozeForm
from teams.models import Omtm
from teams.reminders import snoozing


@requires("review.put_off")
@require_http_methods(["GET", "HEAD", "POST"])
def omtm_later(request: HttpRequest, pk: int) -> HttpResponse:
    """A day and a reason; afterwards the list says so beside the review."""
    found = find(request, "review.put_off", Omtm.objects.select_related("team"), pk=pk)
    now, today = clock.now(), clock.today(Company.current().zone)
    form = SnoozeForm(request.POST if request.method == "POST" else None, today=today)
    if request.method == "POST" and form.is_valid():
        try:
            snooze = snoozing.put_off(found, actor=request.user, today=today, now=now, **form.cleaned_data)
        except snoozing.SnoozeError as error:
            form.add_error(error.field or None, str(error))
        else:
            messages.success(request, f"The review of {found} is {snoozing.words(snooze)}")
            return redirect("review-list")
    context = {"omtm": found, "form": form, "problem": snoozing.why_not(found)}
    context["breadcrumbs"] = [("Reviews", "/reviews/"), (str(found), ""), ("Later", "")]
    return render(request, "reviews/later.html", context, status=422 if form.errors else 200)
