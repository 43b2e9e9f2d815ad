"""The metric tree grows by verbs that refuse circles, too many levels and half formulas, and say why."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from metrics import branching, tree
from metrics.branching import Branch, SteeringError
from metrics.models import AuditRow, Driver, Metric, NorthStar
from northstar.lib import clock as lib_clock
from tests.metrics.stars import drive, make_star

pytestmark = pytest.mark.usefixtures("clock")
Make = Callable[..., Any]


@pytest.fixture
def star(make_metric: Make, make_weeks: Make) -> NorthStar:
    return make_star(make_metric, make_weeks)


def test_a_driver_may_be_named_before_it_is_measured(maren: Any, star: NorthStar) -> None:
    driver = branching.add(star, Branch(" Referrals by crews "), actor=maren)

    assert (driver.name, driver.metric, driver.parent) == ("Referrals by crews", None, None)
    row = AuditRow.objects.get(action="north_star.drivers")
    assert row.after["added"] == "Referrals by crews" and row.after["metric"] == "not measured yet"


def test_without_a_name_it_has_the_name_of_its_metric(maren: Any, star: NorthStar, make_metric: Make) -> None:
    assert branching.add(star, Branch(metric=make_metric("Activation rate")), actor=maren).name == (
        "Activation rate"
    )


def test_a_change_keeps_before_and_after_and_no_change_leaves_no_trace(
    maren: Any, star: NorthStar, make_metric: Make
) -> None:
    driver = branching.add(star, Branch("Activation"), actor=maren)
    branching.change(driver, Branch("Activation"), actor=maren)
    assert AuditRow.objects.count() == 1

    metric = make_metric("Activation rate")
    branching.change(
        driver, Branch("Activation", metric, sensitivity=Decimal(1200), lag_weeks=3), actor=maren
    )

    driver.refresh_from_db()
    assert (driver.metric, driver.sensitivity, driver.expected_lag_weeks) == (metric, 1200, 3)
    row = AuditRow.objects.order_by("-id")[0]
    assert row.before["metric"] == "not measured yet" and row.after["metric"] == "Activation rate"


@pytest.fixture
def planted(star: NorthStar, make_metric: Make) -> dict[str, Driver]:
    """Accounts → New accounts → Trial to paid, and Engaged share beside Accounts."""
    accounts = drive(star, make_metric("Accounts"), edge="factor", sort=0)
    new = drive(star, make_metric("New accounts"), parent=accounts, sort=1)
    trial = drive(star, make_metric("Trial to paid"), parent=new, sort=2)
    engaged = drive(star, make_metric("Engaged share"), edge="factor", sort=3)
    return {"accounts": accounts, "new": new, "trial": trial, "engaged": engaged}


def refused(verb: Any, field: str) -> str:
    """The sentence of the refusal, which must be about that field and leave nothing behind."""
    before, deeds = list(Driver.objects.values()), AuditRow.objects.count()
    with pytest.raises(SteeringError) as caught:
        verb()
    assert caught.value.field == field
    assert list(Driver.objects.values()) == before and AuditRow.objects.count() == deeds
    return str(caught.value)


def test_a_metric_stands_in_the_tree_once_and_never_the_star_itself(
    maren: Any, star: NorthStar, planted: dict[str, Driver]
) -> None:
    own = star.versions.get().metric
    said = refused(lambda: branching.add(star, Branch(metric=own), actor=maren), "metric")
    assert "is the North Star itself" in said
    again = Branch("Twice", planted["new"].metric)
    said = refused(lambda: branching.add(star, again, actor=maren), "metric")
    assert said == "New accounts is in the tree already, as New accounts."


@pytest.mark.parametrize("under", ["accounts", "new", "trial"])
def test_nothing_hangs_from_itself_or_from_what_it_holds(
    maren: Any, planted: dict[str, Driver], under: str
) -> None:
    wanted = Branch("Accounts", planted["accounts"].metric, planted[under], edge="factor")

    said = refused(lambda: branching.change(planted["accounts"], wanted, actor=maren), "parent")

    assert said == "Accounts cannot hang from itself or from what it holds."


def test_a_fourth_level_is_refused_for_a_new_driver_and_for_a_moved_branch(
    maren: Any, star: NorthStar, planted: dict[str, Driver]
) -> None:
    deep = Branch("Demos", parent=planted["trial"])
    assert "three levels" in refused(lambda: branching.add(star, deep, actor=maren), "parent")
    moved = Branch("Accounts", planted["accounts"].metric, planted["engaged"], edge="influences")
    said = refused(lambda: branching.change(planted["accounts"], moved, actor=maren), "parent")
    assert "three levels" in said
    shorter = Branch("New accounts", planted["new"].metric, planted["engaged"])
    assert branching.change(planted["new"], shorter, actor=maren).parent == planted["engaged"]


def test_factors_and_parts_do_not_stand_under_one_parent_but_flows_may_stand_beside(
    maren: Any, star: NorthStar, planted: dict[str, Driver]
) -> None:
    part = Branch("North region", edge="addend")
    said = refused(lambda: branching.add(star, part, actor=maren), "edge")
    assert said == ("Weekly active crews is a product of factors already. A part does not fit beside them.")
    branching.add(star, Branch("New crews", edge="inflow"), actor=maren)
    under = planted["trial"]
    Driver.objects.filter(pk=under.pk).update(parent=None, edge="influences")
    branching.add(star, Branch("Self-service", parent=under, edge="addend"), actor=maren)
    other = Branch("Price", parent=under, edge="factor")
    assert "is a sum of parts already" in refused(lambda: branching.add(star, other, actor=maren), "edge")


def test_the_thirtieth_driver_is_refused(maren: Any, star: NorthStar) -> None:
    Driver.objects.bulk_create(
        Driver(north_star=star, name=f"Driver {number}") for number in range(tree.MOST_NODES)
    )

    assert "29 drivers" in refused(lambda: branching.add(star, Branch("One more"), actor=maren), "")


def test_an_effect_needs_a_metric_and_a_metric_that_is_still_measured(
    maren: Any, star: NorthStar, make_metric: Make
) -> None:
    vague = Branch("Referrals", sensitivity=Decimal(3))
    refused(lambda: branching.add(star, vague, actor=maren), "sensitivity")
    old = make_metric("Old one")
    Metric.objects.filter(pk=old.pk).update(archived_at=lib_clock.now())
    old.refresh_from_db()
    said = refused(lambda: branching.add(star, Branch(metric=old), actor=maren), "metric")
    assert "archived" in said


@pytest.mark.parametrize("effect", ["1e15", "-99999999999999900"])
def test_an_effect_that_no_column_holds_is_refused(
    maren: Any, star: NorthStar, make_metric: Make, effect: str
) -> None:
    branch = Branch(metric=make_metric("Accounts"), sensitivity=Decimal(effect))
    assert "too large" in refused(lambda: branching.add(star, branch, actor=maren), "sensitivity")
    assert not Driver.objects.exists()


def test_what_others_hang_from_stays_until_they_are_moved(maren: Any, planted: dict[str, Driver]) -> None:
    said = refused(lambda: branching.remove(planted["new"], actor=maren), "")
    assert said == "Trial to paid hangs from New accounts. Move or remove that first."

    branching.remove(planted["trial"], actor=maren)
    assert not Driver.objects.filter(pk=planted["trial"].pk).exists()
    assert Metric.objects.filter(name="Trial to paid").exists()
    assert AuditRow.objects.get().before == {"removed": "Trial to paid"}


def test_a_driver_of_another_star_is_no_place_to_hang_from(
    maren: Any, star: NorthStar, make_metric: Make
) -> None:
    former = NorthStar.objects.create(name="Former", state="superseded")
    stranger = drive(former, make_metric("Stranger"))

    said = refused(lambda: branching.add(star, Branch("New", parent=stranger), actor=maren), "parent")

    assert "not in the tree" in said


def test_moving_up_changes_places_with_the_one_before_it(maren: Any, planted: dict[str, Driver]) -> None:
    branching.move_up(planted["engaged"], actor=maren)
    branching.move_up(planted["engaged"], actor=maren)

    names = [driver.name for _, driver in tree.walk(list(planted["new"].north_star.drivers.all()))]
    assert names == ["Engaged share", "Accounts", "New accounts", "Trial to paid"]
    assert AuditRow.objects.count() == 1


def test_three_to_six_measured_inputs_are_easiest_to_steer_by(
    star: NorthStar, planted: dict[str, Driver], make_metric: Make
) -> None:
    assert branching.warning(list(star.drivers.all())).startswith("Two measured inputs")
    drive(star, make_metric("Sync"), parent=planted["engaged"])
    assert branching.warning(list(star.drivers.all())) == ""


def test_the_inputs_that_teams_move_are_the_beliefs_or_else_the_leaves(
    star: NorthStar, planted: dict[str, Driver]
) -> None:
    standing = list(star.drivers.all())
    assert [each.name for each in tree.movable(standing)] == ["New accounts", "Trial to paid"]

    Driver.objects.update(edge="factor")
    standing = list(star.drivers.all())
    assert [each.name for each in tree.movable(standing)] == ["Trial to paid", "Engaged share"]
