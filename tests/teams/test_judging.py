"""The terms of a bet, and what is concluded from its weeks."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from metrics.analysis.health import evaluate
from metrics.analysis.points import Point
from metrics.models import Metric
from teams.charting import goal_sentence
from teams.judging import conclude, terms_of
from teams.models import Omtm

START = date(2026, 9, 14)
EIGHT_WEEKS = START + timedelta(days=55)


def total_of(target: int, *, baseline: int = 0) -> Omtm:
    """An unsaved bet on a sum over eight weeks."""
    metric = Metric(name="Demos", kind="flow_sum", decimals=0, unit="demos", min_den=30)
    return Omtm(
        metric=metric, start=START, end=EIGHT_WEEKS, baseline=Decimal(baseline), target=Decimal(target),
        outcome_rule="total", pace_shape="hold", outcome_weeks=2, unit="demos", milestones=[],
    )  # fmt: skip


def weeks(*values: float | None) -> list[Point]:
    return [Point(START + timedelta(weeks=n), value) for n, value in enumerate(values)]


@pytest.mark.parametrize(
    ("target", "outcome", "share"), [(80, "achieved", 1.0), (100, "partly", 0.8), (200, "missed", 0.4)]
)
def test_a_total_is_the_sum_of_its_window(target: int, outcome: str, share: float) -> None:
    found = conclude(total_of(target), weeks(*[10] * 8))
    assert (found.final_reading, found.outcome) == (80, outcome)
    assert found.attainment == pytest.approx(share)


def test_weeks_outside_the_window_are_not_in_a_total() -> None:
    outside = [Point(START - timedelta(weeks=1), 99), Point(START + timedelta(weeks=8), 99)]
    assert conclude(total_of(80), [*weeks(*[10] * 8), *outside]).final_reading == 80


def test_a_total_that_must_not_grow_is_kept_within_its_target() -> None:
    omtm = total_of(80)
    omtm.name, omtm.direction = "Demos", "down"
    assert goal_sentence(omtm, START) == "Keep Demos within 80\N{NO-BREAK SPACE}demos in all until 8 Nov"


def test_a_total_that_no_column_holds_cannot_be_measured() -> None:
    found = conclude(total_of(80), weeks(*[9e15] * 8))
    assert (found.final_reading, found.attainment, found.outcome) == (None, None, "not_measurable")


def test_a_total_without_any_week_cannot_be_measured() -> None:
    assert conclude(total_of(80), weeks(None, None)).outcome == "not_measurable"


def test_the_final_reading_of_few_cases_is_that_of_the_last_evaluation() -> None:
    omtm: Any = total_of(1)
    omtm.metric.kind, omtm.outcome_rule = "ratio", "mean"
    omtm.baseline, omtm.target = Decimal("0.2"), Decimal("0.4")
    pairs = [(2, 10)] * 7 + [(3, 4)]
    points = [
        Point(START + timedelta(weeks=n), part / whole, part, whole) for n, (part, whole) in enumerate(pairs)
    ]
    last = evaluate(points, terms_of(omtm), today=EIGHT_WEEKS + timedelta(days=1)).reading
    # Two weeks hold 14 cases, fewer than 30: two earlier ones are taken in.
    assert last == pytest.approx(9 / 34)
    assert float(conclude(omtm, points).final_reading or 0) == pytest.approx(9 / 34)


def test_terms_carry_the_plan_of_the_bet() -> None:
    omtm: Any = total_of(80)
    omtm.pace_shape, omtm.pace_lag_days = "milestones", 14
    omtm.milestones = [["2026-10-05", 30]]
    terms = terms_of(omtm, (1.0,) * 56)
    assert (terms.shape, terms.lag_days, terms.is_total) == ("milestones", 14, True)
    assert terms.milestones == ((date(2026, 10, 5), 30.0),)
    assert sum(terms.weights) == 56
