"""The reviews of the demo company: held ones with what was frozen, one half typed, a meeting."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from teams import convening
from teams.models import Delivery, Review

pytestmark = pytest.mark.django_db


def closing(series: str) -> Review:
    return Review.objects.select_related("omtm", "draft_by").get(
        kind="closing", omtm__metric__query__series=series
    )


def test_retired_bets_have_a_closing_review_with_answers_and_minutes() -> None:
    for series, verdict, outcome in (
        ("auto_assign", "not_supported", "Missed"),
        ("qual_trials", "supported", "Achieved"),
    ):
        review = closing(series)
        assert review.omtm is not None and review.omtm.verdict == verdict
        assert review.facts["outcome_confirmed"] == outcome
        assert len(review.answers["actions"]) == 3
        assert "<svg" in review.facts["chart"]["sketches"]["all"]
        assert review.facts["north_star"]["name"] == "Weekly active crews"
        assert review.omtm.lesson in review.minutes


def test_the_open_closing_review_is_half_typed() -> None:
    review = closing("same_day_moves")
    assert (review.held_at, str(review.draft_by)) == (None, "Teo Lindqvist")
    assert review.draft["fields"]["reason"].startswith("Dispatchers who use the evening view")


def test_half_way_reviews_froze_what_was_known_on_their_day() -> None:
    held = Review.objects.filter(kind="midpoint", held_at__isnull=False)
    assert held.count() == 6
    for review in held:
        assert review.facts["reading_words"] and review.minutes.startswith("Half-way review of")


def test_a_meeting_was_held_and_its_minutes_were_told() -> None:
    day = Review.objects.filter(kind="meeting").values_list("due_on", flat=True).distinct().get()
    rows: Any = convening.decided_on(day)
    assert {row.decision for row in rows} == {"keep", "change_lever"}
    assert "Next meeting" in convening.minutes_of(day) and rows[0].next_on == day + timedelta(weeks=4)
    told = Delivery.objects.filter(reminder__key=convening.minutes_key(day))
    assert told.exists() and not told.filter(channel="email").exists()
