"""The review meeting that Brindlewick held two weeks ago: one decision for each focus that ran then."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from django.urls import reverse

from metrics import formatting
from northstar.demo.days import Days
from teams import charting, convening, minuting
from teams.models import Delivery, HealthSnapshot, Omtm, Reminder, Review, User

#: On the Tuesday after this week.
WEEK = -2
A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Spoken:
    """What the meeting decided of the focus of a team: a line, who does it, days from then until when."""

    team: str
    decision: str
    line: str
    owner: str
    days: int


SPOKEN = (
    Spoken(
        "customer-success", "change_lever", "Visits first where two crews have gone already.", "bruno", 14
    ),
    Spoken("sales", "change_lever", "Call before eight; ask each trial for a good day.", "amara", 7),
    Spoken("onboarding", "keep", "The import stays for everybody.", "solveig", 21),
    Spoken("platform", "keep", "", "yuki", 0),
)


def hold(users: Mapping[str, User], days: Days) -> None:
    """The decisions as rows, each with what the newest week said then."""
    day = days.monday(WEEK + 1) + A_DAY
    omtms = {each.team.slug: each for each in Omtm.objects.active().select_related("team", "metric")}
    for number, spoken in enumerate(SPOKEN):
        omtm = omtms.get(spoken.team)
        if omtm is not None and omtm.start < day:
            _decide(spoken, omtm, users, days, minute=number * 4)
    _close(users, days)


def _close(users: Mapping[str, User], days: Days) -> None:
    """The minutes were mailed that morning, and read by everybody since."""
    day = days.monday(WEEK + 1) + A_DAY
    at = days.moment(day, "10:20")
    told = Reminder.objects.create(
        key=convening.minutes_key(day),
        rule=minuting.RULE,
        occurs_on=day,
        subject=f"Review meeting of {formatting.day_words(day)}",
        text=convening.minutes_of(day),
        path=reverse("review-meeting", args=[day.isoformat()]),
        action="Read the minutes",
        closed_at=at,
        is_demo=True,
    )
    teams = [spoken.team for spoken in SPOKEN]
    people = User.objects.filter(memberships__team__slug__in=teams).distinct()
    Delivery.objects.bulk_create(
        Delivery(reminder=told, recipient=user, channel="app", state="sent", sent_at=at, seen_at=at)
        for user in people
    )


def _decide(spoken: Spoken, omtm: Omtm, users: Mapping[str, User], days: Days, *, minute: int) -> None:
    day = days.monday(WEEK + 1) + A_DAY
    seen = HealthSnapshot.objects.filter(omtm=omtm, as_of_week__lte=days.monday(WEEK))
    newest = seen.order_by("-as_of_week", "-id").first()
    review = Review(
        omtm=omtm,
        kind="meeting",
        due_on=day,
        held_at=days.moment(day, f"10:{minute:02d}"),
        held_by=users["maren"],
        decision=spoken.decision,
        note=spoken.line,
        action_owner=users[spoken.owner],
        action_by=day + spoken.days * A_DAY if spoken.days else None,
        next_on=day + timedelta(weeks=4),
        answers={"next_at": "10:00"},
        facts={
            "name": omtm.name,
            "team": omtm.team.name,
            "state": newest.state if newest else "no_data",
            "verdict": newest.reason if newest else "",
            "reading_words": formatting.show(newest.reading if newest else None, **charting.shown_as(omtm)),
            **charting.goal_words(omtm),
        },
        is_demo=True,
    )
    review.minutes = convening.written(review)
    review.save()
