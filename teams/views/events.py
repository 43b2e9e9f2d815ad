"""Pages of events: the list, adding, changing and removing notes, keys for programs."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from metrics.forms.tokens import TokenForm
from metrics.models import Annotation, Company, EventToken, Metric
from northstar.lib import clock
from northstar.lib.policy import find, may, requires, subject_of
from teams.events import listing, noting, receiving
from teams.forms.events import AnnotationForm
from teams.models import Team

HOME = ("North Star", "/")


@requires("annotation.view")
def listed(request: HttpRequest) -> HttpResponse:
    """What happened and what will, newest first, by kind, team or metric."""
    subject, company = subject_of(request), Company.current()
    context = listing.page(request.GET, subject=subject, today=clock.today(company.zone))
    context["may_add"] = may(subject, "annotation.create")
    if may(subject, "token.manage"):
        context["keys"] = listing.keys(clock.now())
    return render(request, "events/list.html", context | {"breadcrumbs": [HOME, ("Events", "")]})


@requires("annotation.create")
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Add a note to every chart, or to those of a team or a metric."""
    today = clock.today(Company.current().zone)
    metric = Metric.objects.listed().filter(slug=request.GET.get("metric", "")).first()
    team = Team.objects.listed().filter(slug=request.GET.get("team", "")).first()
    initial = {"day": today} | ({"shown_on": f"metric:{metric.pk}"} if metric else {})
    form = AnnotationForm(request.POST or None, initial=initial, team=team)
    if request.method == "POST" and form.is_valid():
        note = noting.add(form.save(commit=False), team=form.team, actor=request.user)
        messages.success(request, "The note is on the charts.")
        return _to(note, form.team)
    return _form(request, form, title="Add a note", button="Add the note")


@requires("annotation.change")
@require_http_methods(["GET", "HEAD", "POST"])
def change(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a note: its words, its days, where it stands."""
    note = find(request, "annotation.change", Annotation.objects.select_related("metric"), pk=pk)
    form = AnnotationForm(request.POST or None, instance=note, team=noting.team_of(note))
    if request.method == "POST" and form.is_valid():
        noting.change(form.save(commit=False), team=form.team, actor=request.user)
        messages.success(request, "The note is changed.")
        return redirect("events")
    return _form(request, form, title="Change a note", button="Save the note")


@requires("annotation.change")
@require_http_methods(["GET", "HEAD", "POST"])
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask, then remove a note."""
    note = find(request, "annotation.change", Annotation.objects.select_related("metric", "author"), pk=pk)
    if request.method == "POST":
        noting.remove(note, actor=request.user)
        messages.success(request, "The note was removed.")
        return redirect("events")
    crumbs = [HOME, ("Events", reverse("events")), ("Remove a note", "")]
    context = {"note": note, "team": noting.team_of(note), "breadcrumbs": crumbs}
    return render(request, "events/remove.html", context)


@requires("token.manage")
@require_http_methods(["GET", "HEAD", "POST"])
def key_new(request: HttpRequest) -> HttpResponse:
    """Make a key for events; its text is in the answer itself and nowhere else."""
    form = TokenForm(request.POST or None)
    context: dict[str, Any] = {"form": form}
    context["breadcrumbs"] = [HOME, ("Events", reverse("events")), ("New key", "")]
    if request.method != "POST" or not form.is_valid():
        return render(request, "events/key_new.html", context, status=422 if form.errors else 200)
    label, days = form.cleaned_data["label"], form.cleaned_data["days"]
    token, text = receiving.issue(label, days=days, actor=request.user)
    context |= {"token": token, "text": text, "address": settings.SITE_URL + reverse("api-events")}
    return render(request, "events/key.html", context, status=201)


@requires("token.manage")
@require_POST
def key_revoke(request: HttpRequest, pk: int) -> HttpResponse:
    token = get_object_or_404(EventToken, pk=pk)
    receiving.revoke(token, actor=request.user)
    messages.success(request, f"The key {token} no longer works.")
    return redirect("events")


def _form(request: HttpRequest, form: AnnotationForm, *, title: str, button: str) -> HttpResponse:
    crumbs = [HOME, ("Events", reverse("events")), (title, "")]
    context = {"form": form, "title": title, "button": button, "breadcrumbs": crumbs}
    return render(request, "events/form.html", context, status=422 if form.is_bound else 200)


def _to(note: Annotation, team: Team | None) -> HttpResponse:
    if team is not None:
        return redirect("team", team.slug)
    return redirect("metric", note.metric.slug) if note.metric else redirect("home")
