"""What waits for teams and people, and what the calendar says of North Stars: M1, M12 to M16."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from metrics.models import (
    ChartDocument,
    Funnel,
    Metric,
    NorthStar,
    NorthStarTarget,
    NorthStarVersion,
)
from teams import committing
from teams.models import Channel, Delivery, Membership, Omtm, Reminder, Review, Snooze, Team, User
from teams.reminders import reminding
from tests.cast import person
from tests.teams.bets import candidate_of, omtm_of, settle

NBSP = "\N{NO-BREAK SPACE}"


def at(day: str, clock: str = "09:00") -> datetime:
    """A moment by the clocks of Berlin in winter."""
    return datetime.fromisoformat(f"{day}T{clock}+01:00").astimezone(UTC)


def told(rule: str) -> set[str]:
    rows = Delivery.objects.filter(reminder__rule=rule, channel="app")
    return set(rows.values_list("recipient__name", flat=True))


def of(rule: str, **fields: Any) -> Reminder:
    return Reminder.objects.get(rule=rule, **fields)


@pytest.fixture
def trials(make_metric: Callable[..., Metric]) -> Metric:
    return make_metric("Qualified trials")


@pytest.fixture
def cast(marketing: Team, idris: User, teo: User, maren: User) -> None:
    settle()


def test_a_window_that_starts_is_told_to_the_team_and_its_chat_for_a_week(
    cast: None, marketing: Team, trials: Metric
) -> None:
    chat = Channel.objects.create(team=marketing, kind="slack", label="#marketing", rules=["window_started"])
    omtm_of(marketing, trials, start="2026-11-23")
    settle()
    reminding.remind(at("2026-11-23"))
    reminder = of("window_started")
    assert reminder.text == (
        f"A new focus for Marketing: Qualified trials, from 400{NBSP}trials to 560{NBSP}trials by 22 March. "
        "Half-time is around 22 January. What will you try first?"
    )
    assert "400" not in reminder.plain_text and reminder.urgent is False
    assert told("window_started") == {"Idris Vane", "Teo Lindqvist"}
    assert Delivery.objects.get(recipient=None).via == chat
    reminding.remind(at("2026-12-07"))
    assert of("window_started").closed_at is not None
    Reminder.objects.all().delete()
    reminding.remind(at("2026-12-02"))
    assert not Reminder.objects.filter(rule="window_started").exists(), "it is no news any more"


def test_a_team_without_a_focus_is_told_after_14_days_and_every_month_with_the_leaders(
    cast: None, marketing: Team, trials: Metric
) -> None:
    ended = omtm_of(marketing, trials, start="2026-06-01", state="retired", retired_at=at("2026-10-03"))
    funnel = Funnel.objects.create(name="Pirate", slug="pirate")
    steps = {"narrow": 7, "chain": [{"pk": 7, "stage": "Activation"}], "apart": []}
    ChartDocument.objects.create(
        key=f"funnel:{funnel.pk}", figure="{}", version="1", drawn_on=date(2026, 11, 1),
        facts={"windows": {str(funnel.weeks_read): steps}},
    )  # fmt: skip
    reminding.remind(at("2026-10-16"))
    assert not Reminder.objects.filter(rule="no_focus").exists()
    reminding.remind(at("2026-10-17"))
    assert of("no_focus").text == (
        "Marketing has had no focus metric since 3 October. The funnel suggests Activation. "
        "Which number would help most now?"
    )
    assert (of("no_focus").path, told("no_focus")) == ("/teams/marketing/candidates/", {"Idris Vane"})
    reminding.remind(at("2027-01-20"))
    assert Reminder.objects.filter(rule="no_focus").count() == 2, "of three months the newest"
    assert told("no_focus") == {"Idris Vane", "Maren Tolk"}
    Omtm.objects.filter(pk=ended.pk).update(state="active", end=date(2027, 3, 1))
    reminding.remind(at("2027-01-21"))
    assert not Reminder.objects.filter(rule="no_focus", closed_at=None).exists()


def test_an_archived_team_is_not_asked_for_a_focus(cast: None, marketing: Team) -> None:
    Team.objects.update(created_at=at("2026-01-01"), archived_at=at("2026-10-01"))
    assert reminding.remind(at("2026-11-23")) == 0


def test_a_candidate_that_waits_for_more_than_ten_days_is_told_to_who_decides(
    cast: None, marketing: Team, trials: Metric
) -> None:
    idea = candidate_of(marketing, trials, proposed_at=at("2026-11-10"))
    Membership.objects.update(since=at("2026-01-01"))
    reminding.remind(at("2026-11-20"))
    assert not Reminder.objects.filter(rule="candidate_waits").exists()
    reminding.remind(at("2026-11-21"))
    assert of("candidate_waits").text == (
        "Qualified trials (Marketing) has waited 11 days for a decision. "
        "Commit to it, change it, or say no: all help."
    )
    assert told("candidate_waits") == {"Idris Vane"}
    Omtm.objects.filter(pk=idea.pk).update(approval_asked_at=at("2026-11-22"))
    reminding.remind(at("2026-12-03"))
    assert told("candidate_waits") == {"Idris Vane", "Maren Tolk"}
    Omtm.objects.filter(pk=idea.pk).update(state="withdrawn")
    reminding.remind(at("2026-12-04"))
    assert not Reminder.objects.filter(rule="candidate_waits", closed_at=None).exists()


def test_whose_answer_is_missing_is_asked_once_five_days_after_the_proposal_or_coming(
    cast: None, marketing: Team, trials: Metric, idris: User, bruno: User
) -> None:
    idea = candidate_of(marketing, trials, proposed_at=at("2026-11-10"), baseline=Decimal(400), unit="trials")
    Membership.objects.create(team=marketing, user=bruno, role="member")
    Membership.objects.update(since=at("2026-01-01"))
    committing.answer(idea, idris, answer="in")
    reminding.remind(at("2026-11-14"))
    assert not Reminder.objects.filter(rule="commitment_missing").exists()
    reminding.remind(at("2026-11-15"))
    assert told("commitment_missing") == {"Teo Lindqvist"}, "Bruno has left"
    assert of("commitment_missing").text == (
        f"Marketing asks who puts Qualified trials first: from 400{NBSP}trials to 560{NBSP}trials by "
        "22 February. Are you in, in with a concern, or not in? Any answer helps."
    )
    newcomer = person("lene@example.com", "Lene Moor")
    Membership.objects.create(team=marketing, user=newcomer, role="member")
    Membership.objects.filter(user=newcomer).update(since=at("2026-11-20"))
    reminding.remind(at("2026-11-25"))
    assert told("commitment_missing") == {"Teo Lindqvist", "Lene Moor"}
    committing.answer(idea, newcomer, answer="in")
    reminding.remind(at("2026-11-26"))
    still = Reminder.objects.filter(rule="commitment_missing", closed_at=None)
    assert [row.deliveries.filter(channel="app").get().recipient.name for row in still] == ["Teo Lindqvist"]


def test_a_snooze_keeps_the_leads_reminder_back_and_never_the_leaders(
    cast: None, marketing: Team, trials: Metric
) -> None:
    bet = omtm_of(marketing, trials, start="2026-09-01", state="in_review")
    settle()
    reminding.remind(at("2027-01-04"))
    Snooze.objects.create(omtm=bet, until=date(2027, 1, 23), reason="Trade fair")
    reminding.remind(at("2027-01-21"))
    assert not Reminder.objects.filter(rule="review_overdue").exists()
    assert told("review_escalated") == {"Maren Tolk"}
    reminding.remind(at("2027-01-23"))
    assert told("review_overdue") == {"Idris Vane"}


@pytest.fixture
def star(maren: User, vera: User, make_metric: Callable[..., Metric]) -> NorthStar:
    """Of the unit Crews; Vera owns it."""
    star = NorthStar.objects.create(
        name="Crews",
        scope="unit",
        unit="Field",
        state="active",
        owner=vera,
        next_review_on=date(2026, 12, 10),
    )
    NorthStarVersion.objects.create(
        north_star=star, version_no=1, effective_from=date(2026, 1, 5), plain_definition="Crews.",
        metric=make_metric("Crews", unit="crews"), value_proposition="We win.",
    )  # fmt: skip
    return star


def test_the_north_star_of_a_unit_is_reviewed_in_its_rhythm(
    star: NorthStar, client: Client, maren: User
) -> None:
    reminding.remind(at("2026-11-26"))
    reminder = of("north_star_review")
    assert (reminder.path, told("north_star_review")) == (f"/north-star/{star.pk}/review/", {"Vera Holm"})
    assert Review.objects.get().due_on == date(2026, 12, 10)
    client.force_login(maren)
    page = client.get(reminder.path)
    assert page.status_code == 200 and "Crews" in page.content.decode()
    NorthStar.objects.update(next_review_on=date(2027, 6, 10))
    reminding.remind(at("2026-12-11"))
    assert of("north_star_review").closed_at is not None


def test_the_day_of_a_target_is_told_to_leaders_thirty_days_before_and_on_it(star: NorthStar) -> None:
    NorthStar.objects.update(next_review_on=None)
    target = NorthStarTarget.objects.create(
        north_star=star, horizon="short", target_value=Decimal(5400), due_date=date(2026, 12, 31),
        baseline_value=Decimal(4000), baseline_date=date(2026, 1, 1), set_on=date(2026, 1, 1),
    )  # fmt: skip
    reminding.remind(at("2026-11-30"))
    assert not Reminder.objects.exists()
    reminding.remind(at("2026-12-01"))
    reminder = of("north_star_target")
    assert reminder.text == (
        f"30 days to the target of Crews: 5,400{NBSP}crews by 31 December. Decide what you aim for next."
    )
    assert "5,400" not in reminder.plain_text and told("north_star_target") == {"Maren Tolk"}
    reminding.remind(at("2026-12-31"))
    assert Reminder.objects.filter(rule="north_star_target").count() == 2
    assert Reminder.objects.latest("id").subject == "The day of the target of Crews has come"
    NorthStarTarget.objects.filter(pk=target.pk).update(superseded_on=date(2027, 1, 2))
    reminding.remind(at("2027-01-02"))
    assert not Reminder.objects.filter(closed_at=None).exists()
