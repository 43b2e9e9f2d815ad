"""The status page says in plain words whether the product itself works."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from metrics.models import Breaker, Heartbeat, MetricChange, Pull, Source
from northstar.lib import clock as lib_clock
from northstar.lib.version import VERSION
from teams.models import Delivery
from teams.reminders import reminding
from tests.teams.bets import omtm_of

pytestmark = pytest.mark.usefixtures("clock")


def read(client: Client, user: Any) -> str:
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    answer = client.get("/status/")
    assert answer.status_code == 200
    return " ".join(answer.content.decode().replace("\N{NO-BREAK SPACE}", " ").split())


def test_silent_and_living_processes_are_told_apart(client: Client, vera: Any) -> None:
    now = lib_clock.now()
    Heartbeat.beat("worker", now, version="0.1.0")
    Heartbeat.beat("beat", now - timedelta(minutes=20), version="0.1.0")

    page = read(client, vera)

    assert "silent for 20 minutes" in page and "last seen 18 Nov, 10:40" in page
    assert "11:00:00" in page


def test_a_process_that_never_lived_is_said(client: Client, vera: Any) -> None:
    assert read(client, vera).count("not seen yet") == 2


def test_only_admins_read_what_the_mail_server_said(
    client: Client, vera: Any, maren: Any, make_metric: Any, marketing: Any, idris: Any
) -> None:
    omtm_of(marketing, make_metric(), start="2026-09-01")
    reminding.remind(lib_clock.now())
    said = "550 <idris@example.com> unknown at mx7.internal"
    Delivery.objects.filter(channel="email", reminder__rule="half_way").update(state="failed", error=said)
    shown = read(client, vera)
    assert "1 could not be sent in the last 14 days." in shown
    assert "mx7" not in shown
    assert "mx7.internal" in read(client, maren)


def test_what_waits_is_counted(client: Client, vera: Any, make_metric: Any) -> None:
    source = Source.objects.create(
        name="Ledger", slug="ledger", kind="demo", next_due_at=datetime(2026, 11, 18, 9, 30, tzinfo=UTC)
    )
    Pull.objects.create(source=source)
    MetricChange.objects.create(metric=make_metric(), first_period=datetime(2026, 11, 16).date())

    page = read(client, vera)

    assert "30 minutes late" in page and "Ledger, due 18 Nov, 10:30" in page
    assert "1 waiting, 0 running" in page


def test_sources_in_trouble_are_named_and_silent_hosts_only_to_admins(
    client: Client, vera: Any, maren: Any
) -> None:
    now = lib_clock.now()
    crm = Source.objects.create(name="CRM", slug="crm", kind="postgresql", failures=3)
    Source.objects.create(
        name="Ledger", slug="ledger", kind="demo", next_scheduled_at=now - timedelta(minutes=11)
    )
    Breaker.objects.create(
        key="k", host="db7.internal:5432", failures=5, open_until=now + timedelta(minutes=4)
    )
    Pull.objects.create(source=crm, state="dead", finished_at=now)

    page = read(client, vera)

    assert "1 failing, 1 late" in page and "CRM, Ledger" in page
    assert "1 left alone" in page and "db7.internal" not in page and "/sources/" not in page
    assert "1 given up in the last 14 days, because it ended the worker three times." in page
    assert "db7.internal:5432 until 11:04" in read(client, maren)


def test_it_names_what_it_runs_on_without_addresses(client: Client, vera: Any, settings: Any) -> None:
    settings.EMAIL_CONFIGURED, settings.REDIS_URL, settings.EGRESS_LOOPBACK = (
        False,
        "redis://secret@host",
        True,
    )

    page = read(client, vera)

    assert "Written to files, not sent" in page and "Open (EGRESS_LOOPBACK)" in page
    assert "Redis" in page and "secret@host" not in page
    assert VERSION in page and "Time zones (tzdata)" in page


def test_strangers_do_not_see_it(client: Client, company: Any) -> None:
    assert client.get("/status/").status_code == 302
