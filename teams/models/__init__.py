"""Who, and until when: people, teams, OMTMs, reviews, reminders."""

from __future__ import annotations

from teams.models.check_in import CheckIn, CheckInLink
from teams.models.commitment import Commitment
from teams.models.effect import Effect
from teams.models.exception_grant import ExceptionGrant
from teams.models.goal_change import GoalChange
from teams.models.invitation import Invitation
from teams.models.omtm import Omtm
from teams.models.reminder import Delivery, Reminder
from teams.models.review import Review
from teams.models.score import Score
from teams.models.team import Grant, Membership, Team
from teams.models.user import User
from teams.models.watch import Guardrail, HealthSnapshot
from teams.models.weekly import WeeklyRemark, WeeklyReview

__all__ = [
    "CheckIn",
    "CheckInLink",
    "Commitment",
    "Delivery",
    "Effect",
    "ExceptionGrant",
    "GoalChange",
    "Grant",
    "Guardrail",
    "HealthSnapshot",
    "Invitation",
    "Membership",
    "Omtm",
    "Reminder",
    "Review",
    "Score",
    "Team",
    "User",
    "WeeklyRemark",
    "WeeklyReview",
]
