"""Which step is the bottleneck: the table of domain 4.3."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from metrics.analysis.funnel import CHAIN, LOSS, Step
from metrics.analysis.funnel_ranking import Standing, bottleneck, lowest, ranked, toward
from tests.metrics.analysis.pirates import (
    ACQUISITION,
    ACTIVATION,
    BENCHMARKS,
    LAPSE,
    REFERRAL,
    RETENTION,
    REVENUE,
    STAR,
    STEPS,
)

# key: rate, clearness, half-way rate, effect at the benchmark, effect half-way, score, rank
TABLE = {
    ACQUISITION: (0.03, 0.914, 0.0325, 141.6, 70.8, 51.8, 4),
    ACTIVATION: (0.24, 0.961, 0.32, 610.0, 305.0, 293.1, 1),
    RETENTION: (0.64, 0.765, 0.67, 97.9, 49.0, 30.0, 5),
    REVENUE: (0.1953, 0.724, 0.2227, 327.2, 163.6, 94.8, 2),
    LAPSE: (0.012, 0.819, 0.0105, 237.6, 117.4, 77.0, 3),
    REFERRAL: (0.107, None, 0.128, 1.1, 0.55, 0.3, 6),
}


def standings() -> dict[int, Standing]:
    found = {each.step.key: each for each in ranked(list(STEPS.values()), BENCHMARKS, star=STAR)}
    # The page takes the lapse at 0.012, its clearness from the counts (0.0120020).
    rounded = replace(STEPS[LAPSE], converted=0.012 * STEPS[LAPSE].entered)
    [lapse] = ranked([rounded], BENCHMARKS, star=STAR)
    clear = found[LAPSE].clear or 0.0
    score = (lapse.half_effect or 0.0) * clear * lapse.confidence
    return found | {LAPSE: replace(lapse, clear=clear, score=score, rank=found[LAPSE].rank)}


@pytest.mark.parametrize("key", TABLE)
def test_every_step_stands_as_the_table_says(key: int) -> None:
    rate, clear, half, whole_effect, half_effect, score, rank = TABLE[key]
    found = standings()[key]

    assert found.step.rate == pytest.approx(rate, abs=0.0005)
    assert found.clear == (clear if clear is None else pytest.approx(clear, abs=0.001))
    assert found.half == pytest.approx(half, abs=0.0005)
    assert found.whole_effect == pytest.approx(whole_effect, abs=0.05)
    assert found.half_effect == pytest.approx(half_effect, abs=0.05)
    assert found.score == pytest.approx(score, abs=0.05)
    assert (found.rank, found.label) == (rank, "")


def test_the_lowest_rate_is_not_the_bottleneck() -> None:
    found = list(standings().values())
    narrow, low = bottleneck(found), lowest(found)
    assert narrow is not None and narrow.step.key == ACTIVATION
    assert low is not None and low.step.key == ACQUISITION


def test_ties_go_to_the_step_that_shows_sooner() -> None:
    late, soon = Step(1, CHAIN, 7_800, 1_872, 17), Step(2, CHAIN, 7_800, 1_872, 16)
    same = {1: (0.24, "peers"), 2: (0.24, "peers")}
    assert [each.rank for each in ranked([late, soon], same, star=STAR)] == [2, 1]


def test_a_gap_within_noise_says_so() -> None:
    [found] = ranked([Step(1, CHAIN, 200, 48, 0)], {1: (0.27, "peers")}, star=STAR)
    assert found.label == "noise" and found.clear is not None and found.clear < 0.3
    assert bottleneck([found]) is None


def test_few_people_say_little() -> None:
    [found] = ranked([Step(1, CHAIN, 99, 10, 0)], {1: (0.9, "own_best")}, star=STAR)
    assert found.label == "few" and bottleneck([found]) is None


@pytest.mark.parametrize(
    ("step", "benchmark"), [(Step(1, CHAIN, 500, 250), 0.4), (Step(1, LOSS, 5000, 50), 0.02)]
)
def test_what_is_at_its_best_scores_nothing(step: Step, benchmark: float) -> None:
    [found] = ranked([step], {1: (benchmark, "peers")}, star=STAR)
    assert (found.clear, found.score, found.label) == (0.0, 0.0, "at_best")


def test_a_step_that_nobody_passes_comes_first() -> None:
    steps = [*STEPS.values(), Step(9, CHAIN, 400, 0)]
    found = ranked(steps, BENCHMARKS, star=STAR)
    narrow = bottleneck(found)
    assert narrow is not None and (narrow.step.key, narrow.label, narrow.rank) == (9, "stuck", 0)


def test_without_a_benchmark_or_a_north_star_nothing_is_ranked() -> None:
    assert {each.label for each in ranked(list(STEPS.values()), {}, star=STAR)} == {"no_benchmark"}
    without = ranked(list(STEPS.values()), BENCHMARKS, star=None)
    assert {each.rank for each in without} == {0} and bottleneck(without) is None
    assert ranked([Step(1, CHAIN, 0, 0)], BENCHMARKS, star=STAR)[0].label == "no_data"


@pytest.mark.parametrize(
    ("value", "baseline", "target"),
    [(0.32, 0.24, "0.32"), (0.2227, 0.1953, "0.22"), (0.0105, 0.012, "0.011"), (0.0325, 0.03, "0.032"),
     (0.643, 0.64, "0.643"), (0.67, 0.64, "0.67"), (0.12842, 0.10684, "0.12"), (0.24, 0.24, "0.24")],
)  # fmt: skip
def test_a_target_is_round_and_on_the_near_side(value: float, baseline: float, target: str) -> None:
    assert toward(value, baseline) == Decimal(target)
