"""The forecasts of a total are held against the whole of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
import time_machine

from metrics.models import ForecastRecord, Metric
from teams import calibrating, evaluating
from teams.models import Team
from tests.teams.bets import omtm_of

pytestmark = pytest.mark.django_db


def test_a_total_is_scored_when_its_broken_last_week_is_in(
    marketing: Team, make_metric: Callable[..., Metric], make_weeks: Callable[..., None]
) -> None:
    demos: Any = make_metric("Demos")
    with time_machine.travel(datetime.fromisoformat("2026-10-12T09:00:00+02:00"), tick=False) as moved:
        make_weeks(demos, "2026-04-27", [70 + n % 3 for n in range(24)])
        # From Monday 14 September to Friday 13 November.
        bet = omtm_of(
            marketing, demos, months=2, baseline="0", target="600", outcome_rule="total", outcome_weeks=2
        )
        evaluating.evaluate(datetime.fromisoformat("2026-10-12T09:00:00+02:00"))
        assert ForecastRecord.objects.filter(subject=f"omtm:{bet.pk}").exists()
        moved.move_to(datetime.fromisoformat("2026-11-14T09:00:00+01:00"))
        make_weeks(demos, "2026-10-12", [70, 70, 70, 70])
        assert calibrating.score(datetime.fromisoformat("2026-11-14T09:00:00+01:00")) == 0
        moved.move_to(datetime.fromisoformat("2026-11-16T09:00:00+01:00"))
        make_weeks(demos, "2026-11-09", [77])
        assert calibrating.score(datetime.fromisoformat("2026-11-16T09:00:00+01:00")) > 0
    first_four = sum(70 + n % 3 for n in range(20, 24))
    outcomes = set(ForecastRecord.objects.exclude(scored_at=None).values_list("outcome", flat=True))
    # Five of the seven days of the last week lie in the window.
    assert list(outcomes) == [pytest.approx(first_four + 4 * 70 + 77 * 5 / 7)]
