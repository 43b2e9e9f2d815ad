"""The inbox, and following what was told."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from metrics.models import Company
from northstar.lib import clock
from northstar.lib.policy import requires, subject_of
from teams.reminders import following
from teams.reminders import inbox as shown

NOT_YOURS = "That was told to somebody else, or is gone. Here is what is told to you."


@requires("account.own")
@require_safe
def inbox(request: HttpRequest) -> HttpResponse:
    context = shown.page(request.user, subject_of(request), today=clock.today(Company.current().zone))
    return render(request, "notifications/inbox.html", context)


@requires("account.own")
@require_safe
def told(request: HttpRequest, pk: int) -> HttpResponse:
    """The button of a message: it leads to our own page, and only ever to that."""
    path = following.follow(pk, request.user, now=clock.now())
    if path is None:
        messages.info(request, NOT_YOURS)
        return redirect("inbox")
    return redirect(path)
