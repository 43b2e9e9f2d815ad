"""The demo's funnel shows the numbers of domain 4.3 on whatever day it is loaded."""

from __future__ import annotations

from typing import Any

import pytest

from metrics import funnelling, simulating
from metrics.models import ChartDocument, Funnel, Stage
from northstar.demo.funnel import STEPS, cohorts

pytestmark = pytest.mark.django_db
# step: went on of entered, rate, benchmark, half-way, brings, rank
TABLE = {
    "Visit to trial": ("7,800 of 260,000", "3.0%", "peers 3.5%", "3.25%", "+71 crews", 4),
    "Trial to active in 7 days": ("1,872 of 7,800", "24.0%", "own best 40.0%", "32.0%", "+305 crews", 1),
    "Active in week 4": ("1,198 of 1,872", "64.0%", "peers 70.0%", "67.0%", "+49 crews", 5),
    "Week 4 to paid": ("234 of 1,198", "19.5%", "peers 25.0%", "22.3%", "+164 crews", 2),
    # The page of the domain rounds the lapse to 0.0120 first, which makes 117.
    "Crews lapsing in a week": ("760 of 63,323", "1.2%", "peers 0.9%", "1.05%", "+118 crews", 3),
    "Trials that customers bring": ("25 of 234", "0.107", "published 0.150", "0.128", "+0.6 crews", 6),
}


@pytest.fixture
def facts() -> dict[str, Any]:
    found: dict[str, Any] = ChartDocument.objects.get(key=funnelling.key_of(Funnel.objects.get())).facts
    return found


@pytest.fixture
def window(facts: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = facts["windows"]["13"]
    return found


def plain(text: str) -> str:
    return text.replace("\N{NO-BREAK SPACE}", " ")


def test_every_step_stands_as_the_table_says(window: dict[str, Any]) -> None:
    rows = {row["name"]: row for row in [*window["chain"], *window["apart"]]}
    for name, (counts, rate, benchmark, half, brings, rank) in TABLE.items():
        row = rows[name]
        told = (row["counts"], row["rate_words"], row["benchmark_words"], row["half_words"])
        assert told == (counts, rate, benchmark, half)
        assert (plain(row["effect"]), row["rank"], row["label"]) == (brings, rank, "")


def test_activation_is_the_bottleneck_and_the_model_says_with_what(window: dict[str, Any]) -> None:
    model = window["model"]
    assert window["headline"] == "Activation is the bottleneck" and window["warnings"] == []
    assert (model["level"], model["customers"], model["horizon"]) == (4871, 18, 17)
    assert model["inflow"] == pytest.approx(75.6) and model["lapse"] == pytest.approx(0.012, abs=5e-6)
    assert "18 new paying accounts a week, 4.2 each; 1.2% lost a week." in window["model"]["words"]


def test_the_simulator_begins_half_way_and_adds_what_belongs_together(
    facts: dict[str, Any], window: dict[str, Any]
) -> None:
    first = simulating.simulate(facts, window, simulating.asked(window, {}))
    assert plain(first["figure"]) == "+305 crews"
    assert plain(first["level"]) == "5,441 crews instead of 5,136 crews"

    steps = {row["name"]: row["pk"] for row in [*window["chain"], *window["apart"]]}
    both = {
        f"rate-{steps['Trial to active in 7 days']}": "32",
        f"rate-{steps['Crews lapsing in a week']}": "1.05",
    }
    assert plain(simulating.simulate(facts, window, simulating.asked(window, both))["figure"]) == "+425 crews"


def test_every_step_has_an_owner_and_cohorts_that_wait_are_not_counted() -> None:
    owners = {stage.name: [team.slug for team in stage.teams.all()] for stage in Stage.objects.all()}
    assert owners["Trial to active in 7 days"] == ["onboarding"] and all(owners.values())
    waiting = {stage.name: stage.counts.filter(matured=False).count() for stage in Stage.objects.all()}
    assert waiting == {told.name: len(told.waiting) for told in STEPS}


def test_runs_add_up_and_nobody_goes_on_who_did_not_enter() -> None:
    for told in STEPS:
        weeks = list(cohorts(told))
        assert weeks[-1][0] == 0 and all(0 <= went <= many for _, many, went in weeks)
        last = weeks[len(weeks) - len(told.waiting) - 13 : len(weeks) - len(told.waiting)]
        run = told.runs[-1]
        assert (sum(row[1] for row in last), sum(row[2] for row in last)) == (run.entered, run.converted)
