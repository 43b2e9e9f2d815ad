"""Pages of the steps of a funnel, for leaders and admins: order, meaning, counts, benchmark, owners."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from metrics import counting, funnelling, staging
from metrics.aiming import SteeringError
from metrics.analysis.cohorts import own_best
from metrics.models import Funnel, Stage
from northstar.lib import clock
from northstar.lib.policy import requires
from teams import funnel_pages
from teams.forms.funnels import BenchmarkForm, CountsForm, StepForm
from teams.models import Team
from teams.views.funnels import FUNNELS

both = require_http_methods(["GET", "HEAD", "POST"])
COHORTS_SHOWN = 26


@requires("funnel.edit")
@both
def edit(request: HttpRequest, slug: str) -> HttpResponse:
    """The steps in their order; a POST moves one of them up."""
    funnel = get_object_or_404(FUNNELS, slug=slug)
    if request.method == "POST":
        up = request.POST.get("up", "")
        found = next((each for each in funnel.stages.all() if str(each.pk) == up), None)
        if found is not None:
            staging.move_up(found, actor=request.user)
            funnelling.draw_again(funnel)
        return redirect("funnel-steps", slug=slug)
    return _page(request, "funnel/steps.html", funnel, "Edit", {"rows": funnel_pages.outline(funnel)})


@requires("funnel.edit")
@both
def new(request: HttpRequest, slug: str) -> HttpResponse:
    funnel = get_object_or_404(FUNNELS, slug=slug)
    form = StepForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        stage = _save(request, funnel, form, None)
        if stage is not None:
            messages.success(request, f"{stage.name} is in the funnel.")
            return redirect("funnel-step-new" if "another" in request.POST else "funnel-steps", slug=slug)
    return _page(request, "funnel/step_form.html", funnel, "Add a step", {"form": form})


@requires("funnel.edit")
@both
def change(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    stage = _stage(slug, pk)
    form = StepForm(request.POST or None, stage=stage)
    if request.method == "POST" and form.is_valid() and _save(request, stage.funnel, form, stage) is not None:
        messages.success(request, f"{form.cleaned_data['name']} is saved.")
        return redirect("funnel-steps", slug=slug)
    return _page(request, "funnel/step_form.html", stage.funnel, stage.name, {"form": form, "stage": stage})


@requires("funnel.edit")
@both
def counts(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Typed cohorts: more of them, or none any more."""
    stage = _stage(slug, pk)
    form = CountsForm(request.POST if "lines" in request.POST else None)
    if request.method == "POST" and "take_back" in request.POST:
        gone = counting.take_back(stage, actor=request.user)
        funnelling.draw_again(stage.funnel)
        messages.success(request, f"{gone} typed cohorts were removed.")
        return redirect("funnel-step-counts", slug=slug, pk=pk)
    if request.method == "POST" and form.is_valid():
        try:
            kept = counting.enter(stage, form.cleaned_data["lines"], actor=request.user, now=clock.now())
        except counting.CountError as error:
            form.add_error("lines", "Nothing was stored. " + " ".join(error.problems))
        else:
            funnelling.draw_again(stage.funnel)
            messages.success(request, f"{kept} {'cohort is' if kept == 1 else 'cohorts are'} stored.")
            return redirect("funnel-steps", slug=slug)
    rows = list(stage.counts.order_by("-cohort_start")[:COHORTS_SHOWN])
    typed = bool(rows) and rows[0].origin == counting.TYPED
    more = {"form": form, "stage": stage, "rows": rows, "typed": typed}
    return _page(request, "funnel/counts.html", stage.funnel, "Counts", more)


@requires("funnel.edit")
@both
def benchmark(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """What a step could be: typed with its source, or its own best by one click."""
    stage = _stage(slug, pk)
    by_click = "own_best" in request.POST
    given = request.POST if request.method == "POST" and not by_click else None
    form = BenchmarkForm(given, stage=stage, standing=stage.benchmarks.first())
    if request.method == "POST" and (by_click or form.is_valid()):
        try:
            _compare(request, stage, None if by_click else form)
        except SteeringError as error:
            if by_click:
                messages.error(request, str(error))
                return redirect("funnel-step-benchmark", slug=slug, pk=pk)
            form.add_error(error.field if error.field in form.fields else None, str(error))
        else:
            messages.success(request, f"{stage.name} has a benchmark.")
            return redirect("funnel-steps", slug=slug)
    best = own_best(counting.cohorts_of(stage.counts.all()), lower_is_better=stage.kind == "loss")
    more = {"form": form, "stage": stage, "best": best, "history": stage.benchmarks.select_related("set_by")}
    return _page(request, "funnel/benchmark.html", stage.funnel, "Benchmark", more)


@requires("funnel.edit")
@both
def remove(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    stage = _stage(slug, pk)
    if request.method == "POST":
        staging.remove(stage, actor=request.user)
        funnelling.draw_again(stage.funnel)
        messages.success(request, f"{stage.name} was removed.")
        return redirect("funnel-steps", slug=slug)
    return _page(request, "funnel/step_remove.html", stage.funnel, "Remove", {"stage": stage})


def _stage(slug: str, pk: int) -> Stage:
    stages = Stage.objects.filter(funnel__archived_at=None, funnel__slug=slug)
    return get_object_or_404(stages.select_related("funnel", "metric"), pk=pk)


def _save(request: HttpRequest, funnel: Funnel, form: StepForm, stage: Stage | None) -> Stage | None:
    """The step with its owners, or None with the reason on the form: both are written, or nothing."""
    try:
        with transaction.atomic():
            if stage is None:
                saved = staging.add(funnel, form.plan(), actor=request.user)
            else:
                saved = staging.alter(stage, form.plan(), actor=request.user)
            # Owners that were archived are not on the form, and stay.
            kept = Team.objects.filter(stages=saved).exclude(archived_at=None)
            saved.teams.set([*form.cleaned_data["teams"], *kept])
            funnelling.draw_again(funnel)
    except SteeringError as error:
        form.add_error(error.field if error.field in form.fields else None, str(error))
        return None
    return saved


def _compare(request: HttpRequest, stage: Stage, form: BenchmarkForm | None) -> None:
    if form is None:
        staging.take_own_best(stage, actor=request.user)
    else:
        data = form.cleaned_data
        staging.compare(
            stage, value=form.benchmark(), kind=data["kind"], source=data["source"], actor=request.user
        )
    funnelling.draw_again(stage.funnel)


def _page(
    request: HttpRequest, template: str, funnel: Funnel, title: str, more: dict[str, Any]
) -> HttpResponse:
    steps = ("Edit", reverse("funnel-steps", args=[funnel.slug]))
    crumbs = [("Funnel", reverse("funnel-page", args=[funnel.slug]))]
    crumbs += [(title, "")] if title == "Edit" else [steps, (title, "")]
    form = more.get("form")
    context = {"funnel": funnel, "title": title, "breadcrumbs": crumbs} | more
    return render(request, template, context, status=422 if form is not None and form.errors else 200)
