"""The list of links, with how each stands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import BooleanField, ExpressionWrapper

from metrics import ages
from metrics.models import Company
from northstar.lib.policy import Subject
from northstar.sharing import giving, pages
from teams.models import ShareLink

MOST = 500


@dataclass(frozen=True, slots=True)
class Row:
    """A link in words; `state` is a pill's, `open` while it opens its page."""

    link: ShareLink
    page: str
    state: str
    words: str
    open: bool
    seen: str
    mine: bool


def rows(subject: Subject, *, whole: bool, company: Company, now: datetime) -> list[Row]:
    """The links of a person, or with `whole` everybody's: open ones first, then the newest. Two queries."""
    # In the query already: what is cut off at the end is never one that still opens something.
    is_open = ExpressionWrapper(giving.is_open(now), BooleanField())
    found = ShareLink.objects.select_related("created_by").order_by(is_open.desc(), "-created_at")
    if not whole:
        found = found.filter(created_by_id=subject.user_id)
    links = list(found[:MOST])
    givers = giving.still_may(company, {link.created_by_id for link in links if link.created_by_id})
    told = [_row(link, subject, givers=givers, company=company, now=now) for link in links]
    return sorted(told, key=lambda row: not row.open)


def _row(link: ShareLink, subject: Subject, *, givers: set[int], company: Company, now: datetime) -> Row:
    page = pages.at(link.path)
    state, words = _standing(link, givers, company=company, now=now)
    return Row(
        link=link,
        page=page.page.words if page else "A page that is gone",
        state=state,
        words=words,
        open=state == "good",
        seen=ages.moment_words(link.seen_at, zone=company.zone, now=now) if link.seen_at else "never",
        mine=link.created_by_id is not None and link.created_by_id == subject.user_id,
    )


def _standing(link: ShareLink, givers: set[int], *, company: Company, now: datetime) -> tuple[str, str]:
    if link.revoked_at:
        return "neutral", "Revoked"
    if link.expires_at and link.expires_at <= now:
        return "neutral", "Ended"
    if link.created_by is None or not link.created_by.is_active:
        return "neutral", "Its giver has left"
    if company.share_links == "nobody":
        return "no_data", "Sharing is off"
    if link.created_by_id not in givers:
        return "no_data", "Its giver may not share any more"
    return "good", "Open"
