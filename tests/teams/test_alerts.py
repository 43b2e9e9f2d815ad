"""Alerts as they are kept and told: once, when they begin, to their owner and the chat that they name."""

from __future__ import annotations

from copy import copy
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from metrics.models import Annotation, Company, Metric, Pull
from northstar.lib import clock as our_clock
from teams import evaluating
from teams.alerts import acting, keeping, looking_back, pages, quieting, watching, wording
from teams.alerts.keeping import AlertError, Wish
from teams.channels import email
from teams.models import Alert, Channel, Delivery, Firing, Membership, Omtm, Reminder, Team, User
from teams.reminders import delivering
from tests.teams.bets import at_once, omtm_of, shared_between_threads

pytestmark = pytest.mark.django_db
CALM = [430, 440, 435, 442, 438, 436, 441, 437]


@pytest.fixture
def trials(clock: Any, make_metric: Any, make_weeks: Any) -> Metric:
    """Eight quiet weeks, the newest that of 9 November; it is Wednesday, 18 November."""
    metric: Metric = make_metric()
    make_weeks(metric, "2026-09-21", CALM)
    return metric


@pytest.fixture
def weeks(clock: Any, make_weeks: Any) -> Any:
    """weeks(metric, 390, 395): lets weeks pass with these values, looking each Wednesday."""

    def pass_with(metric: Metric, *values: int | None) -> None:
        for value in values:
            monday = our_clock.now().date() - timedelta(days=2)
            clock.shift(timedelta(weeks=1))
            make_weeks(metric, monday.isoformat(), [value])
            watching.watch([metric.pk], now=our_clock.now())

    return pass_with


def alert_of(owner: User, metric: Metric, **wish: Any) -> Alert:
    """Tells when the metric is below 400 for two weeks, at most once a week, unless said otherwise."""
    said = {"condition": "below", "limit": Decimal(400)} | wish
    return keeping.make(owner, Wish(metric, **said), now=our_clock.now())


def fired(alert: Alert) -> list[tuple[str, bool]]:
    return [
        (each.period.isoformat(), each.told) for each in Firing.objects.filter(alert=alert).order_by("id")
    ]


def test_it_is_told_once_when_it_begins_with_number_unit_period_and_where_to_look(
    vera: User, trials: Metric, weeks: Any
) -> None:
    alert = alert_of(vera, trials)
    weeks(trials, 390)
    assert fired(alert) == []
    weeks(trials, 391, 389, 380)
    assert fired(alert) == [("2026-11-23", True)]
    told = Reminder.objects.get(alert=alert)
    assert told.text.startswith(
        "Qualified trials has been below 400\u00a0trials for two weeks: "
        "391\u00a0trials in the week to Sun 29 Nov"
    )
    assert told.plain_text == "Qualified trials has been below your limit for two weeks."
    assert (told.rule, told.urgent, told.metric) == ("alert", True, trials)
    assert told.path == "/metrics/qualified-trials/"
    assert {(row.recipient, row.channel) for row in told.deliveries.all()} >= {(vera, "app")}


def test_it_is_over_only_after_as_many_weeks_and_then_it_may_begin_again(
    vera: User, trials: Metric, weeks: Any
) -> None:
    alert = alert_of(vera, trials)
    weeks(trials, 390, 390, 410, 390, 410, 390)
    assert len(fired(alert)) == 1
    weeks(trials, 410, 410)
    alert.refresh_from_db()
    assert alert.holds is False
    weeks(trials, 390, 390)
    assert len(fired(alert)) == 2


def test_at_most_so_often_is_kept_and_the_silence_is_on_record(
    vera: User, trials: Metric, weeks: Any
) -> None:
    alert = alert_of(vera, trials, periods=1, every_days=30)
    weeks(trials, 390, 410, 390, 410, 410, 410, 390)
    assert fired(alert) == [("2026-11-16", True), ("2026-11-30", False), ("2026-12-28", True)]
    assert Reminder.objects.filter(alert=alert).count() == 2


def test_a_new_alert_does_not_tell_of_what_holds_already(vera: User, trials: Metric, weeks: Any) -> None:
    alert = alert_of(vera, trials, limit=Decimal(500))
    assert alert.holds is True
    weeks(trials, 430)
    assert fired(alert) == []


def test_nothing_is_judged_while_the_numbers_cannot_be_relied_on(
    vera: User, trials: Metric, weeks: Any
) -> None:
    alert = alert_of(vera, trials, periods=1)
    days = {"start": date(2026, 9, 21), "end": date(2026, 11, 23)}
    again = Pull.objects.create(source=trials.source, metric=trials, kind="backfill", **days)
    weeks(trials, 390)
    alert.refresh_from_db()
    assert (fired(alert), alert.holds) == ([], False)
    Pull.objects.filter(pk=again.pk).update(state="ok")
    weeks(trials, 391)
    assert fired(alert) == [("2026-11-16", True)]


def test_silence_tells_that_no_value_came_and_says_the_last_one(
    vera: User, trials: Metric, clock: Any
) -> None:
    alert = alert_of(vera, trials, condition="no_data", limit=None)
    clock.shift(timedelta(weeks=2))
    watching.watch([], now=our_clock.now())
    assert fired(alert) == [("2026-11-23", True)]
    said = Reminder.objects.get(alert=alert).text
    assert said == (
        "Qualified trials has had no value for two weeks: "
        "the last one was 437\u00a0trials in the week to Sun 15 Nov."
    )


def test_a_revised_value_is_noted_stops_the_letter_and_is_not_told_again(
    vera: User, trials: Metric, weeks: Any, make_weeks: Any
) -> None:
    alert = alert_of(vera, trials)
    weeks(trials, 390, 390)
    make_weeks(trials, "2026-11-23", [420])
    watching.watch([trials.pk], now=our_clock.now())
    firing = Firing.objects.get(alert=alert)
    assert firing.undone_at is not None
    assert Reminder.objects.get(alert=alert).closed_at is not None
    row = pages.rows(vera, zone="Europe/Berlin", now=our_clock.now())[0]
    assert row.note == "Revised since: by today's values it did not begin in the week of 23 November 2026."
    make_weeks(trials, "2026-11-23", [380])
    watching.watch([trials.pk], now=our_clock.now())
    assert len(fired(alert)) == 1
    assert Firing.objects.get(alert=alert).undone_at is None


def test_a_muted_alert_is_silent_and_does_not_catch_up(vera: User, trials: Metric, weeks: Any) -> None:
    alert = alert_of(vera, trials)
    keeping.mute(alert, 30, now=our_clock.now())
    weeks(trials, 390, 390)
    keeping.mute(alert, 0, now=our_clock.now())
    weeks(trials, 390)
    assert fired(alert) == [("2026-11-23", False)]
    assert not Reminder.objects.filter(alert=alert).exists()


def test_two_looks_at_the_same_data_tell_it_once(vera: User, trials: Metric, weeks: Any) -> None:
    alert = alert_of(vera, trials)
    weeks(trials, 390, 390)
    # As another run would that read before the first one wrote.
    Alert.objects.filter(pk=alert.pk).update(holds=False, looked_to="2026-11-16")
    watching.watch([trials.pk], now=our_clock.now())
    watching.watch([trials.pk], now=our_clock.now())
    assert len(fired(alert)) == 1
    assert Delivery.objects.filter(reminder__alert=alert, channel="app").count() == 1


def test_the_chat_that_it_names_hears_of_it_as_long_as_its_owner_may(
    idris: User, marketing: Team, trials: Metric, weeks: Any
) -> None:
    chat = Channel.objects.create(kind="slack", label="#growth", team=marketing)
    alert = alert_of(idris, trials, channel=chat, periods=1)
    weeks(trials, 390)
    assert Delivery.objects.get(reminder__alert=alert, channel="chat").via == chat
    Membership.objects.filter(user=idris).update(role="member")
    weeks(trials, 410, 390)
    assert len(fired(alert)) == 2
    assert Delivery.objects.filter(reminder__alert=alert, channel="chat").count() == 1


def test_an_alert_ends_with_its_metric_or_focus_and_stays_in_the_list(
    vera: User, marketing: Team, trials: Metric, weeks: Any
) -> None:
    omtm = omtm_of(marketing, trials)
    of_bet = alert_of(vera, trials, condition="below_pace", omtm=omtm, limit=None)
    of_metric = alert_of(vera, trials, periods=1)
    Omtm.objects.filter(pk=omtm.pk).update(state="retired")
    Metric.objects.filter(pk=trials.pk).update(archived_at=our_clock.now())
    weeks(trials, 390, 390)
    assert fired(of_bet) == fired(of_metric) == []
    rows = pages.rows(vera, zone="Europe/Berlin", now=our_clock.now())
    assert [row.ended for row in rows] == ["Ended: Qualified trials was archived."] * 2
    Metric.objects.update(archived_at=None)
    rows = pages.rows(vera, zone="Europe/Berlin", now=our_clock.now())
    assert [row.ended for row in rows] == ["", "Ended: Qualified trials was retired."]


def test_a_focus_that_falls_below_its_plan_says_reading_span_and_plan(
    vera: User, marketing: Team, clock: Any, make_metric: Any, make_weeks: Any
) -> None:
    metric = make_metric("Activation", kind="ratio", unit="", decimals=1)
    make_weeks(metric, "2026-03-30", [(240, 1000)] * 24)
    make_weeks(metric, "2026-09-14", [(240 + 10 * n, 1000) for n in range(1, 10)])
    omtm = omtm_of(marketing, metric, baseline="0.24", target="0.34")
    evaluating.evaluate_these([omtm.pk], now=our_clock.now())
    alert = alert_of(vera, metric, condition="below_pace", omtm=omtm, limit=None)
    assert alert.holds is False
    for numerator in (180, 170):
        monday = our_clock.now().date() - timedelta(days=2)
        clock.shift(timedelta(weeks=1))
        make_weeks(metric, monday.isoformat(), [(numerator, 1000)])
    evaluating.evaluate(our_clock.now())
    told = Reminder.objects.get(alert=alert)
    assert told.subject == "Activation fell below pace"
    assert told.text == (
        "Activation fell below pace for two weeks: "
        "25.0% over the last 4 weeks to 29 Nov, the plan says 30.9%."
    )
    assert told.path == f"/omtms/{omtm.pk}/"
    assert not any(sign.isdigit() for sign in told.plain_text)


def test_acted_on_is_a_followed_link_or_a_note_within_a_week(vera: User, trials: Metric, weeks: Any) -> None:
    alert = alert_of(vera, trials, periods=1)
    weeks(trials, 390)
    Annotation.objects.create(day="2026-10-01", text="Price page", metric=trials, author=vera)
    weeks(trials, 410, 390)
    Delivery.objects.filter(reminder__alert=alert).order_by("-id").update(acted_at=None)
    Delivery.objects.filter(reminder__alert=alert, reminder__occurs_on="2026-12-09").update(
        acted_at=our_clock.now()
    )
    weeks(trials, 410, 390)
    record = acting.records([alert])[alert.pk]
    assert (record.acted_on, len(record.told)) == (2, 3)


def test_after_five_ignored_messages_it_offers_to_go(vera: User, trials: Metric, weeks: Any) -> None:
    alert = alert_of(vera, trials, periods=1)
    weeks(trials, *[390, 410] * 5, 390)
    texts = list(Reminder.objects.filter(alert=alert).order_by("id").values_list("text", flat=True))
    assert ["remove it" in text for text in texts] == [False] * 5 + [True]
    assert pages.rows(vera, zone="Europe/Berlin", now=our_clock.now())[0].offers_to_go


def test_the_look_back_says_what_the_alert_would_have_told(vera: User, trials: Metric, weeks: Any) -> None:
    kept = alert_of(vera, trials)
    weeks(trials, 390, 390, 410, 410, 390, 390)
    past = looking_back.look_back(
        Wish(trials, "below", limit=Decimal(400)).into(Alert(owner=vera)),
        company=Company.current(),
        now=our_clock.now(),
    )
    assert past.times == "Would have fired twice in the last 90 days."
    assert past.days == ("23 to 29 Nov", "21 to 27 Dec")
    assert [each[0] for each in fired(kept)] == ["2026-11-23", "2026-12-21"]
    assert past.sketch.count('class="chart-signal"') == 2


def test_an_alert_is_kept_once_and_fifty_are_enough(vera: User, trials: Metric) -> None:
    alert_of(vera, trials)
    with pytest.raises(AlertError, match="already"):
        alert_of(vera, trials)
    row = Alert(owner=vera, metric=trials, condition="no_data")
    Alert.objects.bulk_create([copy(row) for _ in range(49)])
    with pytest.raises(AlertError, match="50 alerts"):
        alert_of(vera, trials, limit=Decimal(99))


def test_changing_an_alert_begins_anew(vera: User, trials: Metric, weeks: Any) -> None:
    alert = alert_of(vera, trials)
    weeks(trials, 390, 390)
    alert.refresh_from_db()
    keeping.change(alert, Wish(trials, "below", limit=Decimal(395), periods=1), now=our_clock.now())
    weeks(trials, 380)
    assert len(fired(alert)) == 1
    weeks(trials, 410, 380)
    assert len(fired(alert)) == 2


def test_what_an_alert_told_before_it_was_changed_is_not_judged_by_its_new_question(
    vera: User, trials: Metric, weeks: Any
) -> None:
    alert = alert_of(vera, trials, every_days=30)
    weeks(trials, 390, 390)
    alert.refresh_from_db()
    wish = Wish(trials, "below", limit=Decimal(100), periods=1, every_days=30)
    keeping.change(alert, wish, now=our_clock.now())
    weeks(trials, 430)
    assert Firing.objects.get(alert=alert).undone_at is None
    weeks(trials, 90)
    assert [told for _, told in fired(alert)] == [True, True]


def test_an_alert_that_is_told_less_often_remembers_what_it_told(
    vera: User, trials: Metric, weeks: Any
) -> None:
    alert = alert_of(vera, trials, periods=1)
    weeks(trials, 390)
    alert.refresh_from_db()
    keeping.change(
        alert, Wish(trials, "below", limit=Decimal(400), periods=1, every_days=90), now=our_clock.now()
    )
    weeks(trials, 410, 390)
    assert [told for _, told in fired(alert)] == [True, False]


@pytest.mark.one_database
def test_a_look_takes_the_same_number_of_queries_however_many_alerts(
    vera: User, teo: User, marketing: Team, trials: Metric, make_metric: Any, make_weeks: Any
) -> None:
    now = our_clock.now()

    def queries() -> int:
        ids = list(Alert.objects.values_list("metric_id", flat=True))
        with CaptureQueriesContext(connection) as caught:
            watching.watch(ids, now=now)
        return len(caught)

    omtm = omtm_of(marketing, trials)
    for condition in ("below", "outside_range", "no_data"):
        alert_of(vera, trials, condition=condition)
    alert_of(vera, trials, condition="below_pace", omtm=omtm)
    few = queries()
    other = make_metric("Visits")
    make_weeks(other, "2026-09-21", CALM)
    for owner in (vera, teo):
        for condition in ("below", "outside_range", "no_data", "above", "changes_by"):
            alert_of(owner, other, condition=condition)
    assert queries() == few


def test_its_mail_and_own_chat_have_the_link_that_mutes_it_and_a_shared_chat_has_not(
    vera: User, company: Company, trials: Metric, weeks: Any
) -> None:
    alert = alert_of(vera, trials, periods=1)
    weeks(trials, 390)
    told = Reminder.objects.get(alert=alert)
    link = f"/alerts/quiet/{quieting.token_of(alert)}/"
    letter = email.compose(email.Letter(vera, [told], "alert"), company)
    assert link in letter.body and link in str(letter.alternatives[0][0])
    own = delivering.message([told], "alert", company=company, hide=False, reader=vera)
    shared = delivering.message([told], "alert", company=company, hide=True)
    assert link in own.items[0].text
    assert shared.items[0].text == "Qualified trials went below your limit."


def test_an_alert_that_cannot_be_looked_at_keeps_none_of_the_others_waiting(
    vera: User, trials: Metric, make_metric: Any, make_weeks: Any, weeks: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken, sound = make_metric("Broken"), alert_of(vera, trials, periods=1)
    make_weeks(broken, "2026-09-21", CALM)
    other = alert_of(vera, broken, periods=1)
    make_weeks(broken, "2026-11-16", [390])
    say = wording.said

    def refuse(alert: Alert, *given: Any, **more: Any) -> wording.Said:
        if alert.metric == broken:
            raise RuntimeError("this one cannot be said")
        return say(alert, *given, **more)

    monkeypatch.setattr(wording, "said", refuse)
    Alert.objects.update(looked_at=None)
    weeks(trials, 390)
    assert fired(other) == []
    assert fired(sound) == [("2026-11-16", True)]


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_tell_it_once(
    vera: User, trials: Metric, make_weeks: Any, clock: Any, tmp_path: Any
) -> None:
    alert = alert_of(vera, trials, periods=1)
    clock.shift(timedelta(weeks=1))
    make_weeks(trials, "2026-11-16", [390])

    def look() -> int:
        return watching.watch([trials.pk], now=our_clock.now())

    def seen() -> Any:
        return fired(alert), Delivery.objects.filter(reminder__alert=alert, channel="app").count()

    with shared_between_threads(tmp_path):
        counts = at_once(look, look, look)
        (after,) = at_once(seen)
    assert sorted(counts) == [0, 0, 1]
    assert after == ([("2026-11-16", True)], 1)
