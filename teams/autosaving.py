"""Keeping what is typed into a review before it is held; nobody types over another unknowingly."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import transaction

from metrics import formatting
from metrics.models import Company
from northstar.lib import periods
from teams.models import Omtm, Review
from teams.reminders import rules

MOST = 2000
KINDS = {"closing": ("active", "in_review"), "midpoint": ("active",)}


class DraftError(Exception):
    """It cannot be kept; the sentence says why."""


class DraftConflict(DraftError):
    """Somebody saved meanwhile; `review` is what they left."""

    def __init__(self, review: Review, sentence: str) -> None:
        super().__init__(sentence)
        self.review = review


@dataclass(frozen=True, slots=True)
class Draft:
    """What was typed so far: by field, its number, and in words who saved it when.

    `former` is what somebody else had typed before it was typed over: {"by", "when", "fields"}.
    """

    number: int = 0
    fields: dict[str, str] = field(default_factory=dict)
    words: str = ""
    former: dict[str, Any] | None = None


def save(
    omtm: Omtm, kind: str, typed: Mapping[str, str], *, seen: int, actor: Any, now: datetime, company: Company
) -> Review:
    """Keep what was typed; `seen` is the number of the draft that it was typed over.

    Raises DraftConflict where another one was saved since, DraftError where the review takes no more.
    """
    with transaction.atomic():
        review = _opened(omtm, kind, today=periods.local_day(now, company.zone), company=company)
        if review.draft_no != seen:
            raise DraftConflict(review, _conflict(review, actor, company))
        if review.draft.get("fields", {}) == dict(typed):
            return review
        former = review.draft.get("former")
        if review.draft.get("fields") and review.draft_by_id not in (None, actor.pk):
            former = {
                "by": str(review.draft_by),
                "when": _when(review, company),
                "fields": review.draft["fields"],
            }
        review.draft = {"fields": dict(typed)} | ({"former": former} if former else {})
        review.draft_no, review.draft_by, review.draft_at = review.draft_no + 1, actor, now
        review.save(update_fields=["draft", "draft_no", "draft_by", "draft_at"])
    return review


def typed(data: Mapping[str, Any], names: Iterable[str]) -> dict[str, str]:
    """Of a posted form the fields of these names that hold something, as text that every database takes."""
    found = {name: str(data.get(name, "")).replace("\x00", "")[:MOST] for name in names}
    return {name: text for name, text in found.items() if text.strip()}


def draft_of(review: Review | None, *, actor: Any, company: Company, today: date) -> Draft:
    """What to put into the form when it is opened."""
    if review is None or review.held_at:
        return Draft()
    fields = review.draft.get("fields") or {}
    words = ""
    if fields and review.draft_at:
        who = "you" if review.draft_by_id == actor.pk else review.draft_by or "somebody"
        words = f"Restored what {who} typed at {_when(review, company, today=today)}."
    return Draft(review.draft_no, fields, words, review.draft.get("former"))


def demand_seen(review: Review, *, seen: int | None, actor: Any, company: Company) -> None:
    """Refuse to hold a review over what somebody else typed since `seen`. Raises DraftConflict.

    Own drafts are no obstacle: whoever presses the button means what stands on the page.
    """
    if seen is None or review.draft_no == seen or review.draft_by_id in (None, actor.pk):
        return
    raise DraftConflict(review, _conflict(review, actor, company))


def _opened(omtm: Omtm, kind: str, *, today: date, company: Company) -> Review:
    """The open review under its lock; made where it is written before its time."""
    fresh = Omtm.objects.select_for_update(of=("self",)).get(pk=omtm.pk)
    if fresh.state not in KINDS[kind]:
        raise DraftError("This review takes no more answers: the focus is over.")
    middle = rules.half_way_day(fresh.start, fresh.end, company.country)
    if kind == "midpoint" and today < middle:
        raise DraftError("Half of the window is not over yet.")
    due = fresh.review_due_on if kind == "closing" else middle
    made = {"due_on": due, "is_demo": fresh.is_demo}
    Review.objects.get_or_create(omtm=fresh, kind=kind, defaults=made)
    rows = Review.objects.select_for_update(of=("self",)).select_related("draft_by")
    review = rows.get(omtm=fresh, kind=kind)
    if review.held_at:
        raise DraftError(f"{review.held_by or 'Somebody'} has recorded this review already; it is held once.")
    return review


def _conflict(review: Review, actor: Any, company: Company) -> str:
    if review.draft_by_id == actor.pk:
        return f"You saved this review in another window at {_when(review, company)}."
    return (
        f"{review.draft_by or 'Somebody'} saved this review at {_when(review, company)}, after you opened it."
    )


def _when(review: Review, company: Company, *, today: date | None = None) -> str:
    """ "14:02", with the day where it is not today's."""
    assert review.draft_at is not None
    moment = review.draft_at.astimezone(company.tz)
    clock = f"{moment:%H:%M}"
    return clock if today in (None, moment.date()) else f"{clock} on {formatting.day_words(moment.date())}"
