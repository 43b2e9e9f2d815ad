"""Pages behind addresses that open something to whoever holds them."""

from __future__ import annotations

from typing import Any

from allauth.core import ratelimit
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from teams.inviting import LinkError


def dead_end(request: HttpRequest, problem: LinkError, *, action: str, page: str) -> HttpResponse:
    """An address that was never made here is a page that does not exist; few of them are tried a minute."""
    if problem.unknown:
        if refused := ratelimit.consume_or_429(request, action=action, limit_get=True):
            return refused
        raise Http404
    return answer(request, page, {"problem": problem}, status=410)


def answer(request: HttpRequest, name: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    """A page that keeps its address to itself. `no-referrer` would do so too, but then browsers send the form
    without its origin, which the CSRF check refuses; `strict-origin` never names the path, to nobody."""
    page = render(request, name, context, status=status)
    page["Referrer-Policy"] = "strict-origin"
    page["Cache-Control"] = "no-store"
    page["X-Robots-Tag"] = "noindex, nofollow"
    return page
