"""The demo company's tree splits the last thirteen weeks as domain 9 says, on whatever day it is loaded."""

from __future__ import annotations

import pytest

from metrics import explaining, series
from metrics.analysis.explanation import Comparison
from metrics.explaining import Why
from metrics.models import ChartDocument, Company, Driver, NorthStar
from northstar.lib import clock

pytestmark = pytest.mark.django_db


def explained(*comparisons: Comparison) -> Why:
    star = NorthStar.objects.get()
    version = star.versions.select_related("metric").get(version_no=2)
    metrics = [version.metric, *(each.metric for each in star.drivers.exclude(metric=None))]
    points = series.weekly(metrics, company=Company.current(), now=clock.now())
    why = explaining.explain(star, version, points, comparisons=comparisons)
    assert why is not None
    return why


def plain(text: str) -> str:
    return text.replace("\N{NO-BREAK SPACE}", " ")


def test_single_weeks_split_as_domain_says() -> None:
    why = explained(Comparison(13))

    assert dict(why.steps) == pytest.approx(
        {"Paying accounts": 253.06, "Crews per account": 25.99, "Engaged share": -92.05}, abs=0.005
    )
    assert (why.splits[0].before, why.splits[0].after) == (4684, 4871)
    assert plain(why.headline) == "Engaged share costs 92 crews; paying accounts bring 253."


def test_what_came_and_went_adds_up() -> None:
    flows = explained().flows

    assert flows is not None and flows.rest == 0
    assert [value for _, value in flows.totals] == [992, 494, -1299]


def test_the_page_compares_means_of_four_weeks() -> None:
    facts = ChartDocument.objects.get(key=explaining.KEY).facts

    assert plain(facts["headline"]) == "Engaged share costs 62 crews; paying accounts bring 264."
    assert plain(facts["splits"][0]["change"]) == "4,637 to 4,859 crews, +222."


def test_only_what_is_measured_long_enough_is_held_against_what_it_moves() -> None:
    leads = ChartDocument.objects.get(key=explaining.KEY).facts["leads"]
    by_name = {row.name: leads.get(str(row.pk), "") for row in Driver.objects.all()}

    assert by_name["New paid accounts"].startswith("moves with it, in the same week (r 0.5")
    assert by_name["Jobs per crew"] == "no relation found in 51 weeks"
    assert by_name["Trial to paid"] == "too few weeks to tell whether they move together"
    assert by_name["Referrals by crews"] == by_name["Paying accounts"] == ""


def test_one_driver_waits_for_its_metric_and_one_for_an_owner() -> None:
    assert [row.name for row in Driver.objects.filter(metric=None)] == ["Referrals by crews"]
    assert [row.name for row in Driver.objects.filter(teams=None)] == ["Crews per account"]
