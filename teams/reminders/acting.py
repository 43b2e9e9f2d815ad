"""How often somebody acted on what they were told, rule by rule; only they themselves see it.

A telling was acted on if its link was followed, or what it asks for was done while it was open. It was let
pass if that did not happen in a week, or before it was over.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from teams.models import Delivery, User
from teams.reminders import rules

LOOKED_AT = timedelta(days=90)
PATIENCE = timedelta(days=7)
#: So many in a row that nobody even put away, and the rule offers to go.
IGNORED = 5
#: Closed by doing what it asks for; the others close because time went by.
DONE_BY_CLOSING = frozenset(
    {
        rules.HALF_WAY,
        rules.WINDOW_ENDED,
        rules.REVIEW_OVERDUE,
        rules.REVIEW_ESCALATED,
        rules.STALE_DATA,
        rules.SOURCE_FAILING,
        rules.NORTH_STAR_REVIEW,
        rules.NO_FOCUS,
        rules.CANDIDATE_WAITS,
        rules.COMMITMENT_MISSING,
        rules.CHANNEL_BROKEN,
    }
)


NEEDED = ("rule", "created_at", "closed_at")


@dataclass(slots=True)
class Rate:
    """Of one rule: how many tellings of the last 90 days were settled, how many by acting, and how many of
    the newest were let pass in a row without even being put away."""

    acted: int = 0
    of: int = 0
    ignored: int = 0

    @property
    def words(self) -> str:
        """ "you acted on 4 of 6", empty where nothing is settled yet."""
        return f"you acted on {self.acted or 'none'} of {self.of}" if self.of else ""

    @property
    def may_go(self) -> bool:
        return self.ignored >= IGNORED


def rates(user: User, *, now: datetime) -> dict[str, Rate]:
    """By rule: how this person acted on it. Alerts count their own. One query."""
    told = Delivery.objects.filter(recipient=user, channel="app", reminder__created_at__gte=now - LOOKED_AT)
    told = told.exclude(reminder__rule=rules.ALERT).select_related("reminder")
    told = told.only("acted_at", "seen_at", *(f"reminder__{name}" for name in NEEDED))
    found: dict[str, Rate] = {}
    for row in _oldest_first(told):
        settled = was_acted_on(row), _is_over(row, now)
        if not any(settled):
            continue
        rate = found.setdefault(row.reminder.rule, Rate())
        rate.of += 1
        rate.acted += settled[0]
        rate.ignored = rate.ignored + 1 if not settled[0] and row.seen_at is None else 0
    return found


def was_acted_on(row: Delivery) -> bool:
    """Whether its link was followed, or it was done. `row.reminder` is loaded."""
    done = row.reminder.closed_at is not None and row.reminder.rule in DONE_BY_CLOSING
    return done or row.acted_at is not None


def _is_over(row: Delivery, now: datetime) -> bool:
    return row.reminder.closed_at is not None or now - row.reminder.created_at > PATIENCE


def _oldest_first(rows: Iterable[Delivery]) -> list[Delivery]:
    return sorted(rows, key=lambda row: (row.reminder.created_at, row.pk))
