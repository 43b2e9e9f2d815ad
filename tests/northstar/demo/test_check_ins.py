"""The demo's check-ins: three months with sentences, measured as of their days, one question still open."""

from __future__ import annotations

from datetime import timedelta

import pytest

from metrics.models import ChartDocument, Company
from northstar.lib import clock
from northstar.lib.policy import NOBODY
from teams import check_in_pages, checking_in
from teams.models import CheckIn, CheckInLink, HealthSnapshot, Omtm
from teams.reminders import reminding
from tests.northstar import brindlewick

pytestmark = pytest.mark.django_db


def test_every_running_bet_has_sentences_and_each_row_what_was_measured_by_then() -> None:
    today = clock.today(Company.current().zone)
    for omtm in Omtm.objects.filter(state="active", start__lt=today - timedelta(weeks=2)):
        assert omtm.check_ins.exclude(note="").count() >= (7 if (today - omtm.start).days > 56 else 1), omtm
    assert CheckIn.objects.filter(day__lt=today - timedelta(weeks=13)).exists()
    for row in CheckIn.objects.all():
        assert row.omtm.start <= row.day <= row.omtm.end and row.day < today
        seen = HealthSnapshot.objects.filter(omtm=row.omtm, as_of_week__lte=row.day - timedelta(weeks=1))
        newest = seen.order_by("as_of_week", "id").last()
        assert (row.reading, row.state) == ((newest.reading, newest.state) if newest else (None, ""))


def test_nobody_said_anything_far_from_the_numbers_without_a_word() -> None:
    for omtm in Omtm.objects.filter(state="active"):
        seen = checking_in.moment_in(ChartDocument.objects.get(key=f"omtm:{omtm.pk}").facts)
        newest = {row.person_id: row for row in omtm.check_ins.order_by("day")}
        silent = [
            row for row in newest.values() if checking_in.contradiction(row.chance, seen) and not row.note
        ]
        assert not silent, omtm


def test_help_is_wanted_and_a_question_is_open_with_its_link() -> None:
    today = clock.today(Company.current().zone)
    wishes = CheckIn.objects.exclude(help_wanted="")
    assert wishes.count() >= 3
    lapse = Omtm.objects.get(metric__query__series="crew_lapse")
    shown = check_in_pages.panel(lapse, subject=NOBODY, facts={}, today=today)
    assert "Two more cars for the visits" in [row.help_wanted for row in shown["helps"]]
    hanno = brindlewick.person("hanno")
    assert [row.reminder.rule for row in reminding.unseen(hanno)].count("check_in") == 1
    link = CheckInLink.objects.get(person=hanno)
    assert link.used_at is None and link.expires_at > clock.now()
