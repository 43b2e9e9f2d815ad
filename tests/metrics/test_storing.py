"""The one door for data: what is let in, what is kept, what wins."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from metrics import rolling, series, storing
from metrics.connectors.base import Row
from metrics.models import Company, Metric, MetricChange, ObservationRevision
from northstar.lib import clock
from teams.models import User

pytestmark = pytest.mark.django_db
MONDAY = date(2026, 11, 9)


def now() -> datetime:
    return clock.now()


def value_of(metric: Metric, start: date = MONDAY) -> Decimal | None:
    return metric.observations.get(period_start=start).value


def test_a_value_is_kept_exactly_and_leaves_a_revision_and_a_change(
    make_metric: Callable[..., Metric],
) -> None:
    metric = make_metric()
    stored = storing.store(metric, [Row(MONDAY, value=Decimal("0.1"))], origin="push")
    assert (stored.added, stored.changed) == (1, 0)
    assert value_of(metric) == Decimal("0.1")
    revision = metric.revisions.get()
    assert (revision.value, revision.origin) == (Decimal("0.1"), "push")
    assert MetricChange.objects.get().first_period == MONDAY


def test_fifteen_digits_come_back_as_they_were(make_metric: Callable[..., Metric]) -> None:
    metric = make_metric()
    number = Decimal("123456789.012345")
    storing.store(metric, [Row(MONDAY, value=number)], origin="push")
    assert value_of(metric) == number


def test_storing_the_same_again_changes_nothing(make_metric: Callable[..., Metric]) -> None:
    metric = make_metric()
    rows = [Row(MONDAY, value=Decimal(7)), Row(date(2026, 11, 2), value=Decimal("6.5"))]
    storing.store(metric, rows, origin="push")
    again = storing.store(metric, rows, origin="push")
    assert (again.added, again.changed, again.unchanged) == (0, 0, 2)
    assert metric.revisions.count() == 2
    assert MetricChange.objects.count() == 1


def test_an_older_look_never_overwrites_a_newer_one(make_metric: Callable[..., Metric]) -> None:
    metric = make_metric()
    newer = clock.now()
    storing.store(metric, [Row(MONDAY, value=Decimal(10))], origin="pull", as_of=newer)
    storing.store(metric, [Row(MONDAY, value=Decimal(9))], origin="pull", as_of=newer - timedelta(minutes=5))
    assert value_of(metric) == 10
    assert metric.revisions.count() == 2


def test_seeing_the_same_value_later_counts_as_the_later_look(make_metric: Callable[..., Metric]) -> None:
    metric = make_metric()
    first = clock.now() - timedelta(hours=1)
    storing.store(metric, [Row(MONDAY, value=Decimal(10))], origin="pull", as_of=first)
    storing.store(
        metric, [Row(MONDAY, value=Decimal(10))], origin="pull", as_of=first + timedelta(minutes=30)
    )
    storing.store(metric, [Row(MONDAY, value=Decimal(8))], origin="pull", as_of=first + timedelta(minutes=10))
    assert value_of(metric) == 10


def test_a_restated_value_keeps_the_former_one_as_a_revision(make_metric: Callable[..., Metric]) -> None:
    metric = make_metric()
    storing.store(metric, [Row(MONDAY, value=Decimal(10))], origin="pull")
    changed = storing.store(metric, [Row(MONDAY, value=Decimal(12))], origin="pull")
    assert changed.changed == 1
    assert list(metric.revisions.order_by("id").values_list("value", flat=True)) == [10, 12]


def test_a_pinned_value_stays_and_the_source_is_noted_beside_it(
    make_metric: Callable[..., Metric], maren: User
) -> None:
    metric = make_metric()
    storing.store(metric, [Row(MONDAY, value=Decimal(10))], origin="pull")
    storing.store(
        metric,
        [Row(MONDAY, value=Decimal(11))],
        origin="typed",
        actor=maren,
        reason="two counted twice",
        pin=True,
    )
    after = storing.store(metric, [Row(MONDAY, value=Decimal(10))], origin="pull")
    assert value_of(metric) == 11
    assert after.suppressed == 1
    assert metric.revisions.order_by("-id")[0].suppressed


def test_a_ratio_is_kept_with_its_parts(make_metric: Callable[..., Metric]) -> None:
    metric = make_metric("Trial to paid", kind="ratio", decimals=1)
    storing.store(metric, [Row(MONDAY, numerator=Decimal(1), denominator=Decimal(3))], origin="push")
    row = metric.observations.get()
    assert (row.numerator, row.denominator) == (1, 3)
    assert row.value == Decimal("0.333333333333333")


def test_a_ratio_over_nothing_is_unknown_and_not_zero(make_metric: Callable[..., Metric]) -> None:
    metric = make_metric("Trial to paid", kind="ratio")
    storing.store(metric, [Row(MONDAY, numerator=Decimal(0), denominator=Decimal(0))], origin="push")
    assert value_of(metric) is None


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (Row(date(2026, 11, 11), value=Decimal(1)), "weeks start on a Monday"),
        (Row(date(2031, 1, 6), value=Decimal(1)), "has not begun yet"),
        (Row(date(1007, 1, 7), value=Decimal(1)), "Check the year"),
        (Row(MONDAY, value=Decimal("NaN")), "not a number"),
        (Row(MONDAY, value=Decimal("Infinity")), "not a number"),
        (Row(MONDAY, value=Decimal("12345678901234567890")), "2026-11-09"),
        (Row(MONDAY, value=Decimal("0.12345678901234567")), "15"),
    ],
)
def test_what_is_no_value_of_a_period_is_refused_with_a_sentence(
    make_metric: Callable[..., Metric], row: Row, words: str
) -> None:
    metric = make_metric()
    with pytest.raises(storing.StoreError, match=words):
        storing.store(metric, [row, Row(date(2026, 11, 2), value=Decimal(5))], origin="push")
    assert not metric.observations.exists()
    assert not metric.revisions.exists()


def test_two_rows_for_one_period_are_refused(make_metric: Callable[..., Metric]) -> None:
    rows = [Row(MONDAY, value=Decimal(1)), Row(MONDAY, value=Decimal(2))]
    with pytest.raises(storing.StoreError, match="stands twice"):
        storing.store(make_metric(), rows, origin="csv")


def test_a_complete_period_that_the_source_left_out_is_missing_and_not_zero(
    make_metric: Callable[..., Metric], clock: object
) -> None:
    metric = make_metric()
    asked = (date(2026, 10, 26), date(2026, 11, 23))
    rows = [Row(date(2026, 10, 26), value=Decimal(4)), Row(MONDAY, value=Decimal(6))]
    stored = storing.store(metric, rows, origin="pull", asked=asked)
    missing = metric.observations.filter(status="missing").values_list("period_start", flat=True)
    assert list(missing) == [date(2026, 11, 2)]  # the running week of 16 November is not missing yet
    assert stored.missing == 1


def test_a_known_value_stays_when_the_source_stops_returning_it(make_metric: Callable[..., Metric]) -> None:
    metric = make_metric()
    storing.store(metric, [Row(MONDAY, value=Decimal(6))], origin="pull")
    later = storing.store(metric, [], origin="pull", asked=(MONDAY, date(2026, 11, 16)))
    assert value_of(metric) == 6
    assert later.vanished == [MONDAY]


def test_days_are_rolled_up_into_weeks_as_their_kind_asks(make_metric: Callable[..., Metric]) -> None:
    metric = make_metric("Activation", kind="ratio", grain="day")
    rows = [Row(MONDAY + timedelta(days=n), numerator=Decimal(n), denominator=Decimal(10)) for n in range(7)]
    storing.store(metric, rows, origin="push")
    week = metric.rollups.get(grain="week", period_start=MONDAY)
    assert (week.numerator, week.denominator, week.value) == (21, 70, 0.3)


def test_rollups_rebuilt_from_observations_are_the_same(make_metric: Callable[..., Metric]) -> None:
    metric = make_metric("Orders", kind="flow_sum", grain="day")
    first = date(2026, 8, 3)
    for chunk in range(0, 90, 7):
        rows = [Row(first + timedelta(days=chunk + n), value=Decimal(100 + chunk + n)) for n in range(7)]
        storing.store(metric, rows, origin="push")
    fields = ("grain", "period_start", "value", "days", "complete", "estimated")
    before = set(metric.rollups.values_list(*fields))
    rolling.rebuild(metric)
    assert set(metric.rollups.values_list(*fields)) == before


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 50), st.integers(0, 9)), min_size=1, max_size=12))
def test_the_current_rows_are_what_the_revisions_say(
    make_metric: Callable[..., Metric], history: list[tuple[int, int, int]]
) -> None:
    metric = make_metric("Orders", slug=f"orders-{Metric.objects.count()}")
    base = datetime(2026, 11, 1, tzinfo=UTC)
    for week, minute, value in history:
        row = Row(date(2026, 10, 5) + timedelta(weeks=week), value=Decimal(value))
        storing.store(metric, [row], origin="pull", as_of=base + timedelta(minutes=minute))
    for current in metric.observations.all():
        told = ObservationRevision.objects.filter(metric=metric, period_start=current.period_start)
        shown = told.filter(suppressed=False, outdated=False).latest("pk")
        assert (current.value, current.sequence) == (shown.value, shown.pk)


def test_ten_years_of_days_are_stored_in_one_go(make_metric: Callable[..., Metric]) -> None:
    metric = make_metric("Orders", kind="flow_sum", grain="day")
    rows = [Row(date(2016, 11, 1) + timedelta(days=n), value=Decimal(n % 97)) for n in range(3650)]
    assert storing.store(metric, rows, origin="csv").added == 3650
    assert metric.rollups.filter(grain="week").count() == 522


@pytest.mark.parametrize("numerator", ["10000000000000", "100000000000000"])
def test_a_large_share_is_kept_as_exactly_as_a_small_one(
    numerator: str, make_metric: Callable[..., Metric]
) -> None:
    ratio = make_metric("Revenue per invoice", kind="ratio")
    row = Row(date(2026, 11, 9), numerator=Decimal(numerator), denominator=Decimal(4))
    storing.store(ratio, [row], origin="typed")
    assert ratio.observations.get().value == Decimal(numerator) / 4


def test_a_share_beyond_what_is_kept_is_refused_in_words(make_metric: Callable[..., Metric]) -> None:
    ratio = make_metric("Revenue per invoice", kind="ratio")
    row = Row(date(2026, 11, 9), numerator=Decimal(10) ** 14, denominator=Decimal("0.001"))
    with pytest.raises(storing.StoreError, match="too large"):
        storing.store(ratio, [row], origin="typed")


def test_where_no_row_means_zero_a_row_that_is_gone_is_zero(
    make_metric: Callable[..., Metric], company: Company, clock: object
) -> None:
    refunds = make_metric("Refunds", missing="zero")
    weeks = [Row(date(2026, 11, 2), value=Decimal(5)), Row(date(2026, 11, 9), value=Decimal(6))]
    storing.store(refunds, weeks, origin="pull")
    storing.store(refunds, weeks[:1], origin="pull", asked=(date(2026, 11, 2), date(2026, 11, 16)))
    points = series.of(refunds, company=company, now=now())
    assert [point.value for point in points] == [5.0, 0.0]


def test_weeks_that_nobody_asked_for_are_unknown_also_where_no_row_means_zero(
    make_metric: Callable[..., Metric], company: Company, clock: object
) -> None:
    refunds = make_metric("Refunds", missing="zero")
    storing.store(refunds, [Row(date(2026, 10, 26), value=Decimal(5))], origin="pull")
    points = series.of(refunds, company=company, now=now())
    assert [point.value for point in points] == [5.0, None, None]


def test_what_the_source_says_against_a_correction_is_noted_once_and_not_each_hour(
    make_metric: Callable[..., Metric],
) -> None:
    trials = make_metric("Trials")
    monday = date(2026, 11, 9)
    storing.store(trials, [Row(monday, value=Decimal(9))], origin="typed", pin=True)
    for said in (7, 7, 7, 8, 8, 7):
        storing.store(trials, [Row(monday, value=Decimal(said))], origin="pull")
    held_back = trials.revisions.filter(suppressed=True).order_by("id")
    assert [revision.value for revision in held_back] == [7, 8, 7]
