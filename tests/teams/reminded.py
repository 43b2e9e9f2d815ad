"""What the tests of reminders share: a bet of Marketing, its states, and who was told."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

from metrics.models import ChartDocument, Metric
from teams.models import Delivery, HealthSnapshot, Omtm, Reminder, Team
from tests.teams.bets import omtm_of, settle

NBSP = "\N{NO-BREAK SPACE}"
#: A Monday; the week before it, from 16 November, is complete.
MONDAY = date(2026, 11, 23)


def at(day: str, clock: str = "09:00") -> datetime:
    """A moment by the clocks of Berlin in winter."""
    return datetime.fromisoformat(f"{day}T{clock}+01:00").astimezone(UTC)


def told(rule: str) -> set[str]:
    rows = Delivery.objects.filter(reminder__rule=rule, channel="app")
    return set(rows.values_list("recipient__name", flat=True))


def of(rule: str, **fields: Any) -> Reminder:
    return Reminder.objects.get(rule=rule, **fields)


def judge(omtm: Omtm, *states: str, newest: date = date(2026, 11, 16), **fields: Any) -> None:
    """Keep the states of the last weeks, the newest week last."""
    for back, state in enumerate(reversed(states)):
        week = newest - timedelta(weeks=back)
        HealthSnapshot.objects.update_or_create(
            omtm=omtm,
            as_of_week=week,
            inputs_hash=f"{week}",
            defaults={"state": state, "raw": state, "reason": "", **({} if back else fields)},
        )


def keep(key: str, **facts: Any) -> None:
    ChartDocument.objects.update_or_create(
        key=key, defaults={"figure": "{}", "facts": facts, "version": "1", "drawn_on": MONDAY}
    )


def lapsing(make_metric: Callable[..., Metric]) -> Metric:
    return make_metric("Crew lapse rate", kind="ratio", unit="", decimals=2, direction="down")


def settled_bet(team: Team, lapse: Metric) -> Omtm:
    """On its way since September, its half-way review held, nothing left to tell."""
    bet = omtm_of(team, lapse, start="2026-09-01", baseline="0.02", target="0.016")
    bet.reviews.create(kind="midpoint", due_on=date(2026, 11, 2), held_at=at("2026-11-02"))
    settle()
    return bet
