"""HubSpot (developers.hubspot.com) and Salesforce (developer.salesforce.com) as documented."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from tests.metrics.connectors.presets.replay import Asked, Case, Service, Told, at, iso, must

PAGE = 2


def _deal(key: int, when: str, stage: str, amount: str | None, pipeline: str = "default") -> dict[str, Any]:
    return {
        "id": str(key),
        "properties": {
            "closedate": iso(when, "%Y-%m-%dT%H:%M:%S.000Z"),
            "amount": amount,
            "pipeline": pipeline,
            "hs_is_closed": "true",
            "hs_is_closed_won": str(stage == "won").lower(),
        },
        "createdAt": "2026-09-01T10:00:00.000Z",
        "updatedAt": "2026-11-17T10:00:00.000Z",
        "archived": False,
    }


DEALS = [
    _deal(1, "11-02 00:30", "won", "1200.50"),
    _deal(2, "11-05 10:00", "lost", "900"),
    _deal(3, "11-08 23:30", "won", None),
    _deal(4, "11-09 00:30", "won", "300", "partners"),
    _deal(5, "11-10 10:00", "won", "99.5"),
    _deal(6, "11-11 10:00", "lost", "5000"),
    _deal(7, "11-17 10:00", "lost", "10"),
    _deal(8, "11-23 10:00", "won", "70000"),
]
CONTACTS = [
    {"id": str(n), "properties": {"createdate": iso(when, "%Y-%m-%dT%H:%M:%S.000Z")}}
    for n, when in enumerate(("11-03 10:00", "11-03 11:00", "11-08 23:30", "11-16 10:00"))
]


def _holds(one: dict[str, Any], rule: dict[str, Any]) -> bool:
    value = one["properties"][rule["propertyName"]]
    if rule["operator"] == "EQ":
        return bool(value == rule["value"])
    moment = at(f"{value[5:10]} {value[11:16]}") + 3600  # written in UTC, read by `at` as local
    wanted = int(rule["value"]) // 1000
    return moment >= wanted if rule["operator"] == "GTE" else moment < wanted


def hubspot(asked: Asked, empty: bool) -> Told:
    if asked.path == "/crm/v3/objects/deals":
        return Told({"results": []})
    must(asked.method == "POST", "a search is a POST")
    kind = re.fullmatch(r"/crm/v3/objects/(deals|contacts)/search", asked.path)
    must(kind, asked.path)
    assert kind is not None
    must(1 <= asked.body["limit"] <= 200, "limit is at most 200")
    must(set(asked.body) <= {"filterGroups", "sorts", "properties", "limit", "after"}, "known keys")
    (group,) = asked.body["filterGroups"]
    must(len(group["filters"]) <= 6, "at most six filters in a group")
    found = [] if empty else (DEALS if kind[1] == "deals" else CONTACTS)
    found = [one for one in found if all(_holds(one, rule) for rule in group["filters"])]
    begin = int(asked.body.get("after", 0))
    size = min(PAGE, asked.body["limit"])
    answer: dict[str, Any] = {"total": len(found), "results": found[begin : begin + size]}
    if begin + size < len(found):
        answer["paging"] = {"next": {"after": str(begin + size), "link": "?after=2"}}
    return Told(answer)


HUBSPOT = Service(
    kind="hubspot",
    settings={},
    secrets={"token": "pat-eu1-5a7c"},
    hosts=("api.hubapi.com",),
    signed=lambda asked: asked.headers.get("authorization") == "Bearer pat-eu1-5a7c",
    answers=hubspot,
    cases=(
        Case("deals_won", {"11-02": 2, "11-09": 2, "11-16": 0}, requests=3),
        Case("deals_won", {"11-02": 0, "11-09": 1, "11-16": 0}, inputs={"pipeline": "partners"}),
        Case("won_amount", {"11-02": "1200.5", "11-09": "399.5", "11-16": 0}, requests=2),
        Case("won_amount", {"11-02": "1200.5", "11-09": "99.5", "11-16": 0}, inputs={"pipeline": "default"}),
        Case("win_rate", {"11-02": (2, 3), "11-09": (2, 3), "11-16": (0, 1)}, kind="ratio", requests=4),
        Case("new_contacts", {"11-02": 3, "11-09": 0, "11-16": 1}),
    ),
    refusal=Told(
        {
            "status": "error",
            "message": "Authentication credentials not found.",
            "category": "INVALID_AUTHENTICATION",
        },
        401,
    ),
    limit=Told(
        {
            "status": "error",
            "message": "You have reached your secondly limit.",
            "errorType": "RATE_LIMIT",
            "policyName": "SECONDLY",
        },
        429,
        {"X-HubSpot-RateLimit-Secondly-Remaining": "0"},
    ),
    wait=None,
)


OPPORTUNITIES = [
    {"CloseDate": "2026-11-02", "Amount": 1000.0, "IsWon": True, "IsClosed": True},
    {"CloseDate": "2026-11-08", "Amount": 250.25, "IsWon": True, "IsClosed": True},
    {"CloseDate": "2026-11-06", "Amount": 700.0, "IsWon": False, "IsClosed": True},
    {"CloseDate": "2026-11-09", "Amount": None, "IsWon": True, "IsClosed": True},
    {"CloseDate": "2026-11-17", "Amount": 40.0, "IsWon": False, "IsClosed": True},
    {"CloseDate": "2026-11-20", "Amount": 60.5, "IsWon": False, "IsClosed": False},
    {"CloseDate": "2026-12-24", "Amount": 39.5, "IsWon": False, "IsClosed": False},
]
LEADS = [
    {"Id": f"00Q{n}", "CreatedDate": iso(when, "%Y-%m-%dT%H:%M:%S.000+0000")}
    for n, when in enumerate(("11-02 00:10", "11-04 10:00", "11-08 23:50", "11-09 00:10", "11-16 10:00"))
]
CURSOR = "/services/data/v62.0/query/01gD0000002HU6KIAW-"


def salesforce(asked: Asked, empty: bool) -> Told:
    if asked.path == "/services/oauth2/token":
        must(
            asked.method == "POST" and asked.body["grant_type"] == "client_credentials", "client credentials"
        )
        if asked.body["client_secret"] != "3MVG9-secret":
            return Told({"error": "invalid_client", "error_description": "invalid client credentials"}, 400)
        return Told(
            {
                "access_token": "00Dxx!AQEA",
                "instance_url": "https://brindlewick.my.salesforce.com",
                "token_type": "Bearer",
                "issued_at": "1793700000000",
            }
        )
    if asked.path.startswith(CURSOR):
        must(not asked.params, "the address of the next page holds all")
        number, _, query = asked.path.removeprefix(CURSOR).partition("-")
        return _page(
            _found({"Lead": "lead", "Won": "won", "Closed": "closed"}[query], empty), int(number), query
        )
    must(asked.path == "/services/data/v62.0/query", asked.path)
    soql = asked.params["q"]
    if soql.startswith("SELECT SUM(Amount)"):
        total = None if empty else sum(o["Amount"] for o in OPPORTUNITIES if not o["IsClosed"])  # type: ignore[misc]
        return Told(_records([{"total": total}]))
    if "FROM Lead" in soql:
        must("CreatedDate >= 2026-11-01T23:00:00Z AND CreatedDate < 2026-11-22T23:00:00Z" in soql, soql)
        return _page(_found("lead", empty), 0, "Lead")
    if soql.endswith("LIMIT 1"):
        return Told(_records([]))
    must("CloseDate >= 2026-11-02 AND CloseDate < 2026-11-23" in soql, soql)
    which = "Won" if "IsWon = true" in soql else "Closed"
    found = _found(which.lower(), empty)
    if "Amount != null" in soql:
        return Told(_records([one for one in found if one["Amount"] is not None]))
    return _page(found, 0, which)


def _found(which: str, empty: bool) -> list[dict[str, Any]]:
    if empty:
        return []
    if which == "lead":
        return LEADS
    inside = [
        o
        for o in OPPORTUNITIES
        if date(2026, 11, 2) <= date.fromisoformat(str(o["CloseDate"])) < date(2026, 11, 23)
    ]
    return [o for o in inside if o["IsWon" if which == "won" else "IsClosed"]]


def _page(found: list[dict[str, Any]], begin: int, query: str) -> Told:
    answer = _records(found[begin : begin + PAGE]) | {"totalSize": len(found)}
    if begin + PAGE < len(found):
        answer |= {"done": False, "nextRecordsUrl": f"{CURSOR}{begin + PAGE}-{query}"}
    return Told(answer)


def _records(found: list[dict[str, Any]]) -> dict[str, Any]:
    records = [{"attributes": {"type": "Opportunity"}, **one} for one in found]
    return {"totalSize": len(found), "done": True, "records": records}


SALESFORCE = Service(
    kind="salesforce",
    settings={"domain": "brindlewick", "client_id": "3MVG9-key"},
    secrets={"client_secret": "3MVG9-secret"},
    hosts=("brindlewick.my.salesforce.com",),
    signed=lambda asked: asked.headers.get("authorization") == "Bearer 00Dxx!AQEA",
    answers=salesforce,
    cases=(
        Case("won_amount", {"11-02": "1250.25", "11-09": 0, "11-16": 0}),
        Case("deals_won", {"11-02": 2, "11-09": 1, "11-16": 0}, requests=3),
        Case("win_rate", {"11-02": (2, 3), "11-09": (1, 1), "11-16": (0, 1)}, kind="ratio", requests=4),
        Case("new_leads", {"11-02": 3, "11-09": 1, "11-16": 1}, requests=4),
        Case("open_pipeline", {"11-18": 100}, kind="snapshot_stock", grain="day"),
    ),
    refusal=Told([{"message": "Session expired or invalid", "errorCode": "INVALID_SESSION_ID"}], 401),
    limit=Told(
        [{"message": "TotalRequests Limit exceeded.", "errorCode": "REQUEST_LIMIT_EXCEEDED"}],
        403,
    ),
    wait=None,
    unsigned_paths=("/services/oauth2/token",),
)
SERVICES = (HUBSPOT, SALESFORCE)
