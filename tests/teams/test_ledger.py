"""Every goal-post that moved is counted, told with its reason, and drawn where it stood."""

from __future__ import annotations

from dataclasses import fields
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from metrics import defining
from metrics.models import ChartDocument, Metric
from northstar.lib import clock as our_clock
from teams import evaluating, goal_posts, ledger
from teams.models import GoalChange, Omtm, Team, User
from tests.teams.bets import at_once, omtm_of, shared_between_threads

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 18)
SHARE = [(24, 100), (25, 100), (23, 100), (24, 100)]


@pytest.fixture
def bet(clock: Any, marketing: Team, make_metric: Any, make_weeks: Any) -> Omtm:
    """Marketing goes from 24% to 34% since 26 October, for four months; three weeks are in."""
    metric = make_metric("Activation", kind="ratio", unit="", decimals=1)
    make_weeks(metric, "2026-08-03", [*SHARE * 3, (25, 100), (26, 100), (26, 100)])
    return omtm_of(marketing, metric, start="2026-10-26", baseline="0.24", target="0.34")


def edit(metric: Metric, actor: User, **changed: Any) -> None:
    told = {field.name: getattr(metric, field.name) for field in fields(defining.Definition)}
    defining.redefine(metric, defining.Definition(**(told | changed)), actor=actor)


def chart_of(omtm: Omtm) -> ChartDocument:
    return ChartDocument.objects.get(key=f"omtm:{omtm.pk}")


def test_a_target_that_moved_is_told_and_drawn_with_its_step_and_its_day(
    bet: Omtm, idris: User, client: Client
) -> None:
    goal_posts.retarget(
        bet, target=Decimal("0.30"), reason="Half the trials are gone.", actor=idris, today=TODAY
    )
    [entry] = ledger.of(bet)
    assert (entry.words, entry.who) == ("Target moved from 34.0% to 30.0%", "Idris Vane")
    document = chart_of(bet)
    svg = document.sketches["all"]
    assert "chart-target-former" in svg and "was 34.0%" in svg
    assert '"target-former"' in document.figure and "was 34.0%" in document.figure
    assert any("Target moved from 34.0% to 30.0%" in note for note in document.facts["notes"])
    client.force_login(idris)
    page = client.get(f"/omtms/{bet.pk}/").content.decode()
    assert "Moved once since the commitment" in page and "Half the trials are gone." in page


def test_an_extended_window_keeps_its_first_end_in_sight(bet: Omtm, idris: User, client: Client) -> None:
    goal_posts.extend(bet, end=date(2027, 4, 20), reason="The import came late.", actor=idris, today=TODAY)
    goal_posts.retarget(bet, target=Decimal("0.36"), reason="It goes better.", actor=idris, today=TODAY)
    assert [entry.words for entry in ledger.of(bet)] == [
        "End moved from 25 Feb 2027 to 20 Apr 2027",
        "Target moved from 34.0% to 36.0%",
    ]
    document = chart_of(bet)
    assert "first end" in document.sketches["all"] and '"first-end"' in document.figure
    client.force_login(idris)
    assert "Moved 2 times since the commitment" in client.get(f"/omtms/{bet.pk}/").content.decode()


def test_a_metric_that_was_edited_inside_the_window_is_noted_once(bet: Omtm, maren: User) -> None:
    edit(bet.metric, maren, definition="Trials with one job.", unit="share")
    evaluating.evaluate(our_clock.now())
    evaluating.evaluate(our_clock.now())
    ledger.note_redefinitions([bet])
    row = GoalChange.objects.get()
    assert (row.kind, row.day, row.actor) == ("definition", TODAY, maren)
    assert ledger.of(bet)[0].words == "Metric edited inside the window: its definition, its unit"
    assert chart_of(bet).facts["goodhart"][0]["kind"] == "edited"


def test_how_a_source_is_asked_is_not_told_to_everybody(bet: Omtm, maren: User) -> None:
    edit(bet.metric, maren, query={"sql": "select secret from wages"})
    assert ledger.note_redefinitions([bet]) == 1
    row = GoalChange.objects.get()
    assert "wages" not in f"{row.before}{row.after}"
    assert ledger.of(bet)[0].words == "Metric edited inside the window: how its source is asked"


def test_what_changes_nothing_of_its_meaning_or_comes_before_the_window_is_no_goal_post(
    bet: Omtm, maren: User, clock: Any
) -> None:
    edit(bet.metric, maren, name="Activation rate", decimals=2, latency_hours=6)
    clock.move_to(datetime(2026, 10, 24, 9, 0, tzinfo=UTC))
    edit(Metric.objects.get(pk=bet.metric_id), maren, definition="Trials with two jobs.")
    assert ledger.note_redefinitions([bet]) == 0


def test_a_range_that_moved_is_told_with_both_ends(marketing: Team, make_metric: Any) -> None:
    metric = make_metric("Sync delay", kind="quantile", unit="s", direction="range", decimals=1)
    omtm = omtm_of(marketing, metric, target=None, low=0, high=2, direction="range", baseline="1.6")
    before, after = {"low": "0", "high": "2"}, {"low": None, "high": "3"}
    GoalChange.objects.create(
        omtm=omtm, kind="target", day=TODAY, before=before, after=after, reason="Winter."
    )
    [entry] = ledger.of(omtm)
    assert entry.words.replace("\N{NO-BREAK SPACE}", " ") == (
        "Range changed: between 0 s and 2 s was asked for, now at or under 3 s"
    )


@pytest.mark.django_db(transaction=True)
def test_two_runs_at_once_write_one_row(bet: Omtm, maren: User, tmp_path: Path) -> None:
    edit(bet.metric, maren, definition="Trials with one job.")
    with shared_between_threads(tmp_path):
        found = at_once(lambda: ledger.note_redefinitions([bet]), lambda: ledger.note_redefinitions([bet]))
    assert sorted(found) == [0, 1]
