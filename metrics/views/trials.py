"""Test and preview: the page asks for it, the worker does it, the page looks again until it is done."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from metrics import formatting, trying
from metrics.forms import trials as wishes
from metrics.models import Trial
from northstar.lib import clock, periods
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
        else wishes.of_metric(request.POST, slug=slug)
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
    unfinished = found.state in UNFINISHED
    return {
        "trial": found,
        "unfinished": unfinished,
        "not_taken": found.state == "waiting" and age > PATIENCE,
        "poll": unfinished and age < LOST_AFTER,
        "rows": [_row(row, found.result) for row in found.result.get("rows", ())],
    }


def _row(row: dict[str, Any], result: dict[str, Any]) -> dict[str, str]:
    """A mapped row in words: the period, whether it is over, the value as it would be stored."""
    start, grain = date.fromisoformat(row["start"]), result["grain"]
    length = (periods.next_start(start, grain) - start).days
    over = f"{row['days_done']} of {length} days so far" if grain != "day" else "still under way"
    return {
        "period": formatting.period_words(start, grain),
        "state": "complete" if row["complete"] else over,
        "value": _value(row, result["kind"]),
    }


def _value(row: dict[str, Any], kind: str) -> str:
    if kind == "ratio" and row["numerator"] is not None:
        whole = float(row["denominator"])
        share = (
            formatting.show_share(float(row["numerator"]) / whole, decimals=1) if whole else "no share of 0"
        )
        return f"{row['numerator']} of {row['denominator']}: {share}"
    if row["value"] is None:
        return "missing"
    return f"{row['value']} (weight {row['denominator']})" if kind == "average" else str(row["value"])
