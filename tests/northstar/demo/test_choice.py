"""The demo company tells how its North Star was chosen, how its definitions differ, and its tests."""

from __future__ import annotations

import pytest

from metrics import checklist
from metrics.models import ChartDocument, NorthStar, StarChoice

pytestmark = pytest.mark.django_db


def star() -> NorthStar:
    found = NorthStar.current()
    assert found is not None
    return found


def test_three_candidates_were_compared_and_one_chosen() -> None:
    choice = StarChoice.objects.get()
    assert choice.north_star == star() and choice.finished_at is not None
    summaries = [checklist.summary(checklist.codes(row["checklist"])) for row in choice.candidates]
    assert choice.candidates[choice.chosen or 0]["name"] == "Weekly active crews"
    assert summaries[0] == "9 yes, 2 partly" and summaries[2].endswith("no: Expresses value")


def test_the_redefinition_says_how_both_definitions_read() -> None:
    version = star().versions.get(version_no=2)
    assert version.overlap_weeks == 8
    assert version.splice_ratio == pytest.approx(0.93, abs=0.0005)


def test_both_guardrails_hold_and_stand_on_the_first_page() -> None:
    told = ChartDocument.objects.get(key="north-star").facts["guardrails"]
    assert [(each["name"], each["state"], each["limit"]) for each in told] == [
        ("Support contacts per 100 crews", "good", "at most 9.0"),
        ("Jobs corrected by hand", "good", "at most 6.0%"),
    ]


def test_it_was_tested_and_nothing_speaks_against_it() -> None:
    tests = list(star().fitness_tests.order_by("tested_on"))
    assert len(tests) == 2
    doubts = [each["words"] for test in tests for each in test.findings if each["verdict"] == "doubtful"]
    assert doubts == []
