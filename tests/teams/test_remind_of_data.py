"""What is said where data has stopped, and what waits until it is back (M7)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest

from metrics.models import Metric, Observation, Source, SourceEvent
from teams.models import Omtm, Reminder, Team, User
from teams.reminders import reminding
from tests.teams.reminded import at, judge, lapsing, of, settled_bet, told


@pytest.fixture
def lapse(make_metric: Callable[..., Metric]) -> Metric:
    return lapsing(make_metric)


@pytest.fixture
def bet(marketing: Team, lapse: Metric, idris: User, teo: User, maren: User, vera: User) -> Omtm:
    """Idris leads it, Teo is a member, Maren leads the company."""
    return settled_bet(marketing, lapse)


def value(metric: Metric, start: date, seen: datetime) -> None:
    Observation.objects.create(
        metric=metric, grain="week", period_start=start, value=5, as_of=seen, received_at=seen, sequence=1
    )


def values(metric: Metric, newest: date) -> None:
    for back in range(3):
        start = newest - timedelta(weeks=back)
        seen = at((start + timedelta(days=7)).isoformat(), "06:00")
        value(metric, start, seen)


@pytest.fixture
def stopped(bet: Omtm, vera: User) -> Metric:
    """The metric of the bet is asked for every day; its last week is the one to Sunday 8 November."""
    source = Source.objects.create(
        name="CRM", slug="crm", kind="postgresql", owner=vera, schedule={"kind": "daily", "at": "06:00"}
    )
    Metric.objects.filter(pk=bet.metric_id).update(source=source)
    metric = Metric.objects.get(pk=bet.metric_id)
    values(metric, date(2026, 11, 2))
    return metric


def test_data_that_stopped_is_told_to_its_owner_and_on_the_third_day_to_the_lead(stopped: Metric) -> None:
    assert reminding.remind(at("2026-11-16")) == 0, "the next week has just ended"
    Source.objects.update(failures=2, last_error_code="auth")
    reminding.remind(at("2026-11-17"))
    reminder = of("stale_data")
    assert reminder.text == (
        "No new values for Crew lapse rate since Sunday 8 November (expected daily by 06:00). "
        "Last error: login refused. Charts keep the last good values."
    )
    assert (reminder.path, reminder.action) == ("/sources/crm/", "Check the source")
    assert told("stale_data") == {"Vera Holm"}
    assert not Reminder.objects.filter(rule="check_in").exists(), "it was Tuesday"
    reminding.remind(at("2026-11-20"))
    assert told("stale_data") == {"Vera Holm", "Idris Vane"}
    reminding.remind(at("2026-11-24"))
    assert Reminder.objects.filter(rule="stale_data").count() == 4
    value(stopped, date(2026, 11, 16), at("2026-11-24", "10:00"))
    reminding.remind(at("2026-11-24", "11:00"))
    assert not Reminder.objects.filter(rule="stale_data", closed_at=None).exists()


def test_who_knows_that_the_source_fails_is_not_told_that_its_values_lack(stopped: Metric) -> None:
    SourceEvent.objects.create(
        source=stopped.source, kind="failing", at=at("2026-11-10"), told_at=at("2026-11-10")
    )
    reminding.remind(at("2026-11-17"))
    reminding.remind(at("2026-11-20"))
    assert told("stale_data") == {"Idris Vane"}
    SourceEvent.objects.create(
        source=stopped.source, kind="healed", at=at("2026-11-20"), told_at=at("2026-11-20")
    )
    reminding.remind(at("2026-11-21"))
    assert told("stale_data") == {"Idris Vane", "Vera Holm"}, "it works, and still nothing comes"


def test_days_without_a_worker_bring_one_reminder_of_stale_data_not_three(stopped: Metric) -> None:
    reminding.remind(at("2026-11-25"))
    assert Reminder.objects.filter(rule="stale_data", omtm=None).count() == 1


def test_states_and_signals_wait_while_their_number_has_stopped(stopped: Metric, bet: Omtm) -> None:
    judge(bet, "on_track", "off_track", reading=0.0206, pace=0.0175)
    reminding.remind(at("2026-11-23"))
    assert not Reminder.objects.filter(rule="health_changed").exists()
    value(stopped, date(2026, 11, 16), at("2026-11-23", "10:00"))
    reminding.remind(at("2026-11-23", "11:00"))
    assert of("health_changed").omtm == bet


def test_half_time_says_that_values_have_stopped(stopped: Metric, bet: Omtm) -> None:
    bet.reviews.all().delete()
    reminding.remind(at("2026-11-20"))
    assert "No new values have come since Sunday 8 November: look at those first." in of("half_way").text


def test_a_paused_metric_is_missed_by_nobody(stopped: Metric) -> None:
    Metric.objects.filter(pk=stopped.pk).update(paused_at=at("2026-11-09"))
    assert reminding.remind(at("2026-11-17")) == 1, "the check-in of Tuesday"
