"""Stored points are what the web source served: through claim, pull and store, whatever happened between."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine

from metrics import connecting, pulling
from metrics.connecting import seal
from metrics.connectors.http import exchange
from metrics.connectors.http.file_kind import FileConnector
from metrics.connectors.http.json_kind import JsonConnector
from metrics.models import Company, Metric, Pull, Source
from northstar.lib import clock as clocks
from tests.services.chaos import Chaos

pytestmark = pytest.mark.django_db
DAYS = [date(2026, 11, 2) + timedelta(days=day) for day in range(16)]
PASSING = ("status/502", "reset", "half")
PAGES = {"paging": "page", "page_param": "page", "size_param": "size", "page_size": 5}
QUESTION = {"params": "start = {start}\nend = {end}", "rows": "data", "period": "day"}


@pytest.fixture
def chaos(company: Company, clock: object, settings: Any) -> Iterator[Chaos]:
    settings.EGRESS_LOOPBACK = True
    with Chaos() as source:
        source.series = {day: f"{day.day}.75" for day in DAYS}
        yield source


def metric_of(chaos: Chaos, **question: Any) -> Metric:
    source = Source.objects.create(
        name="Shop", slug="shop", kind="http_json", schedule={"kind": "every", "minutes": 60},
        settings=JsonConnector.clean_settings({"address": chaos.url}),
        next_due_at=clocks.now(), next_scheduled_at=clocks.now(),
    )  # fmt: skip
    return Metric.objects.create(
        name="Orders", slug="orders", kind="flow_sum", grain="day", source=source, history_from=DAYS[0],
        query=JsonConnector.clean_query(QUESTION | question),
    )  # fmt: skip


def pull(metric: Metric) -> Pull:
    Source.objects.update(next_due_at=clocks.now())
    (pull_id,) = pulling.claim_due(clocks.now())
    pulling.run(pull_id)
    return Pull.objects.get(pk=pull_id)


def stored(metric: Metric) -> dict[date, Decimal]:
    found = metric.observations.exclude(value=None).values_list("period_start", "value")
    return {start: Decimal(value).normalize() for start, value in found}


def served(chaos: Chaos) -> dict[date, Decimal]:
    return {day: Decimal(value).normalize() for day, value in chaos.last_served().items()}


@pytest.mark.parametrize("path", ["series", "pages", "overlap", "shrinking"])
def test_what_was_served_is_stored(chaos: Chaos, path: str) -> None:
    metric = metric_of(chaos, path=path, **({} if path == "series" else PAGES))
    assert pull(metric).state == "ok"
    assert stored(metric) == served(chaos) and len(stored(metric)) == 16


def test_a_fault_on_any_page_stores_nothing_and_the_next_pull_everything(
    chaos: Chaos, clock: time_machine.Coordinates, monkeypatch: pytest.MonkeyPatch
) -> None:
    metric = metric_of(chaos, path="pages", **PAGES)
    monkeypatch.setattr(exchange, "_BREATH", 0.0)
    for fault in (*PASSING, "raw/html", "raw/nan"):
        # The first page is served well before; a fault in passing is met again when it is asked once more.
        chaos.faults.extend(["pages", fault, fault] if fault in PASSING else ["pages", fault])
        assert pull(metric).state == "failed"
        assert stored(metric) == {}
        Source.objects.update(paused_at=None)
        Metric.objects.update(paused_at=None)
        clock.shift(timedelta(hours=1))
    assert pull(metric).state == "ok"
    assert stored(metric) == served(chaos) and len(stored(metric)) == 16


def test_f39_revised_history_and_new_days_follow_with_the_next_pull(
    chaos: Chaos, clock: time_machine.Coordinates
) -> None:
    metric = metric_of(chaos, path="series")
    pull(metric)
    chaos.series |= {DAYS[-3]: "100", date(2026, 11, 18): "18"}
    clock.shift(timedelta(hours=1))
    item = pull(metric).items.get()
    assert (item.added, item.changed) == (1, 1)
    assert stored(metric) == served(chaos)


def test_f41_a_long_wait_keeps_what_is_stored_and_says_until_when(
    chaos: Chaos, clock: time_machine.Coordinates
) -> None:
    metric = metric_of(chaos, path="series")
    pull(metric)
    clock.shift(timedelta(hours=1))
    chaos.faults.append("wait/429/120")
    failed = pull(metric)
    assert failed.items.get().error_message == (
        "127.0.0.1 asks to wait 2 minutes: too many requests (status 429)."
    )
    assert len(stored(metric)) == 16


def test_a_file_is_pulled_as_it_was_served(chaos: Chaos) -> None:
    metric = metric_of(chaos, path="series")
    Source.objects.update(
        kind="file_url", settings=FileConnector.clean_settings({"address": f"{chaos.url}/xlsx"})
    )
    Metric.objects.update(query=FileConnector.clean_query({"period": "day"}))
    assert pull(metric).state == "ok"
    assert stored(metric) == served(chaos) and len(stored(metric)) == 16


def test_a_stored_refresh_token_is_renewed_by_the_pull(chaos: Chaos) -> None:
    metric = metric_of(chaos, path="locked")
    source = metric.source
    assert source is not None
    source.settings = JsonConnector.clean_settings(
        {"address": chaos.url, "auth": "oauth_refresh", "token_url": f"{chaos.url}/token", "client_id": "ns"}
    )
    source.secrets = seal(source, {"token": "refresh-0"})
    source.save()
    assert pull(metric).state == "ok"
    assert stored(metric) == served(chaos)
    source.refresh_from_db()
    assert "refresh-1" in connecting.open_secrets(source)["token"]
