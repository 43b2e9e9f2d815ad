"""An OMTM starts, moves on with the calendar, and is retired or withdrawn."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from metrics.models import AuditRow, ChartDocument, Metric, Observation
from teams import checking, lifecycle, retiring
from teams.betting import Limit
from teams.idea import Idea
from teams.models import Membership, Omtm, Reminder, Review, Team
from tests.teams.bets import at_once, omtm_of, shared_between_threads

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 18)
MONDAY = date(2026, 11, 16)
WEEKS = [421, 418, 425, 419, 423, 417, 420, 417]


@pytest.fixture
def trials(clock: Any, make_metric: Any, make_weeks: Any) -> Metric:
    """Qualified trials: about 420 a week."""
    metric = make_metric()
    make_weeks(metric, "2026-09-21", WEEKS)
    return metric


@pytest.fixture
def start(marketing: Team, trials: Metric, idris: Any) -> Callable[..., Omtm]:
    """start(target="560", …): Marketing starts on its trials, for four months from Monday 16 November."""

    def begin(**changes: Any) -> Omtm:
        given: dict[str, Any] = {
            "metric": trials,
            "target": Decimal("560"),
            "start": MONDAY,
            "end": date(2027, 3, 15),
            "why": "We believe that partner pages will bring more trials.",
            "no_guardrail_reason": "None that we know of.",
            "actor": idris,
            "today": TODAY,
        }
        given |= changes
        team, actor, today = given.pop("team", marketing), given.pop("actor"), given.pop("today")
        return lifecycle.start_omtm(team, Idea(**given), actor=actor, today=today)

    return begin


def test_a_start_freezes_baseline_definition_and_outcome_weeks(start: Any, trials: Metric) -> None:
    omtm = start()
    assert omtm.state == "active" and omtm.outcome_weeks == 4
    assert omtm.baseline == Decimal(sum(WEEKS)) / 8
    assert (omtm.baseline_from, omtm.baseline_to) == (date(2026, 9, 21), date(2026, 11, 15))
    Metric.objects.filter(pk=trials.pk).update(definition="Another meaning", unit="leads", direction="down")
    omtm.refresh_from_db()
    assert (omtm.definition, omtm.unit, omtm.direction) == (trials.definition, "trials", "up")
    assert AuditRow.objects.get(action="omtm.active").actor_label == "Idris Vane"
    assert ChartDocument.objects.filter(key=f"omtm:{omtm.pk}").exists()


def test_a_start_in_the_future_is_committed_until_its_day(start: Any) -> None:
    omtm = start(start=date(2026, 11, 23), end=date(2027, 2, 22))
    assert omtm.state == "committed"
    assert lifecycle.advance(date(2026, 11, 22)) == []
    assert lifecycle.advance(date(2026, 11, 23)) == [omtm]
    assert Omtm.objects.get().state == "active"


REFUSED = [
    ({"target": Decimal("420")}, "The target is equal to the baseline"),
    ({"target": Decimal("300")}, "Higher is better for Qualified trials"),
    ({"target": None}, "Type the value that you aim for"),
    ({"end": date(2026, 12, 15)}, "two to six months"),
    ({"end": date(2027, 6, 15)}, "two to six months"),
    ({"start": date(2026, 9, 1), "end": date(2026, 12, 31)}, "at most 14 days ago"),
    ({"why": "  "}, "Write why this metric"),
    ({"no_guardrail_reason": ""}, "say why there are none"),
    ({"baseline": Decimal("410")}, "Say why the baseline differs"),
]


@pytest.mark.parametrize(("changes", "sentence"), REFUSED, ids=[sentence for _, sentence in REFUSED])
def test_what_makes_no_sense_is_refused_and_nothing_is_stored(
    start: Any, changes: Any, sentence: str
) -> None:
    with pytest.raises(lifecycle.LifecycleError, match=sentence):
        start(**changes)
    assert not Omtm.objects.exists()


def test_a_metric_without_values_for_two_weeks_is_refused(start: Any, clock: Any) -> None:
    clock.move_to(datetime(2026, 12, 9, 9, 0, tzinfo=UTC))
    with pytest.raises(lifecycle.LifecycleError, match="no value for the last two complete weeks"):
        start(start=date(2026, 12, 7), today=date(2026, 12, 9), end=date(2027, 3, 6))


def test_a_range_needs_its_lower_end_below_its_upper_end(
    start: Any, make_metric: Any, make_weeks: Any
) -> None:
    delay = make_metric("Sync delay", kind="quantile", direction="range", unit="s", decimals=1)
    make_weeks(delay, "2026-09-21", ["1.6"] * 8)
    with pytest.raises(lifecycle.LifecycleError, match="lower end must be below"):
        start(metric=delay, target=None, low=Decimal(2), high=Decimal(2))
    omtm = start(metric=delay, target=None, high=Decimal(2))
    assert omtm.target is None and omtm.high == 2


def test_a_team_has_one_focus_at_a_time(start: Any) -> None:
    start()
    with pytest.raises(lifecycle.LifecycleError) as refused:
        start()
    assert (
        str(refused.value) == "Marketing already pushes Qualified trials until 15 Mar 2027. Retire it first."
    )


def test_the_database_refuses_the_second_one_when_the_check_was_too_early(
    start: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    start()
    monkeypatch.setattr(checking, "_occupied", lambda bet, today: iter(()))
    with pytest.raises(lifecycle.LifecycleError, match="Marketing already pushes Qualified trials"):
        start()
    assert Omtm.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_two_starts_at_once_one_wins(start: Any, tmp_path: Any) -> None:
    with shared_between_threads(tmp_path):
        found = at_once(start, start)
        assert sum(isinstance(each, Omtm) for each in found) == 1, found
        assert sum(isinstance(each, lifecycle.LifecycleError) for each in found) == 1, found
        assert at_once(lambda: Omtm.objects.filter(state="active").count()) == [1]


def test_an_ended_window_opens_a_review_and_leaves_room_for_the_next(start: Any, make_weeks: Any) -> None:
    omtm = start(start=date(2026, 11, 9), end=date(2027, 1, 8))
    with_time(datetime(2027, 1, 9, 9, 0, tzinfo=UTC), lambda: lifecycle.advance(date(2027, 1, 9)))
    omtm.refresh_from_db()
    assert omtm.state == "in_review" and omtm.snapshot["facts"]
    assert Review.objects.get(omtm=omtm, kind="closing").due_on == date(2027, 1, 22)

    def next_one() -> Omtm:
        make_weeks(omtm.metric, "2026-11-16", [430] * 7)
        return start(start=date(2027, 1, 11), end=date(2027, 3, 10), today=date(2027, 1, 11))

    assert with_time(datetime(2027, 1, 11, 9, 0, tzinfo=UTC), next_one).state == "active"


def test_a_person_may_be_in_two_teams_with_a_focus_each(start: Any, platform: Team, idris: Any) -> None:
    Membership.objects.create(team=platform, user=idris, role="lead")
    start()
    assert start(team=platform).state == "active"


def test_guardrails_are_stored_with_their_limit(start: Any, make_metric: Any, make_weeks: Any) -> None:
    contacts = make_metric("Support contacts", unit="contacts", direction="down")
    make_weeks(contacts, "2026-11-09", [7])
    omtm = start(guardrails=(Limit(contacts, "at_most", Decimal(9)),))
    assert omtm.guardrails.get().limit == 9 and omtm.no_guardrail_reason == ""
    with pytest.raises(lifecycle.LifecycleError, match="cannot be its own guardrail"):
        start(guardrails=(Limit(omtm.metric, "at_least", Decimal(9)),))


OUTCOMES = [
    ([575, 580, 570, 578], "achieved"),
    ([500, 505, 498, 502], "partly"),
    ([430, 431, 428, 430], "missed"),
    ([None, None, None, None], "not_measurable"),
]


@pytest.mark.parametrize(("last", "outcome"), OUTCOMES, ids=[outcome for _, outcome in OUTCOMES])
def test_the_final_four_weeks_decide_the_outcome(
    trials: Metric, marketing: Team, make_weeks: Any, idris: Any, last: Any, outcome: str
) -> None:
    if outcome == "not_measurable":
        Observation.objects.filter(metric=trials).delete()
    make_weeks(trials, "2026-10-12", last)
    end = date(2026, 11, 8)
    omtm = omtm_of(marketing, trials, start="2026-08-31", baseline="420", end=end, state="in_review")
    Omtm.objects.filter(pk=omtm.pk).update(outcome_weeks=4)
    Reminder.objects.create(key="m5", rule="window_ended", omtm=omtm, occurs_on=TODAY, subject="s", text="t")
    retired = retiring.retire(
        omtm, lesson="Partners want their own page.", reason="It went up.", actor=idris, today=TODAY
    )
    assert retired.outcome == retired.outcome_computed == outcome
    assert Review.objects.get(kind="closing").held_by == idris
    assert Reminder.objects.get().closed_at is not None


def test_a_retired_record_draws_when_the_data_are_gone(start: Any, idris: Any) -> None:
    from teams import concluding

    omtm = start()
    retired = retiring.retire(
        omtm, lesson="l", reason="r", actor=idris, today=TODAY, stop_reason="metric_invalid"
    )
    Observation.objects.all().delete()
    ChartDocument.objects.all().delete()
    document = concluding.document_of(retired)
    assert document is not None and "<svg" in document.sketches["all"] and document.facts["to_words"]
    assert retired.outcome == "abandoned" and retired.stop_reason == "metric_invalid"


def test_an_early_end_needs_a_reason_class(start: Any, idris: Any) -> None:
    omtm = start()
    with pytest.raises(lifecycle.LifecycleError, match="say why it ends early"):
        retiring.retire(omtm, lesson="l", reason="r", actor=idris, today=TODAY)
    assert Omtm.objects.get().state == "active"


def test_a_target_reached_early_is_judged_by_its_numbers(
    trials: Metric, marketing: Team, make_weeks: Any, idris: Any
) -> None:
    make_weeks(trials, "2026-10-19", [570, 575, 580, 577])
    omtm = omtm_of(marketing, trials, baseline="420")
    retired = retiring.retire(
        omtm, lesson="l", reason="r", actor=idris, today=TODAY, stop_reason="target_early"
    )
    assert retired.outcome == "achieved" and retired.attainment == pytest.approx((575.5 - 420) / 140)


def test_another_outcome_than_the_computed_one_needs_a_reason_and_both_stay(start: Any, idris: Any) -> None:
    omtm = start()
    given = {"lesson": "l", "reason": "r", "actor": idris, "today": TODAY, "stop_reason": "strategy_change"}
    with pytest.raises(lifecycle.LifecycleError, match="The numbers say abandoned"):
        retiring.retire(omtm, outcome="partly", **given)
    retired = retiring.retire(omtm, outcome="partly", outcome_reason="Half of it is live.", **given)
    assert (retired.outcome, retired.outcome_computed) == ("partly", "abandoned")
    with pytest.raises(lifecycle.LifecycleError, match="only a running focus is retired"):
        retiring.retire(omtm, **given)


def test_a_commitment_can_be_withdrawn_until_it_begins(start: Any, idris: Any) -> None:
    omtm = start(start=date(2026, 11, 23), end=date(2027, 2, 22))
    lifecycle.withdraw(omtm, reason="Sales needs us.", actor=idris, today=TODAY)
    assert Omtm.objects.get().state == "withdrawn"
    running = start()
    with pytest.raises(lifecycle.LifecycleError, match="retire it instead"):
        lifecycle.withdraw(running, reason="No.", actor=idris, today=TODAY)


def with_time(moment: datetime, deed: Callable[[], Any]) -> Any:
    import time_machine

    with time_machine.travel(moment, tick=False):
        return deed()
