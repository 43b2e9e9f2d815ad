"""Checking in: on the page of a bet or of its team, and by a link without signing in."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_POST

from metrics.models import Company
from northstar.lib import clock
from northstar.lib.policy import find, requires
from teams import check_in_pages, checking_in
from teams.forms.check_ins import CheckInForm
from teams.inviting import LinkError
from teams.reminders import linking
from teams.views import by_link, omtms


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


@requires("public")
@require_http_methods(["GET", "HEAD", "POST"])
def check_in_link(request: HttpRequest, token: str) -> HttpResponse:
    """Only POST records: scanners of mail open every link. No session is begun by it."""
    now, today = clock.now(), clock.today(Company.current().zone)
    form = CheckInForm(request.POST) if request.method == "POST" else CheckInForm(initial=request.GET.dict())
    try:
        link = linking.usable(token, now=now, today=today)
        if request.method == "POST" and form.is_valid():
            said = linking.use(token, now=now, today=today, **form.cleaned_data)
            return by_link.answer(request, "check_in/thanks.html", {"omtm": link.omtm, "said": said})
    except LinkError as problem:
        return by_link.dead_end(request, problem, action="check_in_link", page="check_in/dead_end.html")
    except checking_in.CheckInError as error:
        form.add_error(error.field or None, str(error))
    context = check_in_pages.by_link(link, today=today) | {"form": form}
    return by_link.answer(request, "check_in/link.html", context, status=422 if form.is_bound else 200)
