"""What the weekly letter says: all of it frozen with the review, and in words where something is missing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from metrics.analysis.points import Point
from metrics.looking_back import Look
from metrics.models import Annotation, Company, Metric
from teams import evaluating, weekly
from teams.digests import facts, lacking, letter, mailing
from teams.digests.letter import Letter, Reader
from teams.models import Membership, Omtm, Preference, Reminder, Team, User, WeeklyReview
from teams.weekly_lines import Wanted
from tests.metrics.stars import WEEKS, aim, make_star, redefine
from tests.teams.bets import omtm_of
from tests.teams.weekly_letters import SEVEN, SUNDAY, frozen_week, kept_week

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]
TODAY = date(2026, 11, 16)
HOSTILE = '<b>"Bold" & co</b>'


@pytest.fixture(autouse=True)
def _monday() -> Iterator[None]:
    with time_machine.travel(SUNDAY, tick=False):
        yield


@pytest.fixture
def review(
    marketing: Team, platform: Team, make_metric: Callable[..., Metric], make_weeks: Callable[..., None]
) -> WeeklyReview:
    return kept_week(make_metric, make_weeks, marketing, platform)


@pytest.fixture
def frozen(
    marketing: Team, platform: Team, make_metric: Callable[..., Metric], make_weeks: Callable[..., None]
) -> WeeklyReview:
    Annotation.objects.create(day=date(2026, 11, 11), text="Prices went up", kind="market")
    only = Annotation.objects.create(
        day=date(2026, 11, 12), text="A line was cut", kind="incident", of_team=True
    )
    platform.annotations.add(only)
    return frozen_week(marketing, make_metric, make_weeks)


def written(review: WeeklyReview, *own: Team, **more: Any) -> Letter:
    return letter.of(review, Reader(own={team.pk for team in own}, **more), TODAY)


def test_the_first_sentence_is_the_verdict_and_the_subject_its_short_form(review: WeeklyReview) -> None:
    found = written(review)
    assert found.verdict.startswith("Weekly active crews stands at 4,880, ")
    assert found.verdict.endswith("5,400 by 16 May 2027.")
    assert found.subject == found.verdict.replace(" stands at", "").replace(",  ", ": ").replace(
        "4,880, ", "4,880: "
    ).rstrip(".")
    line = next(each for each in review.content["lines"] if each["section"] == "North Star")
    assert found.sentence == line["sentence"]


def test_own_teams_stand_whole_and_the_others_in_one_line_each(
    review: WeeklyReview, marketing: Team, platform: Team
) -> None:
    mine = written(review, marketing)
    (part,) = mine.own
    (bet,) = part.bets
    assert (bet.name, bet.plan != "", bet.spark.startswith("<svg")) == ("Qualified trials", True, True)
    assert [(each.name, each.none) for each in mine.others] == [("Platform", "No focus metric yet.")]
    assert [each.name for each in written(review).others] == ["Marketing", "Platform"]


def test_it_says_for_ever_what_it_said_that_monday(
    frozen: WeeklyReview, marketing: Team, platform: Team
) -> None:
    before = written(frozen, marketing)
    assert [each["text"] for each in before.events] == ["Prices went up"]
    assert [each["text"] for each in written(frozen, platform).events] == ["Prices went up", "A line was cut"]
    assert [each["text"] for each in before.notes] == ["Prices went up"]
    Omtm.objects.update(name="Something else", target=9)
    Team.objects.update(name="Others")
    Annotation.objects.all().delete()
    evaluating.evaluate(SEVEN)
    frozen.refresh_from_db()
    assert written(frozen, marketing) == before


def test_what_comes_in_the_week_of_the_letter_is_told_to_its_team(
    marketing: Team, platform: Team, make_metric: Callable[..., Metric], make_weeks: Callable[..., None]
) -> None:
    sales, visits = Team.objects.create(name="Sales", slug="sales"), make_metric("Visits")
    make_weeks(visits, "2026-08-31", [400] * 11)
    omtm_of(sales, visits, start="2026-09-18", months=2)
    review = frozen_week(marketing, make_metric, make_weeks)
    told = [(each["when"], each["text"]) for each in written(review, marketing, sales).coming]
    assert told == [
        ("Mon 16 Nov", "Half-time for Qualified trials"),
        ("Tue 17 Nov", "The window of Visits ends"),
    ]
    assert written(review, platform).coming == []


def test_late_sources_are_named(review: WeeklyReview) -> None:
    assert written(review).late == ""
    review.late_sources = ["Stripe", "Warehouse", "Partners"]
    assert "Stripe, Warehouse and Partners, which had not delivered by noon" in written(review).late


def test_without_a_north_star_the_focuses_are_the_verdict(
    marketing: Team, make_metric: Callable[..., Metric], make_weeks: Callable[..., None]
) -> None:
    trials = make_metric()
    make_weeks(trials, "2026-08-31", [400] * 11)
    omtm_of(marketing, trials)
    evaluating.evaluate(SEVEN)
    review = weekly.freeze_due(SEVEN)
    assert review is not None
    found = written(review)
    assert found.verdict == "There is no North Star yet. 0 of 1 focus metric is on track."
    assert (found.star_chart, found.subject) == ("", "0 of 1 focus metric is on track")


def test_a_redefined_north_star_is_told_and_drawn_as_two_and_its_old_target_judges_nothing(
    make_metric: Callable[..., Metric], make_weeks: Callable[..., None]
) -> None:
    star = make_star(make_metric, make_weeks)
    aim(star)
    anew = make_metric("Crews with five jobs", kind="unique", unit="crews")
    make_weeks(anew, "2026-06-08", [round(0.93 * value) for value in WEEKS[7:]])
    redefine(star, anew, on=date(2026, 10, 5))
    review = weekly.freeze_due(SEVEN)
    assert review is not None
    found = written(review)
    assert found.verdict == (
        "Weekly active crews stands at 4,538, and its target was set for the definition before."
    )
    assert 'class="chart-former"' in found.star_chart and 'class="chart-break"' in found.star_chart
    assert [each["text"] for each in found.notes] == ["Definition changed"]
    (line,) = (each for each in review.content["lines"] if each["section"] == "North Star")
    assert line["state"] == "no_data"
    assert "on plan" not in str(line["cells"])


def test_a_note_that_began_before_the_picture_and_lasts_stands_under_it(
    marketing: Team, make_metric: Callable[..., Metric], make_weeks: Callable[..., None]
) -> None:
    Annotation.objects.create(day=date(2026, 3, 2), until=date(2026, 12, 31), text="Building site")
    found = written(frozen_week(marketing, make_metric, make_weeks))
    assert [each["text"] for each in found.notes] == ["Building site"]


@pytest.mark.parametrize(
    ("weeks", "state", "words"),
    [
        ([4880, 5450], "on_track", ", on pace for 5,400 by 16 May 2027"),
        ([5410, 5450], "on_track", ", the target of 5,400 is reached"),
        ([5410, 5450], "no_data", ", and the number is not to be relied on"),
    ],
)
def test_a_target_is_reached_after_two_weeks_and_never_by_numbers_nobody_relies_on(
    make_metric: Callable[..., Metric],
    make_weeks: Callable[..., None],
    weeks: list[int],
    state: str,
    words: str,
) -> None:
    star = make_star(make_metric, make_weeks)
    target, metric = aim(star), Metric.objects.get()
    points = [Point(date(2026, 11, 2 + 7 * place), value) for place, value in enumerate(weeks)]
    look = Look(metric, date(2026, 11, 9), points, [], [])
    wanted = Wanted("North Star", metric, star.name, star=star, target=target)
    line = {"value": weeks[-1], "state": state, "state_words": "", "sentence": ""}
    table = facts.Table(date(2026, 11, 9), [wanted], {metric.pk: look}, [line], {}, {}, TODAY, "")
    assert facts.of(table)["star"]["verdict"] == f"Weekly active crews stands at 5,450{words}."


def test_a_review_from_before_there_were_letters_says_so(review: WeeklyReview, marketing: Team) -> None:
    del review.content["letter"]
    found = written(review, marketing)
    assert found.lacks == lacking.BEFORE_LETTERS
    assert found.verdict.startswith("Weekly active crews: ")


def test_what_could_not_be_worked_out_is_said_and_keeps_no_page_away(
    marketing: Team,
    make_metric: Callable[..., Metric],
    make_weeks: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def breaks(*_: object) -> None:
        raise ZeroDivisionError

    for part in ("happening.events", "_bet"):
        monkeypatch.setattr(f"teams.digests.facts.{part}", breaks)
    review = frozen_week(marketing, make_metric, make_weeks)
    assert len(review.content["lines"]) == 2
    found = written(review, marketing)
    assert found.lacks == (
        "Charts of some focus metrics and what happened that week could not be worked out that Monday."
    )
    assert found.verdict.startswith("Weekly active crews stands at 4,880, ")
    ((bet,),) = (part.bets for part in found.own)
    assert (bet.name, bet.silent) == ("Qualified trials", letter.UNMADE)


def test_what_is_lacking_never_says_that_there_are_no_focus_metrics(
    marketing: Team,
    make_metric: Callable[..., Metric],
    make_weeks: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("teams.digests.facts._teams", lambda _: 1 / 0)
    trials = make_metric()
    make_weeks(trials, "2026-08-31", [400] * 11)
    omtm_of(marketing, trials)
    evaluating.evaluate(SEVEN)
    review = weekly.freeze_due(SEVEN)
    assert review is not None
    found = written(review, marketing)
    assert found.verdict == "There is no North Star yet. 0 of 1 focus metric is on track."
    assert found.lacks == "The list of teams could not be worked out that Monday."
    review.content["letter"] = {}
    assert "0 of 1 focus metric" in written(review).verdict


def test_events_of_other_teams_take_no_place_and_the_rest_is_counted(
    marketing: Team,
    platform: Team,
    idris: User,
    company: Company,
    make_metric: Callable[..., Metric],
    make_weeks: Callable[..., None],
) -> None:
    day = date(2026, 11, 10)
    others = [Annotation(day=day, text=f"Sync {n}", kind="release", of_team=True) for n in range(101)]
    for note in Annotation.objects.bulk_create(others):
        platform.annotations.add(note)
    Annotation.objects.bulk_create(Annotation(day=date(2026, 11, 12), text=f"Fair {n}") for n in range(14))
    review = frozen_week(marketing, make_metric, make_weeks)
    found = written(review, marketing)
    assert [each["text"] for each in found.events] == [f"Fair {n}" for n in range(12)]
    assert found.more_events == 2
    sent = mailing.write(review, idris, company)
    assert f"and 2 more: {mailing.settings.SITE_URL}/events/" in sent.text
    assert ">and 2 more</a>" in sent.html


def test_of_forty_teams_the_exceptions_come_first_and_the_rest_is_counted(review: WeeklyReview) -> None:
    known = review.content["letter"]
    known["teams"] += [
        {"id": 1000 + n, "name": f"Team {n}", "path": "/", "bets": [], "none": "No focus metric yet."}
        for n in range(40)
    ]
    found = letter.of(review, Reader(own=range(1000, 1040)), TODAY)
    assert (len(found.own), len(found.others)) == (letter.MOST_OWN, letter.MOST_OTHERS)
    assert found.cut == "12 more teams stand on the page of the week, all no focus."


def test_letters_hold_names_with_markup_and_very_long_ones(
    review: WeeklyReview, marketing: Team, idris: User, company: Company
) -> None:
    for line in review.content["lines"]:
        line["name"] = f"{HOSTILE} {'x' * 300}"
    review.content["letter"]["teams"][0]["name"] = HOSTILE
    review.content["letter"]["star"]["verdict"] = HOSTILE
    found = mailing.write(review, idris, company)
    assert '<b>"Bold' not in found.html and "&lt;b&gt;" in found.html
    assert HOSTILE in found.text
    assert "x" * 100 not in found.html


def test_the_number_of_queries_does_not_grow_with_the_teams(
    review: WeeklyReview, idris: User, company: Company
) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            mailing.write(review, idris, company)
        return len(seen)

    few = queries()
    Preference.objects.create(user=idris)
    for number in range(12):
        team = Team.objects.create(name=f"T{number}", slug=f"t{number}")
        Membership.objects.create(team=team, user=idris)
        idris.preference.weekly_teams.add(team)
    assert queries() == few <= 3


def test_what_waits_for_the_reader_has_one_link_each(
    review: WeeklyReview, company: Company, idris: User
) -> None:
    told = Reminder.objects.create(
        key="a",
        rule="half_way",
        occurs_on=TODAY,
        subject="Half-time",
        text="x",
        path="/omtms/1/",
        action="Hold it",
    )
    told.deliveries.create(recipient=idris, channel="app", state="sent")
    found = mailing.write(review, idris, company)
    assert f"Half-time\nHold it: {mailing.settings.SITE_URL}/omtms/1/" in found.text
