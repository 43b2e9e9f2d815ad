"""Who, and until when: people, teams, OMTMs, reviews, reminders."""

from __future__ import annotations

from teams.models.alert import Alert, Firing
from teams.models.channel import Channel, Preference
from teams.models.check_in import CheckIn, CheckInLink
from teams.models.commitment import Commitment
from teams.models.effect import Effect
from teams.models.exception_grant import ExceptionGrant
from teams.models.goal_change import GoalChange
from teams.models.invitation import Invitation
from teams.models.omtm import Omtm
from teams.models.passes import CalendarFeed, Screen, ShareLink
from teams.models.reminder import Delivery, Reminder, Snooze
from teams.models.review import Review
from teams.models.score import Score
from teams.models.team import Grant, Membership, Team
from teams.models.user import User
from teams.models.watch import Guardrail, HealthSnapshot
from teams.models.weekly import WeeklyRemark, WeeklyReview

__all__ = [
    "Alert",
    "CalendarFeed",
    "Channel",
    "CheckIn",
    "CheckInLink",
    "Commitment",
    "Delivery",
    "Effect",
    "ExceptionGrant",
    "Firing",
    "GoalChange",
    "Grant",
    "Guardrail",
    "HealthSnapshot",
    "Invitation",
    "Membership",
    "Omtm",
    "Preference",
    "Reminder",
    "Review",
    "Score",
    "Screen",
    "ShareLink",
    "Snooze",
    "Team",
    "User",
    "WeeklyRemark",
    "WeeklyReview",
]
