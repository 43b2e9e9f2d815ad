"""Whether a North Star still leads and moves: found where it is so, and silent in honest worlds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np
import pytest

from metrics.analysis import fitness
from metrics.analysis.fitness import DOUBTFUL, FIT, UNKNOWN, Series
from metrics.analysis.points import Point

FIRST = date(2024, 5, 27)
WORLDS = 30


def points(values: Sequence[float | None]) -> list[Point]:
    return [
        Point(FIRST + timedelta(weeks=week), None if value is None else float(value))
        for week, value in enumerate(values)
    ]


def world(
    seed: int, *, weeks: int = 130, lag: int = 4, leads: bool = True, until: int = 10_000, season: float = 0.0
) -> tuple[Series, Series]:
    """A star and revenue, which follows the star's changes `lag` weeks later, but for half of its own."""
    rng = np.random.default_rng(seed)
    pushes = rng.normal(0, 1, weeks + lag)
    star = 3000 + np.cumsum(20 + 12 * pushes[lag:])
    follows = np.array([pushes[week] if leads and week < until else rng.normal() for week in range(weeks)])
    revenue = 900 + np.cumsum(3 + follows + 0.8 * rng.normal(0, 1, weeks))
    wave = season * np.sin(2 * np.pi * np.arange(weeks) / 52)
    return Series("Active crews", points(star + 300 * wave)), Series("Revenue", points(revenue + 30 * wave))


def verdicts(**world_of: object) -> Counter[str]:
    return Counter(fitness.lead(*world(seed, **world_of)).verdict for seed in range(WORLDS))  # type: ignore[arg-type]


def test_a_lead_is_found_and_told_in_weeks() -> None:
    found = fitness.lead(*world(1))
    assert (found.verdict, found.words) == (FIT, "Active crews moves with Revenue, 4 weeks ahead.")
    assert found.figures["lag"] == 4


@pytest.mark.parametrize("season", [0.0, 1.0])
def test_a_lead_that_holds_is_never_called_lost(season: float) -> None:
    assert verdicts(season=season) == {FIT: WORLDS}


@pytest.mark.parametrize("season", [0.0, 1.0])
def test_where_nothing_leads_hardly_anything_is_claimed(season: float) -> None:
    found = verdicts(leads=False, season=season)
    assert found[DOUBTFUL] <= 1 and found[FIT] <= 3 and found[UNKNOWN] >= WORLDS - 4


def test_a_lead_that_was_lost_is_mostly_seen_and_its_quarter_named() -> None:
    found = [fitness.lead(*world(seed, until=80)) for seed in range(WORLDS)]
    lost = [each for each in found if each.verdict == DOUBTFUL]
    assert len(lost) >= 0.7 * WORLDS
    # Week 80 lies in December 2025.
    named = Counter(each.words.split(" in ")[1].split(":")[0] for each in lost)
    assert named.most_common(1)[0][0] in ("Q4 2025", "Q1 2026")
    assert "Active crews lost its lead over Revenue in Q" in lost[0].words


def test_short_series_say_that_they_are_short() -> None:
    found = fitness.lead(*world(1, weeks=25))
    assert (found.verdict, found.words) == (UNKNOWN, "Revenue: 25 common weeks are too few; 31 are needed.")
    star, revenue = world(1)
    monthly = fitness.lead(star, Series("Revenue", revenue.points, grain="month"))
    assert monthly.words == "Both are needed by the week to see whether it leads Revenue."
    assert fitness.lead(star, Series("Revenue", [])).verdict == UNKNOWN


def test_gaps_are_no_values() -> None:
    star, revenue = world(1)
    values = [None if week % 9 == 0 else point.value for week, point in enumerate(revenue.points)]
    assert fitness.lead(star, Series("Revenue", points(values))).verdict == FIT


def test_up_while_the_outcome_falls_for_two_quarters() -> None:
    rising = Series("Active crews", points([4000 + 10 * week for week in range(60)]))
    falling = [900.0] * 34 + [900.0 - 3 * week for week in range(26)]
    found = fitness.falling(rising, Series("Revenue", points(falling)))
    assert found.words == "Active crews rose for two quarters while Revenue fell."
    assert fitness.falling(rising, Series("Churn", points(falling), sign=-1)).verdict == FIT
    assert fitness.falling(rising, Series("Revenue", points(falling[:30]))).verdict == UNKNOWN


def test_a_season_is_no_fall() -> None:
    wave = [900 + week + 60 * np.sin(2 * np.pi * week / 52) for week in range(130)]
    star = Series("Active crews", points([4000 + 10 * week for week in range(130)]))
    for weeks in range(80, 130):
        assert fitness.falling(star, Series("Revenue", points(wave[:weeks]))).verdict == FIT


def test_what_half_a_year_changes_is_held_against_noise() -> None:
    rng = np.random.default_rng(3)
    steady = Series("Active crews", points(3000 + 10.0 * np.arange(104) + rng.normal(0, 20, 104)))
    drowned = Series("Score", points(50 + rng.normal(0, 5, 104)))
    assert fitness.sensitivity(steady).verdict == FIT
    assert "times what chance does: it can be seen." in fitness.sensitivity(steady).words
    assert fitness.sensitivity(drowned).verdict == DOUBTFUL
    assert "there are 20" in fitness.sensitivity(Series("New", points([1.0] * 20))).words
    assert fitness.sensitivity(Series("Still", points([5.0] * 60))).words == "It has not moved at all."


def test_a_driver_that_turned_round_is_named_and_honest_ones_are_not() -> None:
    rng = np.random.default_rng(8)
    pushes, noise = rng.normal(0, 1, 130), rng.normal(0, 1, 130)
    driver = Series("Discounts", points(np.cumsum(pushes)))
    way = np.where(np.arange(130) < 65, 1, -1)
    star = Series("Active crews", points(np.cumsum(3 * way * pushes + noise)))
    found = fitness.turned(star, driver)
    assert (found.verdict, found.words) == (
        DOUBTFUL,
        "Discounts turned round: since August 2025 it goes against it.",
    )
    honest = Counter(fitness.turned(*reversed(world(seed))).verdict for seed in range(WORLDS))
    assert honest[DOUBTFUL] == 0


def test_the_verdict_is_doubtful_if_anything_is_and_fit_only_where_something_is_known() -> None:
    fit, unknown = fitness.Finding("lead", FIT, ""), fitness.Finding("sensitive", UNKNOWN, "")
    assert fitness.verdict([fit, unknown]) == FIT
    assert fitness.verdict([fit, fitness.Finding("source", DOUBTFUL, "")]) == DOUBTFUL
    assert fitness.verdict([unknown, fitness.Finding("source", FIT, "")]) == UNKNOWN
