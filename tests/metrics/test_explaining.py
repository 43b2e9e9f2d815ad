"""The North Star is explained from its tree: formulas split it, beliefs move along, gaps are named."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import Any

import pytest

from metrics import explaining, series
from metrics.analysis.explanation import Comparison
from metrics.explaining import Why
from metrics.models import Company, Driver, Metric, NorthStar
from northstar.lib import clock as lib_clock
from tests.metrics.stars import drive, make_star

pytestmark = pytest.mark.usefixtures("clock")
Make = Callable[..., Any]
WEEKS, FIRST = 30, "2026-04-20"
ACCOUNTS = [1000 + 10 * week for week in range(WEEKS)]
SHARES = [(500 - 3 * week, 1000) for week in range(WEEKS)]
CREWS = [accounts * share[0] / 1000 for accounts, share in zip(ACCOUNTS, SHARES, strict=True)]


@pytest.fixture
def star(make_metric: Make, make_weeks: Make) -> NorthStar:
    return make_star(make_metric, make_weeks, weeks=CREWS)


@pytest.fixture
def formula(star: NorthStar, make_metric: Make, make_weeks: Make) -> dict[str, Driver]:
    """Crews are paying accounts times an engaged share."""
    accounts = make_metric("Paying accounts", kind="snapshot_stock", unit="accounts")
    engaged = make_metric("Engaged share", kind="ratio", unit="%", decimals=1)
    make_weeks(accounts, FIRST, ACCOUNTS)
    make_weeks(engaged, FIRST, SHARES)
    return {
        "accounts": drive(star, accounts, edge="factor"),
        "engaged": drive(star, engaged, edge="factor", sort=1),
    }


def explained(star: NorthStar, **options: Any) -> Why | None:
    """Why it moved, from what is stored."""
    version = star.versions.select_related("metric").get()
    metrics = {each.pk: each for each in Metric.objects.all()}
    points = series.weekly(metrics.values(), company=Company.current(), now=lib_clock.now())
    return explaining.explain(star, version, points, **options)


def told(why: Why | None) -> str:
    assert why is not None
    return why.headline.replace("\N{NO-BREAK SPACE}", " ")


def test_single_weeks_and_means_are_both_compared_as_asked(
    star: NorthStar, formula: dict[str, Driver]
) -> None:
    single = explained(star, comparisons=[Comparison(13)])
    assert single is not None
    before, after = CREWS[-14], CREWS[-1]
    assert (single.splits[0].before, single.splits[0].after) == pytest.approx((before, after))

    means = explained(star)
    assert means is not None
    assert [split.comparison for split in means.splits] == [Comparison(13, 4), Comparison(4, 4)]
    assert means.splits[0].after == pytest.approx(sum(CREWS[-4:]) / 4)
    names = [name for name, _ in means.steps]
    assert names == ["Paying accounts", "Engaged share"]
    assert told(means).startswith("Engaged share costs ") and "; paying accounts bring " in told(means)
    assert means.clause.endswith("in 13 weeks")


def test_without_drivers_there_is_nothing_to_explain(star: NorthStar) -> None:
    assert explained(star) is None


def test_an_unmeasured_factor_is_named_instead_of_numbers(
    star: NorthStar, formula: dict[str, Driver]
) -> None:
    Driver.objects.create(north_star=star, name="Crews per account", edge="factor")

    why = explained(star)

    assert why is not None and (why.headline, why.clause, why.steps) == ("", "", [])
    assert why.missing == "Crews per account is not measured yet, so the change cannot be split."


def test_an_untrusted_factor_is_named_with_its_reason(star: NorthStar, formula: dict[str, Driver]) -> None:
    doubt = {formula["engaged"].metric_id: "Warehouse has not answered for 3 days."}

    why = explained(star, untrusted=doubt)

    assert why is not None and not why.whole
    assert why.missing == "Engaged share cannot be relied on now: Warehouse has not answered for 3 days."


def test_beliefs_alone_say_that_they_do_not_add_up(star: NorthStar, make_metric: Make) -> None:
    drive(star, make_metric("Sync delay"))

    why = explained(star)

    assert why is not None and not why.whole
    assert why.missing == "Nothing but beliefs hangs from Weekly active crews, and beliefs do not add up."


def test_a_monthly_input_is_not_mixed_with_weeks(
    star: NorthStar, formula: dict[str, Driver], make_metric: Make
) -> None:
    monthly = make_metric("Price", grain="month", kind="snapshot_stock")
    drive(star, monthly, edge="factor")

    why = explained(star)

    assert why is not None
    assert why.missing.startswith("Price cannot be relied on now: it is measured by the month")


def wobbling(count: int, *, shift: int = 0) -> list[float]:
    """Changes that look like chance, the same ones `shift` weeks later."""
    return [100.0 + ((week - shift) ** 2 * 37 % 53) for week in range(count)]


def test_a_belief_is_held_against_what_it_hangs_from(
    star: NorthStar, make_metric: Make, make_weeks: Make
) -> None:
    above, leader, young = (make_metric(name) for name in ("Accounts", "Demos", "Young"))
    make_weeks(above, "2025-01-06", wobbling(97, shift=3))
    make_weeks(leader, "2025-01-06", wobbling(97))
    make_weeks(young, "2026-10-05", [1, 2, 3, 4, 5, 6])
    parent = drive(star, above)
    ahead = drive(star, leader, parent=parent)
    late = drive(star, young, parent=parent)

    why = explained(star)

    assert why is not None
    name, leads = why.leads[ahead.pk]
    strongest = max(leads, key=lambda lead: abs(lead.r))
    assert (name, strongest.lag, strongest.likely) == ("it", 3, True)
    assert why.leads[late.pk] == ("it", [])


def test_over_an_unmeasured_parent_a_belief_is_held_against_the_star(
    star: NorthStar, make_metric: Make, make_weeks: Make
) -> None:
    empty = Driver.objects.create(north_star=star, name="Word of mouth")
    metric = make_metric("Referrals")
    make_weeks(metric, FIRST, wobbling(WEEKS))
    below = drive(star, metric, parent=empty)

    why = explained(star)

    assert why is not None
    assert why.leads[below.pk][0] == "Weekly active crews"
    assert empty.pk not in why.leads


def test_a_share_tells_its_groups_from_their_mix(
    star: NorthStar, formula: dict[str, Driver], make_metric: Make, make_weeks: Make
) -> None:
    engaged = formula["engaged"].metric
    assert engaged is not None
    small, large = (
        make_metric(name, kind="ratio", unit="%", segment_of=engaged) for name in ("Small", "Large")
    )
    make_weeks(small, FIRST, segment(before=(2000, 4000), after=(3120, 6000)))
    make_weeks(large, FIRST, segment(before=(1400, 2000), after=(1512, 2100)))

    why = explained(star, comparisons=[Comparison(13)], segments={engaged.pk: [small, large]})

    assert why is not None
    (mix,) = why.mixes
    rows = {name: (rate, part) for name, rate, part in mix.rows}
    assert rows["Small"] == pytest.approx((0.014074, -0.004390), abs=5e-7)
    assert rows["Large"] == pytest.approx((0.005926, -0.010425), abs=5e-7)
    assert mix.change == pytest.approx(0.005185, abs=5e-7)


def test_half_a_mix_is_not_told(
    star: NorthStar, formula: dict[str, Driver], make_metric: Make, make_weeks: Make
) -> None:
    engaged = formula["engaged"].metric
    assert engaged is not None
    small = make_metric("Small", kind="ratio", unit="%", segment_of=engaged)
    make_weeks(small, "2026-11-09", [(1, 2)])

    why = explained(star, segments={engaged.pk: [small]})

    assert why is not None and why.mixes == ()


def segment(*, before: tuple[float, float], after: tuple[float, float]) -> Sequence[tuple[float, float]]:
    """The same two parts in every week up to 13 weeks ago, then others."""
    return [before] * (WEEKS - 13) + [after] * 13


def test_the_weeks_of_the_fixture_end_with_the_newest_complete_one() -> None:
    assert date.fromisoformat(FIRST) + timedelta(weeks=WEEKS - 1) == date(2026, 11, 9)
