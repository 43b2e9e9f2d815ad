"""What every page needs for its frame: which item is active, what may be seen, what is wrong."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from metrics.models import Company
from northstar.lib import clock
from northstar.lib.policy import Subject, may, subject_of
from northstar.sharing.giving import may_share
from northstar.sharing.pages import PAGES
from northstar.watching import silence_banners
from teams.reminders import reminding
from teams.reviewing import due_count

SECTIONS = {
    "funnel": "funnel", "omtm-later": "reviews",
    "home": "home", "drivers": "drivers", "north-star-driver": "drivers", "north-star": "home",
    "annotation": "home", "event": "home", "team": "teams", "omtm": "teams", "candidate": "teams",
    "commitment": "teams", "portfolio": "teams", "gap": "teams", "lessons": "teams", "review": "reviews",
    "calibration": "reviews",
    "weekly": "weekly", "metric": "metrics", "source": "sources", "trial": "sources", "settings": "settings",
    "people": "settings", "person": "settings", "invitation": "settings", "rituals": "settings",
    "screen": "settings", "status": "status", "inbox": "inbox", "notifications": "inbox", "channel": "inbox",
    "share": "shares", "calendars": "inbox", "calendar-": "inbox",
}  # fmt: skip


def navigation(request: HttpRequest) -> dict[str, Any]:
    """`nav` for base.html; worked out only where a template asks for it."""
    return {"nav": SimpleLazyObject(lambda: _navigation(request))}


def _navigation(request: HttpRequest) -> dict[str, Any]:
    subject = subject_of(request)
    if subject.user_id is None:
        return {}
    admin = may(subject, "people.view")
    company = company_of(request)
    return {
        "active": _section(request),
        "company": company,
        "is_demo": company.is_demo,
        "can_see_sources": may(subject, "source.view"),
        "can_admin": admin,
        "can_set_rituals": may(subject, "rituals.edit"),
        "reviews_due": due_count(subject, company),
        "told": reminding.unseen_count(request.user, today=clock.today(company.zone)),
        "share_path": _share_path(request, company, subject),
        "banners": silence_banners() if admin else [],
    }


def company_of(request: HttpRequest) -> Company:
    """The company, asked for once a request."""
    if not hasattr(request, "company"):
        request.company = Company.current()  # type: ignore[attr-defined]
    return request.company  # type: ignore[attr-defined, no-any-return]


def _share_path(request: HttpRequest, company: Company, subject: Subject) -> str:
    """The address of this page where somebody may share it, else nothing."""
    name = request.resolver_match.url_name if request.resolver_match else ""
    return request.path if name in PAGES and may_share(company, subject) else ""


def _section(request: HttpRequest) -> str:
    name = request.resolver_match.url_name if request.resolver_match else ""
    return next((section for start, section in SECTIONS.items() if (name or "").startswith(start)), "")
