"""The own weekly mail: shown on a page, and sent at once to whoever asks for it."""

from __future__ import annotations

from allauth.core import ratelimit
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from metrics.models import Company
from northstar.lib import clock
from northstar.lib.policy import requires
from teams import weekly_pages
from teams.digests import previewing
from teams.reminders import preferring

#: A mail has styles of its own and no scripts. It comes from us, and yet it may do nothing but be looked at.
LETTER_POLICY = (
    "default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'self'; sandbox allow-popups allow-popups-to-escape-sandbox"
)
TOO_MANY = "The letter was sent to you three times within an hour. Look at it here, or wait a while."


@requires("account.own")
@require_safe
def weekly_mail(request: HttpRequest) -> HttpResponse:
    company, now = Company.current(), clock.now()
    context = {
        "review": previewing.newest(),
        "weekly": weekly_pages.empty(company=company, now=now),
        "on": preferring.of(request.user).weekly_mail,
    }
    response = render(request, "weekly/mail.html", context)
    response.headers["Content-Security-Policy"] = _page_policy()
    return response


@requires("account.own")
@require_safe
def weekly_mail_letter(request: HttpRequest) -> HttpResponse:
    """The letter alone, which the page shows in a frame."""
    review = previewing.newest()
    if review is None:
        raise Http404
    try:
        html = previewing.html(review, request.user, Company.current())
    except previewing.PreviewError as error:
        return HttpResponse(str(error), content_type="text/plain; charset=utf-8", status=503)
    headers = {"Content-Security-Policy": LETTER_POLICY, "X-Frame-Options": "SAMEORIGIN"}
    return HttpResponse(html, headers=headers)


@requires("account.own")
@require_POST
def weekly_mail_send(request: HttpRequest) -> HttpResponse:
    review = previewing.newest()
    if review is None:
        raise Http404
    if not ratelimit.consume(request, action="weekly_mail", user=request.user):
        messages.error(request, TOO_MANY)
        return redirect("weekly-mail")
    try:
        previewing.ask(review, request.user)
    except previewing.PreviewError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, f"The letter is on its way to {request.user.email}.")
    return redirect("weekly-mail")


def _page_policy() -> str:
    """That of every page, and it may hold the letter in a frame."""
    named = settings.SECURE_CSP | {"frame-src": ["'self'"]}
    return "; ".join(f"{name} {' '.join(values)}" for name, values in named.items())
