"""Testing a North Star anew with what its last review answered; a review that opens brings a test with it."""

from __future__ import annotations

import logging
from datetime import datetime
from typing import Any

from metrics import checklist
from metrics import retesting as testing
from metrics.aiming import SteeringError
from metrics.models import FitnessTest, NorthStar
from northstar.lib import clock
from teams.models import Review

log = logging.getLogger(__name__)


def retest(star: NorthStar, *, now: datetime, actor: Any = None) -> FitnessTest:
    """The test of today; one that was made today already is made anew. Raises SteeringError."""
    return testing.retest(star, now=now, answers=last_answers(star), actor=actor)


def for_review(star: NorthStar) -> None:
    """As its review opens; what goes wrong here must not keep the review or its reminders away."""
    try:
        retest(star, now=clock.now())
    except SteeringError as error:
        log.warning("%s could not be tested for its review: %s", star, error)


def last_answers(star: NorthStar) -> dict[str, str]:
    """What the newest held review answered; empty where none did, or where a newer definition was asked."""
    held = Review.objects.filter(north_star=star, held_at__isnull=False).order_by("-held_at").first()
    begun = star.versions.filter(change_type="redefinition").order_by("-version_no").first()
    if held is None or held.held_at is None:
        return {}
    if begun is not None and held.held_at.date() < begun.effective_from:
        return {}
    return checklist.codes(held.answers)
