"""The whole life of one bet as its people live it, from the bottleneck to the lesson that others read."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core import mail
from playwright.sync_api import Page, expect

from metrics.models import Metric
from northstar.lib import clock
from teams import evaluating, lifecycle
from teams.models import CheckIn, Omtm, Team, User
from teams.reminders import delivering, reminding, rules
from tests.e2e.conftest import PHONE
from tests.metrics.funnels import pirates
from tests.metrics.stars import drive, make_star
from tests.teams.posting import next_morning

pytestmark = pytest.mark.django_db(transaction=True)
BERLIN = ZoneInfo("Europe/Berlin")
MONDAY = date(2026, 11, 23)
FIRST = date(2026, 4, 27)
TRIALS = 600


@pytest.fixture
def moving() -> Iterator[Any]:
    """The clocks of the product; those of the browser stay as they are."""
    with time_machine.travel(datetime(2026, 11, 23, 10, tzinfo=BERLIN), tick=True) as traveller:
        yield traveller


@pytest.fixture
def rate(moving: Any, make_metric: Callable[..., Metric], make_weeks: Callable[..., None]) -> Metric:
    """Activation rate, about 24 % of 600 trials in each of the thirty weeks up to now."""
    metric = make_metric(
        "Activation rate", slug="activation-rate", kind="ratio", unit="%", decimals=1,
        definition="Trials that run three jobs in their first week.",
    )  # fmt: skip
    make_weeks(metric, FIRST.isoformat(), [(144 + n % 5 - 2, TRIALS) for n in range(30)])
    return metric


@pytest.fixture
def funnel(rate: Metric, marketing: Team, make_metric: Any, make_weeks: Any) -> None:
    """The steps of the customers' way; the narrow one belongs to Marketing."""
    star = make_star(make_metric, make_weeks)
    drive(star, rate, edge="influences")
    narrow = pirates(star)["activation"]
    narrow.metric = rate
    narrow.save()
    narrow.counts.all().delete()
    marketing.stages.add(narrow)
    evaluating.evaluate(clock.now())


@pytest.fixture
def live(moving: Any, rate: Metric, make_weeks: Any) -> Callable[..., None]:
    """`live(day, converted)`: time passes up to 09:00 of `day`, and `converted` trials a week come in."""

    def until(day: date, converted: list[int]) -> None:
        moving.move_to(datetime(day.year, day.month, day.day, 9, tzinfo=BERLIN))
        newest = rate.observations.order_by("-period_start").values_list("period_start", flat=True)[0]
        make_weeks(rate, str(newest + timedelta(weeks=1)), [(each, TRIALS) for each in converted])
        lifecycle.advance(day)
        evaluating.evaluate(clock.now())
        reminding.remind(clock.now())

    return until


def test_from_the_bottleneck_to_the_lesson_that_the_next_team_reads(
    open_page: Callable[..., Page], axe: Callable[..., None], funnel: None,
    live: Callable[..., None], idris: User, teo: User, yuki: User,
) -> None:  # fmt: skip
    lead = open_page(idris)
    bet = candidate_of_the_bottleneck(lead)
    axe(lead)
    score(lead, impact=9, confidence=7, ease=6)
    member = open_page(teo)
    member.goto(f"/omtms/{bet.pk}/")
    score(member, impact=8, confidence=5, ease=6)
    say_whether_in(member, "with a concern", "Who answers the calls that this will bring?")
    say_whether_in(lead, "I will put this first")
    answer_the_concern(lead, "Teo", "The phone rota, from the first day.")
    start(lead)
    bet.refresh_from_db()
    assert (bet.state, bet.target) == ("active", Decimal("0.32"))

    live(MONDAY + timedelta(days=15), [148, 151])
    check_in_from_the_mail(open_page(viewport=PHONE), "teo@example.com")
    assert CheckIn.objects.get().via == "link"

    half = rules.half_way_day(bet.start, bet.end, "DE")
    live(half, [156, 161, 164, 168][: (half - MONDAY).days // 7 - 2])
    lead = open_page(idris)
    expect_check_in(lead, bet)
    hold_half_way(lead, bet)

    weeks = (bet.end - MONDAY).days // 7 + 1
    done = bet.metric.observations.filter(period_start__gte=MONDAY).count()
    live(bet.end + timedelta(days=3), [193] * (weeks - done))
    bet.refresh_from_db()
    assert bet.state == "in_review"
    close(open_page(idris), bet)
    bet.refresh_from_db()
    assert (bet.state, bet.outcome, bet.verdict) == ("retired", "achieved", "supported")

    reader = open_page(yuki)
    reader.goto("/lessons/?q=import")
    expect(reader.get_by_text("Import the list of jobs first.").first).to_be_visible()
    axe(reader)
    write_down_the_same_idea(reader)
    expect(reader.get_by_role("heading", name="Tried before")).to_be_visible()
    expect(reader.get_by_text("Import the list of jobs first.").first).to_be_visible()
    axe(reader)


def candidate_of_the_bottleneck(page: Page) -> Omtm:
    page.goto("/funnel/")
    expect(page.get_by_text("Bottleneck").first).to_be_visible()
    page.get_by_role("button", name="Make it a candidate").first.click()
    expect(page.get_by_text("32.0%").first).to_be_visible()
    bet = Omtm.objects.get()
    page.get_by_role("button", name="Propose it").click()
    expect(page.get_by_text("Proposed").first).to_be_visible()
    return bet


def score(page: Page, *, impact: int, confidence: int, ease: int) -> None:
    for name, points in (("Impact", impact), ("Confidence", confidence), ("Ease", ease)):
        question = page.get_by_role("group", name=re.compile(f"^{name}:"))
        question.get_by_role("radio", name=str(points), exact=True).check()
    page.get_by_role("button", name="Keep my score").click()
    expect(page.get_by_text("Change your score")).to_be_visible()


def say_whether_in(page: Page, answer: str, concern: str = "") -> None:
    page.get_by_role("radio", name=answer).check()
    if concern:
        page.get_by_label("Your concern").fill(concern)
    page.get_by_role("button", name="Tell the team").click()
    expect(page.get_by_text("Change your answer")).to_be_visible()


def answer_the_concern(page: Page, who: str, words: str) -> None:
    page.get_by_text("Answer it", exact=True).click()
    page.get_by_label(f"Your answer to {who}").fill(words)
    page.get_by_role("button", name="Answer", exact=True).click()
    expect(page.get_by_text(words)).to_be_visible()


def start(page: Page) -> None:
    page.get_by_role("link", name="Commit this one").click()
    page.get_by_label("Why", exact=True).fill(
        "We believe that importing the customer's own job list gets trials to three jobs."
    )
    if page.get_by_label("None, because").is_visible():
        page.get_by_label("None, because").fill("Nothing else is touched.")
    page.wait_for_load_state("networkidle")
    page.get_by_role("button", name="Start today").click()
    expect(page.get_by_role("heading", name="Trial to active", level=1)).to_be_visible()


def check_in_from_the_mail(page: Page, address: str) -> None:
    """What somebody does on the way to work: open the mail, tap 70 %, one sentence, done."""
    delivering.deliver(next_morning(clock.now()))
    letter = next(each for each in mail.outbox if each.to == [address] and "/check-in/" in str(each.body))
    link = next(part for part in str(letter.body).split() if "/check-in/" in part and "chance=70" in part)
    page.goto(f"{urlsplit(link).path}?{urlsplit(link).query}")
    expect(page.get_by_role("radio", name="70%")).to_be_checked()
    page.get_by_label("Why, in a sentence").fill("The import is live for half of them.")
    page.get_by_role("button", name="Check in").click()
    expect(page.get_by_text("Thank you").first).to_be_visible()


def expect_check_in(page: Page, bet: Omtm) -> None:
    page.goto(f"/omtms/{bet.pk}/")
    expect(page.get_by_text("The import is live for half of them.").first).to_be_visible()


def hold_half_way(page: Page, bet: Omtm) -> None:
    page.get_by_role("link", name="Half-way review").first.click()
    page.get_by_label("What happened so far").fill(
        "The import works, and trials come back on the second day."
    )
    page.get_by_role("radio", name="Cannot tell yet").check()
    page.get_by_role("radio", name="Keep going").check()
    page.get_by_role("button", name="Record the review").click()
    expect(page.get_by_text("is recorded").first).to_be_visible()


def close(page: Page, bet: Omtm) -> None:
    page.goto(f"/omtms/{bet.pk}/")
    page.get_by_role("link", name="Open review").click()
    page.get_by_label("What happened").fill("Trials that begin with their own jobs stay.")
    page.get_by_role("radio", name="Supported", exact=True).check()
    page.get_by_role("radio", name="Retire").first.check()
    page.get_by_label("What should another team").fill("Import the list of jobs first.")
    page.get_by_role("button", name="Record the review").click()
    expect(page.get_by_text("Achieved").first).to_be_visible()


def write_down_the_same_idea(page: Page) -> None:
    page.goto("/teams/platform/candidates/new/")
    metric = Metric.objects.get(slug="activation-rate")
    page.locator("#id_metric").select_option(value=str(metric.pk))
    page.get_by_role("button", name=re.compile("Save|Keep|Write")).first.click()
