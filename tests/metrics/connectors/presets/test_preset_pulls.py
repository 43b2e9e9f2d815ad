"""A stock that a service tells for now only, pulled day after day: what was stored stays as it was."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest
import time_machine

from metrics import connecting, pulling
from metrics.models import Company, Metric, Source
from northstar.lib import clock as clocks
from tests.metrics.connectors.presets import billing
from tests.metrics.connectors.presets.replay import LeadingEgress, Server

pytestmark = pytest.mark.django_db


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    found = Server()
    monkeypatch.setattr(connecting.egress, "for_admins", lambda: LeadingEgress(found.port))
    yield found
    found.close()


@pytest.fixture
def metric(company: Company, clock: time_machine.Coordinates) -> Metric:
    """Active subscriptions; even where no row means zero, nothing is known of days that are not told."""
    now = clocks.now()
    source = Source(
        name="Billing", slug="billing", kind="stripe", settings={}, schedule={"kind": "every", "minutes": 60},
        next_due_at=now, next_scheduled_at=now,
    )  # fmt: skip
    source.secrets = connecting.seal(source, dict(billing.STRIPE_SERVICE.secrets))
    source.save()
    return Metric.objects.create(
        name="Active", slug="active", kind="snapshot_stock", grain="day", source=source, missing="zero",
        query={"metric": "active_subscriptions"}, history_from=date(2026, 11, 1), restate_days=3,
    )  # fmt: skip


def pull(server: Server, mode: str) -> str:
    with server.serving(billing.STRIPE_SERVICE, mode):
        for pull_id in pulling.claim_due(clocks.now()):
            pulling.run(pull_id)
    return str(Source.objects.get().pulls.latest("id").items.get().note)


def test_days_that_are_not_told_stay_as_they_are(
    server: Server, metric: Metric, clock: time_machine.Coordinates
) -> None:
    assert pull(server, "full") == ""
    clock.shift(86_400 + 60)
    assert pull(server, "empty") == ""
    stored = {one.period_start: one.value for one in metric.observations.order_by("period_start")}
    assert stored == {date(2026, 11, 18): 3, date(2026, 11, 19): 0}
