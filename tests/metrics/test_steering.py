"""The North Star is steered by verbs that keep every former version, target and reason."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from metrics import steering
from metrics.models import AuditRow, Metric, NorthStar, NorthStarTarget
from metrics.steering import Goal, SteeringError
from tests.metrics.stars import drive, make_star

pytestmark = pytest.mark.usefixtures("clock")
Make = Callable[..., Any]
TODAY = date(2026, 11, 18)


def answers(metric: Metric, **fields: Any) -> dict[str, Any]:
    texts = dict.fromkeys(steering.MEANING[3:], "")
    return {
        "name": "Weekly active crews",
        "owner": None,
        "review_every_months": 6,
        "next_review_on": date(2027, 5, 17),
        "metric": metric,
        "value_proposition": "We win when a crew plans its week with us.",
        "plain_definition": "Crews that completed three or more jobs in the week.",
        **texts,
        "time_window": "ISO week",
        **fields,
    }


def goal(horizon: str = "short", **fields: Any) -> Goal:
    defaults: dict[str, Any] = {
        "value": Decimal(5400),
        "due": date(2027, 5, 16),
        "baseline": Decimal(4880),
        "baseline_date": date(2026, 11, 15),
    }
    return Goal(horizon=horizon, **(defaults | fields))


@pytest.fixture
def star(make_metric: Make, make_weeks: Make) -> NorthStar:
    return make_star(make_metric, make_weeks)


def test_the_first_definition_is_version_one_and_leaves_an_audit_row(maren: Any, make_metric: Make) -> None:
    star = steering.define_north_star(answers(make_metric()), actor=maren, today=TODAY)

    version = star.versions.get()
    assert (star.state, version.version_no, version.change_type) == ("active", 1, "first")
    assert (version.approved_by, version.approved_on) == (maren, TODAY)
    row = AuditRow.objects.get(action="north_star.define")
    assert row.actor == maren and row.after["name"] == "Weekly active crews"


def test_there_is_only_one(maren: Any, star: NorthStar, make_metric: Make) -> None:
    with pytest.raises(SteeringError, match="has a North Star already"):
        steering.define_north_star(answers(make_metric()), actor=maren, today=TODAY)


def test_a_metric_that_is_best_in_a_range_cannot_be_it(maren: Any, make_metric: Make) -> None:
    with pytest.raises(SteeringError, match="has a direction"):
        steering.define_north_star(answers(make_metric(direction="range")), actor=maren, today=TODAY)
    assert not NorthStar.objects.exists()


def test_name_owner_and_reviews_change_without_a_new_version(maren: Any, star: NorthStar) -> None:
    same = answers(star.versions.get().metric, name="Active crews", owner=maren)

    steering.redefine(star, same, change_type="", reason="", actor=maren, today=TODAY)

    star.refresh_from_db()
    assert (star.name, star.owner, star.versions.count()) == ("Active crews", maren, 1)


def test_a_new_wording_is_a_new_version_with_its_reason(maren: Any, star: NorthStar) -> None:
    worded = answers(star.versions.get().metric, plain_definition="Crews with three jobs.")

    with pytest.raises(SteeringError, match="Say why it changes"):
        steering.redefine(star, worded, change_type="clarification", reason=" ", actor=maren, today=TODAY)
    steering.redefine(star, worded, change_type="clarification", reason="Shorter.", actor=maren, today=TODAY)

    old, new = star.versions.order_by("version_no")
    assert (old.effective_to, old.plain_definition[:10]) == (TODAY, "Crews that")
    assert (new.version_no, new.change_type, new.change_reason) == (2, "clarification", "Shorter.")
    assert AuditRow.objects.get(action="north_star.edit").reason == "Shorter."


def test_another_metric_is_more_than_wording(maren: Any, star: NorthStar, make_metric: Make) -> None:
    with pytest.raises(SteeringError, match="more than wording"):
        steering.redefine(
            star, answers(make_metric()), change_type="clarification", reason="x", actor=maren, today=TODAY
        )


def test_a_replacement_begins_anew_and_keeps_the_old_one(
    maren: Any, star: NorthStar, make_metric: Make
) -> None:
    steering.set_target(star, goal(), actor=maren, today=TODAY)

    new = steering.redefine(
        star, answers(make_metric(), name="Jobs"), change_type="replacement", reason="Strategy.", actor=maren,
        today=TODAY,
    )  # fmt: skip

    star.refresh_from_db()
    assert star.state == "superseded" and star.targets.count() == 1
    assert NorthStar.current() == new != star and new.targets.count() == 0


def test_who_replaces_what_was_replaced_meanwhile_is_told(maren: Any, star: NorthStar) -> None:
    wanted = answers(star.versions.get().metric, plain_definition="Crews that come back.")
    change = {"change_type": "replacement", "reason": "Strategy", "actor": maren, "today": TODAY}
    steering.redefine(star, wanted, **change)
    with pytest.raises(SteeringError, match="was replaced a moment ago"):
        steering.redefine(star, wanted, **change)


def test_a_target_is_set_and_the_former_one_kept_with_its_reason(maren: Any, star: NorthStar) -> None:
    steering.set_target(star, goal(), actor=maren, today=TODAY)

    with pytest.raises(SteeringError, match="Say why the target changes") as refused:
        steering.set_target(star, goal(value=Decimal(5500)), actor=maren, today=TODAY)
    assert refused.value.field == "reason"
    steering.set_target(star, goal(value=Decimal(5500), reason="Too easy."), actor=maren, today=TODAY)

    old, new = NorthStarTarget.objects.order_by("id")
    assert (old.superseded_on, old.superseded_reason, old.target_value) == (TODAY, "Too easy.", 5400)
    assert new.superseded_on is None and new.set_by == maren
    assert AuditRow.objects.filter(action="north_star.target").count() == 2


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        (goal(value=Decimal(4880)), "Target and baseline are equal"),
        (goal(value=Decimal(4000)), "Higher is better here, but the target lies below the baseline"),
        (goal(due=date(2026, 11, 18)), "has passed"),
        (goal(due=date(2027, 5, 18)), "within six months: by 17 May 2027"),
        (goal(baseline_date=date(2026, 11, 19)), "The baseline lies in the future"),
        (goal("long", due=date(2028, 11, 16)), "17 Nov 2028 to 17 Nov 2031"),
        (goal("long", due=date(2031, 11, 18)), "two to five years ahead"),
        (goal("soon"), "Choose short term"),
    ],
)
def test_a_target_that_makes_no_sense_is_refused_in_words(
    maren: Any, star: NorthStar, wrong: Goal, sentence: str
) -> None:
    with pytest.raises(SteeringError, match=sentence):
        steering.set_target(star, wrong, actor=maren, today=TODAY)
    assert not NorthStarTarget.objects.exists()


def test_terms_stay_in_their_order(maren: Any, star: NorthStar) -> None:
    steering.set_target(star, goal(), actor=maren, today=TODAY)

    with pytest.raises(SteeringError, match="shorter-term target is due 16 May 2027"):
        steering.set_target(star, goal("annual"), actor=maren, today=TODAY)
    steering.set_target(star, goal("annual", due=date(2028, 12, 31)), actor=maren, today=TODAY)
    steering.set_target(star, goal("long", due=date(2028, 12, 31)), actor=maren, today=TODAY)
    with pytest.raises(SteeringError, match="longer-term target is due 31 Dec 2028"):
        steering.set_target(star, goal("annual", due=date(2029, 1, 1), reason="x"), actor=maren, today=TODAY)


def test_a_long_target_below_the_short_one_is_a_warning(maren: Any, star: NorthStar) -> None:
    steering.set_target(star, goal(), actor=maren, today=TODAY)

    _, warnings = steering.set_target(
        star, goal("long", value=Decimal(5000), due=date(2029, 1, 1)), actor=maren, today=TODAY
    )

    assert warnings == ["A target of a longer term asks for less than one of a shorter term. Is that meant?"]


def test_where_lower_is_better_the_target_lies_below(maren: Any, make_metric: Make) -> None:
    star = steering.define_north_star(answers(make_metric(direction="down")), actor=maren, today=TODAY)

    with pytest.raises(SteeringError, match="Lower is better here"):
        steering.set_target(star, goal(), actor=maren, today=TODAY)
    steering.set_target(star, goal(value=Decimal(4000)), actor=maren, today=TODAY)


def test_a_driver_does_not_become_the_north_star_that_it_moves(
    maren: Any, star: NorthStar, make_metric: Make
) -> None:
    driver = drive(star, make_metric("Engaged share"))
    fields = answers(driver.metric)
    change = {"change_type": "redefinition", "reason": "It is closer to value.", "actor": maren}

    with pytest.raises(SteeringError, match="is in the tree, as Engaged share"):
        steering.redefine(star, fields, **change, today=TODAY)
    assert star.versions.count() == 1
