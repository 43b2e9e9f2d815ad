"""Whoever answers for a source hears once that it fails, and again when it works."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine

from metrics import claiming
from metrics.connectors.base import ConnectorError
from metrics.models import Company, Metric, Source, SourceEvent
from northstar.lib import clock as clocks
from teams.models import Delivery, Reminder, User
from teams.reminders import alerting, delivering, reminding
from tests.metrics.scripted import Scripted, metric_of, pull_due, scripted, source_of
from tests.teams.posting import PostOffice, post_office

__all__ = ["scripted"]

pytestmark = pytest.mark.django_db

REFUSED = ConnectorError("auth", "HubSpot says the token expired.", permanent=True)
UNREACHABLE = ConnectorError("connection", "The host does not answer.")


@pytest.fixture
def crm(scripted: type[Scripted], company: Company, clock: object, idris: User, teo: User) -> Source:
    """Worked until now. Idris answers for it, Teo in his absence."""
    source = source_of("CRM", owner=idris, backup_owner=teo)
    metric_of(source)
    assert len(pull_due()) == 1
    return source


def pull(clock: time_machine.Coordinates, hours: float = 1, *, failure: ConnectorError | None = None) -> None:
    """Time passes, every source is pulled once, and people are told."""
    clock.shift(timedelta(hours=hours))
    Scripted.failures = {"": failure} if failure else {}
    for source in Source.objects.filter(paused_at=None):
        claiming.request(source)
        pull_due()
    alerting.alert(clocks.now())


def told(name: str = "") -> list[str]:
    """Subjects of what was told in the app, to that person or to all."""
    rows = Delivery.objects.filter(channel="app", recipient__name__startswith=name).order_by("id")
    return list(rows.values_list("reminder__subject", flat=True))


def test_owner_and_backup_are_told_once_what_fails_why_and_what_helps(
    crm: Source, clock: time_machine.Coordinates
) -> None:
    """F43: three refusals pause it, and there is one telling."""
    for _ in range(4):
        pull(clock, failure=REFUSED)
    assert told("Idris") == told("Teo") == ["CRM: needs sign-in"]
    reminder = Reminder.objects.get()
    assert reminder.text.splitlines() == [
        "CRM has refused the sign-in since Wed 18 Nov 12:00.",
        "HubSpot says the token expired.",
        "Enter a password or key that is valid now, or ask whoever runs the service for one.",
        "Its last values came Wed 18 Nov 11:00.",
    ]
    assert (reminder.path, reminder.action) == ("/sources/crm/", "Open the source")
    assert set(SourceEvent.objects.values_list("kind", flat=True)) == {"failing", "paused"}


def test_when_it_works_again_they_hear_it_and_the_first_telling_is_closed(
    crm: Source, clock: time_machine.Coordinates
) -> None:
    pull(clock, failure=REFUSED)
    pull(clock)
    assert told("Idris") == ["CRM: needs sign-in", "CRM works again"]
    assert Reminder.objects.get(rule="source_failing").closed_at == clocks.now()
    assert [row.reminder.subject for row in reminding.unseen(crm.owner)] == ["CRM works again"]
    pull(clock)
    assert len(told("Idris")) == 2


def test_what_came_and_went_within_the_hour_is_told_to_nobody(
    crm: Source, clock: time_machine.Coordinates
) -> None:
    for _ in range(3):
        for failure in (UNREACHABLE, UNREACHABLE, UNREACHABLE, None):
            pull(clock, 0.2, failure=failure)
    assert told() == []
    assert SourceEvent.objects.filter(quiet=True).count() == 6


def test_a_passing_failure_that_lasts_an_hour_is_told(crm: Source, clock: time_machine.Coordinates) -> None:
    pull(clock, failure=UNREACHABLE)
    pull(clock, 0.5, failure=UNREACHABLE)
    assert told() == []
    pull(clock, 0.5, failure=UNREACHABLE)
    assert told("Idris") == ["CRM: not reachable"]
    assert SourceEvent.objects.count() == 1


def test_a_sign_in_that_comes_and_goes_is_not_told_again_and_again(
    crm: Source, clock: time_machine.Coordinates
) -> None:
    pull(clock, failure=REFUSED)
    pull(clock, 0.3)
    for _ in range(3):
        pull(clock, 0.2, failure=REFUSED)
        pull(clock, 0.2)
    assert told("Idris") == ["CRM: needs sign-in", "CRM works again"]


def test_who_has_left_is_not_told_and_without_anybody_the_admins_are(
    crm: Source, clock: time_machine.Coordinates, maren: User
) -> None:
    User.objects.filter(pk=crm.owner_id).update(is_active=False)
    pull(clock, failure=REFUSED)
    assert (told("Idris"), told("Teo"), told("Maren")) == ([], ["CRM: needs sign-in"], [])
    User.objects.filter(pk=crm.backup_owner_id).update(is_active=False)
    pull(clock)
    assert (told("Teo"), told("Maren")) == (["CRM: needs sign-in"], ["CRM works again"])


def test_many_sources_of_one_person_are_one_telling(
    crm: Source, clock: time_machine.Coordinates, idris: User
) -> None:
    for number in range(12):
        metric_of(source_of(f"S{number}", host=f"h{number}.example", owner=idris))
    pull(clock)
    pull(clock, failure=REFUSED)
    assert told("Idris") == ["13 sources need you"]
    lines = Reminder.objects.get(deliveries__recipient=idris, deliveries__channel="app").text.splitlines()
    assert lines[1] == "CRM has refused the sign-in since Wed 18 Nov 13:00. HubSpot says the token expired."
    assert (len(lines), lines[-1]) == (12, "And 3 more.")
    assert told("Teo") == ["CRM: needs sign-in"]
    pull(clock)
    assert told("Idris")[-1] == "13 sources work again"
    assert not Reminder.objects.filter(rule="source_failing", closed_at=None).exists()


def test_one_telling_of_several_sources_is_done_when_each_works_or_was_archived(
    crm: Source, clock: time_machine.Coordinates, idris: User, vera: User
) -> None:
    shop = source_of("shop", host="shop.example", owner=idris)
    till = source_of("till", host="till.example", owner=vera)
    for source in (shop, till):
        metric_of(source)
    pull(clock)
    pull(clock, failure=REFUSED)
    assert (told("Idris"), told("Vera")) == (["2 sources need you"], ["till: needs sign-in"])
    Source.objects.filter(pk=shop.pk).update(archived_at=clocks.now())
    alerting.alert(clocks.now())
    assert still_asked() == {"Idris", "Teo", "Vera"}, "the CRM is still to be mended"
    Source.objects.filter(pk=till.pk).update(archived_at=clocks.now())
    alerting.alert(clocks.now())
    assert still_asked() == {"Idris", "Teo"}
    pull(clock)
    assert still_asked() == set()


def still_asked() -> set[str]:
    rows = Delivery.objects.filter(reminder__rule="source_failing", reminder__closed_at=None, channel="app")
    return {row.recipient.name.split()[0] for row in rows.select_related("recipient") if row.recipient}


def test_one_telling_is_done_also_while_the_source_of_somebody_else_fails(
    crm: Source, clock: time_machine.Coordinates, idris: User, vera: User
) -> None:
    metric_of(source_of("shop", host="shop.example", owner=idris))
    till = source_of("till", host="till.example", owner=vera)
    metric_of(till)
    pull(clock)
    pull(clock, failure=REFUSED)
    Source.objects.filter(pk=till.pk).update(next_due_at=None, paused_at=clocks.now())
    Scripted.failures = {"till.example": REFUSED}
    for source in Source.objects.exclude(pk=till.pk):
        claiming.request(source)
    clock.shift(3600)
    Scripted.failures = {}
    while pull_due():
        pass
    alerting.alert(clocks.now())
    assert still_asked() == {"Vera"}


def test_the_calendar_of_reminders_leaves_them_alone(crm: Source, clock: time_machine.Coordinates) -> None:
    pull(clock, failure=REFUSED)
    reminding.remind(clocks.now())
    assert Reminder.objects.get(rule="source_failing").closed_at is None
    reminding.remind(clocks.now() + timedelta(weeks=5))
    assert Reminder.objects.get(rule="source_failing").closed_at is not None


def test_to_have_seen_one_is_not_to_have_seen_another(
    crm: Source, clock: time_machine.Coordinates, idris: User
) -> None:
    till = source_of("Till", host="till.example", owner=idris)
    metric_of(till)
    pull(clock)
    Scripted.failures = {"till.example": REFUSED}
    claiming.request(till)
    pull_due()
    alerting.alert(clocks.now())
    pull(clock, failure=REFUSED)
    first, second = reminding.unseen(idris)
    reminding.acknowledge(first, clocks.now())
    assert [row.pk for row in reminding.unseen(idris)] == [second.pk]


def test_a_pull_that_ends_its_worker_each_time_is_told(
    crm: Source, clock: time_machine.Coordinates, settings: Any
) -> None:
    from metrics import pulling

    claiming.request(crm)
    for _ in range(3):
        (pull_id,) = claiming.claim_due(clocks.now())
        assert pulling._start(pull_id) is not None
        clock.shift(settings.PULL_LEASE_SECONDS + 1)
    pull_due()
    alerting.alert(clocks.now())
    assert told("Idris") == ["CRM: failing"]
    assert "It is paused until somebody resumes it." in Reminder.objects.get().text


@pytest.fixture
def office(settings: Any) -> Iterator[PostOffice]:
    with post_office(settings) as office:
        yield office


def test_the_letter_names_source_cause_and_page(
    office: PostOffice, crm: Source, clock: time_machine.Coordinates
) -> None:
    pull(clock, failure=REFUSED)
    assert delivering.deliver(clocks.now()) == 2
    letter = office.accepted[0]
    assert letter["Subject"] == "CRM: needs sign-in"
    plain = next(part for part in letter.walk() if part.get_content_type() == "text/plain")
    body = plain.get_payload(decode=True).decode()  # type: ignore[union-attr]
    assert "HubSpot says the token expired." in body
    (reminder,) = Reminder.objects.all()
    assert reminder.path == "/sources/crm/"
    assert f"https://northstar.example.com/told/{reminder.pk}/" in body
    assert "“Tell me when a source of mine fails”: everybody whom it concerns is told." in body


def test_telling_takes_as_many_queries_for_twelve_sources_as_for_two(
    crm: Source, clock: time_machine.Coordinates, idris: User, django_assert_max_num_queries: Any
) -> None:
    for number in range(12):
        metric_of(source_of(f"S{number}", host=f"h{number}.example", owner=idris))
    Scripted.failures = {"": REFUSED}
    for source in Source.objects.all():
        claiming.request(source)
        pull_due()
    with django_assert_max_num_queries(24):
        assert alerting.alert(clocks.now()) == 2
    assert Metric.objects.count() == 13
