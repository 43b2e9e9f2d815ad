from __future__ import annotations

from datetime import date, timedelta

import pytest

from northstar.lib import periods
from northstar.lib.windows import WindowError, window_bounds, window_end, window_months

LEGAL_DAYS = {2: (59, 62), 3: (89, 92), 4: (120, 123), 5: (150, 153), 6: (181, 184)}

# domain.md §3.3
VECTORS = [
    ("2026-08-31", 6, "2027-02-28", 182),
    ("2027-08-31", 6, "2028-02-29", 183),
    ("2026-08-29", 6, "2027-02-28", 184),
    ("2026-08-31", 2, "2026-10-30", 61),
    ("2026-12-31", 2, "2027-02-28", 60),
    ("2027-12-30", 2, "2028-02-29", 62),
    ("2026-01-31", 3, "2026-04-30", 90),
    ("2026-09-01", 2, "2026-10-31", 61),
    ("2026-09-01", 6, "2027-02-28", 181),
    ("2026-02-28", 6, "2026-08-27", 181),
    ("2026-10-15", 4, "2027-02-14", 123),
    ("2028-02-29", 6, "2028-08-28", 182),
]


@pytest.mark.parametrize(("start", "months", "last", "days"), VECTORS)
def test_a_window_ends_as_the_domain_says(start: str, months: int, last: str, days: int) -> None:
    first, end = date.fromisoformat(start), date.fromisoformat(last)
    assert window_end(first, months) == end
    assert (end - first).days + 1 == days
    assert window_months(first, end) == months
    periods.check_window(first, end)


def every_start() -> list[date]:
    """Every day of 2024 to 2032: 3288 of them, three leap years among them."""
    first = date(2024, 1, 1)
    return [first + timedelta(days=number) for number in range((date(2033, 1, 1) - first).days)]


def virtual_day(start: date, months: int) -> date:
    """The rule told in another way (domain 3.3): the day before the same day of the month; where that month
    is too short for the day before, its last day."""
    month = start.month + months
    year, month = start.year + (month - 1) // 12, (month - 1) % 12 + 1
    after = date(year + month // 12, month % 12 + 1, 1)
    same_month_last = after - timedelta(days=1)
    if start.day == 1:
        return date(year, month, 1) - timedelta(days=1)
    return min(date(year, month, 1) + timedelta(days=start.day - 2), same_month_last)


def test_every_window_from_2024_to_2032_ends_on_its_virtual_day() -> None:
    starts = every_start()
    assert len(starts) == 3288
    for start in starts:
        for months in LEGAL_DAYS:
            assert window_end(start, months) == virtual_day(start, months), (start, months)


def test_every_custom_end_from_2024_to_2032_is_valid_within_its_bounds_and_no_day_beyond() -> None:
    for start in every_start():
        earliest, latest = window_bounds(start)
        assert (earliest, latest) == (window_end(start, 2), window_end(start, 6))
        middle = earliest + (latest - earliest) // 2
        for end in (earliest, earliest + timedelta(days=1), middle, latest - timedelta(days=1), latest):
            periods.check_window(start, end)
        for end, nearest in ((earliest - timedelta(days=1), earliest), (latest + timedelta(days=1), latest)):
            with pytest.raises(WindowError) as caught:
                periods.check_window(start, end)
            assert caught.value.nearest == nearest


def test_months_are_never_added_one_by_one() -> None:
    start = date(2026, 12, 30)
    one_by_one = window_end(window_end(start, 2) + timedelta(days=1), 2)
    assert (window_end(start, 4), one_by_one) == (date(2027, 4, 29), date(2027, 4, 30))


def test_half_way_of_every_window_lies_within_it() -> None:
    for start in every_start():
        for months in LEGAL_DAYS:
            end = window_end(start, months)
            middle = periods.half_way(start, end)
            assert start < middle < end and abs((middle - start) - (end - middle)) <= timedelta(days=1)


def test_every_window_from_2024_to_2032_is_monotone_and_of_legal_length() -> None:
    start, stop = date(2024, 1, 1), date(2033, 1, 1)
    before = dict.fromkeys(LEGAL_DAYS, date.min)
    while start < stop:
        ends = [window_end(start, months) for months in LEGAL_DAYS]
        assert ends == sorted(set(ends)), start
        for (months, (fewest, most)), end in zip(LEGAL_DAYS.items(), ends, strict=True):
            assert end >= before[months], start
            assert fewest <= (end - start).days + 1 <= most, start
            before[months] = end
        start += timedelta(days=1)


def test_an_end_between_the_months_is_valid_and_has_no_number_of_months() -> None:
    periods.check_window(date(2026, 9, 1), date(2026, 12, 17))
    assert window_months(date(2026, 9, 1), date(2026, 12, 17)) is None


def test_the_bounds_are_two_and_six_months() -> None:
    assert window_bounds(date(2026, 8, 31)) == (date(2026, 10, 30), date(2027, 2, 28))


def test_a_window_that_is_too_long_names_the_valid_dates() -> None:
    with pytest.raises(WindowError) as caught:
        periods.check_window(date(2026, 8, 31), date(2027, 3, 1))
    assert str(caught.value) == (
        "A window lasts two to six months: from 31 August 2026 it can end between 30 October 2026 and "
        "28 February 2027. The date nearest to yours is 28 February 2027."
    )
    assert caught.value.nearest == date(2027, 2, 28)


def test_a_window_that_is_too_short_names_the_earliest_end() -> None:
    with pytest.raises(WindowError, match="nearest to yours is 30 October 2026"):
        periods.check_window(date(2026, 8, 31), date(2026, 10, 29))


def test_a_window_that_ends_before_it_starts_is_too_short() -> None:
    with pytest.raises(WindowError, match="nearest to yours is 30 October 2026"):
        periods.check_window(date(2026, 8, 31), date(2025, 1, 1))


@pytest.mark.parametrize("start", [date(2026, 11, 8), date(2026, 11, 22), date(2027, 2, 20)])
def test_a_start_near_today_is_valid(start: date) -> None:
    periods.check_start(start, date(2026, 11, 22))


@pytest.mark.parametrize(
    ("start", "nearest"), [(date(2026, 11, 7), date(2026, 11, 8)), (date(2027, 2, 21), date(2027, 2, 20))]
)
def test_a_start_too_far_from_today_names_the_nearest_valid_one(start: date, nearest: date) -> None:
    with pytest.raises(WindowError, match="at most 14 days ago and at most 90 days ahead") as caught:
        periods.check_start(start, date(2026, 11, 22))
    assert caught.value.nearest == nearest


def test_half_way_is_half_of_the_days_after_the_start() -> None:
    assert periods.half_way(date(2026, 9, 1), date(2026, 12, 31)) == date(2026, 11, 1)
    assert periods.half_way(date(2026, 9, 1), date(2026, 10, 31)) == date(2026, 10, 1)
