"""What people were told before today, and what came of it: a past for inboxes, a number for rates."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.urls import reverse

from northstar.demo.days import Days
from teams.models import CheckIn, Delivery, Membership, Omtm, Reminder, Review, User
from teams.models.review import REVIEW_KINDS
from teams.reminders import reminding, rules, wording

WEEKS = 11
TUESDAY = timedelta(days=1)
A_WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Past:
    """A reminder of the past with when it was told, to whom, and when each of them acted on it, if ever."""

    reminder: Reminder
    at: datetime
    people: dict[User, datetime | None]


def tell(days: Days) -> None:
    """The Tuesdays on which check-ins were asked for, and the minutes of the newest half-way reviews."""
    past = [*_check_ins(days), *_minutes(days)]
    Reminder.objects.bulk_create([each.reminder for each in past], ignore_conflicts=True)
    kept = Reminder.objects.in_bulk([each.reminder.key for each in past], field_name="key")
    rows = []
    for each in past:
        told = kept[each.reminder.key]
        # The moment of making is set by the row itself, and is what rates look at.
        told.created_at = each.at
        fields = {"reminder": told, "channel": "app", "state": "sent", "sent_at": each.at}
        for user, acted in each.people.items():
            rows.append(Delivery(recipient=user, seen_at=acted, acted_at=acted, **fields))
    Reminder.objects.bulk_update(kept.values(), ["created_at"])
    Delivery.objects.bulk_create(rows, ignore_conflicts=True)


def _check_ins(days: Days) -> Iterator[Past]:
    people = _people()
    said: dict[tuple[int, int | None], list[date]] = {}
    for omtm_id, person, day in CheckIn.objects.values_list("omtm", "person", "day"):
        said.setdefault((omtm_id, person), []).append(day)
    for omtm in Omtm.objects.filter(state="active", is_demo=True).select_related("team", "metric"):
        for week in range(1 - WEEKS, 0):
            day = days.monday(week) + TUESDAY
            if day < omtm.start + A_WEEK:
                continue
            asked: dict[User, datetime | None] = {}
            for user in people.get(omtm.team_id, []):
                own = said.get((omtm.pk, user.pk), [])
                if any(day - A_WEEK < each < day for each in own):
                    continue
                answered = min((each for each in own if day <= each < day + A_WEEK), default=None)
                asked[user] = days.moment(answered) if answered else None
            if asked:
                yield Past(_question(omtm, day, days), days.moment(day, "07:00"), asked)


def _question(omtm: Omtm, day: date, days: Days) -> Reminder:
    due = rules.Due(rules.CHECK_IN, day, day, (rules.PEOPLE,))
    words = wording.of_omtm(due, omtm, today=day, latest=None)
    return Reminder(
        key=rules.key(due, "omtm", omtm.pk),
        rule=due.rule,
        omtm=omtm,
        occurs_on=day,
        subject=words.subject,
        text=words.text,
        path=words.path,
        action=words.action,
        closed_at=days.moment(day + A_WEEK, "07:00"),
        is_demo=True,
    )


def _minutes(days: Days) -> Iterator[Past]:
    people = _people()
    held = Review.objects.filter(kind="midpoint", omtm__state="active")
    newest = held.filter(held_at__gt=days.now - reminding.MINUTES_STAY).select_related("omtm")
    for review in newest.order_by("id"):
        assert review.omtm is not None and review.held_at is not None
        told = Reminder(
            key=f"{rules.MINUTES}:review:{review.pk}",
            rule=rules.MINUTES,
            omtm=review.omtm,
            occurs_on=review.held_at.date(),
            subject=f"{REVIEW_KINDS[review.kind]} of {review.omtm}",
            text=review.minutes,
            path=reverse("review", args=[review.pk]),
            action="Read the minutes",
            is_demo=True,
        )
        yield Past(told, review.held_at, dict.fromkeys(people.get(review.omtm.team_id, [])))


def _people() -> dict[int, list[User]]:
    found: dict[int, list[User]] = {}
    for row in Membership.objects.filter(user__is_demo=True).select_related("user").order_by("id"):
        found.setdefault(row.team_id, []).append(row.user)
    return found
