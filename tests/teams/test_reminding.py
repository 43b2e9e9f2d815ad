"""Who is told what, when: rows that are written once, whatever runs how often or not for days."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from metrics.models import Company, Metric, NorthStar, NorthStarVersion
from teams import tasks
from teams.models import Delivery, HealthSnapshot, Membership, Omtm, Reminder, Review, Team, User
from teams.reminders import of_bets, of_people, reminding, rules
from teams.reminders.merging import newest_of_each
from tests.cast import person
from tests.teams.bets import at_once, omtm_of, settle, shared_between_threads

SEVEN = "07:00"


def at(day: str, clock: str = "09:00") -> datetime:
    """A moment by the clocks of Berlin in winter."""
    return datetime.fromisoformat(f"{day}T{clock}+01:00").astimezone(UTC)


def told(rule: str, channel: str = "app") -> set[str]:
    rows = Delivery.objects.filter(reminder__rule=rule, channel=channel)
    return set(rows.values_list("recipient__name", flat=True))


@pytest.fixture
def trials(make_metric: Callable[..., Metric]) -> Metric:
    return make_metric("Qualified trials")


@pytest.fixture
def bet(marketing: Team, trials: Metric, idris: User, teo: User, maren: User, yuki: User, vera: User) -> Omtm:
    """The worked example of the domain: 1 September to 31 December 2026."""
    bet = omtm_of(marketing, trials, start="2026-09-01")
    settle()
    return bet


def test_the_half_way_reminder_carries_the_figures_and_goes_to_the_whole_team(bet: Omtm) -> None:
    HealthSnapshot.objects.create(
        omtm=bet,
        as_of_week=date(2026, 10, 19),
        state="on_track",
        reason="",
        reading=481,
        pace=470,
        inputs_hash="a",
    )
    reminding.remind(at("2026-11-02"))
    reminder = Reminder.objects.get()
    assert reminder.key == f"half_way:omtm:{bet.pk}:2026-11-01"
    assert reminder.subject == "Half-time for Qualified trials"
    assert reminder.text == (
        "Half-time for Qualified trials. It stands at 481\N{NO-BREAK SPACE}trials, the plan says "
        "470\N{NO-BREAK SPACE}trials. Ten minutes: keep going, change what we do, or stop early?"
    )
    assert reminder.path == f"/omtms/{bet.pk}/half-way/"
    assert told("half_way") == told("half_way", "email") == {"Idris Vane", "Teo Lindqvist"}


def test_two_weeks_before_the_end_the_leaders_are_told_too(bet: Omtm) -> None:
    reminding.remind(at("2026-12-17"))
    reminder = Reminder.objects.get(rule="two_weeks_left")
    assert reminder.text.startswith("Two weeks to go for Qualified trials: no reading yet, aiming at 560")
    assert told("two_weeks_left") == {"Idris Vane", "Teo Lindqvist", "Maren Tolk"}


def test_the_words_stay_true_where_they_are_read_days_later(bet: Omtm, maren: User) -> None:
    NorthStar.objects.create(name="Crews", state="active", next_review_on=date(2027, 1, 14))
    reminding.remind(at("2026-12-17"))
    Omtm.objects.update(state="in_review")
    for day in ("2027-01-14", "2027-01-21"):
        reminding.remind(at(day))
    texts = dict(Reminder.objects.order_by("id").values_list("rule", "text"))
    assert "The window closes on 31 December." in texts["two_weeks_left"]
    assert "closed on 31 December and its review is still open" in texts["review_overdue"]
    assert texts["north_star_review"].endswith("It is due on 14 January.")
    assert not [text for text in texts.values() if "today" in text or "days ago" in text]


def test_another_holiday_calendar_takes_nobodys_reminder_away(bet: Omtm) -> None:
    Omtm.objects.update(start=date(2026, 8, 31), end=date(2026, 12, 31))
    Company.objects.update(country="")
    reminding.remind(at("2026-10-31"))
    reminding.remind(at("2026-11-02"))
    assert Reminder.objects.filter(closed_at=None).count() == 1
    Company.objects.update(zone="America/Los_Angeles")
    assert reminding.remind(at("2026-11-02", "10:00")) == 0, "it is still Sunday there"
    assert reminding.remind(at("2026-11-03", "18:00")) == 1, "the check-in of this Tuesday"
    assert Reminder.objects.filter(rule="half_way", closed_at=None).count() == 1


def test_nothing_is_told_before_seven_by_the_clocks_of_the_company(bet: Omtm) -> None:
    assert reminding.remind(at("2026-11-02", "06:59")) == 0
    assert reminding.remind(at("2026-11-02", SEVEN)) == 1


def test_the_same_day_again_tells_nobody_again(bet: Omtm) -> None:
    reminding.remind(at("2026-11-02"))
    before = set(Delivery.objects.values_list("pk", flat=True))
    for hour in range(10, 20):
        assert reminding.remind(at("2026-11-02", f"{hour}:00")) == 0
    assert set(Delivery.objects.values_list("pk", flat=True)) == before


def test_the_end_of_a_window_asks_lead_and_leader_for_what_was_learnt(bet: Omtm) -> None:
    Omtm.objects.update(state="in_review")
    reminding.remind(at("2027-01-04"))
    reminder = Reminder.objects.get()
    assert reminder.text == (
        "The window for Qualified trials closed on 31 December. The numbers are frozen. "
        "Please record what you learnt by 14 January."
    )
    assert told("window_ended") == {"Idris Vane", "Maren Tolk"}


def test_an_open_review_is_escalated_to_leaders_in_other_words(bet: Omtm) -> None:
    Omtm.objects.update(state="in_review")
    for day in ("2027-01-04", "2027-01-14", "2027-01-21", "2027-01-28", "2027-02-04"):
        reminding.remind(at(day))
    assert told("review_overdue") == {"Idris Vane"}
    assert Reminder.objects.filter(rule="review_overdue").count() == 2
    assert told("review_escalated") == {"Maren Tolk"}
    first = Reminder.objects.filter(rule="review_escalated").order_by("occurs_on")[0]
    assert first.text == (
        "Qualified trials (Marketing) has had no review since its window closed on 31 December, "
        "so the team has no agreed next focus. Can you help free an hour?"
    )
    assert Reminder.objects.filter(rule="review_escalated").count() == 3


def test_a_lead_who_is_a_leader_is_told_once_a_day(bet: Omtm, marketing: Team, maren: User) -> None:
    Membership.objects.create(team=marketing, user=maren, role="lead")
    Omtm.objects.update(state="in_review")
    reminding.remind(at("2027-01-21"))
    days = list(
        Delivery.objects.filter(recipient=maren, channel="app", reminder__occurs_on=date(2027, 1, 21))
    )
    assert len(days) == 1


def test_inactive_people_are_never_told(bet: Omtm, idris: User, marketing: Team, bruno: User) -> None:
    Membership.objects.create(team=marketing, user=bruno, role="member")
    User.objects.filter(pk=idris.pk).update(is_active=False)
    Omtm.objects.update(state="in_review")
    reminding.remind(at("2027-01-14"))
    assert told("review_overdue") == {"Maren Tolk"}, "without a lead and an owner it is the leaders"
    assert not Delivery.objects.filter(recipient__is_active=False).exists()


def test_a_team_without_a_lead_is_asked_through_the_owner_of_its_focus(
    bet: Omtm, idris: User, vera: User
) -> None:
    User.objects.filter(pk=idris.pk).update(is_active=False)
    Omtm.objects.update(state="in_review", owner=vera)
    reminding.remind(at("2027-01-14"))
    assert told("review_overdue") == {"Vera Holm"}


def test_a_held_review_closes_its_reminder_and_is_not_asked_for_again(bet: Omtm) -> None:
    reminding.remind(at("2026-11-02"))
    Review.objects.filter(omtm=bet, kind="midpoint").update(held_at=at("2026-11-03"))
    reminding.remind(at("2026-11-04"))
    assert Reminder.objects.get(rule="half_way").closed_at is not None
    assert [row.reminder.rule for row in reminding.unseen(User.objects.get(name="Idris Vane"))] == [
        "check_in"
    ]


def test_a_retired_focus_is_left_alone(bet: Omtm) -> None:
    Omtm.objects.update(state="retired", retired_at=at("2027-01-20"))
    assert reminding.remind(at("2027-02-01")) == 0


def test_ten_missed_days_are_caught_up_once(bet: Omtm) -> None:
    Omtm.objects.update(state="in_review")
    reminding.remind(at("2027-01-13"))
    assert reminding.remind(at("2027-01-23")) == 3, "day 14, day 21 to the lead, day 21 to leaders"
    assert reminding.remind(at("2027-01-23", "12:00")) == 0


def test_the_app_shows_the_newest_reminder_of_a_thing_until_it_is_seen(bet: Omtm, idris: User) -> None:
    Omtm.objects.update(state="in_review")
    reminding.remind(at("2027-01-23"))
    (shown,) = reminding.unseen(idris)
    assert shown.reminder.occurs_on == date(2027, 1, 21)
    reminding.acknowledge(shown, at("2027-01-23"))
    assert reminding.unseen(idris) == []


def test_the_north_star_review_goes_to_its_owner_and_when_late_to_leaders(
    company: object, maren: User, vera: User
) -> None:
    star = NorthStar.objects.create(
        name="Weekly active crews", state="active", owner=vera, next_review_on=date(2026, 12, 10)
    )
    reminding.remind(at("2026-11-26"))
    assert told("north_star_review") == {"Vera Holm"}
    first = Reminder.objects.get()
    assert first.text == (
        "Six months with Weekly active crews. Is it still what customers come for? "
        "Eleven questions, 20 minutes. It is due on 10 December."
    )
    reminding.remind(at("2026-12-24"))
    assert told("north_star_review") == {"Vera Holm", "Maren Tolk"}
    assert Review.objects.get(north_star=star).due_on == date(2026, 12, 10)


def test_a_north_star_without_an_owner_asks_the_leaders(company: object, maren: User) -> None:
    NorthStar.objects.create(name="Crews", state="active", next_review_on=date(2026, 12, 10))
    reminding.remind(at("2026-12-10"))
    assert told("north_star_review") == {"Maren Tolk"}


def test_two_targets_of_one_day_are_two_things(company: object, maren: User, make_metric: Any) -> None:
    star = NorthStar.objects.create(name="Weekly active crews", state="active", owner=maren)
    NorthStarVersion.objects.create(
        north_star=star, version_no=1, effective_from=date(2026, 1, 5), metric=make_metric("Crews"),
        value_proposition="We win.", plain_definition="Crews.",
    )  # fmt: skip
    for horizon in ("short", "annual"):
        star.targets.create(
            horizon=horizon, target_value=5400, due_date=date(2026, 12, 2),
            baseline_value=4000, baseline_date=date(2026, 1, 1), set_on=date(2026, 1, 5),
        )  # fmt: skip
    reminding.remind(at("2026-11-02"))
    mailed = Delivery.objects.filter(reminder__rule="north_star_target", channel="email")
    assert mailed.count() == len(newest_of_each(row.reminder for row in mailed)) == 2
    reminding.remind(at("2026-12-02"))
    assert len(reminding.unseen(maren)) == 2, "of each target the newest"


def test_one_rule_that_fails_holds_up_no_other_and_closes_nothing(
    bet: Omtm, idris: User, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    waiting = Reminder.objects.create(
        key="no_focus:team:1:2026-10-01", rule="no_focus", subject="S", text="T", path="/", action="Look",
        occurs_on=date(2026, 10, 1),
    )  # fmt: skip

    def fail(*_: object) -> list[Any]:
        raise ValueError("a team nobody thought of")

    with monkeypatch.context() as broken:
        broken.setattr(of_people, "wanted", fail)
        assert reminding.remind(at("2026-11-02")) == 1
    assert told("half_way") == {"Idris Vane", "Teo Lindqvist"}
    assert "a team nobody thought of" in caplog.text
    waiting.refresh_from_db()
    assert waiting.closed_at is None
    reminding.remind(at("2026-11-02", "10:00"))
    waiting.refresh_from_db()
    assert waiting.closed_at is not None


def test_one_reminder_that_cannot_be_written_holds_up_no_other(
    bet: Omtm, platform: Team, make_metric: Callable[..., Metric], monkeypatch: pytest.MonkeyPatch
) -> None:
    other = omtm_of(platform, make_metric("Deploys"), start="2026-09-01")
    words = of_bets.wording.of_omtm

    def of_omtm(due: Any, omtm: Omtm, **known: Any) -> Any:
        if omtm == bet:
            raise ValueError("no words for it")
        return words(due, omtm, **known)

    with monkeypatch.context() as broken:
        broken.setattr(of_bets.wording, "of_omtm", of_omtm)
        assert reminding.remind(at("2026-11-02")) == 1
    assert set(Reminder.objects.values_list("omtm", flat=True)) == {other.pk}
    assert reminding.remind(at("2026-11-02", "10:00")) == 1, "it is told as soon as it can be"


def test_mail_leaves_also_where_sources_cannot_be_told_of(
    company: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    rounds = list[datetime]()

    def fail(_: datetime) -> int:
        raise ValueError("an event nobody thought of")

    monkeypatch.setattr(tasks.alerting, "alert", fail)
    monkeypatch.setattr(tasks.delivering, "deliver", rounds.append)
    with pytest.raises(ValueError, match="nobody thought of"):
        tasks.deliver()
    assert len(rounds) == 1


def test_people_of_the_demo_get_no_mail_through_a_real_server(
    bet: Omtm, idris: User, settings: object
) -> None:
    settings.EMAIL_CONFIGURED = True  # type: ignore[attr-defined]
    User.objects.filter(pk=idris.pk).update(is_demo=True)
    reminding.remind(at("2026-11-02"))
    assert told("half_way") == {"Idris Vane", "Teo Lindqvist"}
    assert told("half_way", "email") == {"Teo Lindqvist"}


def test_a_name_with_line_breaks_gives_a_subject_of_one_line(bet: Omtm) -> None:
    Omtm.objects.update(name="Trials\r\nBcc: everybody@example.com")
    reminding.remind(at("2026-11-02"))
    assert Reminder.objects.get().subject == "Half-time for Trials Bcc: everybody@example.com"


@pytest.mark.django_db(transaction=True)
def test_two_at_once_double_nothing(bet: Omtm, tmp_path: Path) -> None:
    with shared_between_threads(tmp_path):
        found = at_once(*[lambda: reminding.remind(at("2026-12-17"))] * 4)
        assert [each for each in found if isinstance(each, Exception)] == []
        assert sum(found) == 3, "half-way, two weeks left, the check-in of Tuesday"
        app = Delivery.objects.filter(channel="app")
        assert at_once(Reminder.objects.count, app.count) == [3, 2 + 3 + 2]


def test_the_number_of_queries_does_not_grow_with_teams(
    bet: Omtm, trials: Metric, django_assert_max_num_queries: Callable[..., object]
) -> None:
    reminding.remind(at("2026-11-02"))
    for number in range(12):
        team = Team.objects.create(name=f"Team {number}", slug=f"team-{number}")
        Membership.objects.create(
            team=team, user=person(f"p{number}@example.com", f"P {number}"), role="lead"
        )
        omtm_of(team, trials, start="2026-10-15")
    with django_assert_max_num_queries(24):
        reminding.remind(at("2026-11-02", "10:00"))


def test_the_slot_of_a_day_is_seven_in_the_morning_on_every_day_of_ten_years() -> None:
    for zone in ("Europe/Berlin", "America/Sao_Paulo", "Pacific/Apia", "Asia/Kathmandu"):
        day, seen = date(2005, 1, 1), set()
        while day < date(2015, 1, 1):
            seen.add(rules.slot(day, zone))
            day += timedelta(days=1)
        assert len(seen) == 3652
