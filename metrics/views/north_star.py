"""Pages on which leaders steer: the North Star's definition and targets."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from metrics import beginning, series, splicing, steering
from metrics.analysis.reading import latest
from metrics.forms.guards import GuardrailsForm
from metrics.forms.north_star import NorthStarForm, TargetForm, target_initial
from metrics.models import Company, Metric, NorthStar
from metrics.models.northstar import HORIZONS
from metrics.steering import SteeringError
from northstar.lib import clock, windows
from northstar.lib.policy import requires

both = require_http_methods(["GET", "HEAD", "POST"])


@requires("north_star.edit")
@both
def edit(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """Define the North Star, or change it; with `pk` that of a business unit."""
    star = _active(pk) if pk else NorthStar.current()
    today = clock.today(Company.current().zone)
    initial = NorthStarForm.initial_of(star) if star else _first_answers(request, today)
    form = NorthStarForm(request.POST or None, star=star, initial=initial)
    compared = ""
    if request.method == "POST" and form.is_valid():
        if star and "compare" in request.POST:
            compared = _beside(star, form.cleaned_data["metric"])
        elif _saved(request, form, star, today):
            return redirect(_after(star))
    context = {"form": form, "star": star, "metrics": Metric.objects.listed().exists(), "compared": compared}
    return _page(request, "north_star/edit.html", context, "Definition", star)


@requires("north_star.edit")
@both
def targets(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """Set one target; current and former ones stand beside the form."""
    star, company = _active(pk), Company.current()
    today, metric = clock.today(company.zone), steering.metric_of(star)
    form = TargetForm(request.POST or None, metric=metric, initial=_answers(request, star, metric, company))
    if request.method == "POST" and form.is_valid():
        try:
            _, warnings = steering.set_target(star, form.goal(), actor=request.user, today=today)
        except SteeringError as error:
            form.add_error(error.field or None, str(error))
        else:
            messages.success(request, "The target is set.")
            for warning in warnings:
                messages.warning(request, warning)
            return redirect(request.path)
    rows = list(star.targets.select_related("set_by").order_by("due_date"))
    former = [row for row in rows if row.superseded_on]
    current = [(row, HORIZONS[row.horizon]) for row in rows if not row.superseded_on]
    context = {"form": form, "metric": metric, "current": current, "former": former, "today": today}
    return _page(request, "north_star/targets.html", context, "Targets", star)


@requires("north_star.edit")
@both
def guardrails(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """What must not get worse while the North Star rises."""
    star = _active(pk)
    form = GuardrailsForm(request.POST or None, star=star)
    if request.method == "POST" and form.is_valid():
        beginning.guard(star, form.kept, actor=request.user)
        messages.success(request, "The guardrails are saved.")
        return redirect(request.path)
    return _page(request, "north_star/guardrails.html", {"form": form}, "Guardrails", star)


def _page(
    request: HttpRequest, template: str, context: dict[str, Any], label: str, star: NorthStar | None
) -> HttpResponse:
    crumbs = [("North Star", reverse("home")), (label, "")]
    status = 422 if request.method == "POST" and context["form"].errors else 200
    versions = star.versions.select_related("approved_by", "metric").order_by("-version_no") if star else []
    return render(
        request,
        template,
        context | {"breadcrumbs": crumbs, "versions": versions, "star": star},
        status=status,
    )


def _active(pk: int | None) -> NorthStar:
    """The company's active North Star, or the active one with this id."""
    star = NorthStar.objects.filter(pk=pk, state="active").first() if pk else NorthStar.current()
    if star is None:
        raise Http404("There is no North Star yet.")
    return star


def _after(star: NorthStar | None) -> str:
    """Where it can be seen; whoever has just defined the first one goes on to its targets."""
    if star is None:
        return reverse("north-star-targets")
    return reverse("north-star", args=[star.pk]) if star.unit else reverse("home")


def _beside(star: NorthStar, metric: Metric) -> str:
    """How the metric that was chosen reads beside the present one."""
    old = steering.metric_of(star)
    if old.pk == metric.pk:
        return "The metric is the same: there is nothing to hold side by side."
    return splicing.compare(old, metric, company=Company.current(), now=clock.now()).words


def _saved(request: HttpRequest, form: NorthStarForm, star: NorthStar | None, today: date) -> bool:
    try:
        _save(form, star, actor=request.user, today=today)
    except SteeringError as error:
        form.add_error(error.field if error.field in form.fields else None, str(error))
        return False
    messages.success(request, "The North Star is saved.")
    return True


def _save(form: NorthStarForm, star: NorthStar | None, *, actor: Any, today: date) -> None:
    fields = form.cleaned_data
    if star is None:
        steering.define_north_star(fields, actor=actor, today=today)
        return
    steering.redefine(
        star,
        fields,
        change_type=fields["change_type"],
        reason=fields["change_reason"],
        overlap_reason=fields["overlap_reason"],
        actor=actor,
        today=today,
    )


def _first_answers(request: HttpRequest, today: date) -> dict[str, Any]:
    return {
        "owner": request.user.pk,
        "time_window": "ISO week",
        "next_review_on": windows.window_end(today, 6),
        "metric": Metric.objects.listed().filter(slug=request.GET.get("metric", "")).first(),
    }


def _answers(request: HttpRequest, star: NorthStar, metric: Metric, company: Company) -> dict[str, Any]:
    """What the form begins with: the target of the term asked for, else a plan from the newest week on."""
    asked = request.GET.get("horizon", "")
    current = {target.horizon: target for target in star.targets.filter(superseded_on=None)}
    open_terms = [name for name in HORIZONS if name not in current]
    horizon = asked if asked in HORIZONS else (open_terms or ["short"])[0]
    newest = latest(series.of(metric, company=company, now=clock.now()))
    day = newest.start + timedelta(days=6) if newest else clock.today(company.zone)
    value = newest.value if newest else None
    return target_initial(current.get(horizon), horizon=horizon, metric=metric, value=value, day=day)
