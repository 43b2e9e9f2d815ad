"""Jira, Cloud and Data Center, as it documents itself."""

from __future__ import annotations

import base64
from typing import Any

from tests.metrics.connectors.presets.replay import (
    Asked,
    Case,
    Service,
    Told,
    iso,
    must,
)

PAGE = 2


def _issue(key: str, created: str, resolved: str | None, kind: str = "Story") -> dict[str, Any]:
    written = "%Y-%m-%dT%H:%M:%S.000+0000"
    return {
        "id": key,
        "key": f"CORE-{key}",
        "type": kind,
        "fields": {
            "created": iso(created, written),
            "resolutiondate": iso(resolved, written) if resolved else None,
        },
    }


JIRA_ISSUES = [
    _issue("1", "11-02 00:30", "11-08 23:30"),
    _issue("2", "11-03 09:00", "11-09 00:30", "Bug"),
    _issue("3", "11-10 09:00", "11-12 09:00", "Bug"),
    _issue("4", "11-17 09:00", None, "Bug"),
    _issue("5", "10-01 09:00", "11-16 09:00"),
    _issue("6", "10-02 09:00", None, "Bug"),
]


def _by_jql(asked: Asked, jql: str, empty: bool) -> list[dict[str, Any]]:
    must(jql.startswith('project = "CORE"'), jql)
    found = [] if empty else JIRA_ISSUES
    if 'issuetype = "Bug"' in jql:
        found = [one for one in found if one["type"] == "Bug"]
    if "resolution = Unresolved" in jql:
        return [one for one in found if one["fields"]["resolutiondate"] is None]
    name = "resolved" if "resolved >=" in jql else "created"
    must(f'{name} >= "2026-11-02" AND {name} < "2026-11-23"' in jql, jql)
    field = "resolutiondate" if name == "resolved" else "created"
    must(asked.params["fields"] == field, "the field that is read is asked for")
    return [one for one in found if (one["fields"][field] or "") >= "2026-11-01T23"]


def jira(asked: Asked, empty: bool) -> Told:
    if asked.path == "/rest/api/3/myself":
        return Told({"accountId": "5b10a2844c20165700ede21g"})
    if asked.path == "/rest/api/3/search/approximate-count":
        must(asked.method == "POST", "the count is a POST")
        return Told({"count": len(_by_jql(asked, asked.body["jql"], empty))})
    must(asked.path == "/rest/api/3/search/jql" and "startAt" not in asked.params, asked.path)
    found = _by_jql(asked, asked.params["jql"], empty)
    begin = int(asked.params.get("nextPageToken", "t0")[1:])
    answer: dict[str, Any] = {"issues": found[begin : begin + PAGE], "isLast": begin + PAGE >= len(found)}
    if not answer["isLast"]:
        answer["nextPageToken"] = f"t{begin + PAGE}"
    return Told(answer)


JIRA_LIMIT = Told(
    {"errorMessages": ["Rate limit exceeded."]}, 429, {"Retry-After": "45", "X-RateLimit-Remaining": "0"}
)
JIRA = Service(
    kind="jira",
    settings={"site": "brindlewick", "email": "maren@brindlewick.example"},
    secrets={"token": "ATATT3xFfGF0"},
    hosts=("brindlewick.atlassian.net",),
    signed=lambda asked: (
        asked.headers.get("authorization")
        == "Basic " + base64.b64encode(b"maren@brindlewick.example:ATATT3xFfGF0").decode()
    ),
    answers=jira,
    cases=(
        Case("resolved", {"11-02": 1, "11-09": 2, "11-16": 1}, inputs={"project": "CORE"}, requests=2),
        Case("created", {"11-02": 2, "11-09": 1, "11-16": 1}, inputs={"project": "CORE"}, requests=2),
        Case("created_of_type", {"11-02": 1, "11-09": 1, "11-16": 1}, inputs={"project": "CORE"}),
        Case(
            "open_of_type",
            {"11-18": 2},
            kind="snapshot_stock",
            grain="day",
            inputs={"project": "CORE", "type": "Bug"},
        ),
    ),
    refusal=Told(
        b"Client must be authenticated to access this resource.", 401, {"Content-Type": "text/plain"}
    ),
    limit=JIRA_LIMIT,
    wait=45,
)


def jira_server(asked: Asked, empty: bool) -> Told:
    if asked.path == "/rest/api/2/myself":
        return Told({"name": "northstar"})
    must(asked.path == "/rest/api/2/search" and asked.method == "GET", asked.path)
    found = _by_jql(asked, asked.params["jql"], empty)
    begin, size = int(asked.params.get("startAt", 0)), min(PAGE, int(asked.params["maxResults"]))
    return Told(
        {"startAt": begin, "maxResults": size, "total": len(found), "issues": found[begin : begin + size]}
    )


JIRA_SERVER = Service(
    kind="jira_server",
    settings={"address": "https://jira.brindlewick.example"},
    secrets={"token": "NjA0OTY0MDk"},
    hosts=("jira.brindlewick.example",),
    signed=lambda asked: asked.headers.get("authorization") == "Bearer NjA0OTY0MDk",
    answers=jira_server,
    cases=(
        Case("resolved", {"11-02": 1, "11-09": 2, "11-16": 1}, inputs={"project": "CORE"}, requests=3),
        Case("created_of_type", {"11-02": 1, "11-09": 1, "11-16": 1}, inputs={"project": "CORE"}),
        Case("open_of_type", {"11-18": 2}, kind="snapshot_stock", grain="day", inputs={"project": "CORE"}),
    ),
    refusal=Told(
        b"Client must be authenticated to access this resource.", 401, {"Content-Type": "text/plain"}
    ),
    limit=JIRA_LIMIT,
    wait=45,
)


SERVICES = (JIRA, JIRA_SERVER)
