"""Predictions are noted when a bet is retired and judged once, when their day is over and the data there."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from metrics import defining
from metrics.models import Company, Metric, NorthStar, NorthStarVersion
from northstar.lib import clock as our_clock
from teams import checking, predicting, proving
from teams.betting import Bet
from teams.models import Effect, Omtm, Team, User
from tests.metrics.stars import drive
from tests.teams.bets import at_once, omtm_of, shared_between_threads

pytestmark = pytest.mark.django_db
#: The window is 17 weeks from here, the effect is due eight weeks after it: on 27 September 2026.
START = date(2026, 4, 6)
FIRST = START - timedelta(weeks=60)
RETIRED = datetime(2026, 8, 7, 9, 0, tzinfo=UTC)
WOBBLE = (0, 12, -9, 5, -14, 8, 2, -6, 11, -10)


@pytest.fixture
def crews(make_metric: Any) -> Metric:
    return make_metric("Weekly active crews", kind="unique", unit="crews")


@pytest.fixture
def star(crews: Metric) -> NorthStar:
    star = NorthStar.objects.create(name="Weekly active crews", state="active")
    NorthStarVersion.objects.create(
        north_star=star,
        version_no=1,
        effective_from=date(2024, 1, 1),
        metric=crews,
        value_proposition="We win when a crew plans its week with us.",
        plain_definition="Crews that completed three or more jobs in the week.",
    )
    return star


@pytest.fixture
def bet(star: NorthStar, marketing: Team, make_metric: Any) -> Omtm:
    """Reached its target in full; the North Star was to rise by 200 crews within eight weeks."""
    return retired(omtm_of(marketing, make_metric(), start=str(START)))


def retired(omtm: Omtm, **fields: Any) -> Omtm:
    defaults = {
        "state": "retired",
        "outcome": "achieved",
        "attainment": 1.0,
        "retired_at": RETIRED,
        "expected_effect": Decimal(200),
        "effect_weeks": 8,
    }
    Omtm.objects.filter(pk=omtm.pk).update(**(defaults | fields))
    omtm.refresh_from_db()
    return omtm


def fill(make_weeks: Any, metric: Metric, *, after: float, until: int = 32, level: float = 4000) -> None:
    """About `level` before the window, `after` more from its start on, `until` weeks of it."""
    values = [level + WOBBLE[n % 10] + (after if n >= 60 else 0) for n in range(60 + until)]
    make_weeks(metric, str(FIRST), values)


def judged(omtm: Omtm, on: str = "north_star") -> Effect:
    predicting.expect(omtm, Company.current())
    proving.judge_due(our_clock.now())
    return omtm.effects.get(on=on)


def test_a_prediction_is_noted_with_its_day_and_waits(bet: Omtm, clock: Any) -> None:
    [effect] = predicting.expect(bet, Company.current())
    assert (effect.on, effect.due_on, effect.predicted, effect.verdict) == (
        "north_star",
        date(2026, 9, 30),
        200.0,
        "",
    )
    assert predicting.expect(bet, Company.current()) == [effect]
    clock.move_to(datetime(2026, 9, 30, 9, 0, tzinfo=UTC))
    assert proving.judge_due(our_clock.now()) == 0


@pytest.mark.parametrize(
    ("after", "verdict", "words"),
    [
        (200, "supported", "Weekly active crews moved as predicted: +"),
        (0, "not_supported", "Weekly active crews did not move as predicted: "),
        (-200, "not_supported", "Weekly active crews moved against the prediction: \N{MINUS SIGN}"),
    ],
)
def test_it_is_held_against_what_came(
    bet: Omtm, crews: Metric, make_weeks: Any, clock: Any, after: float, verdict: str, words: str
) -> None:
    fill(make_weeks, crews, after=after)
    effect = judged(bet)
    assert effect.verdict == verdict and effect.words.startswith(words)
    assert "+200\N{NO-BREAK SPACE}crews was predicted" in effect.words and "caus" not in effect.words
    assert effect.observed == pytest.approx(after, abs=20)
    assert effect.low is not None and effect.high is not None and effect.low < 0 < effect.high
    assert "<svg" in effect.detail["wide"] and effect.detail["table"][0][0] == "Observed"


def test_half_a_focus_promises_half_of_the_effect(
    bet: Omtm, crews: Metric, make_weeks: Any, clock: Any
) -> None:
    retired(bet, attainment=0.5, outcome="partly")
    fill(make_weeks, crews, after=100)
    effect = judged(bet)
    assert (effect.predicted, effect.verdict) == (100.0, "supported")
    assert (
        "The focus came 50% of the way, so as much of +200\N{NO-BREAK SPACE}crews was expected."
        in effect.words
    )


def test_more_than_the_target_promises_no_more(bet: Omtm) -> None:
    retired(bet, attainment=1.6)
    assert predicting.expect(bet, Company.current())[0].predicted == 200.0


@pytest.mark.parametrize("fields", [{"attainment": -0.2, "outcome": "missed"}, {"attainment": None}])
def test_a_focus_that_came_no_closer_put_nothing_to_the_test(bet: Omtm, fields: dict[str, Any]) -> None:
    [effect] = predicting.expect(retired(bet, **fields), Company.current())
    assert effect.verdict == "cannot_tell" and "not put to the test" in effect.words


def test_without_a_prediction_there_is_nothing_to_judge(bet: Omtm) -> None:
    assert predicting.expect(retired(bet, expected_effect=None), Company.current()) == []


def test_a_bet_that_ended_early_is_due_early(bet: Omtm) -> None:
    early = retired(bet, retired_at=datetime(2026, 6, 14, 22, 30, tzinfo=UTC), stop_reason="target_early")
    # Berlin's clocks show the 15th.
    assert predicting.expect(early, Company.current())[0].due_on == date(2026, 8, 10)


def test_it_waits_for_the_last_week_and_then_no_longer(
    bet: Omtm, crews: Metric, make_weeks: Any, clock: Any
) -> None:
    fill(make_weeks, crews, after=200, until=22)
    clock.move_to(datetime(2026, 10, 2, 9, 0, tzinfo=UTC))
    assert judged(bet).verdict == ""
    clock.move_to(datetime(2026, 12, 20, 9, 0, tzinfo=UTC))
    effect = judged(bet)
    assert effect.verdict == "cannot_tell" and "missing" in effect.words


def test_what_was_said_stays_when_the_data_is_corrected(
    bet: Omtm, crews: Metric, make_weeks: Any, clock: Any
) -> None:
    fill(make_weeks, crews, after=200)
    before = judged(bet)
    fill(make_weeks, crews, after=0)
    assert proving.judge_due(our_clock.now()) == 0
    after = bet.effects.get()
    assert (after.verdict, after.observed, after.words) == (before.verdict, before.observed, before.words)


def test_a_number_that_meant_something_else_in_between_tells_nothing(
    bet: Omtm, star: NorthStar, crews: Metric, make_weeks: Any, clock: Any
) -> None:
    fill(make_weeks, crews, after=200)
    NorthStarVersion.objects.create(
        north_star=star,
        version_no=2,
        effective_from=date(2026, 7, 6),
        metric=crews,
        change_type="redefinition",
    )
    effect = judged(bet)
    assert effect.verdict == "cannot_tell" and "was changed in between" in effect.words


def test_a_metric_whose_definition_was_edited_tells_nothing_either(
    bet: Omtm, crews: Metric, make_weeks: Any, maren: User, clock: Any
) -> None:
    fill(make_weeks, crews, after=200)
    clock.move_to(datetime(2026, 7, 1, 9, 0, tzinfo=UTC))
    crews.definition = "Crews with one job."
    told = {field: getattr(crews, field) for field in defining.Definition.__dataclass_fields__}
    defining.redefine(Metric.objects.get(pk=crews.pk), defining.Definition(**told), actor=maren)
    clock.move_to(datetime(2026, 11, 20, 9, 0, tzinfo=UTC))
    assert judged(bet).verdict == "cannot_tell"


def test_a_driver_is_judged_by_its_direction_where_no_size_follows(
    bet: Omtm, star: NorthStar, make_metric: Any, make_weeks: Any, clock: Any
) -> None:
    paid = make_metric("New paid accounts", unit="accounts")
    fill(make_weeks, paid, after=60, level=400)
    effect = judged(retired(bet, driver=drive(star, paid, expected_lag_weeks=3)), on="driver")
    assert (effect.due_on, effect.predicted, effect.verdict) == (date(2026, 9, 9), None, "supported")
    assert "in the direction that was hoped for" in effect.words


def test_a_driver_with_a_sensitivity_is_told_how_far_it_has_to_go(
    bet: Omtm, star: NorthStar, make_metric: Any
) -> None:
    lapsed = make_metric("Lapsed crews", unit="crews", direction="down")
    driver = drive(star, lapsed, edge="outflow", sensitivity=Decimal(-4))
    driver_effect, star_effect = predicting.expect(retired(bet, driver=driver), Company.current())
    assert (driver_effect.predicted, star_effect.predicted) == (-50.0, 200.0)


def test_a_driver_that_is_the_metric_itself_is_judged_by_its_outcome_alone(
    bet: Omtm, star: NorthStar
) -> None:
    made = predicting.expect(retired(bet, driver=drive(star, bet.metric)), Company.current())
    assert [effect.on for effect in made] == ["north_star"]


def test_the_tree_suggests_what_a_target_does(bet: Omtm, star: NorthStar) -> None:
    driver = drive(star, bet.metric, sensitivity=Decimal("1.5"), expected_lag_weeks=3, evidence="correlated")
    found = predicting.suggestion(bet.metric, driver, baseline=Decimal(400), target=Decimal(560))
    assert found == predicting.Suggestion(Decimal(240), 3, "correlated")
    assert predicting.suggestion(bet.metric, None, baseline=Decimal(400), target=Decimal(560)) is None


@pytest.mark.django_db(transaction=True)
def test_two_runs_at_once_judge_it_once(
    bet: Omtm, crews: Metric, make_weeks: Any, clock: Any, tmp_path: Path
) -> None:
    fill(make_weeks, crews, after=200)
    predicting.expect(bet, Company.current())
    now = our_clock.now()
    with shared_between_threads(tmp_path):
        found = at_once(lambda: proving.judge_due(now), lambda: proving.judge_due(now))
    assert sorted(found) == [0, 1]


def test_a_name_with_braces_is_only_a_name(bet: Omtm, crews: Metric, make_weeks: Any, clock: Any) -> None:
    Metric.objects.filter(pk=crews.pk).update(name="Crews {name.__class__} {0}", unit="{came}")
    fill(make_weeks, crews, after=200)
    effect = judged(bet)
    assert (
        effect.words.startswith("Crews {name.__class__} {0} moved as predicted") and "{came}" in effect.words
    )


def test_whoever_commits_is_told_what_the_tree_expects(
    star: NorthStar, crews: Metric, marketing: Team, make_metric: Any, make_weeks: Any, clock: Any
) -> None:
    metric = make_metric()
    make_weeks(metric, "2026-07-20", [400] * 17)
    drive(star, metric, sensitivity=Decimal("0.5"), expected_lag_weeks=3, evidence="experiment")
    bet = Bet(marketing, metric, date(2026, 11, 23), date(2027, 3, 22), Decimal(560), None, None, ())
    said = [
        check.sentence for check in checking.weigh(bet, today=date(2026, 11, 18), now=our_clock.now()).checks
    ]
    assert any(
        "the tree expects about +80\N{NO-BREAK SPACE}crews of it within 3 weeks" in each for each in said
    )
