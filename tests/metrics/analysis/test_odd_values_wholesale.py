"""A wholesaler's real invoices by day and by week: ordinary values never look like a mistake."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from metrics.analysis.odd_values import Pair, oddities

pytestmark = pytest.mark.needs_data


@pytest.fixture(scope="module")
def series(real_data: Path) -> dict[tuple[str, str], list[tuple[date, float]]]:
    """Revenue and active accounts, by (kind, grain)."""
    money: dict[tuple[str, date], float] = defaultdict(float)
    people: dict[tuple[str, date], set[str]] = defaultdict(set)
    for day, customer, amount in _invoices(real_data / "wholesale_invoices.csv"):
        for grain, start in (("day", day), ("week", day - timedelta(days=day.weekday()))):
            money[grain, start] += amount
            if amount > 0 and customer != "(blank)":
                people[grain, start].add(customer)
    found: dict[tuple[str, str], list[tuple[date, float]]] = defaultdict(list)
    for (grain, start), amount in sorted(money.items()):
        found["flow_sum", grain].append((start, amount))
    for (grain, start), customers in sorted(people.items()):
        found["unique", grain].append((start, float(len(customers))))
    return found


def _invoices(path: Path) -> Iterator[tuple[date, str, float]]:
    with path.open(encoding="utf-8") as file:
        lines = csv.reader(file)
        next(lines)
        days: dict[str, date] = {}
        for number, moment, customer, _, quantity, price in lines:
            said = moment.split(" ")[0]
            day = days.get(said) or days.setdefault(said, datetime.strptime(said, "%m/%d/%Y").date())
            if not number.startswith("A"):
                yield day, customer, int(quantity) * float(price)


def looks(values: list[tuple[date, float]]) -> Iterator[list[tuple[date, float]]]:
    """Nine periods that are stored, and the one after them."""
    return (values[i - 9 : i + 1] for i in range(9, len(values)))


def test_no_look_at_the_real_values_cries_wolf(
    series: dict[tuple[str, str], list[tuple[date, float]]],
) -> None:
    count = 0
    for (kind, grain), values in series.items():
        for window in looks(values):
            pairs = [
                Pair(day, value if i else None, value if i < 9 else None)
                for i, (day, value) in enumerate(window)
            ]
            assert oddities(pairs, grain=grain, kind=kind, newest=window[-1][0]) == (), window
            count += 1
    assert count > 600


@pytest.mark.parametrize("factor", [100, 0.01, 1000, -1])
def test_every_mixed_up_unit_is_found(
    series: dict[tuple[str, str], list[tuple[date, float]]], factor: float
) -> None:
    for (kind, grain), values in series.items():
        for window in looks(values):
            pairs = [
                Pair(day, value * factor if i else None, value if i < 9 else None)
                for i, (day, value) in enumerate(window)
            ]
            assert [one.code for one in oddities(pairs, grain=grain, kind=kind)] == ["factor"]
