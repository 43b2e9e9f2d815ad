"""Stripe against localstripe, an implementation of Stripe's API by somebody else: through a real pull."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from metrics import connecting, pulling
from metrics.models import Company, Metric, Source
from northstar.lib import clock
from tests.metrics.connectors.presets.replay import LeadingEgress
from tests.services import stripe

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]
ZONE = ZoneInfo("Europe/Berlin")
CARD = {"number": "4242424242424242", "exp_month": 12, "exp_year": 2040, "cvc": "123"}


@pytest.fixture(scope="module")
def server() -> stripe.Server:
    return stripe.shared()


@pytest.fixture
def source(company: Company, server: stripe.Server, monkeypatch: pytest.MonkeyPatch) -> Source:
    """A stored source with a sealed key; only the way to api.stripe.com is the test's own."""
    monkeypatch.setattr(connecting.egress, "for_admins", lambda: LeadingEgress(server.port))
    now = clock.now()
    found = Source(
        name="Billing", slug="billing", kind="stripe", settings={}, schedule={"kind": "every", "minutes": 60},
        next_due_at=now, next_scheduled_at=now,
    )  # fmt: skip
    found.secrets = connecting.seal(found, {"token": stripe.KEY})
    found.save()
    return found


def metric(source: Source, key: str, *, kind: str = "flow_sum", **inputs: str) -> Metric:
    yesterday = datetime.now(ZONE).date() - timedelta(days=1)
    slug = f"{key}-{inputs.get('currency', '')}"
    return Metric.objects.create(
        name=f"{key} {inputs}", slug=slug, kind=kind, grain="day",
        source=source, query={"metric": key, **inputs}, history_from=yesterday,
    )  # fmt: skip


def stored(found: Metric) -> dict[date, Decimal]:
    return {one.period_start: one.value for one in found.observations.all() if one.value is not None}


def days(*made: dict[str, Any]) -> Counter[date]:
    """How many of these objects were made on which local day, by the server's own word."""
    return Counter(datetime.fromtimestamp(one["created"], UTC).astimezone(ZONE).date() for one in made)


def test_what_was_made_in_stripe_is_what_is_stored(source: Source, server: stripe.Server) -> None:
    customers = [server.create("customers", email=f"c{n}@brindlewick.example") for n in range(103)]
    teo, yuki, *_ = (one["id"] for one in customers)
    for customer in (teo, yuki):
        card = server.create("payment_methods", type="card", card=CARD)
        server.create(f"payment_methods/{card['id']}/attach", customer=customer)
        server.create(f"customers/{customer}", invoice_settings={"default_payment_method": card["id"]})
    charges = [
        server.create("charges", amount=amount, currency=currency, customer=teo)
        for amount, currency in ((1050, "eur"), (2000, "eur"), (99_900, "usd"))
    ]
    plan = server.create("plans", amount=4900, currency="eur", interval="month", product={"name": "Crew"})
    subscriptions = [
        server.create("subscriptions", customer=customer, items=[{"plan": plan["id"]}])
        for customer in (teo, yuki)
    ]
    refund = server.create("refunds", charge=charges[0]["id"], amount=250)

    euros = metric(source, "payments", currency="eur")
    dollars = metric(source, "payments", currency="usd")
    refunds = metric(source, "refunds", currency="eur")
    new_customers = metric(source, "new_customers")
    new_subscriptions = metric(source, "new_subscriptions")
    active = metric(source, "active_subscriptions", kind="snapshot_stock")
    (pull_id,) = pulling.claim_due(clock.now())
    pulling.run(pull_id)

    pull = source.pulls.get()
    assert (pull.state, [item.error_message for item in pull.items.all()]) == ("ok", [""] * 6)
    # Two charges of 10.50 and 20.00, and the first invoices of two subscriptions at 49.00.
    assert sum(stored(euros).values()) == Decimal("128.5")
    assert sum(stored(dollars).values()) == Decimal(999)
    assert sum(stored(refunds).values()) == Decimal("2.5")
    for found, made in ((new_customers, customers), (new_subscriptions, subscriptions), (refunds, [refund])):
        assert {day for day, value in stored(found).items() if value} == set(days(*made))
    assert {day: int(value) for day, value in stored(new_customers).items() if value} == days(*customers)
    assert sum(stored(new_subscriptions).values()) == 2
    assert list(stored(active).values()) == [Decimal(2)]


def test_a_wrong_key_pauses_nothing_at_once_and_says_so(source: Source) -> None:
    source.secrets = connecting.seal(source, {"token": "not_a_key_of_stripe"})
    source.save()
    metric(source, "new_customers")
    (pull_id,) = pulling.claim_due(clock.now())
    pulling.run(pull_id)
    pull = source.pulls.get()
    assert (pull.state, pull.error_code) == ("failed", "auth")
    assert "api.stripe.com does not accept the sign-in" in pull.error_message
    assert "not_a_key_of_stripe" not in pull.error_message
