from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine

from northstar.lib import clock, periods


def test_now_is_aware_and_in_utc() -> None:
    assert clock.now().utcoffset() == timedelta(0)


def test_today_depends_on_the_zone() -> None:
    with time_machine.travel(datetime(2026, 11, 22, 11, 30, tzinfo=UTC), tick=False):
        assert clock.now() == datetime(2026, 11, 22, 11, 30, tzinfo=UTC)
        assert clock.today("Europe/Berlin") == date(2026, 11, 22)
        assert clock.today("Pacific/Kiritimati") == date(2026, 11, 23)


def test_a_naive_moment_has_no_local_day() -> None:
    with pytest.raises(ValueError, match="needs a time zone"):
        periods.local_day(datetime(2026, 11, 22), "Europe/Berlin")
