"""Single rows become periods: added, counted, averaged, with weights, in exact decimals."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from metrics.connectors.base import Ask, ConnectorError, Row
from metrics.connectors.gathering import Item, rows_of
from metrics.connectors.moments import Dates
from tests.metrics.connectors.asking import asking

MONDAY = date(2026, 11, 9)


def items(*told: tuple[str, tuple[str | None, ...]]) -> list[Item]:
    dates = Dates("auto", "Europe/Berlin")
    return [
        Item(
            f"Row {number}",
            dates.read(day, label=""),
            tuple(None if n is None else Decimal(n) for n in numbers),
        )
        for number, (day, numbers) in enumerate(told, 1)
    ]


def week(kind: str = "flow_sum") -> Ask:
    return asking(kind=kind, grain="week")


def test_numbers_are_added_exactly() -> None:
    told = items(*[("2026-11-09", ("0.1",))] * 3)
    assert rows_of(told, week(), aggregate="sum")[0] == (Row(MONDAY, value=Decimal("0.3")),)


def test_the_parts_of_a_ratio_are_added_each() -> None:
    told = items(("2026-11-09", ("1", "10")), ("2026-11-12", ("2", "20")), ("2026-11-13", (None, "5")))
    found = rows_of(told, week("ratio"), aggregate="sum")[0]
    assert found == (Row(MONDAY, numerator=Decimal(3), denominator=Decimal(30)),)


def test_averages_are_weighted_and_a_mean_of_rows_weighs_their_number() -> None:
    told = items(("2026-11-09", ("2", "1")), ("2026-11-12", ("5", "2")))
    assert rows_of(told, week("average"), aggregate="sum")[0] == (
        Row(MONDAY, value=Decimal(4), denominator=Decimal(3)),
    )
    told = items(("2026-11-09", ("1",)), ("2026-11-09", ("1",)), ("2026-11-12", ("2",)))
    assert rows_of(told, week("average"), aggregate="mean")[0] == (
        Row(MONDAY, value=Decimal("1.33333333333333"), denominator=Decimal(3)),
    )


def test_the_last_value_is_that_of_the_latest_moment_not_of_the_last_row() -> None:
    told = items(("2026-11-13T09:00Z", ("8",)), ("2026-11-13T08:00Z", ("5",)))
    assert rows_of(told, week(), aggregate="last")[0] == (Row(MONDAY, value=Decimal(8)),)


def test_a_period_of_rows_without_numbers_is_missing_and_not_zero() -> None:
    told = items(("2026-11-09", (None,)))
    for aggregate in ("sum", "mean", "last", "none"):
        assert rows_of(told, week(), aggregate=aggregate)[0] == (Row(MONDAY),)


def test_rows_outside_and_in_the_future_are_left_out_and_said() -> None:
    told = items(("2026-10-05", ("1",)), ("2026-11-09", ("2",)), ("2026-11-30", ("3",)))
    rows, notes = rows_of(told, week(), aggregate="sum")
    assert rows == (Row(MONDAY, value=Decimal(2)),)
    assert notes == ("1 row outside the asked range left out.", "1 row in the future left out.")


@pytest.mark.parametrize(
    "kind, aggregate, sentence",
    [
        ("ratio", "count", "A ratio needs a numerator and a denominator"),
        ("average", "unique", "An average needs values; a count has none. Choose mean."),
        ("flow_sum", "median", "There is no way to gather called 'median'."),
    ],
)
def test_what_does_not_fit_the_kind_is_told(kind: str, aggregate: str, sentence: str) -> None:
    with pytest.raises(ConnectorError) as refused:
        rows_of([], week(kind), aggregate=aggregate)
    assert refused.value.message.startswith(sentence)


def test_a_sum_with_too_many_digits_is_refused_with_its_period() -> None:
    told = items(("2026-11-09", ("100000000000000",)), ("2026-11-09", ("0.1234",)))
    with pytest.raises(ConnectorError) as refused:
        rows_of(told, week(), aggregate="sum")
    assert refused.value.message.startswith("The week from 2026-11-09: 100000000000000.1234 has 19")
