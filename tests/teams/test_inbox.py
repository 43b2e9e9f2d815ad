"""The inbox: what is told to me, why, and what following it marks; of nobody else's."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from metrics.models import Metric
from northstar.lib import clock as clocks
from teams.models import Channel, Delivery, Omtm, Reminder, Team, User
from teams.reminders import reminding, told
from tests.northstar.world import as_somebody
from tests.teams.bets import omtm_of


@pytest.fixture(autouse=True)
def _clock(clock: Any) -> Any:
    return clock


@pytest.fixture
def bet(marketing: Team, make_metric: Callable[..., Metric]) -> Omtm:
    return omtm_of(marketing, make_metric("Qualified trials"))


def tell(user: User, rule: str = "half_way", *, day: str = "2026-11-16", **fields: Any) -> Reminder:
    """A reminder told to this person in the app and by mail."""
    said = {"subject": f"{rule} of {day}", "text": "Ten minutes.", "path": "/funnel/", "action": "Look"}
    number = Reminder.objects.count()
    reminder = Reminder.objects.create(
        key=f"{rule}:{number}", rule=rule, occurs_on=date.fromisoformat(day), **(said | fields)
    )
    for channel in ("app", "email"):
        Delivery.objects.create(reminder=reminder, recipient=user, channel=channel, state="sent")
    return reminder


def text_of(client: Client, path: str = "/inbox/") -> str:
    return str(client.get(path).content.decode())


def bell(page: str) -> str:
    found = re.search(r'class="bell".*?</a>', page, re.DOTALL)
    assert found
    return " ".join(re.sub(r"<[^>]+>", " ", found[0]).split(">", 1)[-1].split())


def test_it_shows_the_newest_of_each_thing_first_and_the_bell_counts_them(teo: User, bet: Omtm) -> None:
    tell(teo, "half_way", omtm=bet, day="2026-11-10")
    tell(teo, "two_weeks_left", omtm=bet, day="2026-11-12")
    tell(teo, "source_failing", day="2026-11-16")
    page = text_of(as_somebody(teo))
    assert "half_way of" not in page
    assert page.index("source_failing of") < page.index("two_weeks_left of")
    assert bell(page) == "Inbox 2 new"


def test_an_empty_inbox_is_friendly_and_the_bell_silent(teo: User) -> None:
    page = text_of(as_somebody(teo))
    assert "Nothing new" in page and bell(page) == "Inbox"


def test_what_is_told_to_others_is_nowhere(teo: User, idris: User) -> None:
    tell(idris, subject="Only for Idris")
    assert "Only for Idris" not in text_of(as_somebody(teo))


def test_got_it_takes_it_to_the_earlier_ones_and_comes_back_here(teo: User, bet: Omtm) -> None:
    tell(teo, "half_way", omtm=bet)
    other = tell(teo, "minutes")
    client = as_somebody(teo)
    row = reminding.unseen(teo)[0]
    answer = client.post(f"/reviews/reminders/{row.pk}/seen/", {"from_inbox": "1"})
    assert answer["Location"] == "/inbox/"
    assert [each.reminder for each in reminding.unseen(teo)] == [other]
    assert "read · 16 Nov" in text_of(client)


def test_acknowledging_one_thing_says_nothing_of_others_without_a_bet(teo: User) -> None:
    """Minutes, alerts and channels have neither bet nor North Star, and are not about the same for that."""
    tell(teo, "alert", day="2026-11-10")
    tell(teo, "minutes", day="2026-11-11")
    newest = reminding.unseen(teo)[-1]
    reminding.acknowledge(newest, clocks.now())
    assert [row.reminder.rule for row in reminding.unseen(teo)] == ["alert"]


@pytest.mark.parametrize(
    "who, rule, words",
    [
        (
            "idris",
            "half_way",
            "“Tell me at half-time of a focus.” It concerns you because you lead Marketing.",
        ),
        ("teo", "half_way", "because you are in Marketing."),
        ("maren", "half_way", "because you lead the company."),
        ("maren", "source_failing", "because you run the sources. Everybody decides on numbers"),
        ("vera", "weekly_ready", "because you chose the weekly mail."),
        ("vera", "alert", "because you made this alert."),
        ("vera", "channel_broken", "because you connected this chat."),
    ],
)
def test_it_says_why(request: Any, bet: Omtm, who: str, rule: str, words: str) -> None:
    user = request.getfixturevalue(who)
    tell(user, rule, omtm=bet if rule == "half_way" else None)
    assert words in text_of(as_somebody(user))


def test_what_is_always_told_offers_no_way_to_turn_it_off(teo: User) -> None:
    tell(teo, "window_ended")
    assert "Fewer of these" not in text_of(as_somebody(teo))
    tell(teo, "half_way")
    assert "Fewer of these" in text_of(as_somebody(teo))


def test_following_leads_to_our_page_and_marks_every_telling_of_it_to_me(teo: User, idris: User) -> None:
    reminder = tell(teo)
    Delivery.objects.create(reminder=reminder, recipient=idris, channel="app", state="sent")
    answer = as_somebody(teo).get(f"/told/{reminder.pk}/?next=https://evil.example/")
    assert (answer.status_code, answer["Location"]) == (302, "/funnel/")
    acted = Delivery.objects.exclude(acted_at=None).values_list("recipient__name", "channel")
    assert sorted(acted) == [("Teo Lindqvist", "app"), ("Teo Lindqvist", "email")]
    assert reminding.unseen(teo) == [] and len(reminding.unseen(idris)) == 1


def test_whoever_is_not_signed_in_signs_in_first_and_nothing_is_marked(teo: User) -> None:
    """A scanner of mail opens every link: it is nobody."""
    reminder = tell(teo)
    answer = as_somebody(None).get(f"/told/{reminder.pk}/")
    assert answer["Location"] == f"/accounts/login/?next=/told/{reminder.pk}/"
    assert not Delivery.objects.exclude(acted_at=None).exists()


def test_what_was_told_to_somebody_else_and_what_never_was_look_the_same(teo: User, idris: User) -> None:
    foreign = tell(idris, path="/secret/").pk
    client = as_somebody(teo)
    answers = [client.get(f"/told/{pk}/", follow=True) for pk in (foreign, foreign + 1000, 10**17)]
    assert {answer.redirect_chain[0][0] for answer in answers} == {"/inbox/"}
    assert all("told to somebody else, or is gone" in answer.content.decode() for answer in answers)
    assert not Delivery.objects.exclude(acted_at=None).exists()


def test_a_number_that_no_database_holds_is_a_page_that_does_not_exist(teo: User) -> None:
    assert as_somebody(teo).get(f"/told/{'9' * 30}/", follow=True).status_code in (200, 404)


def test_following_is_reading_and_nothing_else(teo: User) -> None:
    reminder = tell(teo)
    for method in ("POST", "PUT", "DELETE"):
        assert as_somebody(teo).generic(method, f"/told/{reminder.pk}/").status_code == 405
    assert not Delivery.objects.exclude(acted_at=None).exists()


def test_who_reads_a_shared_chat_may_follow_what_it_was_told(vera: User, marketing: Team) -> None:
    chat = Channel.objects.create(kind="slack", label="#growth", team=marketing)
    reminder = tell(marketing_lead(marketing))
    Delivery.objects.create(reminder=reminder, channel="chat", via=chat, state="sent")
    assert as_somebody(vera).get(f"/told/{reminder.pk}/")["Location"] == "/funnel/"
    assert not Delivery.objects.exclude(acted_at=None).exists()


def marketing_lead(marketing: Team) -> User:
    return User.objects.create_user("lead@example.com", name="A Lead")


def test_the_address_is_whole(teo: User, settings: Any) -> None:
    settings.SITE_URL = "https://northstar.example.com"
    reminder = tell(teo)
    assert told.address(reminder) == f"https://northstar.example.com/told/{reminder.pk}/"


def test_names_are_shown_as_they_are(teo: User) -> None:
    tell(teo, subject="<script>alert(1)</script>", text="<b>bold</b>")
    page = text_of(as_somebody(teo))
    assert "<script>alert" not in page and "<b>bold" not in page and "&lt;b&gt;bold" in page


def test_reading_it_costs_as_many_queries_for_thirty_as_for_two(
    teo: User, marketing: Team, make_metric: Callable[..., Metric]
) -> None:
    client, metric = as_somebody(teo), make_metric()

    def more(count: int) -> int:
        for number in range(count):
            day = f"2026-11-{1 + number % 16:02}"
            team = Team.objects.create(name=f"T{Team.objects.count()}", slug=f"t{Team.objects.count()}")
            tell(teo, "half_way", omtm=omtm_of(team, metric), day=day)
            tell(teo, "minutes", day=day, closed_at=clocks.now())
        with CaptureQueriesContext(connection) as queries:
            client.get("/inbox/")
        return len(queries)

    client.get("/inbox/")
    assert more(1) == more(28)


def test_the_page_of_reviews_keeps_what_concerns_reviews(teo: User, bet: Omtm) -> None:
    tell(teo, "half_way", omtm=bet, subject="A review")
    tell(teo, "source_failing", subject="A source", text="A source fails.")
    page = text_of(as_somebody(teo), "/reviews/")
    assert "A review" in page and "A source" not in page
