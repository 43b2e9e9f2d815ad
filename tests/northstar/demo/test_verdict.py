"""The demo's North Star page says the same on whatever day it is loaded: where it stands, leads, and why."""

from __future__ import annotations

import pytest

from metrics.models import ChartDocument, ForecastRecord, NorthStarTarget
from northstar.lib import clock

pytestmark = pytest.mark.django_db


@pytest.fixture
def hero() -> ChartDocument:
    return ChartDocument.objects.get(key="north-star")


def test_the_verdict_has_state_outlook_and_reason(hero: ChartDocument) -> None:
    words = hero.facts["sentence"].replace("\N{NO-BREAK SPACE}", " ")

    first, second, third = words.split(". ")
    assert first == "4,871 weekly active crews, a normal week"
    assert second.startswith("If it goes on as usual it stands at about 4,950 by ")
    assert second.endswith(", short of 5,400 (about 10% likely)")
    assert third.startswith("Engaged share costs ") and third.endswith(" crews in 13 weeks.")


def test_the_settling_forecast_is_that_of_the_check_values(hero: ChartDocument) -> None:
    short = NorthStarTarget.objects.get(horizon="short", superseded_on=None)
    record = ForecastRecord.objects.get(subject=f"target:{short.pk}")

    assert (round(record.mean), round(record.low80), round(record.high80)) == (4951, 4525, 5377)
    assert hero.facts["p"] == pytest.approx(0.09, abs=0.005) and record.p == hero.facts["p"]
    assert record.due_on == short.due_date and record.made_at == clock.now()


def test_short_and_annual_targets_are_judged_and_the_long_one_is_not(hero: ChartDocument) -> None:
    states = {each["horizon"]: each["state"] for each in hero.facts["targets"]}

    assert states == {"short": "at_risk", "annual": "off_track", "long": ""}
    long = next(each for each in hero.facts["targets"] if each["horizon"] == "long")
    assert (long["likely"], long["forecast_words"]) == ("", "") and long["needed"]


def test_the_week_of_the_outage_is_ringed_though_the_newest_is_normal(hero: ChartDocument) -> None:
    assert not hero.facts["signal"]["unusual"]
    assert "\N{MINUS SIGN}12\N{NO-BREAK SPACE}crews" in hero.facts["signal"]["sentence"]
    assert "usual \N{MINUS SIGN}10 to +46" in hero.facts["signal"]["sentence"]
    assert hero.sketches["26w"].count("chart-signal") >= 1


def test_the_former_definition_is_grey_and_reads_seven_percent_higher(hero: ChartDocument) -> None:
    flag = next(each for each in hero.facts["flags"] if each["kind"] == "definition")

    assert "about 7.0% lower" in flag["more"]
    assert "chart-former" in hero.sketches["all"] and "chart-former" not in hero.sketches["26w"]
    assert "+22.7%" in [each["change"] for each in hero.facts["deltas"]]


def test_no_metric_of_the_demo_is_told_without_a_number_or_in_too_many_words() -> None:
    for document in ChartDocument.objects.filter(key__startswith="metric:"):
        words = document.facts["sentence"]
        assert words[:1].isdigit() or words.startswith("£"), (document.key, words)
        assert len(words) < 320, words
