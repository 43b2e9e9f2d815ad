"""What is said of a bet depends neither on the unit that is counted in nor on where zero lies."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.analysis.forecast import Forecast, foresee
from metrics.analysis.health import evaluate, evaluate_target
from tests.metrics.analysis.cases import BEFORE, CLIMBING, FLAT, SLOWER, TODAY, terms, weeks

NUMBERS = ("z", "gap", "p", "attainment", "progress")


def judge(course, *, scale=1.0, plus=0.0):
    values = [scale * value + plus for value in BEFORE + course]
    agreed = terms(kind="average", baseline=24 * scale + plus, target=34 * scale + plus)
    return evaluate(weeks(values), agreed, today=TODAY)


@pytest.mark.parametrize("course", [CLIMBING, SLOWER, FLAT, [30.0] * 10])
@pytest.mark.parametrize("scale", [1e-12, 1e-9, 1e-3, 1e6, 1e13])
def test_a_tiny_share_and_a_huge_sum_are_judged_alike(course, scale):
    usual, other = judge(course), judge(course, scale=scale)
    assert (other.state, other.raw) == (usual.state, usual.raw)
    for name in NUMBERS:
        assert getattr(other, name) == pytest.approx(getattr(usual, name), rel=1e-6)


@given(plus=st.floats(-1000, 1000))
def test_where_zero_lies_does_not_matter(plus):
    usual, other = judge(SLOWER), judge(SLOWER, plus=plus)
    for name in NUMBERS:
        assert getattr(other, name) == pytest.approx(getattr(usual, name), rel=1e-6)


@given(level=st.floats(1e-9, 1e12), count=st.integers(8, 104), ahead=st.integers(1, 26))
def test_a_constant_series_is_certain_whatever_its_size(level, count, ahead):
    points = weeks([level] * count)
    due = points[-1].start + timedelta(weeks=ahead + 1, days=-1)
    at, over = (foresee(points, kind="average", due=due, target=level * share) for share in (1, 1.01))
    assert isinstance(at, Forecast) and isinstance(over, Forecast)
    assert (at.p, over.p) == (0.99, pytest.approx(0.01))
    assert at.low80 == pytest.approx(at.high80, rel=1e-12)


@given(step=st.floats(1e-9, 1e6))
def test_a_straight_line_on_its_plan_is_not_nine_deviations_off_by_rounding(step):
    line = [step * week for week in range(1, 19)]
    agreed = terms(kind="average", shape="linear", k=1, baseline=8 * step, target=25 * step)
    found = evaluate(weeks(line), agreed, today=TODAY)
    assert (found.z, found.jump) == (0.0, False)


@given(step=st.floats(1e-9, 1e6))
def test_a_straight_line_towards_a_target_has_no_noise_of_rounding(step):
    points = weeks([step * week for week in range(1, 19)])
    found = evaluate_target(
        points,
        kind="average",
        baseline=8 * step,
        baseline_date=points[8].start - timedelta(days=1),
        target=48 * step,
        due=points[8].start + timedelta(weeks=20, days=-1),
        today=TODAY,
    )
    assert found.z == -9.0
