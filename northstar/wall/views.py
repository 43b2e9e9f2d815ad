"""What a screen asks for. Only its own cookie opens it, no session is read; all but pairing only reads."""

from __future__ import annotations

import hashlib

from allauth.account.adapter import get_adapter
from allauth.core import ratelimit
from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils.cache import get_conditional_response
from django.views.decorators.http import require_POST, require_safe

from metrics.models import Company
from northstar.lib import clock
from northstar.lib.policy import requires
from northstar.wall import composing, pairing
from teams.models import Screen

#: Browsers keep no cookie longer than 400 days; each look renews it.
KEPT = 400 * 24 * 3600


@requires("public")
@require_safe
def wall(request: HttpRequest) -> HttpResponse:
    """The wall on a screen that was approved; elsewhere a code, or the button that asks for one."""
    now, secret = clock.now(), request.COOKIES.get(pairing.COOKIE, "")
    screen = Screen.usable(secret, now)
    if screen is None or screen.approved_at is None:
        return _pairing(request, screen, secret)
    pairing.look_in(screen, now)
    context = hung(screen, view=request.GET.get("view", "")) | {"source": "/wall/views/"}
    return _kept(private(render(request, "wall/wall.html", context)), secret)


@requires("public")
@require_safe
def views(request: HttpRequest) -> HttpResponse:
    """The views alone, 304 where the screen has them already, 410 once it was disconnected."""
    now, secret = clock.now(), request.COOKIES.get(pairing.COOKIE, "")
    screen = Screen.usable(secret, now)
    if screen is None or screen.approved_at is None:
        return private(HttpResponse(status=410))
    pairing.look_in(screen, now)
    return _kept(fragment(request, screen), secret)


@requires("public")
@require_safe
def state(request: HttpRequest) -> JsonResponse:
    """How the pairing of this browser goes: waiting, approved, or none (again)."""
    now = clock.now()
    screen = Screen.usable(request.COOKIES.get(pairing.COOKIE, ""), now)
    if screen is None or (screen.approved_at is None and not _shows_code(screen)):
        word = "none"
    else:
        word = "waiting" if screen.approved_at is None else "approved"
    return private(JsonResponse({"state": word}))  # type: ignore[return-value]


@requires("public")
@require_POST
def pair(request: HttpRequest) -> HttpResponse:
    """Give this browser a code; a stranger who asks again and again is told to wait."""
    if not ratelimit.consume(request, action="wall_code"):
        return _wait(request, "Too many codes were asked for from here.")
    secret = pairing.ask(
        request.COOKIES.get(pairing.COOKIE, ""),
        now=clock.now(),
        address=get_adapter().get_client_ip(request),
        browser=request.headers.get("User-Agent", ""),
    )
    return _kept(private(redirect("/wall/?asked=1")), secret)


def hung(screen: Screen, *, view: str = "") -> dict[str, object]:
    """The context of the wall; `view` is the place of the one that is shown first."""
    now = clock.now()
    context = composing.compose(Company.current(), screen, now=now)
    count = max(len(context["views"]), 1)
    place = (int(view) if view.isascii() and view.isdigit() and len(view) < 6 else 0) % count
    seconds = settings.WALL_RELOAD_SECONDS
    told = {"place": place, "next": (place + 1) % count, "now": int(now.timestamp() * 1000)}
    return context | told | {"reload": seconds}


def fragment(request: HttpRequest, screen: Screen) -> HttpResponse:
    """The views as HTML under the hash of what they say."""
    body = render_to_string("wall/_views.html", hung(screen)).encode()
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    response = private(HttpResponse(body))
    response["ETag"] = tag
    found = get_conditional_response(request, etag=tag, response=response)
    return private(found or response)  # type: ignore[arg-type]


def private(response: HttpResponse) -> HttpResponse:
    """Kept by nobody and found by no search. `no-referrer` would make browsers post forms without their
    origin, which the CSRF check refuses; `strict-origin` never names the path."""
    response["Referrer-Policy"] = "strict-origin"
    response["Cache-Control"] = "no-store"
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response


def _pairing(request: HttpRequest, screen: Screen | None, secret: str) -> HttpResponse:
    now, code, left = clock.now(), "", 0
    if screen is not None and _shows_code(screen):
        code = pairing.code_of(secret, screen.code_expires_at)  # type: ignore[arg-type]
        left = int((screen.code_expires_at - now).total_seconds())  # type: ignore[operator]
    context = {
        "code": code,
        "halves": (code[:3], code[3:]),
        "left": left,
        "place": f"{settings.SITE_URL.split('//')[1]}/screens/",
        "disconnected": pairing.was_disconnected(secret) if screen is None else False,
        "no_cookie": screen is None and "asked" in request.GET,
    }
    return private(render(request, "wall/pairing.html", context))


def _shows_code(screen: Screen) -> bool:
    return bool(screen.code) and screen.code_expires_at is not None and screen.code_expires_at > clock.now()


def _wait(request: HttpRequest, words: str) -> HttpResponse:
    return private(render(request, "wall/pairing.html", {"wait": words}, status=429))


def _kept(response: HttpResponse, secret: str) -> HttpResponse:
    response.set_cookie(
        pairing.COOKIE, secret, max_age=KEPT, path="/wall/", secure=settings.SECURE, httponly=True,
        samesite="Strict",
    )  # fmt: skip
    return response
