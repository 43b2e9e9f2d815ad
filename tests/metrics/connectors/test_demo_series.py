from __future__ import annotations

from statistics import mean

import pytest

from metrics.connectors import demo_growth as growth
from metrics.connectors.demo_series import SERIES, Draw, monday


def _days(key: str, first_week: int, last_week: int) -> list[Draw]:
    return [SERIES[key].draw(o) for o in range(monday(first_week), monday(last_week) + 7)]


def _share(key: str, first_week: int, last_week: int) -> float:
    draws = _days(key, first_week, last_week)
    return float(100 * sum(d.numerator or 0 for d in draws) / sum(d.denominator or 0 for d in draws))


def _values(key: str, weeks: int) -> list[float]:
    return [float(SERIES[key].draw(w).value or 0) for w in range(1 - weeks, 1)]


def _limits(values: list[float]) -> tuple[float, float, float]:
    centre = mean(values)
    moving = mean(abs(b - a) for a, b in zip(values, values[1:], strict=False))
    return centre, centre - 2.66 * moving, centre + 2.66 * moving


@pytest.mark.parametrize(("week", "wac"), [(-129, 2914), (-52, 3970), (-13, 4684), (-1, 4864), (0, 4871)])
def test_weekly_active_crews_have_the_agreed_values(week: int, wac: int) -> None:
    assert growth.week(week).wac == wac
    assert SERIES["wac"].draw(week).value == wac


def test_the_last_week_has_the_agreed_parts() -> None:
    last = growth.week(0)
    assert (last.new, last.reactivated, last.lapsed) == (70, 38, 101)
    assert (last.accounts, last.enabled) == (1628, 7490)
    assert last.wac / last.enabled == pytest.approx(0.65033, abs=5e-6)


def test_the_last_13_weeks_add_up() -> None:
    weeks = [growth.week(w) for w in range(-12, 1)]
    assert sum(w.new for w in weeks) == 992
    assert sum(w.reactivated for w in weeks) == 494
    assert sum(w.lapsed for w in weeks) == 1299
    assert weeks[-1].wac - growth.week(-13).wac == 187


def test_growth_accounting_is_exact_in_every_week() -> None:
    for index in range(growth.FIRST_WEEK + 1, 2):
        row = growth.week(index)
        assert row.wac == growth.week(index - 1).wac + row.new + row.reactivated - row.lapsed


def test_there_is_no_week_outside_the_story() -> None:
    with pytest.raises(IndexError):
        growth.week(2)


def test_the_older_definition_reads_higher() -> None:
    assert SERIES["wac_prior"].draw(-62).value == round(growth.week(-62).wac / 0.930)
    assert SERIES["wac_prior"].last_week == -62


def test_activation_starts_with_the_agreed_draws() -> None:
    drawn = [SERIES["activation"].draw(offset) for offset in range(-62, -55)]
    expected = [(17, 102), (30, 116), (19, 101), (30, 101), (21, 89), (14, 60), (13, 51)]
    assert [(d.numerator, d.denominator) for d in drawn] == expected


@pytest.mark.parametrize(
    ("key", "weeks", "expected", "digits"),
    [
        ("activation", (-3, 0), 30.64, 2),
        ("trial_to_paid", (-3, 0), 3.34, 2),
        ("crew_lapse", (-3, 0), 2.06, 2),
        ("partner_share", (-1, -1), 12.0, 1),
        ("partner_share", (0, 0), 13.1, 1),
        ("auto_assign", (-27, -24), 20.4, 1),
        ("same_day_moves", (-4, -1), 22.3, 1),
    ],
)
def test_shares_have_the_agreed_readings(
    key: str, weeks: tuple[int, int], expected: float, digits: int
) -> None:
    assert round(_share(key, *weeks), digits) == expected


def test_qualified_trials_start_at_425_and_end_at_576() -> None:
    def per_week(first: int, last: int) -> float:
        total = sum(float(d.value or 0) for d in _days("qual_trials", first, last))
        return total / (last - first + 1)

    assert round(per_week(-43, -36), 1) == 424.8
    assert round(per_week(-22, -19), 1) == 575.8


def test_sync_delay_has_the_agreed_limits() -> None:
    centre, _, upper = _limits(_values("sync", 20))
    assert (round(centre, 3), round(upper, 3)) == (1.613, 1.997)
    assert all(value <= 2.0 for value in _values("sync", 6))


def test_jobs_per_crew_have_the_agreed_limits() -> None:
    assert tuple(round(v, 2) for v in _limits(_values("jobs", 26))) == (14.25, 13.36, 15.13)


def test_the_support_guardrail_was_breached_once_and_recovered() -> None:
    above = [w for w in range(-51, 1) if (SERIES["support_contacts"].draw(w).value or 0) > 9]
    assert above == [-8, -7]


def test_corrected_jobs_stay_under_their_limit() -> None:
    assert all(_share("corrected_jobs", w, w) < 6 for w in range(-51, 1))
