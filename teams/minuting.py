"""Minutes: kept with a review, put right by those who may, mailed to its people once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.urls import reverse

from metrics import auditing
from metrics.models import Company
from northstar.lib import clock, periods
from teams.models import Delivery, Reminder, Review, User
from teams.models.review import REVIEW_KINDS
from teams.reminders import addressing, rules
from teams.reminders.wording import one_line

RULE = rules.MINUTES
#: So long they can be put right before they leave by mail.
LEAVE_AFTER = timedelta(minutes=10)
MOST = 20_000


def tell(review: Review) -> Reminder:
    """Write down that the people of its team get the minutes; a second time changes nothing."""
    assert review.omtm is not None
    team = review.omtm.team
    people = (
        User.objects.filter(memberships__team=team, is_active=True)
        .select_related(addressing.WANTED)
        .order_by("id")
    )
    outcome = review.facts.get("outcome_confirmed", "")
    subject = f"{REVIEW_KINDS[review.kind]} of {review.omtm}{f': {outcome.lower()}' if outcome else ''}"
    return post(
        key=f"{RULE}:review:{review.pk}",
        subject=subject,
        text=review.minutes,
        path=reverse("review", args=[review.pk]),
        people=list(people),
        omtm=review.omtm,
    )


def post(
    *,
    key: str,
    subject: str,
    text: str,
    path: str,
    people: list[User],
    omtm: Any = None,
    is_demo: bool = False,
) -> Reminder:
    """The row with its tellings, once for a key; mails leave after ten minutes."""
    now, company = clock.now(), Company.current()
    fields = {
        "rule": RULE,
        "urgent": rules.RULES[RULE].urgent,
        "omtm": omtm,
        "occurs_on": periods.local_day(now, company.zone),
        "subject": one_line(subject),
        "text": text,
        "path": path,
        "action": "Read the minutes",
        "is_demo": is_demo or bool(omtm and omtm.is_demo),
    }
    with transaction.atomic():
        reminder, made = Reminder.objects.get_or_create(key=key, defaults=fields)
        if made:
            rows = [row for user in people for row in addressing.tellings(reminder, user, now)]
            for row in rows:
                row.next_due_at = row.next_due_at and now + LEAVE_AFTER
            Delivery.objects.bulk_create(rows, ignore_conflicts=True)
    return reminder


def correct(review: Review, text: str, *, actor: Any) -> Review:
    """Put the minutes right; the mail says the same while it has not left."""
    text = text.replace("\x00", "").replace("\r\n", "\n").strip()[:MOST]
    with transaction.atomic():
        review = Review.objects.select_for_update(of=("self",)).get(pk=review.pk)
        before, review.minutes = review.minutes, text
        review.save(update_fields=["minutes"])
        Reminder.objects.filter(key=f"{RULE}:review:{review.pk}").update(text=text)
        auditing.record(
            "review.minutes", review, actor=actor, before={"minutes": before}, after={"minutes": text}
        )
    return review
