"""What a secret opens: one page, rendered without a request, so that nothing of the visitor can reach it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import F
from django.http import HttpResponse
from django.template.loader import render_to_string

from metrics import ages
from metrics.models import Company
from northstar.sharing import giving, pages
from teams.models import ShareLink

#: Stricter than other pages: a shared one runs no script, sends no form and asks for nothing but its look.
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Robots-Tag": "noindex, nofollow, noarchive",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "private, no-store",
}


def answer(secret: str, *, now: datetime, counts: bool = True) -> HttpResponse:
    """The page, or the same 404 for whatever else: unknown, revoked, expired, its page or its giver gone."""
    company = Company.current()
    link = ShareLink.usable(secret, now)
    content = _content(link, company, now) if link else None
    if link is None or content is None:
        return _response("sharing/gone.html", {"company": company}, status=404)
    if counts:
        ShareLink.objects.filter(pk=link.pk).update(
            views=F("views") + 1, seen_at=now.replace(second=0, microsecond=0)
        )
    found, context = content
    banner = {
        "company": company,
        "label": link.label,
        "as_of": ages.moment_words(now, zone=company.zone, now=now),
        "zone": company.zone,
        "ends": link.expires_at.astimezone(company.tz).date() if link.expires_at else None,
        "today": now.astimezone(company.tz).date(),
    }
    return _response(found.page.template, context | banner, status=200)


def _content(link: ShareLink, company: Company, now: datetime) -> tuple[pages.Found, dict[str, Any]] | None:
    """The page of a link with what it prints; None where it shows nothing now."""
    giver = link.created_by_id
    if giver is None or not giving.still_may(company, [giver]):
        return None
    found = pages.at(link.path)
    content = found.content(company, now) if found else None
    return (found, content) if found and content else None


def _response(template: str, context: dict[str, Any], *, status: int) -> HttpResponse:
    response = HttpResponse(render_to_string(template, context), status=status)
    for name, value in HEADERS.items():
        response.headers[name] = value
    return response
