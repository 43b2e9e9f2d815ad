"""A North Star is chosen step by step: every answer is kept, and nothing begins that cannot hold."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from metrics import beginning, checklist, choosing, gallery, proving
from metrics.choosing import ChoiceError
from metrics.models import AuditRow, Company, Metric, NorthStar, StarChoice
from metrics.steering import SteeringError
from tests.metrics.stars import FIRST, WEEKS, make_star
from tests.teams.bets import at_once, shared_between_threads

pytestmark = pytest.mark.usefixtures("clock")
Make = Callable[..., Any]
TODAY, NOW = date(2026, 11, 18), datetime(2026, 11, 18, 10, 0, tzinfo=UTC)
YES = {question.name: {"answer": "2", "note": ""} for question in checklist.QUESTIONS}


@pytest.fixture
def crews(make_metric: Make, make_weeks: Make) -> Metric:
    metric: Metric = make_metric("Weekly active crews", kind="unique", unit="crews", role="output")
    make_weeks(metric, FIRST, WEEKS)
    return metric


@pytest.fixture
def contacts(make_metric: Make) -> Metric:
    metric: Metric = make_metric("Support contacts", kind="average", unit="contacts", decimals=1)
    return metric


def ready(actor: Any, crews: Metric, *guards: Metric, unit: str = "", **answers: Any) -> StarChoice:
    """A choice with three candidates that may begin."""
    choice = choosing.start(scope="unit" if unit else "company", unit=unit, example="", actor=actor)
    rows = [
        {"name": name, "definition": f"{name} in a week.", "counted": "crew", "action": "did three jobs",
         "window": "ISO week", "metric": crews.pk if name == "Active crews" else None}
        for name in ("Active crews", "Jobs done", "Paying accounts")
    ]  # fmt: skip
    said = {"customer": "a crew", "gains": "plans its week with us", "stayers": "Plan on Mondays."}
    said |= {"link_to_strategy": "Be the plan.", "how_it_could_be_gamed": "Split jobs."}
    said["guardrails"] = [{"metric": each.pk, "side": "at_most", "limit": "9"} for each in guards]
    keep(choice, "candidates", {"candidates": rows}, actor)
    keep(choice, "checklist", {"checklists": [YES, {}, {}], "chosen": 0}, actor)
    keep(choice, "value", said | answers, actor)
    return StarChoice.objects.get(pk=choice.pk)


def keep(choice: StarChoice, step: str, given: dict[str, Any], actor: Any) -> StarChoice:
    fresh = StarChoice.objects.get(pk=choice.pk)
    return choosing.keep(fresh, step, given, seen=choosing.stamp(fresh, step), actor=actor)


def begin(choice: StarChoice, actor: Any) -> NorthStar:
    return beginning.begin(choice, actor=actor, today=TODAY, now=NOW)


def test_an_example_is_the_first_candidate_and_brings_its_value(maren: Any) -> None:
    choice = choosing.start(scope="company", unit="", example="b2b-saas", actor=maren)

    assert choice.candidates[0]["name"] == "Accounts that do their core job weekly"
    assert choice.answers["customer"] == "an account"


def test_a_second_start_goes_on_with_the_open_choice(maren: Any) -> None:
    first = choosing.start(scope="company", unit="", example="b2b-saas", actor=maren)
    again = choosing.start(scope="company", unit="", example="game", actor=maren)

    assert again.pk == first.pk and len(again.candidates) == 2
    assert again.answers["customer"] == "an account", "an example never replaces what is there"
    assert choosing.start(scope="unit", unit=" North ", example="", actor=maren).unit == "North"
    with pytest.raises(ChoiceError, match="Name the business unit"):
        choosing.start(scope="unit", unit="  ", example="", actor=maren)


def test_of_two_who_answer_the_same_step_the_later_one_is_told(maren: Any, idris: Any) -> None:
    choice = choosing.start(scope="company", unit="", example="", actor=maren)
    seen = choosing.stamp(choice, "value")
    choosing.keep(choice, "value", {"customer": "a crew", "gains": "plans"}, seen=seen, actor=idris)

    with pytest.raises(ChoiceError, match="Idris Vane changed this step a moment ago"):
        choosing.keep(choice, "value", {"customer": "a firm", "gains": "saves"}, seen=seen, actor=maren)
    other = choosing.stamp(choice, "behaviour")
    choosing.keep(choice, "behaviour", {"stayers": "Plan on Mondays."}, seen=other, actor=maren)

    choice.refresh_from_db()
    assert (choice.answers["customer"], choice.answers["stayers"]) == ("a crew", "Plan on Mondays.")


def test_the_same_answers_sent_twice_are_no_conflict(maren: Any) -> None:
    choice = choosing.start(scope="company", unit="", example="", actor=maren)
    seen, given = choosing.stamp(choice, "value"), {"customer": "a crew", "gains": "plans"}
    for _ in range(2):
        choosing.keep(choice, "value", given, seen=seen, actor=maren)


def test_a_checklist_goes_with_its_candidate(maren: Any, crews: Metric) -> None:
    choice = ready(maren, crews)
    rows = [{"name": "Crews at work", "was": "Active crews"}, {"name": "New one", "was": ""}]
    keep(choice, "candidates", {"candidates": [{"name": "Jobs done", "was": "Jobs done"}, *rows]}, maren)

    choice.refresh_from_db()
    assert [bool(row["checklist"]) for row in choice.candidates] == [False, True, False]
    assert choice.chosen == 1


def test_it_begins_with_all_that_was_answered(maren: Any, crews: Metric, contacts: Metric) -> None:
    choice = ready(maren, crews, contacts)
    star = begin(choice, maren)

    version = star.versions.get()
    assert version.value_proposition == "We win when a crew plans its week with us."
    assert (version.metric, version.qualifying_action, version.change_type) == (
        crews,
        "did three jobs",
        "first",
    )
    assert checklist.summary(checklist.codes(version.checklist)) == "11 yes"
    assert version.measured["metric"] == "Weekly active crews"
    assert str(star.guardrails.get()) == f"{contacts} at_most 9.000000000000000"
    choice.refresh_from_db()
    assert choice.north_star == star and choice.finished_at is not None
    assert set(AuditRow.objects.values_list("action", flat=True)) >= {
        "north_star.define",
        "north_star.chosen",
    }
    with pytest.raises(ChoiceError, match="is finished"):
        begin(choice, maren)
    with pytest.raises(ChoiceError, match="is finished"):
        choosing.drop(choice, actor=maren)


@pytest.mark.django_db(transaction=True)
def test_of_two_who_let_it_begin_at_once_one_is_told(maren: Any, crews: Metric, tmp_path: Path) -> None:
    choice = ready(maren, crews)
    with shared_between_threads(tmp_path):
        found = at_once(*[lambda: begin(StarChoice.objects.get(pk=choice.pk), maren)] * 2)
        stars = [each for each in found if isinstance(each, NorthStar)]
        refused = [str(each) for each in found if isinstance(each, SteeringError)]
        assert len(stars) == 1 and "is finished" in refused[0], found


def test_a_must_that_is_no_stops_it_until_a_leader_says_why(maren: Any, crews: Metric) -> None:
    choice = ready(maren, crews)
    keep(choice, "checklist", {"checklists": [YES | {"value": {"answer": "0"}}, {}, {}], "chosen": 0}, maren)

    with pytest.raises(SteeringError, match="it must hold: Expresses value"):
        begin(choice, maren)
    assert not NorthStar.objects.exists()
    keep(choice, "begin", {"override_reason": "It is the best we can measure before spring."}, maren)
    version = begin(choice, maren).versions.get()
    assert version.override_reason == "It is the best we can measure before spring."


def test_a_weak_checklist_is_a_warning_only(maren: Any, crews: Metric) -> None:
    partly = {question.name: {"answer": "1"} for question in checklist.QUESTIONS}
    choice = keep(ready(maren, crews), "checklist", {"checklists": [partly, {}, {}], "chosen": 0}, maren)

    found = proving.readiness(choice, [])
    assert [each.words for each in found if each.step == "checklist"] == ["A weak candidate: 11 partly."]
    begin(choice, maren)


def test_what_is_not_measured_cannot_begin(maren: Any, crews: Metric, make_metric: Make) -> None:
    choice = keep(ready(maren, crews), "checklist", {"checklists": [{}, YES, {}], "chosen": 1}, maren)

    with pytest.raises(SteeringError, match="It is not measured yet"):
        begin(choice, maren)
    empty = proving.measurement(make_metric("Empty"), company=Company.current(), now=NOW)
    assert [each.state for each in empty][:2] == ["bad", "bad"]


def test_the_measurement_test_names_what_it_found(crews: Metric, make_metric: Make, make_weeks: Make) -> None:
    company = Company.current()
    good = proving.measurement(crews, company=company, now=NOW)
    assert {each.state for each in good} == {"good"}
    assert any("30 complete weeks" in each.words for each in good)

    late = make_metric("Late", latency_hours=72, role="output")
    make_weeks(late, "2026-10-12", [5, None, 7])
    words = " ".join(each.words for each in proving.measurement(late, company=company, now=NOW))
    assert "It has 2 complete weeks; with 8" in words and "complete 3 days after its end" in words
    assert "lack a value" in words


def test_one_that_replaces_another_says_why_and_keeps_it(
    maren: Any, crews: Metric, make_metric: Make, make_weeks: Make
) -> None:
    former = make_star(lambda name, **f: make_metric("Jobs", **f), make_weeks)
    choice = ready(maren, crews)
    with pytest.raises(SteeringError, match="Say why the present North Star ends"):
        begin(choice, maren)
    keep(choice, "begin", {"change_reason": "Crews stay where jobs did not."}, maren)
    star = begin(choice, maren)

    former.refresh_from_db()
    assert former.state == "superseded" and NorthStar.current() == star
    assert star.versions.get().change_reason == "Crews stay where jobs did not."


def test_a_unit_says_why_it_needs_its_own(
    maren: Any, crews: Metric, make_metric: Make, make_weeks: Make
) -> None:
    company = make_star(lambda name, **f: make_metric("Jobs", **f), make_weeks)
    choice = ready(maren, crews, unit="North")
    with pytest.raises(SteeringError, match="needs a North Star of its own"):
        begin(choice, maren)
    keep(choice, "value", {"why_not_company": "Other customers.", "relation": "influences"}, maren)
    star = begin(choice, maren)

    assert (star.scope, star.unit, star.parent, star.relation) == ("unit", "North", company, "influences")
    assert NorthStar.current() == company
    second = ready(maren, crews, unit="North", why_not_company="x", relation="influences")
    with pytest.raises(SteeringError, match="Say why the present North Star ends"):
        begin(second, maren)


def test_an_open_choice_can_be_thrown_away(maren: Any) -> None:
    choice = choosing.start(scope="company", unit="", example="", actor=maren)
    choosing.drop(choice, actor=maren)
    assert (
        not StarChoice.objects.exists()
        and AuditRow.objects.filter(action="north_star.choice_dropped").exists()
    )
    with pytest.raises(ChoiceError, match="thrown away"):
        keep_gone(choice, maren)


def keep_gone(choice: StarChoice, actor: Any) -> None:
    choosing.keep(choice, "value", {"customer": "x"}, seen="", actor=actor)


def test_every_example_is_whole() -> None:
    assert len(gallery.EXAMPLES) >= 9
    assert len({each.slug for each in gallery.EXAMPLES}) == len(gallery.EXAMPLES)
    for each in gallery.EXAMPLES:
        assert "often quoted" in each.quoted and 3 <= len(each.drivers) <= 6 and each.guardrails
        assert len(each.focuses) >= 3 and all(focus.metric for focus in each.focuses), each.slug
        assert len(each.definition) <= 300 and len(each.customer) <= 120
