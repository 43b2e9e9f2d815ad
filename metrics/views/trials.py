"""Test and preview: the page asks for it, the worker does it, the page looks again until it is done."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from metrics import formatting, trial_words, trying
from metrics.forms import trials as wishes
from metrics.models import Metric, Trial
from northstar.lib import clock
from northstar.lib.policy import requires

PATIENCE = timedelta(seconds=20)
LOST_AFTER = timedelta(seconds=130)
UNFINISHED = ("waiting", "running")


@require_POST
@requires("source.run")
def trial_new(request: HttpRequest) -> HttpResponse:
    kind, slug = request.GET.get("kind", ""), request.GET.get("source", "")
    wish = (
        wishes.of_source(request.POST, kind=kind, slug=slug)
        if kind
        else wishes.of_metric(request.POST, slug=slug, metric=request.GET.get("metric", ""))
    )
    if wish.problems:
        return _answer(request, {"problems": wish.problems}, status=422)
    try:
        made = trying.begin(actor=request.user, **wish.begin)
    except trying.TooMany as error:
        return _answer(request, {"problems": [str(error)]}, status=429)
    if _in_panel(request):
        return _answer(request, _context(made))
    return redirect("trial", uid=made.uid)


@require_GET
@requires("source.run")
def trial(request: HttpRequest, uid: Any) -> HttpResponse:
    own = Trial.objects.filter(requested_by_id=request.user.pk, expires_at__gt=clock.now())
    return _answer(request, _context(get_object_or_404(own, uid=uid)))


def _answer(request: HttpRequest, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    if _in_panel(request):
        return render(request, "metrics/_trial.html", context, status=status)
    context["breadcrumbs"] = [("Data sources", "/sources/"), ("Test", "")]
    response = render(request, "metrics/trial.html", context, status=status)
    if context.get("poll"):
        response.headers["Refresh"] = "2"
    return response


def _in_panel(request: HttpRequest) -> bool:
    return request.headers.get("HX-Request") == "true"


def _context(found: Trial) -> dict[str, Any]:
    age = clock.now() - found.created_at
    unfinished, result = found.state in UNFINISHED, found.result
    metric = Metric(**{name: result.get(name, "") for name in ("kind", "grain", "unit")})
    return {
        "trial": found,
        "unfinished": unfinished,
        "not_taken": found.state == "waiting" and age > PATIENCE,
        "poll": unfinished and age < LOST_AFTER,
        "result": result,
        "rows": [_row(row, metric) for row in result.get("rows", ())],
        "changes": [_change(change, metric) for change in _not_shown(result)],
    }


def _row(row: dict[str, Any], metric: Metric) -> dict[str, str]:
    """A period in words: whether it is over, what would be stored, what is stored, and how they differ."""
    start = date.fromisoformat(row["start"])
    return {
        "period": formatting.period_words(start, metric.grain),
        "state": trial_words.state(start, metric.grain, complete=row["complete"], days_done=row["days_done"]),
        "now": trial_words.value(row["now"], metric),
        "stored": trial_words.value(row["stored"], metric) if row["stored"] else "nothing yet",
        "difference": trial_words.difference(row["now"], row["stored"], metric),
    }


def _not_shown(result: dict[str, Any]) -> list[dict[str, Any]]:
    """The changes of periods that do not stand in the table of the newest ones."""
    shown = {row["start"] for row in result.get("rows", ())}
    return [change for change in result.get("changes", ()) if change["period"] not in shown]


def _change(change: dict[str, Any], metric: Metric) -> dict[str, str]:
    """A stored period that would change, in words."""
    return {
        "period": formatting.period_words(date.fromisoformat(change["period"]), metric.grain),
        "before": trial_words.value(change["before"], metric),
        "after": trial_words.value(change["after"], metric),
        "difference": trial_words.difference(change["after"], change["before"], metric),
    }
