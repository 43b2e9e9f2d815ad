from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from metrics.connectors.base import Answer, Ask, ConnectorError
from metrics.connectors.demo import DemoConnector, anchor_of
from metrics.connectors.demo_series import SERIES

MONDAY, SUNDAY, FIRST_OF_MARCH = date(2026, 11, 23), date(2026, 11, 22), date(2027, 3, 1)
WEDNESDAY = date(2026, 11, 18)


def _fetch(key: str, today: date, *, preview: bool = False, **changes: Any) -> Answer:
    series = SERIES[key]
    values: dict[str, Any] = {
        "metric": key, "kind": series.kind, "grain": series.grain, "query": {"series": key},
        "start": today - timedelta(days=1200), "end": today + timedelta(days=7), "zone": "Europe/Berlin",
        "now": datetime(today.year, today.month, today.day, 11, tzinfo=UTC), "preview": preview,
    }  # fmt: skip
    return DemoConnector({}, {}, egress=None).fetch(Ask(**{**values, **changes}))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("today", "anchor"),
    [
        (MONDAY, date(2026, 11, 22)),
        (WEDNESDAY, date(2026, 11, 15)),
        (SUNDAY, date(2026, 11, 15)),
        (FIRST_OF_MARCH, date(2027, 2, 28)),
    ],
)
def test_the_anchor_is_the_last_sunday_before_today(today: date, anchor: date) -> None:
    assert anchor_of(today) == anchor


@pytest.mark.parametrize("key", SERIES)
def test_the_numbers_depend_only_on_the_distance_to_the_anchor(key: str) -> None:
    by_offset = []
    for today in (MONDAY, SUNDAY, FIRST_OF_MARCH):
        anchor = anchor_of(today)
        rows = _fetch(key, today).rows
        by_offset.append(
            {
                (row.period_start - anchor).days: (row.value, row.numerator, row.denominator)
                for row in rows
                if row.period_start <= anchor
            }
        )
    assert by_offset[0] == by_offset[1] == by_offset[2]
    assert len(by_offset[0]) >= 30


@pytest.mark.parametrize("key", [key for key, series in SERIES.items() if series.grain == "week"])
def test_weeks_start_on_a_monday_and_come_in_order(key: str) -> None:
    starts = [row.period_start for row in _fetch(key, FIRST_OF_MARCH).rows]
    assert all(start.weekday() == 0 for start in starts)
    assert starts == sorted(set(starts))


def test_the_north_star_ends_with_the_agreed_value_and_a_partial_week() -> None:
    rows = {row.period_start: row.value for row in _fetch("wac", WEDNESDAY).rows}
    assert rows[date(2026, 11, 9)] == 4871
    running = rows[date(2026, 11, 16)]
    assert running is not None and 0 < running < 4871
    assert len(rows) == 131


def test_on_a_monday_there_is_no_running_week_yet() -> None:
    assert _fetch("wac", MONDAY).rows[-1].period_start == date(2026, 11, 16)
    assert _fetch("activation", MONDAY).rows[-1].period_start == date(2026, 11, 22)


def test_the_days_of_the_running_week_are_delivered_up_to_yesterday() -> None:
    assert _fetch("activation", WEDNESDAY).rows[-1].period_start == date(2026, 11, 17)


def test_today_is_the_day_in_the_company_zone() -> None:
    late = datetime(2026, 11, 17, 23, 30, tzinfo=UTC)
    rows = _fetch("activation", WEDNESDAY, now=late).rows
    assert rows[-1].period_start == date(2026, 11, 17)
    assert _fetch("activation", WEDNESDAY, now=late, zone="UTC").rows[-1].period_start == date(2026, 11, 16)


def test_only_the_asked_range_is_answered() -> None:
    rows = _fetch("activation", WEDNESDAY, start=date(2026, 10, 1), end=date(2026, 10, 8)).rows
    assert [row.period_start.day for row in rows] == [1, 2, 3, 4, 5, 6, 7]
    assert all(row.value is None and row.denominator for row in rows)


def test_an_average_carries_its_weight() -> None:
    row = _fetch("jobs", WEDNESDAY).rows[-1]
    assert (row.numerator, row.denominator) == (None, Decimal(4871))


def test_a_preview_shows_at_most_20_raw_rows() -> None:
    answer = _fetch("activation", WEDNESDAY, preview=True)
    assert answer.columns == ("period", "numerator", "denominator")
    assert len(answer.sample) == 20


def test_a_metric_of_another_grain_or_kind_is_refused() -> None:
    with pytest.raises(ConnectorError) as refused:
        _fetch("activation", WEDNESDAY, grain="week")
    assert refused.value.code == "config" and "by the day" in refused.value.message


def test_an_unknown_series_is_refused() -> None:
    with pytest.raises(ConnectorError, match="Series has to be one of"):
        _fetch("wac", WEDNESDAY, query={"series": "nope"})


def test_the_broken_source_says_why_and_stays_broken() -> None:
    broken = DemoConnector({"broken": True}, {}, egress=None)  # type: ignore[arg-type]
    with pytest.raises(ConnectorError) as refused:
        broken.check()
    assert (refused.value.code, refused.value.permanent) == ("auth", True)
    assert "on purpose" in refused.value.message
