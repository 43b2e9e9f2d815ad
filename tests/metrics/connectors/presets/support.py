"""Zendesk (developer.zendesk.com) and Intercom (developers.intercom.com) as documented."""

from __future__ import annotations

import base64
import re
from typing import Any

from tests.metrics.connectors.presets.replay import END, NOW, START, Asked, Case, Service, Told, at, iso, must

PAGE = 2
TICKETS = [
    {"id": n, "created_at": at(created), "solved": at(solved) if solved else None}
    for n, (created, solved) in enumerate(
        [
            ("11-02 09:00", "11-03 09:00"),
            ("11-08 23:30", "11-09 09:00"),
            ("11-09 00:30", None),
            ("11-17 09:00", None),
        ]
    )
]
METRIC_SETS = [
    {
        "id": n,
        "ticket_id": n,
        "created_at": iso(when),
        "reply_time_in_minutes": {"calendar": minutes, "business": 1},
    }
    for n, (when, minutes) in enumerate(
        [
            ("10-01 09:00", 5),
            ("11-02 09:00", 30),
            ("11-08 23:30", 61),
            ("11-09 00:30", None),
            ("11-16 09:00", 12),
        ]
    )
]
RATINGS = [
    {"id": n, "score": score, "created_at": iso(when)}
    for n, (when, score) in enumerate(
        [
            ("11-03 09:00", "good"),
            ("11-04 09:00", "bad"),
            ("11-05 09:00", "offered"),
            ("11-06 09:00", "good"),
            ("11-10 09:00", "good"),
        ]
    )
]
_SPAN = re.compile(r"type:ticket (created|solved)>=(\S+) \1<(\S+)")


def _utc(text: str) -> int:
    must(text.endswith("Z"), "instants are written in UTC")
    return at(f"{text[5:10]} {text[11:16]}") + 3600


def zendesk(asked: Asked, empty: bool) -> Told:
    must(asked.method == "GET", "only reading")
    if asked.path == "/api/v2/tickets/count.json":
        return Told({"count": {"value": 4, "refreshed_at": "2026-11-18T00:00:00Z"}})
    if asked.path == "/api/v2/search/count.json":
        return Told({"count": 0 if empty else _count(asked.params["query"])})
    if asked.path == "/api/v2/incremental/tickets/cursor.json":
        must(asked.params["include"] == "metric_sets" and int(asked.params["per_page"]) <= 1000, "sideload")
        if "cursor" in asked.params:
            must("start_time" not in asked.params, "the cursor stands for the start")
        else:
            must(int(asked.params["start_time"]) == START, "the export begins with the range")
        begin = int(asked.params.get("cursor", "c0")[1:])
        found = [] if empty else METRIC_SETS
        ended = begin + PAGE >= len(found)
        return Told(
            {
                "tickets": [],
                "metric_sets": found[begin : begin + PAGE],
                "end_of_stream": ended,
                "after_cursor": f"c{begin + PAGE}",
                "after_url": "https://brindlewick.zendesk.com/next",
            }
        )
    must(asked.path == "/api/v2/satisfaction_ratings.json", asked.path)
    must(int(asked.params["page[size]"]) <= 100, "page[size] is at most 100")
    must((int(asked.params["start_time"]), int(asked.params["end_time"])) == (START, END), "the range")
    begin = int(asked.params.get("page[after]", 0))
    found = [] if empty else RATINGS
    more = begin + PAGE < len(found)
    link = (
        "https://brindlewick.zendesk.com/api/v2/satisfaction_ratings.json?"
        f"start_time={START}&end_time={END}&page%5Bsize%5D=100&page%5Bafter%5D={begin + PAGE}"
    )
    return Told(
        {
            "satisfaction_ratings": found[begin : begin + PAGE],
            "meta": {"has_more": more, "after_cursor": str(begin + PAGE)},
            "links": {"next": link, "prev": None},
        }
    )


def _count(query: str) -> int:
    if query == "type:ticket status<solved":
        return sum(1 for one in TICKETS if one["solved"] is None)
    span = _SPAN.fullmatch(query)
    must(span, query)
    assert span is not None
    name = "created_at" if span[1] == "created" else "solved"
    low, high = _utc(span[2]), _utc(span[3])
    return sum(1 for one in TICKETS if one[name] is not None and low <= int(one[name] or 0) < high)


ZENDESK = Service(
    kind="zendesk",
    settings={"subdomain": "brindlewick", "email": "maren@brindlewick.example"},
    secrets={"token": "zd-6wiIBWbGkBMo1mRD"},
    hosts=("brindlewick.zendesk.com",),
    signed=lambda asked: (
        asked.headers.get("authorization")
        == "Basic " + base64.b64encode(b"maren@brindlewick.example/token:zd-6wiIBWbGkBMo1mRD").decode()
    ),
    answers=zendesk,
    cases=(
        Case("created", {"11-02": 2, "11-09": 1, "11-16": 1}, requests=3),
        Case("solved", {"11-02": 1, "11-09": 1, "11-16": 0}),
        Case("unsolved", {"11-18": 2}, kind="snapshot_stock", grain="day"),
        # 30 and 61 minutes in the first week, none with a reply in the second.
        Case("first_reply", {"11-02": ("45.5", 2), "11-16": (12, 1)}, kind="average", requests=3),
        Case("satisfaction", {"11-02": (2, 3), "11-09": (1, 1)}, kind="ratio", requests=3),
    ),
    refusal=Told({"error": "Couldn't authenticate you"}, 401),
    limit=Told(
        b"Number of allowed API requests per minute exceeded",
        429,
        {"Retry-After": "93", "Content-Type": "text/plain; charset=UTF-8"},
    ),
    wait=93,
)


CONVERSATIONS = [
    {
        "type": "conversation",
        "id": str(n),
        "created_at": at(when),
        "state": state,
        "statistics": {"type": "conversation_statistics", "time_to_admin_reply": seconds},
    }
    for n, (when, state, seconds) in enumerate(
        [
            ("11-01 12:00", "open", 1),
            ("11-02 00:00", "closed", 60),
            ("11-08 23:30", "closed", 241),
            ("11-09 00:30", "open", None),
            ("11-17 10:00", "open", 30),
            ("11-23 05:00", "open", 7),
        ]
    )
]
PEOPLE = [
    {"type": "contact", "id": str(n), "role": "user", "created_at": at(when)}
    for n, when in enumerate(("10-31 12:00", "11-02 00:30", "11-08 23:30", "11-09 00:30"))
]


def intercom(asked: Asked, empty: bool) -> Told:
    must(asked.headers.get("intercom-version") == "2.11", "the version is pinned")
    if asked.path == "/me":
        return Told({"type": "admin", "app": {"type": "app"}})
    must(asked.method == "POST" and asked.path in ("/conversations/search", "/contacts/search"), asked.path)
    must(asked.body["pagination"]["per_page"] <= 150, "per_page is at most 150")
    contacts = asked.path == "/contacts/search"
    found = [] if empty else (PEOPLE if contacts else CONVERSATIONS)
    query = asked.body["query"]
    for rule in query["value"] if query["operator"] == "AND" else [query]:
        found = [one for one in found if _keeps(one, rule, days=contacts)]
    begin = int(asked.body["pagination"].get("starting_after", 0))
    pages: dict[str, Any] = {"type": "pages", "page": begin // PAGE + 1, "per_page": PAGE}
    if begin + PAGE < len(found):
        pages["next"] = {"page": 2, "starting_after": str(begin + PAGE)}
    shown = found[begin : begin + PAGE]
    return Told(
        {
            "type": "list" if contacts else "conversation.list",
            "data" if contacts else "conversations": shown,
            "total_count": len(found),
            "pages": pages,
        }
    )


def _keeps(one: dict[str, Any], rule: dict[str, Any], *, days: bool) -> bool:
    value = one[rule["field"]]
    if rule["operator"] == "=":
        return bool(value == rule["value"])
    must(isinstance(rule["value"], int), "times are numbers")
    wanted, value = rule["value"], int(value)
    if days:  # contacts are searched by whole days of UTC
        wanted, value = wanted // 86_400, value // 86_400
    return value > wanted if rule["operator"] == ">" else value < wanted


INTERCOM = Service(
    kind="intercom",
    settings={"region": "api.eu.intercom.io"},
    secrets={"token": "dG9rOmFiY2Rl"},
    hosts=("api.eu.intercom.io",),
    signed=lambda asked: asked.headers.get("authorization") == "Bearer dG9rOmFiY2Rl",
    answers=intercom,
    cases=(
        Case("conversations", {"11-02": 2, "11-09": 1, "11-16": 1}, requests=3),
        Case("first_reply", {"11-02": ("150.5", 2), "11-16": (30, 1)}, kind="average"),
        Case("new_users", {"11-02": 2, "11-09": 1, "11-16": 0}, requests=2),
        Case("open_conversations", {"11-18": 4}, kind="snapshot_stock", grain="day"),
    ),
    refusal=Told(
        {"type": "error.list", "errors": [{"code": "unauthorized", "message": "Access Token Invalid"}]}, 401
    ),
    limit=Told(
        {
            "type": "error.list",
            "errors": [
                {"code": "rate_limit_exceeded", "message": "Exceeded rate limit of 167 in 10_seconds"}
            ],
        },
        429,
        {
            "X-RateLimit-Limit": "167",
            "X-RateLimit-Remaining": "0",
            "X-RateLimit-Reset": str(int(NOW.timestamp()) + 60),
        },
    ),
    wait=60,
)
SERVICES = (ZENDESK, INTERCOM)
