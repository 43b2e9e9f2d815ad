"""The closing review: written with four answers, held with its frozen facts, read for ever."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from metrics import storing
from metrics.connectors.base import Row
from metrics.models import AuditRow, ChartDocument, Metric, MetricChange, Observation, Source
from northstar.lib import clock as clocks
from teams import autosaving, closing, evaluating, lifecycle, minuting, retiring, reviewing
from teams.closing import Closing
from teams.middleware import subject_for
from teams.models import CheckIn, Delivery, GoalChange, Guardrail, Omtm, Reminder, Review, Team, User
from teams.reminders import delivering
from tests.metrics.stars import make_star
from tests.teams.bets import at_once, omtm_of, shared_between_threads

BACKEND = "django.contrib.auth.backends.ModelBackend"
TODAY = date(2026, 11, 18)
#: The short way: what must be answered, and nothing else.
SHORT = {
    "reason": "Partners sent more people than we thought.",
    "verdict": "supported",
    "decision": "retire",
    "lesson": "Partners want a page of their own.",
}


@pytest.fixture(autouse=True)
def _today(clock: Any) -> None:
    """Wednesday 18 November 2026, ten days after the window."""


@pytest.fixture
def trials(make_metric: Callable[..., Metric], make_weeks: Callable[..., None]) -> Metric:
    metric = make_metric("Qualified trials")
    make_weeks(metric, "2026-06-29", [420] * 9 + [430, 440, 460, 480, 500, 510, 520, 530, 520, 524])
    return metric


@pytest.fixture
def contacts(make_metric: Callable[..., Metric], make_weeks: Callable[..., None]) -> Metric:
    """A guardrail at most 9: worse in two weeks running, then well again."""
    metric = make_metric("Support contacts", unit="contacts", kind="snapshot_stock", decimals=1)
    make_weeks(metric, "2026-06-29", [7.2, 8.6] * 6 + [9.2, 9.3, 7.4, 8.5, 7.3, 8.6, 7.5])
    return metric


@pytest.fixture
def bet(marketing: Team, trials: Metric, contacts: Metric, idris: User) -> Omtm:
    """From 420 to 560; its last four weeks read 523.5, three quarters of the way."""
    omtm = omtm_of(
        marketing, trials, start="2026-08-31", baseline="420", end=date(2026, 11, 8), outcome_weeks=4
    )
    Guardrail.objects.create(omtm=omtm, metric=contacts, side="at_most", limit=Decimal(9))
    evaluating.evaluate_these([omtm.pk], now=clocks.now())
    lifecycle.advance(TODAY)
    omtm.refresh_from_db()
    return omtm


@pytest.fixture
def lead(client: Client, idris: User) -> Client:
    client.force_login(idris, backend=BACKEND)
    return client


def path(omtm: Omtm) -> str:
    return f"/omtms/{omtm.pk}/retirement/"


def closed(omtm: Omtm, actor: User, **changed: Any) -> Review:
    given = Closing(**(SHORT | changed))
    closing.close(omtm, given, actor=actor, today=TODAY)
    return Review.objects.get(omtm=omtm, kind="closing")


def test_four_answers_close_it(lead: Client, bet: Omtm, idris: User) -> None:
    answer = lead.post(path(bet), SHORT)
    review = Review.objects.get(kind="closing")
    assert answer["Location"] == f"/reviews/{review.pk}/"
    bet.refresh_from_db()
    assert (bet.state, bet.verdict, bet.outcome) == ("retired", "supported", "partly")
    assert (review.held_by, review.decision, review.answers) == (idris, "retire", {"hypothesis": "supported"})


@pytest.mark.parametrize("missing", ["reason", "verdict", "decision", "lesson"])
def test_each_of_the_four_is_asked_for_and_nothing_typed_is_lost(
    lead: Client, bet: Omtm, missing: str
) -> None:
    answer = lead.post(path(bet), {name: text for name, text in SHORT.items() if name != missing})
    assert answer.status_code == 422
    page = answer.content.decode()
    assert f"id_{missing}_error" in page
    kept = "reason" if missing == "lesson" else "lesson"
    assert SHORT[kept] in page
    assert Omtm.objects.get().state == "in_review"


def test_the_facts_stand_beside_the_questions(lead: Client, bet: Omtm, teo: User, maren: User) -> None:
    CheckIn.objects.create(omtm=bet, person=teo, day=date(2026, 10, 6), chance=70, note="Calls help.")
    GoalChange.objects.create(
        omtm=bet, kind="target", day=date(2026, 9, 7), before={"target": "600"}, after={"target": "560"},
        reason="The price page changed.", actor=maren,
    )  # fmt: skip
    page = lead.get(path(bet)).content.decode()
    for words in (
        "524\u00a0trials",
        "Partly achieved, at a cost",
        "Worse than its limit in 2 weeks, last to 4 Oct 2026",
        "Target moved from 600\u00a0trials to 560\u00a0trials",
        "The price page changed.",
        "70% likely: Calls help.",
        "Teo Lindqvist",
        "We believe that partner pages",
        "<svg",
    ):
        assert words in page, words


def test_all_ten_answers_are_kept_and_read_again(lead: Client, bet: Omtm) -> None:
    more = SHORT | {
        "because": "Trials with a partner convert.",
        "action_1": "Partner pages",
        "action_1_on": "2026-09-14",
        "action_2": "Calls",
        "others": "The trade fair.",
        "paid": "Support had more calls.",
        "driver": "too_early",
        "keep": "Partner pages.",
        "stop": "Advertisements.",
        "bottleneck": "no",
        "outcome": "achieved",
        "outcome_reason": "One partner reported late.",
    }
    lead.post(path(bet), more)
    review = Review.objects.get(kind="closing")
    actions = [{"day": "2026-09-14", "text": "Partner pages"}, {"day": "", "text": "Calls"}]
    assert review.answers["actions"] == actions
    page = lead.get(f"/reviews/{review.pk}/").content.decode()
    for words in (
        "14 Sep 2026",
        "The trade fair.",
        "Support had more calls.",
        "Too early to tell",
        "Advertisements.",
        "Achieved at a cost",
        "the numbers said partly achieved. One partner reported late.",
        "Partners want a page of their own.",
    ):
        assert words in page, words


def test_an_action_with_a_day_and_no_words_is_asked_about(lead: Client, bet: Omtm) -> None:
    answer = lead.post(path(bet), SHORT | {"action_3_on": "2026-09-14"})
    assert answer.status_code == 422 and "Write what was done on that day." in answer.content.decode()


def test_a_guardrail_that_broke_marks_the_outcome(bet: Omtm, idris: User) -> None:
    review = closed(bet, idris)
    assert Omtm.objects.get().guardrail_breach
    assert review.facts["outcome_confirmed"] == "Partly achieved, at a cost"


def test_one_bad_week_is_no_breach(bet: Omtm, idris: User, contacts: Metric, make_weeks: Any) -> None:
    make_weeks(contacts, "2026-09-28", [8.9])
    closed(bet, idris)
    assert not Omtm.objects.get().guardrail_breach


def test_a_target_reached_only_in_the_extension_is_achieved_late(
    bet: Omtm, idris: User, trials: Metric, make_weeks: Any
) -> None:
    make_weeks(trials, "2026-10-12", [555, 565, 570, 575])
    Omtm.objects.filter(pk=bet.pk).update(original_end=date(2026, 10, 18))
    review = closed(bet, idris)
    bet.refresh_from_db()
    assert (bet.outcome, bet.outcome_computed) == ("achieved_late", "achieved_late")
    first = review.facts["at_original_end"]
    assert (first["outcome"], first["day"]) == ("partly", "18 Oct 2026")
    assert "By its first end, 18 Oct 2026: partly achieved, 511" in review.minutes


def test_what_was_reached_by_the_first_end_is_not_late(
    bet: Omtm, idris: User, trials: Metric, make_weeks: Any
) -> None:
    make_weeks(trials, "2026-09-21", [570] * 7)
    Omtm.objects.filter(pk=bet.pk).update(original_end=date(2026, 10, 18))
    closed(bet, idris)
    assert Omtm.objects.get().outcome == "achieved"


def test_a_held_review_never_changes(
    lead: Client, bet: Omtm, idris: User, make_metric: Any, make_weeks: Any
) -> None:
    """Revised values, other names and a source that is gone: what was held stays as it is, byte for byte."""
    make_star(make_metric, make_weeks)
    review = closed(bet, idris)
    shown = lead.get(f"/reviews/{review.pk}/").content
    row = json.dumps([review.facts, review.answers, review.minutes], sort_keys=True)
    storing.store(bet.metric, [Row(date(2026, 10, 5), value=Decimal(9999))], origin="typed", actor=idris)
    evaluating.evaluate(clocks.now())
    Metric.objects.update(name="Something else", definition="Other", unit="pieces")
    Team.objects.filter(pk=bet.team_id).update(name="Marketing and more")
    GoalChange.objects.create(
        omtm=bet, kind="window", day=TODAY, before={}, after={"end": "2026-12-31"}, reason="Late."
    )
    for gone in (Guardrail, Observation, ChartDocument, MetricChange):
        gone.objects.all().delete()
    review.refresh_from_db()
    assert json.dumps([review.facts, review.answers, review.minutes], sort_keys=True) == row
    page = lead.get(f"/reviews/{review.pk}/").content
    assert _without_token(page) == _without_token(shown)
    assert Source.objects.exists()


def _without_token(page: bytes) -> str:
    import re

    return re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", page.decode())


def test_the_minutes_go_to_the_team_once_and_can_be_put_right_before(
    bet: Omtm, idris: User, teo: User, yuki: User, clock: Any, mailoutbox: list[Any]
) -> None:
    review = closed(bet, idris)
    minuting.tell(review)
    told = Delivery.objects.filter(reminder__rule="minutes", channel="email")
    assert sorted(row.recipient.name for row in told) == ["Idris Vane", "Teo Lindqvist"]
    assert delivering.deliver(clocks.now()) == 0
    minuting.correct(review, "What we really said.", actor=idris)
    clock.shift(11 * 60)
    assert delivering.deliver(clocks.now()) == 2
    assert delivering.deliver(clocks.now()) == 0
    assert "What we really said." in mailoutbox[0].body
    assert mailoutbox[0].subject == ("Closing review of Qualified trials: partly achieved, at a cost")
    assert AuditRow.objects.get(action="review.minutes").actor == idris


def test_minutes_ask_for_nothing_and_go_after_four_weeks(bet: Omtm, idris: User, clock: Any) -> None:
    from teams.reminders import reminding

    closed(bet, idris)
    reminding.remind(clocks.now())
    assert [row.reminder.rule for row in reminding.unseen(idris)] == ["minutes"]
    clock.shift(29 * 24 * 3600)
    reminding.remind(clocks.now())
    assert Reminder.objects.get(rule="minutes").closed_at is not None


def test_a_member_cannot_correct_the_minutes_and_a_stranger_does_not_see_who_said_what(
    client: Client, bet: Omtm, idris: User, teo: User, vera: User
) -> None:
    CheckIn.objects.create(omtm=bet, person=teo, day=date(2026, 10, 6), chance=70, note="Calls help.")
    review = closed(bet, idris)
    client.force_login(vera, backend=BACKEND)
    page = client.get(f"/reviews/{review.pk}/").content.decode()
    assert "Calls help." in page and "Teo Lindqvist" not in page
    assert client.get(f"/reviews/{review.pk}/minutes/").status_code == 403
    client.force_login(teo, backend=BACKEND)
    assert "Teo Lindqvist" in client.get(f"/reviews/{review.pk}/").content.decode()
    assert client.post(f"/reviews/{review.pk}/minutes/", {"minutes": "x"}).status_code == 403


def test_names_and_answers_cannot_carry_markup(lead: Client, bet: Omtm) -> None:
    evil = "<script>alert(1)</script>"
    lead.post(path(bet), SHORT | {"reason": evil, "lesson": evil, "because": evil, "action_1": evil})
    page = lead.get(f"/reviews/{Review.objects.get(kind='closing').pk}/").content.decode()
    assert evil not in page and "&lt;script&gt;alert(1)" in page


def test_the_page_takes_the_same_number_of_queries_with_more_behind_it(
    lead: Client, bet: Omtm, teo: User, idris: User
) -> None:
    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as caught:
            assert lead.get(path(bet)).status_code == 200
        return len(caught)

    CheckIn.objects.create(omtm=bet, person=idris, day=date(2026, 10, 5), chance=70)
    GoalChange.objects.create(omtm=bet, kind="window", day=TODAY, before={}, after={}, reason="r")
    few = queries()
    for day in (6, 7, 8):
        CheckIn.objects.create(omtm=bet, person=teo, day=date(2026, 10, day), chance=70)
        GoalChange.objects.create(omtm=bet, kind="window", day=TODAY, before={}, after={}, reason="r")
    assert queries() == few


@pytest.mark.django_db(transaction=True)
def test_of_two_who_record_it_at_once_one_is_told(
    bet: Omtm, idris: User, maren: User, tmp_path: Path
) -> None:
    given = Closing(**SHORT)
    with shared_between_threads(tmp_path):
        found = at_once(
            *[
                lambda who=who: closing.close(bet, given, actor=who, today=TODAY).state
                for who in (idris, maren)
            ]
        )
    assert sorted(str(each) for each in found) == [
        "Qualified trials is retired; only a running focus is retired.",
        "retired",
    ]


@pytest.mark.django_db(transaction=True)
def test_nothing_is_typed_into_a_review_that_is_being_recorded(
    bet: Omtm, idris: User, maren: User, tmp_path: Path, company: Any
) -> None:
    """Whoever comes second is told: the typist that it is recorded, or the other that somebody typed."""

    def type_on() -> Any:
        return autosaving.save(
            bet, "closing", {"reason": "Half a sen"}, seen=0, actor=maren, now=clocks.now(), company=company
        ).draft_no

    def record() -> Any:
        given = Closing(**SHORT)
        return closing.close(bet, given, actor=idris, today=TODAY, seen=0).state

    with shared_between_threads(tmp_path):
        typed, recorded = at_once(type_on, record)
        (review,) = at_once(lambda: Review.objects.get(kind="closing"))
    assert (typed, recorded == "retired") in ((1, False), (typed, True))
    if recorded == "retired":
        assert isinstance(typed, autosaving.DraftError) and review.draft == {}
    else:
        assert "Maren Tolk saved this review at 11:00" in str(recorded)
        assert review.draft["fields"] == {"reason": "Half a sen"} and review.held_at is None


def test_renewing_retires_it_and_leads_to_a_draft_that_begins_where_it_ended(lead: Client, bet: Omtm) -> None:
    answer = lead.post(path(bet), SHORT | {"decision": "renew"})
    draft = Omtm.objects.get(predecessor=bet)
    assert answer["Location"] == f"/omtms/{draft.pk}/"
    assert (draft.state, draft.succession, draft.metric) == ("draft", "renew", bet.metric)
    assert draft.baseline == Decimal("523.5")
    assert Review.objects.get(omtm=bet).decision == "renew"


def test_replacing_retires_it_and_begins_a_draft_of_something_else(lead: Client, bet: Omtm) -> None:
    lead.post(path(bet), SHORT | {"decision": "replace"})
    draft = Omtm.objects.get(predecessor=bet)
    assert (draft.state, draft.succession, draft.metric) == ("draft", "replace", None)


def test_extending_keeps_it_running_and_what_was_typed(lead: Client, bet: Omtm, idris: User) -> None:
    typed = {"reason": "r" * 900, "decision": "extend", "extend_to": "2026-12-31", "others": "Autumn."}
    answer = lead.post(path(bet), typed)
    assert answer["Location"] == f"/omtms/{bet.pk}/"
    bet.refresh_from_db()
    assert (bet.state, bet.end, bet.original_end) == ("active", date(2026, 12, 31), date(2026, 11, 8))
    review = Review.objects.get()
    assert (review.held_at, review.due_on) == (None, date(2027, 1, 14))
    assert review.draft["fields"]["others"] == "Autumn."
    assert len(GoalChange.objects.get().reason) == 500
    page = lead.get(path(bet)).content.decode()
    assert "Extend it" not in page and "Autumn." in page
    assert [each.kind for each in reviewing.due_for(subject_for(idris), date(2026, 12, 1))] == []


def test_an_extension_beyond_six_months_is_refused_at_its_field(lead: Client, bet: Omtm) -> None:
    typed = {"reason": "r", "decision": "extend", "extend_to": "2027-04-30"}
    answer = lead.post(path(bet), typed)
    assert answer.status_code == 422
    assert (
        "until 28 February 2027" in answer.content.decode()
        and "id_extend_to_error" in answer.content.decode()
    )
    answer = lead.post(path(bet), typed | {"extend_to": ""})
    assert "Choose the new last day." in answer.content.decode()
    assert Omtm.objects.get().state == "in_review"


def test_an_unknown_verdict_is_refused(bet: Omtm, idris: User) -> None:
    with pytest.raises(lifecycle.LifecycleError, match="whether we were right"):
        retiring.retire(
            bet, lesson="l", reason="r", actor=idris, today=TODAY, said=retiring.Said(verdict="perhaps")
        )
