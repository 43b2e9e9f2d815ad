"""What admins do with sources: rows, secrets, due moments, audit."""

from __future__ import annotations

import json
from typing import Any

import pytest

from metrics import connecting, sourcing
from metrics.models import AuditRow, Pull, PushToken, Source
from metrics.sourcing import SourcingError, Stale, Wanted
from northstar.lib import clock as our_clock
from teams.models import User

SETTINGS = {
    "host": "10.0.0.5", "port": 5432, "database": "shop", "user": "reader",
    "sslmode": "prefer", "allow_strong_role": False,
}  # fmt: skip
HOURLY = {"kind": "every", "minutes": 60, "at": "06:00", "weekday": 0, "day": 1}
MARKER = "marker-Zk81-secret"


def wanted(**changes: Any) -> Wanted:
    typed = {"name": "Warehouse", "settings": SETTINGS, "secrets": {}, "schedule": HOURLY}
    return Wanted(**(typed | changes))


@pytest.fixture
def warehouse(maren: User, clock: Any) -> Source:
    return sourcing.create("postgresql", wanted(secrets={"password": MARKER}), actor=maren)


def test_a_new_source_is_due_at_once(warehouse: Source) -> None:
    assert warehouse.next_due_at == warehouse.next_scheduled_at == our_clock.now()
    assert warehouse.slug == "warehouse"


def test_adding_changing_and_resuming_wake_a_worker_after_the_commit(
    maren: User, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    sent: list[str] = []
    monkeypatch.setattr("metrics.waking._send", lambda task, args: sent.append(task))
    with django_capture_on_commit_callbacks(execute=True):
        source = sourcing.create("postgresql", wanted(), actor=maren)
        sourcing.update(source, wanted(secrets={"password": "x"}), version=1, actor=maren)
        sourcing.pause(source, actor=maren)
        sourcing.resume(source, actor=maren)
        sourcing.create("push", Wanted("Jobs", {}, {}, {}), actor=maren)
    assert sent == ["metrics.tasks.claim"] * 3


def test_a_source_that_is_not_pulled_is_never_due(maren: User) -> None:
    source = sourcing.create("push", Wanted("Jobs", {}, {}, {}), actor=maren)
    assert source.next_due_at is None


def test_two_sources_of_one_name_have_two_addresses(warehouse: Source, maren: User) -> None:
    assert sourcing.create("postgresql", wanted(), actor=maren).slug == "warehouse-2"


def test_a_secret_is_sealed_and_stays_when_it_is_not_typed_again(warehouse: Source, maren: User) -> None:
    assert MARKER not in json.dumps(warehouse.secrets)
    sourcing.update(warehouse, wanted(name="Shop"), version=1, actor=maren)
    assert connecting.open_secrets(warehouse) == {"password": MARKER}


def test_another_host_never_gets_the_old_secret(warehouse: Source, maren: User) -> None:
    sourcing.update(warehouse, wanted(settings=SETTINGS | {"host": "10.6.6.6"}), version=1, actor=maren)
    assert warehouse.secrets == {}


def test_the_second_of_two_edits_at_once_is_refused_and_names_the_first(
    warehouse: Source, maren: User, idris: User
) -> None:
    sourcing.update(warehouse, wanted(name="Shop"), version=1, actor=idris)
    with pytest.raises(Stale, match="changed by Idris Vane"):
        sourcing.update(warehouse, wanted(name="Lager"), version=1, actor=maren)
    assert Source.objects.get().name == "Shop"


def test_the_audit_says_what_changed_and_never_a_secret(warehouse: Source, maren: User) -> None:
    sourcing.update(
        warehouse,
        wanted(settings=SETTINGS | {"port": 5433}, secrets={"password": MARKER + "2"}),
        version=1,
        actor=maren,
    )
    row = AuditRow.objects.get(action="source.changed")
    assert (row.before["port"], row.after["port"]) == (5432, 5433)
    assert row.after["password"] == "typed anew"
    assert "host" not in row.after
    kept = json.dumps([[row.before, row.after, row.reason] for row in AuditRow.objects.all()])
    assert MARKER not in kept


def test_a_new_password_wakes_a_source_that_was_paused_for_its_failures(
    warehouse: Source, maren: User
) -> None:
    Source.objects.update(
        paused_at=our_clock.now(), failures=3, last_error_code="auth", next_due_at=None, paused_reason="x"
    )
    warehouse.refresh_from_db()
    sourcing.update(warehouse, wanted(secrets={"password": "new"}), version=1, actor=maren)
    assert warehouse.paused_at is None
    assert warehouse.next_due_at == our_clock.now()


def test_a_rename_leaves_a_source_paused_that_a_person_paused(warehouse: Source, maren: User) -> None:
    sourcing.pause(warehouse, actor=maren)
    sourcing.update(warehouse, wanted(name="Shop"), version=warehouse.version, actor=maren)
    assert warehouse.paused_at is not None
    assert warehouse.next_due_at is None


def test_another_schedule_moves_the_next_pull(warehouse: Source, maren: User) -> None:
    Source.objects.update(next_due_at=our_clock.now().replace(hour=11))
    warehouse.refresh_from_db()
    sourcing.update(warehouse, wanted(schedule=HOURLY | {"kind": "daily"}), version=1, actor=maren)
    assert f"{warehouse.next_due_at:%d %H:%M}" == "19 05:00"


def test_resuming_pulls_at_once(warehouse: Source, maren: User) -> None:
    sourcing.pause(warehouse, actor=maren)
    assert warehouse.next_due_at is None
    assert "Maren Tolk" in warehouse.paused_reason
    sourcing.resume(warehouse, actor=maren)
    assert (warehouse.paused_at, warehouse.next_due_at) == (None, our_clock.now())


def test_a_source_with_metrics_is_not_archived(by_hand: Source, make_metric: Any, maren: User) -> None:
    make_metric("Qualified trials")
    with pytest.raises(SourcingError, match="1 metric still uses this source: Qualified trials"):
        sourcing.archive(by_hand, actor=maren)
    assert Source.objects.get().archived_at is None


def test_archiving_erases_secrets_and_ends_keys(warehouse: Source, maren: User) -> None:
    token, _ = PushToken.issue(warehouse, "job", created_by=maren, expires_at=our_clock.now())
    sourcing.archive(warehouse, actor=maren)
    token.refresh_from_db()
    assert warehouse.secrets == {}
    assert token.revoked_at is not None
    assert list(Source.objects.listed()) == []


def test_archiving_ends_the_pulls_that_wait(warehouse: Source, maren: User) -> None:
    Pull.objects.create(source=warehouse, kind="backfill")
    sourcing.archive(warehouse, actor=maren)
    assert Pull.objects.get().state == "cancelled"


def test_typed_secrets_are_not_printed() -> None:
    assert MARKER not in repr(wanted(secrets={"password": MARKER}))


def test_the_next_runs_are_those_of_the_companys_clock(warehouse: Source, maren: User) -> None:
    warehouse.schedule = HOURLY | {"kind": "daily"}
    runs = sourcing.next_runs(warehouse, our_clock.now(), zone="Europe/Berlin")
    assert [f"{run:%d %H:%M}" for run in runs] == ["19 05:00", "20 05:00", "21 05:00"]
