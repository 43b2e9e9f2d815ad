"""Exceptions to one focus a team: leaders grant them and take them back."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from metrics import formatting
from metrics.models import Company
from northstar.lib import clock
from northstar.lib.policy import find, requires
from teams import excepting
from teams.forms.changes import GrantForm
from teams.models import ExceptionGrant, Team
from teams.refusing import LifecycleError


@requires("exception.grant")
def exception_grant(request: HttpRequest, slug: str) -> HttpResponse:
    team = find(request, "exception.grant", Team.objects.listed(), slug=slug)
    today = clock.today(Company.current().zone)
    form = GrantForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            given = excepting.grant(team, actor=request.user, today=today, **form.cleaned_data)
        except LifecycleError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
        else:
            until = formatting.day_words(given.until)
            messages.success(request, f"{team} may push a second metric until {until}.")
            return redirect("team", slug=slug)
    crumbs = [("Teams", "/teams/"), (team.name, reverse("team", args=[slug])), ("Exception", "")]
    context = {"team": team, "form": form, "breadcrumbs": crumbs}
    refused = form.is_bound and not form.is_valid()
    return render(request, "teams/exception.html", context, status=422 if refused else 200)


@requires("exception.grant")
@require_POST
def exception_revoke(request: HttpRequest, pk: int) -> HttpResponse:
    given = find(request, "exception.grant", ExceptionGrant.objects.select_related("team"), pk=pk)
    try:
        excepting.revoke(given, actor=request.user)
    except LifecycleError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, f"The exception of {given.team} was taken back. What runs goes on.")
    return redirect("team", slug=given.team.slug)
