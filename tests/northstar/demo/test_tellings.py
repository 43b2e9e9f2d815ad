"""The demo's inboxes: something new, a past, and a rate that is not the same for everybody."""

from __future__ import annotations

import re

import pytest

from metrics.models import Company, Metric
from northstar.lib import clock
from teams.models import Delivery, Omtm, Reminder
from teams.reminders import acting, delivering, reminding
from tests.northstar import brindlewick

pytestmark = pytest.mark.django_db


def test_leaders_and_leads_find_something_new() -> None:
    for name in ("maren", "solveig", "teo"):
        assert reminding.unseen(brindlewick.person(name)), name


def test_who_answered_has_another_rate_than_who_never_did() -> None:
    rates = {
        name: acting.rates(brindlewick.person(name), now=clock.now()).get("check_in")
        for name in ("solveig", "hanno", "dario", "kaja", "priya")
    }
    told = [rate for rate in rates.values() if rate]
    assert all(0 < rate.acted <= rate.of for rate in told), rates
    assert len({rate.words for rate in told}) > 1, rates


def test_the_past_goes_with_the_demo_and_waits_for_nobody() -> None:
    past = Reminder.objects.filter(rule="check_in").exclude(closed_at=None)
    assert past.count() > 20 and not past.filter(is_demo=False).exists()
    assert not Delivery.objects.filter(reminder__in=past).exclude(channel="app").exists()


def test_the_letter_of_last_monday_has_left_and_maren_has_not_seen_it() -> None:
    told = Reminder.objects.get(rule="weekly_ready")
    assert told.is_demo and told.text.startswith("Weekly active crews stands at 4,8")
    assert not told.deliveries.exclude(state="sent").exists()
    unseen = told.deliveries.filter(channel="app", seen_at=None)
    assert [row.recipient.name for row in unseen if row.recipient] == ["Maren Tolk"]


#: What may stand in a message that hides numbers: days, spans of days and weeks, counts of things.
MONTH = "(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*"
NO_VALUES = re.compile(
    rf"\b\d{{1,2}}(–\d{{1,2}})?( {MONTH} –)?( \d{{1,2}})? {MONTH}\b"
    r"|\b\d+ (days?|weeks?|minutes|sources|bets)\b|\b20\d\d\b|\b\d\d:\d\d\b"
)


def test_a_chat_that_hides_numbers_is_told_no_value_by_any_rule() -> None:
    told = Reminder.objects.select_related("omtm", "metric", "team", "north_star")
    assert told.filter(rule="weekly_ready").exists()
    names = sorted(
        {*Metric.objects.values_list("name", flat=True), *Omtm.objects.values_list("name", flat=True)}
    )
    for reminder in told:
        company = Company(name="Brindlewick", hide_numbers=True)
        (item,) = delivering.message([reminder], "name", company=company, hide=True).items
        said = f"{item.subject}\n{item.text}"
        for name in names:
            said = said.replace(name, "")
        assert not re.search(r"\d", NO_VALUES.sub("", said)), (reminder.rule, said)
