"""The gallery of North Stars and the guided choice of one: leaders choose, everybody may read along."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from metrics import beginning, choice_pages, choosing, gallery
from metrics.forms.choice import FORMS
from metrics.models import Company, NorthStar, StarChoice
from metrics.steering import SteeringError
from northstar.lib import clock
from northstar.lib.policy import demand, requires

both = require_http_methods(["GET", "HEAD", "POST"])
ROWS = StarChoice.objects.select_related("started_by", "changed_by", "north_star")


@requires("north_star.view")
def gallery_page(request: HttpRequest) -> HttpResponse:
    """Well-known North Stars by business model."""
    crumbs = [("North Star", reverse("home")), ("Examples", "")]
    context = {"examples": gallery.EXAMPLES, "breadcrumbs": crumbs}
    return render(request, "north_star/gallery.html", context)


@requires("north_star.view")
@both
def choices(request: HttpRequest) -> HttpResponse:
    """The choices on their way and those before; a POST starts one, or goes on with the open one."""
    problem = ""
    if request.method == "POST":
        demand(request, "north_star.edit")
        scope = "unit" if request.POST.get("scope") == "unit" else "company"
        unit, example = (request.POST.get(name, "").replace("\x00", "") for name in ("unit", "example"))
        try:
            choice = choosing.start(scope=scope, unit=unit, example=example, actor=request.user)
        except SteeringError as error:
            problem = str(error)
        else:
            return redirect("north-star-choice-step", choice.pk, "candidates" if example else "value")
    context: dict[str, Any] = choice_pages.open_choices(ROWS.order_by("-pk"))
    context |= {"problem": problem, "star": NorthStar.current(), "unit": request.POST.get("unit", "")}
    context["breadcrumbs"] = [("North Star", reverse("home")), ("Choosing", "")]
    return render(request, "north_star/choices.html", context, status=422 if problem else 200)


@requires("north_star.view")
def story(request: HttpRequest, pk: int) -> HttpResponse:
    """How a North Star was chosen, or how far the choice has come."""
    choice = get_object_or_404(ROWS, pk=pk)
    context = choice_pages.story(choice) | {"breadcrumbs": _crumbs("How it was chosen")}
    return render(request, "north_star/story.html", context)


@requires("north_star.edit")
@both
def step(request: HttpRequest, pk: int, step: str) -> HttpResponse:
    """One step: its answers are kept whichever button is pressed."""
    if step not in FORMS:
        raise Http404
    choice = get_object_or_404(ROWS, pk=pk)
    if choice.finished_at is not None:
        return redirect("north-star-choice-story", pk)
    form = FORMS[step](request.POST or None, choice=choice, more="more" in request.GET)
    if request.method == "POST" and form.is_valid():
        try:
            return _go(request, choice, step, form)
        except SteeringError as error:
            form.add_error(None, str(error))
            choice = ROWS.filter(pk=pk).first() or choice
    context = choice_pages.context(choice, step, form, company=Company.current(), now=clock.now())
    context["breadcrumbs"] = _crumbs(choice.unit or "For the company")
    refused = request.method == "POST" and bool(form.errors)
    return render(request, "north_star/choice.html", context, status=422 if refused else 200)


@requires("north_star.edit")
@require_POST
def drop(request: HttpRequest, pk: int) -> HttpResponse:
    """Throw an open choice away."""
    try:
        choosing.drop(get_object_or_404(StarChoice, pk=pk), actor=request.user)
    except SteeringError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, "The choice was thrown away.")
    return redirect("north-star-choice")


def _go(request: HttpRequest, choice: StarChoice, name: str, form: Any) -> HttpResponse:
    """Keep the answers, then on, back, away, or begin."""
    go = request.POST.get("go", "next")
    kept = choosing.keep(choice, name, form.given, seen=request.POST.get("seen", ""), actor=request.user)
    if go == "begin":
        today = clock.today(Company.current().zone)
        star = beginning.begin(kept, actor=request.user, today=today, now=clock.now())
        messages.success(request, f"{star} begins today. Now say where it should go.")
        return redirect("north-star-unit-targets", star.pk) if star.unit else redirect("north-star-targets")
    if go == "leave":
        messages.success(request, "Everything is kept. Go on whenever you like.")
        return redirect("north-star-choice")
    to = name if go in ("stay", "more") else choosing.beside(name, -1 if go == "back" else 1)
    page = reverse("north-star-choice-step", args=[choice.pk, to])
    return redirect(f"{page}?more=1" if go == "more" else page)


def _crumbs(label: str) -> list[tuple[str, str]]:
    return [("North Star", reverse("home")), ("Choosing", reverse("north-star-choice")), (label, "")]
