"""Pages of the weekly review: frozen content, exceptions first, remarks, what was restated since."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from metrics.models import AuditRow, Metric
from teams import weekly, weekly_pages
from teams.models import Omtm, Team, User, WeeklyRemark, WeeklyReview
from tests.teams.bets import omtm_of

pytestmark = pytest.mark.django_db
BACKEND = "django.contrib.auth.backends.ModelBackend"
WEEK = date(2026, 11, 9)
SEVEN = datetime(2026, 11, 16, 6, 0, tzinfo=UTC)
PAST = "/weekly/2026-W46/"
REMARKS = f"{PAST}remarks/"


@pytest.fixture(autouse=True)
def _monday() -> Iterator[None]:
    with time_machine.travel(SEVEN + timedelta(hours=2), tick=False):
        yield


@pytest.fixture
def leader(client: Client, maren: User) -> Client:
    client.force_login(maren, backend=BACKEND)
    return client


@pytest.fixture
def bet(marketing: Team, idris: User, make_metric: Any, make_weeks: Any) -> Omtm:
    """Trials that fell far behind their plan; signups that go up and down as they always do."""
    trials, signups = make_metric("Trials"), make_metric("Signups", unit="people")
    noise = [0, 4, -3, 2, -5, 5, -1, 3, -4, 1]
    make_weeks(trials, "2026-07-06", [400 + each for each in (noise * 2)[:18]] + [400])
    make_weeks(signups, "2026-07-06", [100 + each for each in (noise * 2)[:19]])
    marketing.metrics.add(signups)
    return omtm_of(marketing, trials, owner=idris)


@pytest.fixture
def review(bet: Omtm) -> WeeklyReview:
    found = weekly.freeze_due(SEVEN)
    assert found is not None
    return found


def key_of(review: WeeklyReview, name: str) -> str:
    return str(next(line["key"] for line in review.content["lines"] if line["name"] == name))


def body(answer: Any) -> str:
    return " ".join(answer.content.decode().replace("&#x27;", "'").split())


def test_before_the_first_one_it_says_when_it_comes(leader: Client, vera: User) -> None:
    page = body(leader.get("/weekly/"))
    assert "The first review comes Mon 23 Nov 07:00" in page
    assert "Freeze now" in page
    other = Client()
    other.force_login(vera, backend=BACKEND)
    page = body(other.get("/weekly/"))
    assert "Freeze now" not in page
    assert "A leader can freeze one now." in page


def test_a_leader_freezes_one_now(leader: Client, bet: Omtm) -> None:
    page = body(leader.post("/weekly/freezing/", follow=True))
    assert "The review is frozen: what it shows stays as it is." in page
    assert WeeklyReview.objects.get().week == WEEK
    assert AuditRow.objects.filter(action="weekly.frozen").count() == 1
    assert "frozen already" in body(leader.post("/weekly/freezing/", follow=True))
    assert WeeklyReview.objects.count() == 1


def test_freezing_nothing_says_what_is_missing(leader: Client) -> None:
    assert "no team has a focus" in body(leader.post("/weekly/freezing/", follow=True))
    assert not WeeklyReview.objects.exists()


def test_exceptions_stand_open_and_the_others_behind_one_calm_line(
    leader: Client, review: WeeklyReview
) -> None:
    page = body(leader.get("/weekly/"))
    assert "Week to Sun 15 Nov · frozen Mon 16 Nov 07:00 (Europe/Berlin)" in page
    assert "1 line asks for a word, 1 does not." in page
    open_part, _, folded = page.partition('<details class="week-others">')
    assert ">Trials</a>" in open_part
    assert ">Signups</a>" not in open_part
    assert "1 other: normal up and down." in folded
    assert ">Signups</a>" in folded
    assert "No word yet from Idris Vane." in open_part


def test_everything_is_shown_in_the_order_of_the_review(leader: Client, review: WeeklyReview) -> None:
    page = body(leader.get("/weekly/?all=1"))
    assert "week-others" not in page
    assert page.index(">Trials</a>") < page.index(">Signups</a>")


def test_an_earlier_week_has_an_address_and_stands_in_the_strip(leader: Client, review: WeeklyReview) -> None:
    WeeklyReview.objects.create(week=date(2026, 11, 2), frozen_at=SEVEN, content={"lines": []})
    page = body(leader.get("/weekly/2026-W45/"))
    assert "Week to Sun 8 Nov" in page
    assert f'<a href="{PAST}">15 Nov</a>' in page
    assert 'href="/weekly/2026-W45/" aria-current="page"' in page
    assert "Week to Sun 15 Nov" in body(leader.get("/weekly/"))


@pytest.mark.parametrize(
    "code", ["2026-W99", "2026-46", "2026-W4", "W46-2026", "２０２６-W46", "2026-W47", "9999-W53"]
)
def test_a_week_that_is_none_or_was_not_frozen_is_not_found(
    leader: Client, review: WeeklyReview, code: str
) -> None:
    assert leader.get(f"/weekly/{code}/").status_code == 404


@pytest.mark.parametrize(
    ("week", "code"), [(date(2026, 12, 28), "2026-W53"), (date(2025, 12, 29), "2026-W01"), (WEEK, "2026-W46")]
)
def test_weeks_are_named_by_iso(week: date, code: str) -> None:
    assert weekly_pages.week_code(week) == code
    assert weekly_pages.week_of(code) == week


def test_names_of_late_sources_stand_above(leader: Client, review: WeeklyReview) -> None:
    WeeklyReview.objects.update(late_sources=["CRM", "Till"])
    assert "Frozen without CRM and Till." in body(leader.get("/weekly/"))


def test_a_remark_stands_with_name_and_time(leader: Client, review: WeeklyReview) -> None:
    said = {"line": key_of(review, "Trials"), "text": "The fair was cancelled."}
    answer = leader.post(REMARKS, said)
    assert (answer.status_code, answer["Location"]) == (
        302,
        f"{PAST}#{said['line'].replace(':', '-')}",
    )
    page = body(leader.get("/weekly/"))
    assert "<p>The fair was cancelled.</p><footer>Maren Tolk · Mon 16 Nov 09:00</footer>" in page
    assert "No word yet" not in page


def test_the_newest_remark_counts_and_older_ones_can_be_read(leader: Client, review: WeeklyReview) -> None:
    key = key_of(review, "Trials")
    leader.post(REMARKS, {"line": key, "unknown": "1", "text": ""})
    leader.post(REMARKS, {"line": key, "text": "Found it: the form was broken."})
    page = body(leader.get("/weekly/"))
    assert page.index("Found it: the form was broken.") < page.index("One before it")
    assert page.index("One before it") < page.index(
        "Unknown, looking into it. <span" if False else "<li>Unknown"
    )


@pytest.mark.parametrize(
    ("text", "sentence"),
    [("  ", "Write one sentence."), ("y" * 281, "That is 1 character more than the 280 there are.")],
)
def test_a_remark_that_cannot_be_kept_is_not_lost(
    leader: Client, review: WeeklyReview, text: str, sentence: str
) -> None:
    answer = leader.post(REMARKS, {"line": key_of(review, "Trials"), "text": text, "all": "1"})
    assert answer.status_code == 422
    page = body(answer)
    assert sentence in page
    assert text.strip() in page
    assert 'aria-invalid="true"' in page
    assert "week-others" not in page  # everything was shown, and still is
    assert not WeeklyRemark.objects.exists()


def test_a_remark_on_a_line_that_is_not_there_is_not_lost(leader: Client, review: WeeklyReview) -> None:
    answer = leader.post(REMARKS, {"line": "metric:99999", "text": "It rained."})
    assert answer.status_code == 422
    assert "not on this page.</strong> You wrote: It rained." in body(answer)
    assert not WeeklyRemark.objects.exists()


def test_a_remark_on_a_week_without_a_review_is_not_found(leader: Client, review: WeeklyReview) -> None:
    assert leader.post("/weekly/2026-W01/remarks/", {"line": "x", "text": "x"}).status_code == 404


def test_a_remark_cannot_be_written_in_the_name_of_another(
    leader: Client, review: WeeklyReview, idris: User
) -> None:
    said = {"line": key_of(review, "Trials"), "text": "x", "author": str(idris.pk), "review": "1"}
    leader.post(REMARKS, said)
    assert str(WeeklyRemark.objects.get().author) == "Maren Tolk"


def test_viewers_read_and_do_not_remark(client: Client, vera: User, review: WeeklyReview) -> None:
    client.force_login(vera, backend=BACKEND)
    assert "Say what happened" not in body(client.get("/weekly/"))
    assert client.post(REMARKS, {"line": key_of(review, "Trials"), "text": "x"}).status_code == 403


def test_a_frozen_page_says_what_was_restated_since(
    leader: Client, review: WeeklyReview, make_weeks: Any
) -> None:
    frozen = Metric.objects.get(name="Trials")
    make_weeks(frozen, "2026-11-09", [401])  # a quarter of a percent is not worth a word
    assert "Restated" not in body(leader.get("/weekly/"))
    make_weeks(frozen, "2026-11-09", [416])
    page = body(leader.get("/weekly/"))
    assert "Restated by +4% since: 416 trials today." in page
    assert "400 trials" in page


def test_words_of_people_and_names_of_metrics_are_escaped(leader: Client, review: WeeklyReview) -> None:
    content = review.content
    content["lines"][0]["name"] = "<script>alert(1)</script>"
    WeeklyReview.objects.update(content=content)
    leader.post(REMARKS, {"line": content["lines"][0]["key"], "text": "<b>bold</b>"})
    page = body(leader.get("/weekly/"))
    assert "<script>alert(1)" not in page
    assert "&lt;b&gt;bold&lt;/b&gt;" in page


def test_the_page_takes_as_many_queries_with_many_lines_as_with_one(
    leader: Client, review: WeeklyReview, make_metric: Any, django_assert_max_num_queries: Any
) -> None:
    template = review.content["lines"][0]
    lines = [template | {"key": f"metric:{n}", "metric": make_metric(f"M {n}").pk} for n in range(30)]
    WeeklyReview.objects.update(content={"lines": lines})
    for line in lines:
        weekly.remark(WeeklyReview.objects.get(), line["key"], "x", author=User.objects.all()[0])
    with django_assert_max_num_queries(17):
        assert leader.get("/weekly/?all=1").status_code == 200
