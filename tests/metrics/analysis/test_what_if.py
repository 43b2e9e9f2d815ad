"""The simulator: joint effects, their split, their band, and what is too good to be true (domain 4.4)."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.analysis.binomial import wilson
from metrics.analysis.funnel import (
    CHAIN,
    FLOW,
    LOOP,
    LOSS,
    STOCK,
    Change,
    Star,
    Step,
    accumulated,
    effect,
    fits,
    reached,
)
from metrics.analysis.funnel_ranking import ranked
from metrics.analysis.what_if import BEYOND_BEST, DOUBLED, guards, what_if
from tests.metrics.analysis.pirates import ACQUISITION, ACTIVATION, LAPSE, REFERRAL, STAR, STEPS, to


def test_what_two_steps_bring_together_is_shared_out_whole() -> None:
    found = what_if(STAR, [to(ACTIVATION, 0.32), to(LAPSE, 0.0105)], loss=STEPS[LAPSE])

    assert found.effect == pytest.approx(425.167, abs=5e-4)
    assert found.after == pytest.approx(5136.14 + 425.167, abs=0.01)
    # What they bring beyond their sum is shared half and half.
    assert found.parts[ACTIVATION] == pytest.approx(305.020 + 1.3575, abs=0.001)
    assert found.parts[LAPSE] == pytest.approx(117.432 + 1.3575, abs=0.001)
    assert math.fsum(found.parts.values()) == pytest.approx(found.effect)


def test_one_step_brings_what_the_sentence_says() -> None:
    found = what_if(STAR, [to(ACQUISITION, 0.04)], loss=STEPS[LAPSE])

    assert 18 * found.customers_lift == pytest.approx(6.0)
    assert found.effect == pytest.approx(283.2188, abs=5e-5)
    assert found.long_run == pytest.approx(2100)
    assert found.parts == {}


def test_the_band_moves_the_rate_and_the_lapse_to_their_bounds() -> None:
    found = what_if(STAR, [to(ACTIVATION, 0.32)], loss=STEPS[LAPSE])

    (low, high), (kept, lost) = wilson(1_872, 7_800), wilson(760, 63_323)
    half, apart = (high - low) / 2, (lost - kept) / 2
    least = 75.6 * (0.32 / (0.24 + half) - 1) * accumulated(13, 760 / 63_323 + apart)
    most = 75.6 * (0.32 / (0.24 - half) - 1) * accumulated(13, 760 / 63_323 - apart)
    assert (found.low, found.high) == pytest.approx((least, most))
    assert (found.low, found.high) == pytest.approx((273.41, 338.46), abs=0.005)
    sure = what_if(STAR, [Change(Step(ACTIVATION, CHAIN, 7.8e9, 1.872e9, 4), 0.32)])
    assert sure.low == pytest.approx(sure.high, abs=0.1)


def test_a_change_within_noise_may_do_nothing() -> None:
    found = what_if(STAR, [Change(Step(1, CHAIN, 150, 36), 0.25)])
    assert found.low < 0 < found.effect < found.high


def test_what_is_too_good_is_said() -> None:
    assert guards(to(ACQUISITION, 0.07), 0.035) == [DOUBLED, BEYOND_BEST]
    assert guards(to(ACTIVATION, 0.32), 0.40) == []
    assert guards(to(LAPSE, 0.005), 0.009) == [BEYOND_BEST]
    assert guards(to(ACTIVATION, 0.32), None) == []


def test_more_than_six_steps_have_a_band_but_no_split() -> None:
    steps = [Step(key, CHAIN, 1000, 500, 1) for key in range(10, 18)]
    found = what_if(STAR, [Change(step, 0.52) for step in steps], loss=STEPS[LAPSE])
    assert found.parts == {} and found.low < found.effect < found.high


counts = st.integers(0, 10**9)


@st.composite
def steps(draw: st.DrawFn, key: int = 1) -> Step:
    kind = draw(st.sampled_from([CHAIN, LOSS, LOOP]))
    entered = draw(st.sampled_from([0, 1, 99, 100]) | counts)
    converted = draw(st.sampled_from([0, entered]) | counts)
    return Step(key, kind, entered, converted, draw(st.integers(0, 60)), draw(st.floats(0, 1)))


@st.composite
def stars(draw: st.DrawFn) -> Star:
    size = draw(st.sampled_from([0.0, 1e-9, 1.0, 5e3, 1e15]))
    return Star(
        size, draw(st.floats(0, 1)) * size, draw(st.sampled_from([0.0, 1e-12, 1.0]) | st.floats(0, 1)),
        draw(st.integers(1, 52)), draw(st.sampled_from([STOCK, FLOW])),
    )  # fmt: skip


@given(stars(), st.lists(steps(), max_size=4), st.floats(0, 1), st.integers(0, 20))
def test_no_counts_make_a_number_that_is_none(star: Star, some: list[Step], rate: float, start: int) -> None:
    keyed = [Step(place, *_rest(step)) for place, step in enumerate(some)]
    for kind in ("own_best", "published"):
        for each in ranked(keyed, {step.key: (rate, kind) for step in keyed}, star=star):
            told = (each.low, each.high, each.clear, each.half, each.half_effect, each.score)
            assert all(value is None or math.isfinite(value) for value in told)
            assert each.score is None or each.score >= 0 or each.label
    changes = [change for step in keyed if fits(change := Change(step, rate, start))]
    found = what_if(star, changes)
    told = (found.before, found.after, found.effect, found.low, found.high, found.customers_lift)
    assert all(math.isfinite(value) for value in told)
    assert found.low <= found.effect <= found.high
    if found.parts:
        assert math.fsum(found.parts.values()) == pytest.approx(found.effect, rel=1e-6, abs=1e-6 * star.level)


@given(stars(), steps(), st.floats(0, 1), st.floats(0, 1))
def test_more_of_what_is_good_never_brings_less(star: Star, step: Step, one: float, other: float) -> None:
    low, high = sorted((one, other), reverse=step.kind == LOSS)
    worse, better = Change(step, low), Change(step, high)
    if fits(worse) and fits(better):
        scale = max(1.0, abs(reached(star, [better])))
        assert effect(star, [better]) >= effect(star, [worse]) - 1e-9 * scale


@given(stars(), st.floats(0.01, 1), st.floats(0, 1))
def test_two_improvements_together_bring_at_least_the_better_one(
    star: Star, rise: float, fall: float
) -> None:
    chain, loss = Step(1, CHAIN, 1000, 100, 3), Step(2, LOSS, 1000, 1000 * star.lapse)
    changes = [Change(chain, 0.1 + 0.9 * rise), Change(loss, star.lapse * fall)]
    single = [effect(star, [each]) for each in changes]
    assert effect(star, changes) >= max(single) - 1e-9 * max(1.0, star.level)


def test_a_whole_funnel_of_everybody_is_at_its_end() -> None:
    everybody = Step(1, CHAIN, 1000, 1000)
    assert effect(STAR, [Change(everybody, 1.0)]) == 0
    assert not fits(Change(everybody, 1.01)) and not fits(Change(STEPS[REFERRAL], math.nan))


def _rest(step: Step) -> tuple[str, float, float, int, float]:
    return step.kind, step.entered, step.converted, step.lag, step.pays
