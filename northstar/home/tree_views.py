"""The metric tree: looking at it, and for leaders adding, changing and removing its drivers."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from metrics import branching, tree
from metrics.aiming import metric_of
from metrics.branching import SteeringError
from metrics.models import Driver, NorthStar
from northstar.home import outline
from northstar.home.navigation import company_of
from northstar.home.tree_forms import DriverForm, number_of
from northstar.lib import clock
from northstar.lib.policy import requires
from teams.models import Team

both = require_http_methods(["GET", "HEAD", "POST"])


@requires("north_star.view")
def drivers(request: HttpRequest) -> HttpResponse:
    """The tree from the North Star down to what the teams push."""
    context = outline.compose(today=clock.today(company_of(request).zone))
    return render(request, "home/drivers.html", context)


@requires("north_star.edit")
@both
def edit(request: HttpRequest) -> HttpResponse:
    """The drivers as a list; a POST moves one of them up."""
    star = _current()
    if request.method == "POST":
        found = star.drivers.filter(pk=number_of(request.POST.get("up", "")) or 0).first()
        if found is not None:
            branching.move_up(found, actor=request.user)
        return redirect("north-star-drivers")
    standing = list(star.drivers.select_related("metric").prefetch_related("teams"))
    context = {
        "rows": outline.listed(standing),
        "warning": branching.warning(standing) if standing else "",
        "breadcrumbs": _crumbs("Edit"),
        "star": star,
    }
    return render(request, "home/drivers_edit.html", context)


@requires("north_star.edit")
@both
def new(request: HttpRequest) -> HttpResponse:
    """Add a driver; `?parent=` says what it hangs from."""
    star = _current()
    form = _form(request, star, parent=str(number_of(request.GET.get("parent", "")) or ""))
    if request.method == "POST" and form.is_valid():
        driver = _save(request, star, form, None)
        if driver is not None:
            messages.success(request, f"{driver.name} is in the tree.")
            again = "another" in request.POST
            return redirect("north-star-driver-new" if again else "north-star-drivers")
    return _page(request, form, None, star)


@requires("north_star.edit")
@both
def change(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a driver."""
    star = _current()
    driver = get_object_or_404(star.drivers.select_related("metric", "north_star"), pk=pk)
    form = _form(request, star, driver=driver)
    if request.method == "POST" and form.is_valid() and _save(request, star, form, driver) is not None:
        messages.success(request, f"{form.cleaned_data['name'] or driver.name} is saved.")
        return redirect("north-star-drivers")
    return _page(request, form, driver, star)


@requires("north_star.edit")
@both
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask, then take a driver out of the tree."""
    star, problem = _current(), ""
    driver = get_object_or_404(star.drivers.select_related("metric", "north_star"), pk=pk)
    if request.method == "POST":
        try:
            branching.remove(driver, actor=request.user)
        except SteeringError as error:
            problem = str(error)
        else:
            messages.success(request, f"{driver.name} was removed from the tree.")
            return redirect("north-star-drivers")
    context = {"driver": driver, "problem": problem, "breadcrumbs": _crumbs("Remove")}
    return render(request, "home/driver_remove.html", context, status=422 if problem else 200)


def _save(request: HttpRequest, star: NorthStar, form: DriverForm, driver: Driver | None) -> Driver | None:
    """The driver with its teams, or None with the reason on the form: both are written, or nothing."""
    try:
        with transaction.atomic():
            if driver is None:
                saved = branching.add(star, form.branch(), actor=request.user)
            else:
                saved = branching.change(driver, form.branch(), actor=request.user)
            # Owners that were archived are not on the form, and stay.
            kept = Team.objects.filter(drivers=saved).exclude(archived_at=None)
            saved.teams.set([*form.cleaned_data["teams"], *kept])
    except SteeringError as error:
        form.add_error(error.field if error.field in form.fields else None, str(error))
        return None
    return saved


def _form(
    request: HttpRequest, star: NorthStar, *, driver: Driver | None = None, parent: str = ""
) -> DriverForm:
    try:
        metric = metric_of(star)
    except SteeringError as error:
        raise Http404(str(error)) from error
    return DriverForm(
        request.POST or None,
        star=star,
        star_metric=metric,
        standing=list(star.drivers.all()),
        driver=driver,
        **({} if driver else {"initial": {"parent": parent}}),
    )


def _page(request: HttpRequest, form: DriverForm, driver: Driver | None, star: NorthStar) -> HttpResponse:
    context: dict[str, Any] = {
        "form": form,
        "driver": driver,
        "star": star,
        "full": driver is None and star.drivers.count() >= tree.MOST_NODES,
        "breadcrumbs": _crumbs(driver.name if driver else "Add"),
    }
    return render(request, "home/driver_form.html", context, status=422 if form.is_bound else 200)


def _crumbs(label: str) -> list[tuple[str, str]]:
    edit_page = ("Edit", reverse("north-star-drivers"))
    return [("Drivers", reverse("drivers")), *([edit_page] if label != "Edit" else []), (label, "")]


def _current() -> NorthStar:
    star = NorthStar.current()
    if star is None:
        raise Http404("There is no North Star yet.")
    return star
