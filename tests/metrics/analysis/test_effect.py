"""What is said of a bet's effect, in worlds whose truth is known."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest

from benchmarks import effects as worlds
from metrics.analysis import effect
from metrics.analysis.points import RATIO, UNIQUE, Point

START = date(2025, 1, 6)
#: 17 weeks of window and 8 of waiting.
DUE = START + timedelta(weeks=25, days=-1)
FIRST = START - timedelta(weeks=52)


def weeks(*values: float | None, first: date = FIRST) -> list[Point]:
    return [Point(first + timedelta(weeks=n), value) for n, value in enumerate(values)]


def calm(after: float, *, past: int = 52, noise: float = 4.0) -> list[Point]:
    """100 give or take a little for a year, then `after` give or take as much."""
    wobble = np.random.default_rng(5).normal(0, noise, past + 25)
    values = [100 + w + (after if n >= past else 0) for n, w in enumerate(wobble)]
    return weeks(*values, first=START - timedelta(weeks=past))


def judged(points: list[Point], predicted: float | None, **named: object) -> effect.Judged:
    return effect.judge(points, kind=UNIQUE, start=START, due=DUE, predicted=predicted, **named)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("after", "predicted", "verdict", "reason"),
    [
        (30, 30, "supported", "moved"),
        (-30, -30, "supported", "moved"),
        (30, 55, "supported", "moved"),
        (30, 70, "not_supported", "short"),
        (0, 30, "not_supported", "short"),
        (-30, 30, "not_supported", "against"),
        (30, 3, "cannot_tell", "noise"),
        (0, 3, "cannot_tell", "noise"),
        (14, 30, "cannot_tell", "between"),
        (30, None, "supported", "direction"),
        (-30, None, "not_supported", "against"),
        (2, None, "cannot_tell", "within"),
    ],
)
def test_the_rule(after: float, predicted: float | None, verdict: str, reason: str) -> None:
    found = judged(calm(after), predicted)
    assert (found.verdict, found.reason) == (verdict, reason)
    assert found.low is not None and found.high is not None and found.low < 0 < found.high


def test_observed_is_the_difference_to_what_would_have_come_anyway() -> None:
    found = judged(calm(30), 30)
    assert found.actual is not None and found.left_alone is not None and found.observed is not None
    assert found.observed == pytest.approx(found.actual - found.left_alone)
    assert found.observed == pytest.approx(30, abs=5)
    assert found.path[0].day == START + timedelta(days=6) and found.path[-1].day == DUE
    assert found.path[0].high - found.path[0].low < found.path[-1].high - found.path[-1].low


def test_what_grows_by_itself_supports_nothing() -> None:
    growing = weeks(*(1000 + 10.0 * n for n in range(77)))
    found = judged(growing, 600)
    assert found.verdict == "not_supported"
    assert found.high is not None and found.observed is not None and found.high > found.observed > 100


def test_a_constant_series_has_no_noise_and_any_prediction_can_be_told() -> None:
    flat = weeks(*[100.0] * 52, *[101.0] * 25)
    assert judged(flat, 1).verdict == "supported"
    assert judged(weeks(*[100.0] * 77), 1).verdict == "not_supported"


def test_shares_are_read_as_the_sum_of_their_parts() -> None:
    points = [
        Point(FIRST + timedelta(weeks=n), k / d, k, d)
        for n, (k, d) in enumerate(
            [(20.0, 100.0)] * 73 + [(1.0, 2.0), (30.0, 100.0), (30.0, 100.0), (30.0, 100.0)]
        )
    ]
    found = effect.judge(points, kind=RATIO, start=START, due=DUE, predicted=0.1)
    assert found.actual == pytest.approx(91 / 302)


@pytest.mark.parametrize(
    ("points", "reason"),
    [
        (calm(30, past=51), "short_past"),
        (weeks(*[100.0] * 60, *[None] * 7, *[101.0] * 25, first=FIRST - timedelta(weeks=15)), "missing"),
        (weeks(*[100.0] * 52, *[101.0] * 22, None, None, None), "missing"),
        ([], "short_past"),
    ],
)
def test_without_the_data_nothing_can_be_told(points: list[Point], reason: str) -> None:
    found = judged(points, 30)
    assert (found.verdict, found.reason, found.observed) == ("cannot_tell", reason, None)


def test_it_is_ready_when_the_last_week_that_counts_is_complete() -> None:
    points = calm(30)
    assert effect.is_ready(points, DUE) and not effect.is_ready(points[:-1], DUE)
    running = [*points[:-1], Point(points[-1].start, 130.0, complete=False)]
    assert not effect.is_ready(running, DUE)
    # A bet may be due in the middle of a week: that week does not count.
    assert effect.is_ready(points, DUE + timedelta(days=3))


def test_the_mirror_of_a_world_gets_the_mirrored_verdict() -> None:
    points = calm(30)
    mirrored = [Point(p.start, None if p.value is None else -p.value) for p in points]
    found, other = judged(points, 40), judged(mirrored, -40)
    assert found.verdict == other.verdict
    assert found.observed == pytest.approx(-(other.observed or 0)) and found.high == pytest.approx(
        -(other.low or 0)
    )


@pytest.mark.parametrize("world", ["random walk", "growth that wanders", "yearly season"])
def test_where_nothing_moved_it_is_seldom_called_supported(world: str) -> None:
    chance = np.random.default_rng(11)
    bets = [worlds.WORLDS[world](52 + worlds.AHEAD, chance) for _ in range(30)]
    said = [worlds.verdict(values, past=52, size=1.2, truth=0.0) for values in bets]
    assert said.count("supported") <= 2


def test_what_moved_as_predicted_is_mostly_seen() -> None:
    chance = np.random.default_rng(12)
    said = [
        worlds.verdict(world(52 + worlds.AHEAD, chance), past=52, size=2.0, truth=1.0)
        for world in worlds.WORLDS.values()
        for _ in range(3)
    ]
    assert said.count("supported") >= 0.9 * len(said) and "not_supported" not in said
