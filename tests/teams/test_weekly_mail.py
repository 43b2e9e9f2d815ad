"""The weekly letter on its way: once a week, whole in every mail program, never without its charts."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from email import policy
from email.parser import BytesParser
from typing import Any

import pytest
import time_machine
from tinyhtml5 import parser

from metrics.charts import letters, sketch
from metrics.charts.picture import size
from metrics.models import Company, Metric, Source
from teams import weekly
from teams.channels import email
from teams.digests import announcing, letter, mailing, pictures
from teams.models import Channel, Delivery, Membership, Preference, Reminder, Team, User, WeeklyReview
from teams.reminders import delivering, reminding
from tests.cast import person
from tests.metrics.charts.cases import focus
from tests.teams.posting import PostOffice, post_office
from tests.teams.weekly_letters import NINE, NOON, SEVEN, SUNDAY, Page, frozen_week, kept_week, part, styles
from tests.teams.weekly_letters import pictures as pictures_of

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]
EIGHT = datetime(2026, 11, 16, 7, 0, tzinfo=UTC)
MOST_BYTES = 150 * 1024


@pytest.fixture(autouse=True)
def _monday() -> Iterator[None]:
    with time_machine.travel(SUNDAY, tick=False):
        yield


@pytest.fixture
def office(settings: Any) -> Iterator[PostOffice]:
    with post_office(settings) as office:
        yield office


@pytest.fixture
def review(
    marketing: Team, idris: User, make_metric: Callable[..., Metric], make_weeks: Callable[..., None]
) -> WeeklyReview:
    """Idris leads Marketing, and is the only one who is told."""
    User.objects.exclude(pk=idris.pk).update(is_active=False)
    return kept_week(make_metric, make_weeks, marketing)


def mailed() -> list[str]:
    rows = Delivery.objects.filter(reminder__rule="weekly_ready", channel="email", state="due")
    return sorted(rows.values_list("recipient__email", flat=True))


def test_everybody_is_told_once_a_week(review: WeeklyReview, maren: User) -> None:
    User.objects.filter(pk=maren.pk).update(is_active=True)
    assert [announcing.announce(SEVEN), announcing.announce(NOON)] == [1, 0]
    (told,) = Reminder.objects.filter(rule="weekly_ready")
    assert (told.key, told.path) == ("weekly_ready:2026-11-09", "/weekly/2026-W46/")
    assert told.text.startswith("Weekly active crews stands at 4,880")
    assert not re.search(r"4,880|5,400", told.plain_text)
    assert mailed() == ["idris@example.com", "maren@example.com"]
    assert told.deliveries.filter(channel="app", state="sent").count() == 2


def test_who_turned_it_off_reads_it_in_the_app_alone(
    review: WeeklyReview, maren: User, settings: Any
) -> None:
    User.objects.filter(pk=maren.pk).update(is_active=True)
    Preference.objects.create(user=maren, weekly_mail=False)
    settings.EMAIL_CONFIGURED = True
    invented = person("kaja@brindlewick.example", "Kaja")
    User.objects.filter(pk=invented.pk).update(is_demo=True)
    User.objects.filter(email="idris@example.com").update(is_active=False)
    assert announcing.announce(SEVEN) == 1
    assert mailed() == []
    assert Delivery.objects.filter(channel="app").count() == 2


def test_what_nobody_has_done_yet_closes_no_letter(review: WeeklyReview) -> None:
    announcing.announce(SEVEN)
    reminding.remind(NINE)
    assert Reminder.objects.get(rule="weekly_ready").closed_at is None


def test_after_weeks_without_a_worker_only_the_newest_is_told(review: WeeklyReview) -> None:
    later, week = SEVEN + timedelta(weeks=3), date(2026, 11, 30)
    assert announcing.announce(later) == 0
    WeeklyReview.objects.create(week=week, frozen_at=later, content=review.content)
    assert announcing.announce(later) == 1
    assert Reminder.objects.get(rule="weekly_ready").key == "weekly_ready:2026-11-30"


def test_a_newer_letter_takes_the_place_of_one_that_waits(review: WeeklyReview) -> None:
    announcing.announce(SEVEN)
    next_week = SEVEN + timedelta(weeks=1)
    WeeklyReview.objects.create(week=date(2026, 11, 16), frozen_at=next_week, content=review.content)
    announcing.announce(next_week)
    assert [each.closed_at is None for each in Reminder.objects.order_by("occurs_on")] == [False, True]


def test_what_an_older_version_froze_is_not_told(review: WeeklyReview) -> None:
    del review.content["letter"]
    review.save()
    assert announcing.announce(SEVEN) == 0


def test_numbers_that_are_complete_at_nine_are_told_at_nine(
    marketing: Team, idris: User, make_metric: Callable[..., Metric], make_weeks: Callable[..., None]
) -> None:
    source = Source.objects.create(name="Stripe", slug="stripe", kind="demo")
    late = make_metric("Signups", source=source)
    make_weeks(late, "2026-08-31", [5] * 10)
    marketing.metrics.add(late)
    assert (weekly.freeze_due(SEVEN), announcing.announce(SEVEN)) == (None, 0)
    make_weeks(late, "2026-11-09", [5])
    Metric.objects.filter(pk=late.pk).update(last_ok_at=NINE)
    assert weekly.freeze_due(NINE) is not None
    assert announcing.announce(NINE) == 1


def test_a_source_that_is_late_at_noon_is_named(
    marketing: Team, idris: User, make_metric: Callable[..., Metric], make_weeks: Callable[..., None]
) -> None:
    late = make_metric("Signups", source=Source.objects.create(name="Stripe", slug="stripe", kind="demo"))
    make_weeks(late, "2026-08-31", [5] * 10)
    marketing.metrics.add(late)
    frozen_week(marketing, make_metric, make_weeks, now=NOON)
    announcing.announce(NOON)
    assert "without the newest values of Stripe" in Reminder.objects.get().text


def test_it_waits_for_the_morning_of_its_reader(
    review: WeeklyReview, office: PostOffice, maren: User
) -> None:
    User.objects.filter(pk=maren.pk).update(is_active=True)
    User.objects.filter(email="idris@example.com").update(zone="America/New_York")
    announcing.announce(SEVEN)
    delivering.deliver(EIGHT)
    assert office.recipients == [["maren@example.com"]]
    delivering.deliver(datetime(2026, 11, 16, 13, 0, tzinfo=UTC))
    assert office.recipients == [["maren@example.com"], ["idris@example.com"]]


def test_it_arrives_whole_through_a_real_server(review: WeeklyReview, office: PostOffice) -> None:
    announcing.announce(SEVEN)
    assert delivering.deliver(EIGHT) == 1
    message = BytesParser(policy=policy.default).parsebytes(office.accepted[0].as_bytes())
    assert message["Subject"].startswith("Weekly active crews 4,880: ")
    assert message["Message-ID"].startswith("<weekly_ready.2026-11-09.")
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert ".weekly_ready." in message["List-Unsubscribe"]
    assert message.get_content_type() == "multipart/related"
    html, found = part(message, "text/html"), pictures_of(message)
    named = {each["src"] for each in Page(html).all("img")}
    assert named == set(found) and len(found) == 4
    assert all(body.startswith(b"\x89PNG") for body in found.values())
    star = next(body for name, body in found.items() if name.startswith("cid:star-light"))
    assert size(star)[0] >= 700
    assert len(office.accepted[0].as_bytes()) <= MOST_BYTES
    text = part(message, "text/plain")
    assert text.startswith("Weekly active crews stands at 4,880") and "Qualified trials" in text
    assert message["List-Unsubscribe"].strip(" <>") in text


def test_the_html_is_valid_and_made_for_old_programs(
    review: WeeklyReview, idris: User, company: Company
) -> None:
    html = mailing.write(review, idris, company).html
    assert _errors(html) == []
    page = Page(html)
    assert all(each["alt"] and each["width"] for each in page.all("img"))
    assert not any(each["src"].startswith("http") for each in page.all("img"))
    site = mailing.settings.SITE_URL
    assert all(each["href"].startswith(f"{site}/") for each in page.all("a"))
    assert all(each.get("role") == "presentation" for each in page.all("table"))
    assert not re.search(r"flex|grid|position:|float:|var\(|light-dark", styles(html))
    assert not {"script", "link", "picture", "svg", "form", "iframe"} & {tag for tag, _ in page.tags}
    assert "prefers-color-scheme: dark" in html and "<!--[if !mso]><!-->" in html


def _errors(html: str) -> list[str]:
    reader = parser.HTMLParser()
    reader._parse(html)
    return [str(error) for error in reader.errors]


def test_where_a_picture_cannot_be_drawn_no_letter_leaves_and_the_status_page_says_why(
    review: WeeklyReview, office: PostOffice, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    announcing.announce(SEVEN)
    pictures._drawn.cache_clear()
    monkeypatch.setattr(letters, "FOLDER", tmp_path)
    for hours in (0, 1, 2, 6, 24, 25):
        now = EIGHT + timedelta(hours=hours)
        assert delivering.deliver(now) == 0
    assert office.accepted == []
    count, error = delivering.failed(now)
    assert count == 1 and "could not be drawn" in error and "inter-400" in error


def test_a_letter_about_many_teams_stays_small_and_says_what_it_leaves_out(
    review: WeeklyReview, idris: User, office: PostOffice
) -> None:
    known, line = review.content["letter"], next(each for each in review.content["lines"] if each["team"])
    for number in range(40):
        team = Team.objects.create(name=f"Team with a long name {number}", slug=f"t{number}")
        Membership.objects.create(team=team, user=idris)
        keys = [f"omtm:{900 + 3 * number + place}" for place in range(3)]
        for key in keys:
            # As heavy as drawings become: each another one.
            busy = sketch.line(
                focus([0.2 + 0.1 * ((7 * n * (number + 2)) % 5) for n in range(30)]),
                width=232,
                height=56,
                small=True,
            )
            known["bets"][key] = known["bets"][line["key"]] | {"spark": busy}
            review.content["lines"].append(line | {"key": key, "name": f"{key} {'of a long name ' * 4}"})
        known["teams"].append(
            {"id": team.pk, "name": team.name, "path": "/teams/x/", "bets": keys, "none": ""}
        )
    review.save()
    announcing.announce(SEVEN)
    delivering.deliver(EIGHT)
    (message,) = office.accepted
    assert 100 * 1024 < len(message.as_bytes()) <= MOST_BYTES
    html = part(message, "text/html")
    assert "11 more teams stand on the page of the week" in html
    assert "Its drawing is on its page." in html


def test_a_chat_of_a_team_is_told_its_own_part_and_one_of_the_company_the_verdict(
    marketing: Team, platform: Team, make_metric: Callable[..., Metric], make_weeks: Callable[..., None]
) -> None:
    kept_week(make_metric, make_weeks, marketing, platform)
    for team in (marketing, platform, None):
        Channel.objects.create(kind="slack", label=f"#{team or 'all'}", team=team, rules=["weekly_ready"])
    Channel.objects.create(kind="slack", label="#other", team=marketing, rules=["half_way"])
    assert announcing.announce(SEVEN) == 3
    rows = Delivery.objects.filter(recipient=None).order_by("via__label")
    told = {row.via.label: row.reminder.text for row in rows if row.via}
    assert set(told) == {"#Marketing", "#Platform", "#all"}
    assert "Qualified trials" in told["#Marketing"]
    assert told["#Platform"].startswith("Platform: No focus metric yet.")
    assert told["#all"].startswith("Weekly active crews stands at")


def test_the_letter_is_the_same_each_time_it_is_written(
    review: WeeklyReview, idris: User, company: Company
) -> None:
    told = email.Letter(idris, [Reminder(key="weekly_ready:2026-11-09", rule="weekly_ready")], "n")
    one, two = (mailing.of(review, told, company, page="") for _ in range(2))
    assert one.body == two.body
    assert one.alternatives == two.alternatives
    assert one.extra_headers == two.extra_headers
    assert letter.headline(review, SEVEN.date())[0] == one.subject
