"""What a reader saw on a former day, and what changed since."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from pytest_django import DjangoAssertNumQueries

from metrics import entering, remembering, series, storing
from metrics.connectors.base import Row
from metrics.models import Company, Metric, Source
from northstar.lib import clock
from northstar.lib.localtime import first_instant
from teams.models import User

pytestmark = pytest.mark.django_db
ZONE = "Europe/Berlin"
START = date(2026, 8, 3)


@pytest.fixture
def till(company: Company) -> Source:
    return Source.objects.create(name="Till", slug="till", kind="demo", schedule={})


@pytest.fixture
def moving() -> Any:
    with time_machine.travel(first_instant(START, ZONE), tick=False) as moved:
        yield moved


def row(metric: Metric, day: date, dice: random.Random) -> Row:
    value, weight = Decimal(dice.randint(0, 50)), Decimal(dice.randint(0, 60))
    if metric.kind == "ratio":
        return Row(day, numerator=value, denominator=weight)
    return Row(day, value=value, denominator=weight if metric.kind == "average" else None)


def step(metric: Metric, dice: random.Random, maren: User) -> None:
    """Something that happens to a metric: a look, a late answer to an old question, a correction, its end."""
    now = clock.now()
    today = now.astimezone(Company.current().tz).date()
    days = [today - timedelta(days=n) for n in range(dice.randint(1, 12)) if dice.random() > 0.1]
    match dice.randint(0, 9):
        case 0:
            day = dice.choice(days or [today])
            value = row(metric, day, dice)
            storing.store(metric, [value], origin="typed", actor=maren, reason="Typo", pin=True)
        case 1 if metric.observations.filter(pinned_at__isnull=False).exists():
            pinned = metric.observations.filter(pinned_at__isnull=False).first()
            assert pinned is not None
            entering.take_back(metric, pinned.period_start, actor=maren)
        case 2:
            late = now - timedelta(days=dice.randint(1, 9))
            storing.store(metric, [row(metric, day, dice) for day in days], origin="pull", as_of=late)
        case _:
            rows = [row(metric, day, dice) for day in days]
            asked = (today - timedelta(days=8), today + timedelta(days=1))
            storing.store(metric, rows, origin="pull", as_of=now, asked=asked)


@pytest.mark.parametrize("missing", ["gap", "zero", "carry"])
@pytest.mark.parametrize("kind", ["flow_sum", "ratio", "average", "snapshot_stock"])
def test_replaying_up_to_a_moment_is_what_was_seen_then(
    moving: Any, till: Source, maren: User, make_metric: Callable[..., Metric], kind: str, missing: str
) -> None:
    dice = random.Random(f"{kind} {missing}")
    metric = make_metric("Sales", kind=kind, missing=missing, grain="day", source=till)
    company, seen = Company.current(), []
    for _ in range(30):
        moving.shift(timedelta(hours=dice.randint(5, 60)))
        step(metric, dice, maren)
        stored = {o.period_start: (o.value, o.numerator) for o in metric.observations.all()}
        seen.append((clock.now(), series.of(metric, company=company, now=clock.now()), stored))
    for at, points, stored in seen:
        assert remembering.as_seen(metric, at, company=company) == points
        known = remembering.observed(metric, at)
        assert known.keys() == stored.keys()
        assert {d: p.value for d, p in known.items()} == {
            d: None if v is None else float(v) for d, (v, _) in stored.items()
        }


@pytest.mark.parametrize("grain", ["week", "month"])
def test_longer_periods_are_replayed_as_they_are_stored(
    moving: Any, make_metric: Callable[..., Metric], grain: str
) -> None:
    metric, company = make_metric("Visits", grain=grain), Company.current()
    seen = []
    for count, start in enumerate([date(2026, 6, 1), date(2026, 6, 1), date(2026, 7, 6), date(2026, 6, 1)]):
        moving.shift(timedelta(days=3))
        first = start.replace(day=1) if grain == "month" else start
        storing.store(metric, [Row(first, value=Decimal(count))], origin="typed")
        seen.append((clock.now(), series.of(metric, company=company, now=clock.now())))
    assert [remembering.as_seen(metric, at, company=company) for at, _ in seen] == [p for _, p in seen]


def test_before_anything_came_nothing_was_seen(moving: Any, make_metric: Callable[..., Metric]) -> None:
    metric = make_metric("Visits")
    storing.store(metric, [Row(date(2026, 7, 6), value=Decimal(3))], origin="typed")
    earlier = clock.now() - timedelta(seconds=1)
    assert remembering.as_seen(metric, earlier, company=Company.current()) == []


def test_a_day_ends_with_the_last_moment_of_the_company() -> None:
    assert remembering.end_of(date(2026, 10, 25), ZONE) == datetime.fromisoformat(
        "2026-10-25T23:59:59.999999+01:00"
    )


def hourly(moving: Any, metric: Metric, until: date, values: Callable[[date], int]) -> None:
    """A look at noon each day that asks for the last five days; the running day is half of itself."""
    day = START
    while day <= until:
        moving.move_to(first_instant(day, ZONE) + timedelta(hours=12))
        days = [day - timedelta(days=n) for n in range(5)]
        rows = [Row(d, value=Decimal(values(d) // (2 if d == day else 1))) for d in days if d >= START]
        storing.store(metric, rows, origin="pull")
        day += timedelta(days=1)


def changes(metric: Metric) -> list[remembering.Restatement]:
    company = Company.current()
    points = series.of(metric, company=company, now=clock.now())
    return remembering.restatements(metric, points, company=company, now=clock.now())


def test_a_day_that_was_half_over_is_completed_not_restated(
    moving: Any, till: Source, make_metric: Callable[..., Metric]
) -> None:
    metric = make_metric("Sales", grain="day", source=till)
    hourly(moving, metric, date(2026, 9, 30), lambda day: 40)
    assert changes(metric) == []


def test_a_week_that_changes_after_it_was_seen_is_restated_with_cause_and_size(
    moving: Any, till: Source, maren: User, make_metric: Callable[..., Metric]
) -> None:
    metric = make_metric("Sales", grain="day", source=till)
    hourly(moving, metric, date(2026, 9, 30), lambda day: 40)
    storing.store(metric, [Row(date(2026, 9, 2), value=Decimal(80))], origin="pull")
    moving.shift(timedelta(hours=2))
    entering.enter(metric, date(2026, 9, 12), value=Decimal(30), reason="Counted twice", actor=maren)
    pulled, typed = changes(metric)
    assert (pulled.start, pulled.before, pulled.after, pulled.how) == (date(2026, 8, 31), 280, 320, "pull")
    assert pulled.share == pytest.approx(1 / 7)
    assert (typed.start, typed.before, typed.after) == (date(2026, 9, 7), 280, 270)
    assert (typed.how, typed.who, typed.reason) == ("typed", "Maren Tolk", "Counted twice")
    assert typed.at == clock.now()


@pytest.mark.parametrize(("value", "told"), [(43, True), (42, False), (38, False), (37, True)])
def test_a_change_within_one_percent_is_not_told(
    moving: Any, till: Source, make_metric: Callable[..., Metric], value: int, told: bool
) -> None:
    """1% of a week of 280 is 2.8: three more crews are told, two are not."""
    metric = make_metric("Sales", grain="day", source=till)
    hourly(moving, metric, date(2026, 9, 30), lambda day: 40)
    storing.store(metric, [Row(date(2026, 9, 2), value=Decimal(value))], origin="pull")
    assert bool(changes(metric)) is told


def test_a_change_within_the_usual_noise_is_not_told(
    moving: Any, till: Source, make_metric: Callable[..., Metric]
) -> None:
    metric = make_metric("Sales", grain="day", source=till)
    hourly(moving, metric, date(2026, 9, 30), lambda day: 40 if day.isocalendar().week % 2 else 60)
    storing.store(metric, [Row(date(2026, 9, 2), value=Decimal(61))], origin="pull")
    assert changes(metric) == []


def test_days_that_come_after_an_outage_are_no_restatement(
    moving: Any, till: Source, make_metric: Callable[..., Metric]
) -> None:
    metric = make_metric("Sales", grain="day", source=till)
    hourly(moving, metric, date(2026, 9, 24), lambda day: 40)
    moving.move_to(first_instant(date(2026, 9, 30), ZONE))
    days = [date(2026, 9, 24) + timedelta(days=n) for n in range(6)]
    storing.store(metric, [Row(day, value=Decimal(40)) for day in days], origin="pull")
    assert changes(metric) == []


def test_history_costs_one_query_and_restatements_two(
    moving: Any,
    till: Source,
    make_metric: Callable[..., Metric],
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    metric, company = make_metric("Sales", grain="day", source=till), Company.current()
    hourly(moving, metric, date(2026, 8, 20), lambda day: 40)
    with django_assert_num_queries(1):
        remembering.as_seen(metric, clock.now(), company=company)
    with django_assert_num_queries(2):
        remembering.restatements(metric, [], company=company, now=clock.now())
