"""Forecasts that are kept once and scored once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from pytest_django import DjangoAssertNumQueries

from metrics import foreseeing, series, storing
from metrics.analysis.forecast import Forecast
from metrics.connectors.base import Row
from metrics.models import Company, ForecastRecord, Metric

pytestmark = pytest.mark.django_db
NOW = datetime.fromisoformat("2026-11-16T09:00:00+01:00")
WEEKS = [400 + 3 * n + 7 * (n % 3) for n in range(40)]
FIRST = "2026-02-09"  # the fortieth week ends on 15 November


@pytest.fixture
def moving() -> Any:
    with time_machine.travel(NOW, tick=False) as moved:
        yield moved


@pytest.fixture
def trials(moving: object, make_metric: Callable[..., Metric], make_weeks: Callable[..., None]) -> Metric:
    made = make_metric("Trials")
    make_weeks(made, FIRST, WEEKS)
    return made


def look_ahead(*metrics: Metric, now: datetime = NOW) -> None:
    points = series.weekly(metrics, company=Company.current(), now=now)
    foreseeing.routine([(metric, points[metric.pk]) for metric in metrics], now)


def quarter_later(moving: Any, trials: Metric, make_weeks: Callable[..., None], value: int) -> datetime:
    later = NOW + timedelta(weeks=13)
    moving.move_to(later)
    make_weeks(trials, "2026-11-16", [500] * 12 + [value])
    return later


def made(**fields: Any) -> Forecast:
    return Forecast(
        date(2026, 12, 31), 510.0, 480.0, 495.0, 525.0, 540.0, settled=510.0, trending=None, p=0.4, **fields
    )


def test_a_forecast_is_kept_once_however_often_it_is_made(trials: Metric) -> None:
    for digest in ("a", "a", "b"):
        foreseeing.keep(
            "target:3", trials, made(), target=500.0, as_of_week=date(2026, 11, 9), digest=digest, now=NOW
        )
    assert list(ForecastRecord.objects.values_list("digest", flat=True)) == ["a", "b"]
    first = ForecastRecord.objects.filter(digest="a").get()
    assert (first.p, first.low80, first.due_on, first.scored_at) == (0.4, 480.0, date(2026, 12, 31), None)


def test_the_routine_looks_thirteen_weeks_ahead_once_a_week(
    trials: Metric, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    look_ahead(trials)
    record = ForecastRecord.objects.get()
    assert (record.subject, record.as_of_week) == (f"metric:{trials.pk}", date(2026, 11, 9))
    assert (record.due_on, record.target) == (date(2027, 2, 14), 517.0)
    assert record.p is not None and not record.replayed
    points = series.of(trials, company=Company.current(), now=NOW)
    with django_assert_num_queries(1):
        foreseeing.routine([(trials, points)], NOW)
    assert ForecastRecord.objects.count() == 1


def test_nothing_is_foreseen_of_months_of_ranges_only_the_band_and_of_eight_weeks_nothing(
    moving: object, make_metric: Callable[..., Metric], make_weeks: Callable[..., None]
) -> None:
    young, ranged = make_metric("Young"), make_metric("Ranged", direction="range")
    make_weeks(young, "2026-10-05", [1, 2, 3, 4, 5, 6])
    make_weeks(ranged, FIRST, WEEKS)
    monthly = make_metric("Monthly", grain="month")
    look_ahead(young, ranged, monthly)
    record = ForecastRecord.objects.get()
    assert (record.metric_id, record.p, record.target) == (ranged.pk, None, None)


@pytest.mark.parametrize(("value", "reached"), [(517, True), (516, False)])
def test_when_its_week_is_over_a_forecast_is_held_against_it(
    moving: Any, trials: Metric, make_weeks: Callable[..., None], value: int, reached: bool
) -> None:
    look_ahead(trials)
    assert foreseeing.score(NOW + timedelta(weeks=12)) == 0
    later = quarter_later(moving, trials, make_weeks, value)
    assert foreseeing.score(later) == 1
    record = ForecastRecord.objects.get()
    assert (record.outcome, record.reached, record.scored_at) == (value, reached, later)


def test_a_lower_value_reaches_where_less_is_better(
    moving: Any, trials: Metric, make_weeks: Callable[..., None]
) -> None:
    Metric.objects.update(direction="down")
    trials.refresh_from_db()
    look_ahead(trials)
    foreseeing.score(quarter_later(moving, trials, make_weeks, 300))
    assert ForecastRecord.objects.get().reached is True


def test_a_revision_after_the_scoring_changes_nothing(
    moving: Any, trials: Metric, make_weeks: Callable[..., None]
) -> None:
    look_ahead(trials)
    later = quarter_later(moving, trials, make_weeks, 600)
    foreseeing.score(later)
    row = Row(date(2027, 2, 8), value=Decimal(1))
    storing.store(trials, [row], origin="typed", as_of=later + timedelta(hours=1))
    assert foreseeing.score(later + timedelta(days=30)) == 0
    assert ForecastRecord.objects.get().outcome == 600


def test_of_two_runs_that_score_at_once_the_first_one_counts(
    moving: Any, trials: Metric, make_weeks: Callable[..., None]
) -> None:
    look_ahead(trials)
    now = quarter_later(moving, trials, make_weeks, 140)
    first, second = (ForecastRecord.objects.select_related("metric").get() for _ in range(2))
    assert foreseeing.keep_scores([foreseeing.settled(first, 140.0, now=now)]) == 1
    assert foreseeing.keep_scores([foreseeing.settled(second, 90.0, now=now)]) == 0
    assert ForecastRecord.objects.get().outcome == 140


def test_a_value_that_is_not_there_is_waited_for_and_given_up_after_eight_weeks(
    moving: Any, trials: Metric, make_weeks: Callable[..., None]
) -> None:
    look_ahead(trials)
    later = NOW + timedelta(weeks=14)
    moving.move_to(later)
    make_weeks(trials, "2026-11-16", [500] * 12)
    assert foreseeing.score(later) == 0
    moving.move_to(later + timedelta(weeks=9))
    assert foreseeing.score(later + timedelta(weeks=9)) == 1
    record = ForecastRecord.objects.get()
    assert (record.outcome, record.reached) == (None, None)


def test_nothing_due_costs_one_query(
    trials: Metric, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    look_ahead(trials)
    with django_assert_num_queries(1):
        foreseeing.score(NOW)


def test_a_replay_knows_only_the_weeks_before_each_forecast(trials: Metric) -> None:
    points = series.of(trials, company=Company.current(), now=NOW)
    count = foreseeing.replay(trials, points, weeks=20, now=NOW, due_by=date(2026, 11, 15))
    records = list(ForecastRecord.objects.order_by("as_of_week"))
    assert count == len(records) == 8
    assert all(each.replayed and each.due_on <= date(2026, 11, 15) for each in records)
    earliest = records[0]
    known = [p for p in points if p.start <= earliest.as_of_week]
    alone = foreseeing.ahead_of(trials, known, "x")
    assert alone is not None and (alone.forecast.mean, alone.target) == (earliest.mean, earliest.target)
    assert foreseeing.replay(trials, points, weeks=20, now=NOW, due_by=date(2026, 11, 15)) == 0
    assert foreseeing.score(NOW) == 8
