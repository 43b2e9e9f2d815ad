"""Pages of funnels: looking, simulating, and for leaders and admins beginning, changing, putting away."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from metrics import funnelling, staging
from metrics.aiming import SteeringError
from metrics.models import Company, Funnel
from northstar.lib import clock
from northstar.lib.policy import demand, requires, subject_of
from teams import funnel_pages, widening
from teams.forms.funnels import LARGEST_ID, FunnelForm
from teams.models import Team
from teams.refusing import LifecycleError

both = require_http_methods(["GET", "HEAD", "POST"])
FUNNELS = Funnel.objects.filter(archived_at=None).select_related("north_star")


@requires("funnel.view")
@require_GET
def first(request: HttpRequest) -> HttpResponse:
    """The first funnel, or how to begin one."""
    funnel = FUNNELS.order_by("id").first()
    return _shown(request, funnel) if funnel else render(request, "funnel/empty.html")


@requires("funnel.view")
@require_GET
def page(request: HttpRequest, slug: str) -> HttpResponse:
    return _shown(request, get_object_or_404(FUNNELS, slug=slug))


@requires("funnel.edit")
@both
def new(request: HttpRequest) -> HttpResponse:
    form = FunnelForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            funnel = staging.begin(form.way(), actor=request.user)
        except SteeringError as error:
            _refuse(form, error)
        else:
            funnelling.draw_again(funnel)
            return redirect("funnel-step-new", slug=funnel.slug)
    return _form(request, form, None)


@requires("funnel.edit")
@both
def settings(request: HttpRequest, slug: str) -> HttpResponse:
    funnel = get_object_or_404(FUNNELS, slug=slug)
    form = FunnelForm(request.POST or None, funnel=funnel)
    if request.method == "POST" and form.is_valid():
        try:
            changed = staging.change(funnel, form.way(), actor=request.user)
        except SteeringError as error:
            _refuse(form, error)
        else:
            funnelling.draw_again(changed)
            messages.success(request, f"{changed.name} is saved.")
            return redirect("funnel-page", slug=slug)
    return _form(request, form, funnel)


@requires("funnel.edit")
@both
def remove(request: HttpRequest, slug: str) -> HttpResponse:
    funnel = get_object_or_404(FUNNELS, slug=slug)
    if request.method == "POST":
        staging.put_away(funnel, actor=request.user, now=clock.now())
        messages.success(request, f"{funnel.name} was put away.")
        return redirect("funnel")
    crumbs = [("Funnel", reverse("funnel-page", args=[slug])), ("Put away", "")]
    return render(request, "funnel/remove.html", {"funnel": funnel, "breadcrumbs": crumbs})


@require_POST
@requires("omtm.draft")
def candidate(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """A step becomes a draft of one of its teams; of any team that may, where nobody owns it."""
    funnel = get_object_or_404(FUNNELS, slug=slug)
    stage = get_object_or_404(funnel.stages.select_related("funnel", "metric"), pk=pk)
    team = _team(request, stage)
    if team is None:
        messages.error(request, "Choose the team that is to push this step.")
        return redirect("funnel-page", slug=slug)
    demand(request, "omtm.draft", team)
    today = clock.today(Company.current().zone)
    try:
        omtm = widening.widen(stage, team, funnel_pages.document_of(funnel), actor=request.user, today=today)
    except LifecycleError as error:
        messages.error(request, str(error))
        return redirect("funnel-page", slug=slug)
    messages.success(request, f"{omtm.name} is a candidate of {team.name}. Say what you will do.")
    return redirect("omtm", pk=omtm.pk)


def _team(request: HttpRequest, stage: Any) -> Team | None:
    """The team that was asked for, if it owns the step or nobody does."""
    owners = stage.teams.filter(archived_at=None)
    choice = owners if owners.exists() else Team.objects.listed()
    typed = request.POST.get("team", "")
    if typed.isascii() and typed.isdigit() and len(typed) < 20 and int(typed) <= LARGEST_ID:
        return choice.filter(pk=int(typed)).first()
    found = list(choice[:2])
    return found[0] if not typed and len(found) == 1 else None


def _shown(request: HttpRequest, funnel: Funnel) -> HttpResponse:
    context = funnel_pages.compose(
        funnel,
        funnel_pages.document_of(funnel),
        subject=subject_of(request),
        answers=request.GET.dict(),
        today=clock.today(Company.current().zone),
    )
    errors = context["asked"].errors if context.get("asked") else {}
    return render(request, "funnel/page.html", context, status=422 if errors else 200)


def _form(request: HttpRequest, form: FunnelForm, funnel: Funnel | None) -> HttpResponse:
    crumbs = [("Funnel", reverse("funnel")), (funnel.name if funnel else "Begin a funnel", "")]
    context = {"form": form, "funnel": funnel, "breadcrumbs": crumbs}
    return render(request, "funnel/form.html", context, status=422 if form.is_bound else 200)


def _refuse(form: Any, error: SteeringError) -> None:
    form.add_error(error.field if error.field in form.fields else None, str(error))
