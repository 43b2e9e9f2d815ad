"""Test and preview: the page asks for it, the worker does it, the page looks again until it is done."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from metrics import trial_words, trying
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
        return _answer(request, {"problems": wish.problems, "at": wish.at}, status=422)
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
        "rows": trial_words.rows(result, metric),
        "changes": trial_words.changes(result, metric),
    }
