"""The page on which admins approve, change and disconnect screens."""

from __future__ import annotations

from allauth.core import ratelimit
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from northstar.home.navigation import company_of
from northstar.lib import clock
from northstar.lib.policy import find, requires
from northstar.wall import pairing, telling, views
from northstar.wall.forms import CodeForm, ScreenForm
from teams.models import Screen

TOO_MANY = "Too many codes were typed in a short time. Wait a minute, then try again."


@requires("screen.manage")
@require_safe
def screens(request: HttpRequest) -> HttpResponse:
    """Every screen that shows something, and the field for a new one's code."""
    return _listing(request, CodeForm())


@requires("screen.manage")
@require_http_methods(["GET", "HEAD", "POST"])
def pair(request: HttpRequest) -> HttpResponse:
    """From the typed code to who asks and what it shall show, and from there to a paired screen."""
    if request.method != "POST":
        return screens(request)
    code = CodeForm(request.POST)
    if not ratelimit.consume(request, action="wall_code_typed", user=request.user):
        code.add_error("code", TOO_MANY)
    if not code.is_valid():
        return _listing(request, code, status=422)
    try:
        screen = pairing.waiting(code.cleaned_data["code"], clock.now())
        answered = "label" in request.POST
        form = ScreenForm(request.POST) if answered else ScreenForm()
        if answered and form.is_valid():
            pairing.approve(
                screen,
                chosen=form.cleaned_data,
                teams=form.cleaned_data["teams"],
                actor=request.user,
                now=clock.now(),
            )
            messages.success(request, f"{screen} is connected: it starts within a few seconds.")
            return redirect("screens")
    except pairing.PairingError as problem:
        code.add_error("code", str(problem))
        return _listing(request, code, status=422)
    crumbs = [("Wall screens", reverse("screens")), ("Connect", "")]
    context = {
        "form": form,
        "code": code,
        "screen": screen,
        "asking": telling.asking(screen),
        "breadcrumbs": crumbs,
    }
    return render(request, "screens/approve.html", context, status=422 if form.is_bound else 200)


@requires("screen.manage")
@require_http_methods(["GET", "HEAD", "POST"])
def change(request: HttpRequest, pk: int) -> HttpResponse:
    """What a screen shows; it follows at its next look, within five minutes."""
    screen = find(request, "screen.manage", _connected(), pk=pk)
    form = ScreenForm(request.POST if request.method == "POST" else None, screen=screen)
    if request.method == "POST" and form.is_valid():
        chosen = form.cleaned_data
        pairing.change(screen, chosen=chosen, teams=chosen["teams"], actor=request.user)
        messages.success(request, f"Saved. {screen} follows within five minutes.")
        return redirect("screens")
    crumbs = [("Wall screens", reverse("screens")), (str(screen), "")]
    context = {"form": form, "screen": screen, "asking": telling.asking(screen), "breadcrumbs": crumbs}
    return render(request, "screens/change.html", context, status=422 if form.is_bound else 200)


@requires("screen.manage")
@require_POST
def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    """Disconnect a screen."""
    screen = find(request, "screen.manage", _connected(), pk=pk)
    if pairing.revoke(screen, actor=request.user, now=clock.now()):
        messages.success(request, f"{screen} is disconnected: within fifteen seconds it shows a code again.")
    return redirect("screens")


@requires("screen.manage")
@require_safe
def look(request: HttpRequest, pk: int) -> HttpResponse:
    """What a screen shows, for an admin who is not in front of it."""
    screen = find(request, "screen.manage", _connected(), pk=pk)
    if "part" in request.GET:
        return views.fragment(request, screen)
    context = views.hung(screen, view=request.GET.get("view", "")) | {
        "source": "?part=views",
        "looking": True,
    }
    return views.private(render(request, "wall/wall.html", context))


def _connected() -> QuerySet[Screen]:
    return Screen.objects.filter(revoked_at=None).exclude(approved_at=None)


def _listing(request: HttpRequest, code: CodeForm, *, status: int = 200) -> HttpResponse:
    rows = _connected().select_related("approved_by").prefetch_related("teams").order_by("label", "pk")
    now, company = clock.now(), company_of(request)
    context = {"code": code, "screens": [telling.row(each, now=now) for each in rows], "company": company}
    return render(request, "screens/screens.html", context, status=status)
