"""What people say about the lines of a frozen week."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from teams import weekly
from teams.models import User, WeeklyRemark, WeeklyReview
from tests.teams.bets import at_once, shared_between_threads

pytestmark = pytest.mark.django_db


@pytest.fixture
def review(db: None) -> WeeklyReview:
    """The week of 9 November with one line."""
    frozen = datetime(2026, 11, 16, 6, 0, tzinfo=UTC)
    content = {"lines": [{"key": "metric:1"}]}
    return WeeklyReview.objects.create(week=date(2026, 11, 9), frozen_at=frozen, content=content)


def test_a_remark_is_kept_under_its_line_and_older_ones_stay(review: WeeklyReview, maren: User) -> None:
    weekly.remark(review, "metric:1", "  Campaign ended,\n as planned. ", author=maren)
    weekly.remark(review, "metric:1", weekly.UNKNOWN, author=maren)
    said = [row.text for row in WeeklyRemark.objects.order_by("id")]
    assert said == ["Campaign ended, as planned.", "Unknown, looking into it."]


def test_a_remark_sent_twice_is_kept_once(review: WeeklyReview, maren: User, teo: User) -> None:
    for author in (maren, maren, teo):
        weekly.remark(review, "metric:1", weekly.UNKNOWN, author=author)
    assert [row.author for row in WeeklyRemark.objects.order_by("id")] == [maren, teo]


@pytest.mark.django_db(transaction=True)
def test_a_button_pressed_twice_remarks_once(review: WeeklyReview, maren: User, tmp_path: Any) -> None:
    with shared_between_threads(tmp_path):
        made = at_once(*[lambda: weekly.remark(review, "metric:1", weekly.UNKNOWN, author=maren)] * 3)
        kept = at_once(WeeklyRemark.objects.count)[0]
    assert [each for each in made if isinstance(each, Exception)] == []
    assert kept == 1


def test_a_remark_has_no_characters_that_no_database_takes(review: WeeklyReview, maren: User) -> None:
    assert weekly.remark(review, "metric:1", "Camp\x00aign\x1b\tended", author=maren).text == "Campaign ended"
    with pytest.raises(weekly.WeeklyError, match="Write one sentence"):
        weekly.remark(review, "metric:1", "\x00", author=maren)


@pytest.mark.parametrize(
    ("text", "sentence"), [("   ", "Write one sentence"), ("x" * 282, "2 characters more than the 280")]
)
def test_a_remark_says_something_and_is_short(
    review: WeeklyReview, maren: User, text: str, sentence: str
) -> None:
    with pytest.raises(weekly.WeeklyError, match=sentence):
        weekly.remark(review, "metric:1", text, author=maren)
    assert not WeeklyRemark.objects.exists()
