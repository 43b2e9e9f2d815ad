"""The demo's inboxes: something new, a past, and a rate that is not the same for everybody."""

from __future__ import annotations

import pytest

from northstar.lib import clock
from teams.models import Delivery, Reminder
from teams.reminders import acting, reminding
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
