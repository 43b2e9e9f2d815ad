"""Who, and until when: people, teams, OMTMs, reviews, reminders."""

from __future__ import annotations

from teams.models.confidence import Confidence
from teams.models.invitation import Invitation
from teams.models.omtm import Guardrail, HealthSnapshot, Omtm
from teams.models.reminder import Delivery, Reminder
from teams.models.review import Review
from teams.models.team import Grant, Membership, Team
from teams.models.user import User
from teams.models.weekly import WeeklyRemark, WeeklyReview

__all__ = [
    "Confidence",
    "Delivery",
    "Grant",
    "Guardrail",
    "HealthSnapshot",
    "Invitation",
    "Membership",
    "Omtm",
    "Reminder",
    "Review",
    "Team",
    "User",
    "WeeklyRemark",
    "WeeklyReview",
]
