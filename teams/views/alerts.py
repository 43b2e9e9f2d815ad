"""Pages of alerts: mine, a new one as a sentence, and the link by which a message is muted."""

from __future__ import annotations

from typing import Any

from allauth.core import ratelimit
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from metrics.models import Company, Metric
from northstar.lib import clock
from northstar.lib.policy import find, requires, subject_of
from teams.alerts import conditions, keeping, looking_back, pages, quieting, suggesting
from teams.forms.alerts import AlertForm
from teams.inviting import LinkError
from teams.models import Alert, Omtm

CRUMB = ("Alerts", "/alerts/")
MUTED = {0: "It tells you again."} | {n: f"It tells nothing for {n} days." for n in keeping.MUTES}


@requires("alert.create")
def alert_list(request: HttpRequest) -> HttpResponse:
    company, now = Company.current(), clock.now()
    found = pages.rows(request.user, zone=company.zone, now=now)  # type: ignore[arg-type]
    context = {"rows": found, "mutes": keeping.MUTES, "today": clock.today(company.zone)}
    return render(request, "alerts/list.html", context)


@requires("alert.create")
def alert_new(request: HttpRequest) -> HttpResponse:
    """First which number, then the sentence; with a look back before it is saved."""
    slug = request.GET.get("metric", "").replace("\x00", "")
    if not slug:
        return render(
            request, "alerts/which.html", {"metrics": pages.metrics(), "breadcrumbs": [CRUMB, ("New", "")]}
        )
    form = _form(request, slug=slug)
    if request.method == "POST" and form.is_valid() and "check" not in request.POST:
        try:
            made = keeping.make(request.user, form.wish(), now=clock.now())  # type: ignore[arg-type]
        except keeping.AlertError as error:
            form.add_error(error.field or None, str(error))
        else:
            messages.success(request, f"Kept. {conditions.words_of(made).sentence} {_from_now(made)}")
            return redirect("alerts")
    return _sentence(request, form, title="New alert")


@require_POST
@requires("alert.create")
def alert_preview(request: HttpRequest, slug: str) -> HttpResponse:
    """What the sentence so far would have told; nothing is kept."""
    form = _form(request, slug=slug)
    return render(request, "alerts/_past.html", {"form": form, "past": _past(request, form)})


@requires("alert.own")
def alert_edit(request: HttpRequest, pk: int) -> HttpResponse:
    alert = find(request, "alert.own", _alerts(), pk=pk)
    form = _form(request, alert)
    if request.method == "POST" and form.is_valid() and "check" not in request.POST:
        try:
            keeping.change(alert, form.wish(), now=clock.now())
        except keeping.AlertError as error:
            form.add_error(error.field or None, str(error))
        else:
            messages.success(request, f"Changed. {conditions.words_of(alert).sentence} {_from_now(alert)}")
            return redirect("alerts")
    return _sentence(request, form, title="Change an alert", alert=alert)


@require_POST
@requires("alert.own")
def alert_mute(request: HttpRequest, pk: int) -> HttpResponse:
    alert = find(request, "alert.own", _alerts(), pk=pk)
    days = _days(request)
    if days is None:
        return HttpResponse("Choose 7, 30 or 90 days.", status=422, content_type="text/plain")
    keeping.mute(alert, days, now=clock.now())
    messages.success(request, MUTED[days])
    return redirect("alerts")


@require_POST
@requires("alert.own")
def alert_remove(request: HttpRequest, pk: int) -> HttpResponse:
    alert = find(request, "alert.own", _alerts(), pk=pk)
    keeping.remove(alert, now=clock.now())
    messages.success(request, f"Removed. You are not told of {alert.omtm or alert.metric} by it any more.")
    return redirect("alerts")


@requires("public")
@require_http_methods(["GET", "HEAD", "POST"])
def alert_quiet(request: HttpRequest, token: str) -> HttpResponse:
    """Only POST mutes or removes: scanners of mail open every link. No session is begun by it."""
    try:
        alert = quieting.usable(token)
    except LinkError as problem:
        return _dead_end(request, problem)
    context = {"alert": alert, "words": conditions.words_of(alert), "mutes": keeping.MUTES}
    if request.method != "POST":
        return _private(request, "alerts/quiet.html", context)
    days, now = _days(request), clock.now()
    if "remove" in request.POST:
        keeping.remove(alert, now=now)
        return _private(request, "alerts/quiet.html", context | {"done": quieting.REMOVED})
    if days is None:
        return _private(request, "alerts/quiet.html", context | {"wrong": True}, status=422)
    keeping.mute(alert, days, now=now)
    return _private(request, "alerts/quiet.html", context | {"done": MUTED[days]})


def _alerts() -> Any:
    rows = Alert.objects.filter(archived_at=None)
    return rows.select_related("metric__source", "omtm__metric", "omtm__team", "owner", "channel")


def _form(request: HttpRequest, alert: Alert | None = None, *, slug: str = "") -> AlertForm:
    """The sentence about the metric of this name; of an alert, about its own metric and focus."""
    if alert is None:
        metric = get_object_or_404(Metric.objects.listed().select_related("source"), slug=slug[:80])
        omtm: Omtm | None = suggesting.focus_of(metric, request.GET.get("omtm", ""))
        begin = suggesting.first(metric, omtm, today=clock.today(Company.current().zone))
    else:
        metric, begin = alert.metric, suggesting.again(alert)
        omtm = alert.omtm or suggesting.focus_of(metric)
    return AlertForm(
        request.POST or None,
        metric=metric,
        omtm=omtm,
        chats=keeping.chats(subject_of(request)),
        initial=begin,
    )


def _past(request: HttpRequest, form: AlertForm) -> looking_back.Past | None:
    """The look back of what is typed, or of what the form begins with."""
    asked = form
    if not form.is_bound:
        first = {name: value for name, value in form.initial.items() if value not in (None, "")}
        asked = AlertForm(first, metric=form.metric, omtm=form.omtm, chats=keeping.chats(subject_of(request)))
    if not asked.is_valid():
        return None
    alert = asked.wish().into(Alert(owner_id=subject_of(request).user_id))
    return looking_back.look_back(alert, company=Company.current(), now=clock.now())


def _sentence(
    request: HttpRequest, form: AlertForm, *, title: str, alert: Alert | None = None
) -> HttpResponse:
    context = {
        "form": form,
        "title": title,
        "alert": alert,
        "past": _past(request, form),
        "breadcrumbs": [CRUMB, (title, "")],
    }
    refused = form.is_bound and not form.is_valid()
    return render(request, "alerts/sentence.html", context, status=422 if refused else 200)


def _from_now(alert: Alert) -> str:
    if alert.holds:
        return "It holds already: you will be told the next time it begins."
    return ""


def _days(request: HttpRequest) -> int | None:
    text = request.POST.get("days", "")
    return int(text) if text in {str(each) for each in (0, *keeping.MUTES)} else None


def _dead_end(request: HttpRequest, problem: LinkError) -> HttpResponse:
    """An address that was never made here is a page that does not exist; few of them are tried a minute."""
    if problem.unknown:
        if refused := ratelimit.consume_or_429(request, action="check_in_link", limit_get=True):
            return refused
        raise Http404
    return _private(request, "alerts/gone.html", {"problem": problem}, status=410)


def _private(request: HttpRequest, name: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    """A page that keeps its address to itself (teams.views.check_ins says why `strict-origin`)."""
    page = render(request, name, context, status=status)
    page["Referrer-Policy"] = "strict-origin"
    page["Cache-Control"] = "no-store"
    page["X-Robots-Tag"] = "noindex, nofollow"
    return page
