"""Headers of every answer, errors and files included: a strict CSP in Django 6's settings shape.

And what no request may bring: more than the largest file, or null characters in its address.
"""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse

#: The largest CSV file (10 MiB) with what a form adds to it.
LARGEST_BODY = 11 * 1024 * 1024


class SecurityHeaders:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.policy = "; ".join(f"{name} {' '.join(values)}" for name, values in settings.SECURE_CSP.items())

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Content-Security-Policy", self.policy)
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        response.headers.setdefault("X-Frame-Options", "DENY")
        response.headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
        response.headers.setdefault("Referrer-Policy", "same-origin")
        if not request.path.startswith("/static/"):
            response.headers.setdefault("Cache-Control", "no-store")
        return response


class RequestLimits:
    """Refuses what no page needs, before anything is read: uploads fill the disk also of nobody's login form,
    and PostgreSQL takes no text with null characters, so a search for one would be an error of our own."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        length = request.META.get("CONTENT_LENGTH") or ""
        if length.isascii() and length.isdigit() and int(length[:20]) > LARGEST_BODY:
            words = f"The request is larger than {LARGEST_BODY // 1024 // 1024} MiB. Send it in parts.\n"
            return HttpResponse(words, content_type="text/plain", status=413)
        if "%00" in request.META.get("QUERY_STRING", "") or "\x00" in request.path:
            raise BadRequest("The address holds a null character.")
        return self.get_response(request)
