"""What a person hears: the page of sentences."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from metrics.models import Company
from northstar.lib import clock
from northstar.lib.policy import requires
from teams.forms.preferences import PreferenceForm
from teams.reminders import hearing, preferring
from teams.reminders.rules import RULES


@requires("account.own")
@require_http_methods(["GET", "HEAD", "POST"])
def notifications(request: HttpRequest) -> HttpResponse:
    """Choose what is told by message, over which way and when; all or nothing is kept."""
    company, now = Company.current(), clock.now()
    preference = preferring.of(request.user)
    data = request.POST if request.method == "POST" else None
    form = PreferenceForm(data, user=request.user, preference=preference, company_zone=company.zone)
    if request.method == "POST" and form.is_valid():
        preferring.choose(request.user, form.chosen, now=now)
        messages.success(request, "That is what you hear from now on.")
        return redirect("notifications")
    context = hearing.page(request.user, preference, form, company=company, now=now)
    return render(request, "notifications/notifications.html", context, status=422 if form.errors else 200)


@requires("account.own")
@require_POST
def notification_off(request: HttpRequest) -> HttpResponse:
    """One button beside a sentence that nobody acted on: turn that rule off."""
    rule = request.POST.get("off", "")
    try:
        preferring.turn_off(request.user, rule)
    except (KeyError, preferring.Locked):
        messages.error(request, "That one cannot be turned off.")
    else:
        messages.success(request, f"You get no more messages {RULES[rule].words}. You still find it here.")
    return redirect("notifications")
