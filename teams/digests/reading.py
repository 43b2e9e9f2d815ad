"""Whose letter it is: the teams of a person, those they follow, and what waits for them."""

from __future__ import annotations

from teams.digests.letter import Reader, Waiting
from teams.models import Membership, Preference, Team, User
from teams.reminders import reminding
from teams.reminders.rules import WEEKLY_READY


def reader_of(user: User) -> Reader:
    """Three queries, whatever the number of teams."""
    own = Membership.objects.filter(user=user, team__archived_at=None).values_list("team", flat=True)
    followed = Team.objects.filter(pk__in=Preference.objects.filter(user=user).values("weekly_teams"))
    open_now = (row.reminder for row in reminding.unseen(user))
    waiting = [
        Waiting(each.subject, each.path, each.action) for each in open_now if each.rule != WEEKLY_READY
    ]
    return Reader(set(own), set(followed.values_list("pk", flat=True)), waiting)
