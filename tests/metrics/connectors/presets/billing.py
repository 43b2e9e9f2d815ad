"""Stripe (docs.stripe.com/api) and Chargebee (apidocs.chargebee.com) as they document themselves."""

from __future__ import annotations

import base64
import json
from typing import Any

from tests.metrics.connectors.presets.replay import Asked, Case, Service, Told, at, must

PAGE = 2


def _charge(key: str, when: str, amount: int, **more: Any) -> dict[str, Any]:
    return {
        "id": key,
        "object": "charge",
        "amount": amount,
        "currency": "eur",
        "created": at(when),
        "status": "succeeded",
        "paid": True,
        **more,
    }


STRIPE: dict[str, list[dict[str, Any]]] = {
    "/v1/charges": [
        _charge("ch_1", "11-01 23:59", 99_900),
        _charge("ch_2", "11-02 00:00", 1050),
        _charge("ch_3", "11-08 23:59", 2000),
        _charge("ch_4", "11-09 00:10", 4999),
        _charge("ch_5", "11-10 12:00", 700, status="failed", paid=False),
        _charge("ch_6", "11-11 12:00", 100_000, currency="usd"),
        _charge("ch_7", "11-17 08:00", 1),
    ],
    "/v1/refunds": [
        {
            "id": "re_1",
            "object": "refund",
            "amount": 500,
            "currency": "eur",
            "created": at("11-12 10:00"),
            "charge": "ch_3",
            "status": "succeeded",
        },
        {
            "id": "re_2",
            "object": "refund",
            "amount": 900,
            "currency": "eur",
            "created": at("11-13 10:00"),
            "charge": "ch_4",
            "status": "pending",
        },
    ],
    "/v1/customers": [
        {"id": f"cus_{n}", "object": "customer", "created": at(when)}
        for n, when in enumerate(("11-03 10:00", "11-03 11:00", "11-05 10:00", "11-16 07:00", "11-30 07:00"))
    ],
    "/v1/subscriptions": [
        {"id": "sub_1", "object": "subscription", "status": "canceled", "created": at("11-04 10:00")},
        {"id": "sub_2", "object": "subscription", "status": "active", "created": at("11-05 10:00")},
        {"id": "sub_3", "object": "subscription", "status": "trialing", "created": at("11-10 10:00")},
        {"id": "sub_4", "object": "subscription", "status": "active", "created": at("01-10 10:00")},
        {"id": "sub_5", "object": "subscription", "status": "active", "created": at("01-11 10:00")},
    ],
}


def stripe(asked: Asked, empty: bool) -> Told:
    must(asked.headers.get("stripe-version") == "2025-04-30.basil", "the version is pinned")
    must(asked.method == "GET" and int(asked.params["limit"]) <= 100, "limit is at most 100")
    known = {"limit", "starting_after", "created[gte]", "created[lt]", "status"}
    must(set(asked.params) <= known, f"parameters {asked.params}")
    found = [] if empty else sorted(STRIPE[asked.path], key=lambda one: -one["created"])
    first, last = int(asked.params.get("created[gte]", 0)), int(asked.params.get("created[lt]", 2**40))
    status = asked.params.get("status", "all")
    found = [one for one in found if first <= one["created"] < last]
    found = [one for one in found if status in ("all", one.get("status"))]
    if after := asked.params.get("starting_after"):
        found = found[[one["id"] for one in found].index(after) + 1 :]
    size = min(PAGE, int(asked.params["limit"]))
    return Told({"object": "list", "url": asked.path, "has_more": len(found) > size, "data": found[:size]})


STRIPE_SERVICE = Service(
    kind="stripe",
    settings={},
    secrets={"token": "rk_live_4eC39HqLyjWD"},
    hosts=("api.stripe.com",),
    signed=lambda asked: asked.headers.get("authorization") == "Bearer rk_live_4eC39HqLyjWD",
    answers=stripe,
    cases=(
        Case(
            "payments",
            {"11-02": "30.5", "11-09": "49.99", "11-16": "0.01"},
            inputs={"currency": "eur"},
            requests=3,
        ),
        Case("payments", {"11-02": 0, "11-09": 1000, "11-16": 0}, inputs={"currency": "usd"}),
        Case("refunds", {"11-02": 0, "11-09": 5, "11-16": 0}, inputs={"currency": "eur"}),
        Case("new_customers", {"11-02": 3, "11-09": 0, "11-16": 1}),
        Case("new_subscriptions", {"11-02": 2, "11-09": 1, "11-16": 0}),
        Case("active_subscriptions", {"11-18": 3}, kind="snapshot_stock", grain="day"),
    ),
    refusal=Told(
        {"error": {"message": "Invalid API Key provided: rk_live_****WD", "type": "invalid_request_error"}},
        401,
    ),
    limit=Told(
        {"error": {"message": "Request rate limit exceeded.", "type": "invalid_request_error"}},
        429,
        {"Stripe-Rate-Limited-Reason": "global-rate"},
    ),
    wait=None,
)


SUBSCRIPTIONS = [
    {"id": "s1", "status": "active", "created_at": at("11-02 00:00"), "mrr": 4900, "currency_code": "EUR"},
    {
        "id": "s2",
        "status": "non_renewing",
        "created_at": at("11-08 23:30"),
        "mrr": 10_050,
        "currency_code": "EUR",
    },
    {"id": "s3", "status": "active", "created_at": at("11-09 00:30"), "mrr": 99_900, "currency_code": "USD"},
    {
        "id": "s4",
        "status": "cancelled",
        "created_at": at("02-09 10:00"),
        "cancelled_at": at("11-12 10:00"),
        "mrr": 0,
        "currency_code": "EUR",
    },
    {"id": "s5", "status": "in_trial", "created_at": at("11-23 00:00"), "currency_code": "EUR"},
]
INVOICES = [
    {"id": "i1", "status": "paid", "date": at("11-03 10:00"), "total": 4900, "currency_code": "EUR"},
    {"id": "i2", "status": "payment_due", "date": at("11-03 11:00"), "total": 101, "currency_code": "EUR"},
    {"id": "i3", "status": "voided", "date": at("11-04 10:00"), "total": 77_700, "currency_code": "EUR"},
    {"id": "i4", "status": "paid", "date": at("11-17 10:00"), "total": 250, "currency_code": "EUR"},
    {"id": "i5", "status": "paid", "date": at("11-17 11:00"), "total": 900, "currency_code": "USD"},
]


def chargebee(asked: Asked, empty: bool) -> Told:
    must(int(asked.params["limit"]) <= 100, "limit is at most 100")
    name = {"/api/v2/subscriptions": "subscription", "/api/v2/invoices": "invoice"}[asked.path]
    found = [] if empty else (SUBSCRIPTIONS if name == "subscription" else INVOICES)
    for key, value in asked.params.items():
        attribute, _, operator = key.removesuffix("]").partition("[")
        if operator == "between":
            low, high = json.loads(value)
            found = [one for one in found if low <= one.get(attribute, -1) <= high]
        elif operator == "in":
            found = [one for one in found if one[attribute] in json.loads(value)]
        elif operator == "is":
            found = [one for one in found if one[attribute] == value]
        elif operator == "is_not":
            found = [one for one in found if one[attribute] != value]
        else:
            must(key in ("limit", "offset", "sort_by[asc]"), f"parameter {key}")
    begin = json.loads(asked.params["offset"])[0] if "offset" in asked.params else 0
    page = {"list": [{name: one, "customer": {"id": "c"}} for one in found[begin : begin + PAGE]]}
    if begin + PAGE < len(found):
        page["next_offset"] = json.dumps([begin + PAGE, "1230000000054"])  # type: ignore[assignment]
    return Told(page)


CHARGEBEE_SERVICE = Service(
    kind="chargebee",
    settings={"site": "brindlewick"},
    secrets={"key": "live_Cb9x"},
    hosts=("brindlewick.chargebee.com",),
    signed=lambda asked: (
        asked.headers.get("authorization") == "Basic " + base64.b64encode(b"live_Cb9x:").decode()
    ),
    answers=chargebee,
    cases=(
        Case(
            "mrr",
            {"11-18": "149.5"},
            kind="snapshot_stock",
            grain="day",
            inputs={"currency": "EUR"},
            requests=2,
        ),
        Case("new_subscriptions", {"11-02": 2, "11-09": 1, "11-16": 0}, requests=2),
        Case("cancelled", {"11-02": 0, "11-09": 1, "11-16": 0}),
        Case("invoiced", {"11-02": "50.01", "11-09": 0, "11-16": "2.5"}, inputs={"currency": "EUR"}),
    ),
    refusal=Told(
        {
            "message": "Sorry, authentication failed. Invalid api key.",
            "api_error_code": "api_authentication_failed",
        },
        401,
    ),
    limit=Told(
        {
            "message": "Sorry, you have exceeded the API limit.",
            "api_error_code": "api_request_limit_exceeded",
        },
        429,
        {"Retry-After": "57"},
    ),
    wait=57,
)
SERVICES = (STRIPE_SERVICE, CHARGEBEE_SERVICE)
