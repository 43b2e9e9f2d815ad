from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.db import connection, connections, transaction

from metrics.models import Source
from northstar.lib import leases

NOW = datetime(2026, 11, 18, 10, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)

pytestmark = pytest.mark.django_db


def source(name: str = "crm", *, due: datetime | None = NOW, **fields: object) -> Source:
    return Source.objects.create(name=name, slug=name, kind="demo", next_due_at=due, **fields)


def claim(now: datetime = NOW, seconds: float = 360) -> list[tuple[int, str]]:
    return leases.claim(Source.objects.order_by("next_due_at"), now=now, seconds=seconds)


def test_a_due_row_is_claimed_once_and_its_attempt_counted() -> None:
    row = source()
    ((pk, token),) = claim()
    assert pk == row.pk
    row.refresh_from_db()
    assert (row.lease_until, row.lease_token, row.attempt) == (NOW + timedelta(seconds=360), token, 1)
    assert claim() == []


@pytest.mark.parametrize("due", [None, NOW + timedelta(seconds=1)])
def test_a_row_that_is_not_due_is_left_alone(due: datetime | None) -> None:
    source(due=due)
    assert claim() == []
    assert leases.claim(Source.objects.order_by("pk")[:5], now=NOW, seconds=1) == []


def test_a_lease_ends_after_its_last_moment() -> None:
    source()
    ((pk, first),) = claim(seconds=60)
    assert claim(NOW + MINUTE) == []
    ((again, second),) = claim(NOW + MINUTE + timedelta(microseconds=1))
    assert again == pk
    assert second != first
    assert Source.objects.get().attempt == 2


def test_conditions_of_the_caller_count() -> None:
    source("paused", paused_at=NOW)
    kept = source("kept")
    assert [pk for pk, _ in leases.claim(Source.objects.filter(paused_at=None), now=NOW, seconds=1)] == [
        kept.pk
    ]


def test_a_batch_may_be_cut_to_a_length() -> None:
    rows = [source(name, due=NOW - number * MINUTE) for number, name in enumerate(("a", "b", "c"))]
    taken = leases.claim(Source.objects.order_by("next_due_at")[:2], now=NOW, seconds=60)
    assert [pk for pk, _ in taken] == [rows[2].pk, rows[1].pk]
    assert len({token for _, token in taken}) == 2


@pytest.mark.parametrize(
    "meanwhile",
    [
        {"lease_token": "another", "lease_until": NOW + MINUTE, "attempt": 1},
        {"next_due_at": NOW + MINUTE},
        {"attempt": 1},
        {"paused_at": NOW},
    ],
)
def test_a_row_that_changed_since_it_was_read_is_left_alone(
    monkeypatch: pytest.MonkeyPatch, meanwhile: dict[str, object]
) -> None:
    row = source()
    make_token = leases.secrets.token_hex

    def change_first(size: int) -> str:
        Source.objects.filter(pk=row.pk).update(**meanwhile)
        return make_token(size)

    # The token is made between reading and taking: the moment at which another claim would come in.
    monkeypatch.setattr(leases.secrets, "token_hex", change_first)
    assert leases.claim(Source.objects.filter(paused_at=None), now=NOW, seconds=60) == []
    assert Source.objects.filter(pk=row.pk, **meanwhile).exists()


def test_the_holder_lets_go_and_writes_in_one_step() -> None:
    source()
    ((pk, token),) = claim()
    assert leases.release(Source, pk, token, attempt=0, next_due_at=NOW + MINUTE) is True
    row = Source.objects.get()
    assert (row.lease_until, row.lease_token, row.attempt, row.next_due_at) == (None, "", 0, NOW + MINUTE)
    assert leases.release(Source, pk, token, attempt=9) is False


def test_a_worker_that_lost_its_lease_changes_nothing() -> None:
    source()
    ((pk, late),) = claim(seconds=60)
    ((_, current),) = claim(NOW + 2 * MINUTE)
    assert leases.release(Source, pk, late, name="late") is False
    row = Source.objects.get()
    assert (row.name, row.lease_token) == ("crm", current)


def test_held_tells_the_holder_from_others() -> None:
    source()
    ((pk, token),) = claim()
    with transaction.atomic():
        assert leases.held(Source, pk, token) is True
        assert leases.held(Source, pk, "another") is False
        assert leases.held(Source, pk + 1, token) is False


def test_a_free_row_is_held_by_nobody() -> None:
    row = source()
    assert leases.release(Source, row.pk, "", name="nobody") is False
    with transaction.atomic():
        assert leases.held(Source, row.pk, "") is False


@pytest.mark.django_db(transaction=True)
def test_many_claims_at_once_share_the_rows_without_overlap(tmp_path: Path) -> None:
    rows = {source(f"source-{number}").pk for number in range(12)}
    connect = a_file_instead_of_memory(tmp_path)
    start = threading.Barrier(4)

    def work() -> list[tuple[int, str]]:
        connect()
        try:
            start.wait(5)
            return claim()
        finally:
            connections["default"].close()

    def read() -> list[tuple[int, str, int]]:
        connect()
        try:
            return list(Source.objects.values_list("pk", "lease_token", "attempt"))
        finally:
            connections["default"].close()

    with ThreadPoolExecutor(4) as pool:
        claims = [pool.submit(work) for _ in range(4)]
        found = [pair for one in claims for pair in one.result(30)]
        stored = pool.submit(read).result(30)
    assert sorted(pk for pk, _ in found) == sorted(rows)
    assert sorted(stored) == sorted((pk, token, 1) for pk, token in found)


def a_file_instead_of_memory(folder: Path) -> Callable[[], None]:
    """What a thread calls first. SQLite in memory locks unlike a file, so threads get a copy in a file."""
    if connection.vendor != "sqlite":
        return lambda: None
    path = folder / "copy.sqlite3"
    with connection.cursor() as cursor:
        cursor.execute("VACUUM INTO %s", [str(path)])
    template = connection.copy()

    def connect() -> None:
        own = template.copy()
        own.settings_dict["NAME"] = str(path)
        connections["default"] = own

    return connect
