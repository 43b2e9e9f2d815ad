"""GitHub and GitLab as they document themselves."""

from __future__ import annotations

from typing import Any

from tests.metrics.connectors.presets.replay import (
    NOW,
    UTC_END,
    UTC_START,
    Asked,
    Case,
    Service,
    Told,
    iso,
    must,
)

PAGE = 2


def _linked(asked: Asked, found: list[dict[str, Any]], base: str) -> Told:
    """A page with the header Link (RFC 8288), as GitHub and GitLab page."""
    must(int(asked.params["per_page"]) <= 100, "per_page is at most 100")
    number = int(asked.params.get("page", 1))
    headers = {}
    if number * PAGE < len(found):
        kept = "&".join(f"{name}={value}" for name, value in asked.params.items() if name != "page")
        address = f"{base}{asked.path}?{kept}&page={number + 1}"
        headers["Link"] = f'<{address}>; rel="next", <{base}{asked.path}?page=9>; rel="last"'
    return Told(found[(number - 1) * PAGE : number * PAGE], headers=headers)


def _pull(number: int, updated: str, merged: str | None) -> dict[str, Any]:
    return {
        "number": number,
        "state": "closed",
        "updated_at": iso(updated),
        "merged_at": iso(merged) if merged else None,
    }


PULLS = [
    _pull(9, "11-18 09:00", "11-08 23:30"),
    _pull(8, "11-17 09:00", None),
    _pull(7, "11-16 09:00", "11-16 09:00"),
    _pull(6, "11-12 09:00", "11-09 00:30"),
    _pull(5, "11-03 09:00", "11-03 09:00"),
    _pull(4, "11-01 09:00", "11-01 09:00"),
    _pull(3, "10-01 09:00", "10-01 09:00"),
    _pull(2, "09-01 09:00", "09-01 09:00"),
]
ISSUES = [
    {"number": 14, "created_at": iso("11-17 09:00")},
    {"number": 13, "created_at": iso("11-09 00:30"), "pull_request": {"url": "https://api.github.com/…"}},
    {"number": 12, "created_at": iso("11-08 23:30")},
    {"number": 11, "created_at": iso("11-02 00:00")},
    {"number": 10, "created_at": iso("10-02 00:00")},
]
RELEASES = [
    {"id": 3, "draft": True, "prerelease": False, "published_at": None},
    {"id": 2, "draft": False, "prerelease": False, "published_at": iso("11-10 09:00")},
    {"id": 1, "draft": False, "prerelease": True, "published_at": iso("11-09 09:00")},
    {"id": 0, "draft": False, "prerelease": False, "published_at": iso("11-04 09:00")},
]


def github(asked: Asked, empty: bool) -> Told:
    must(asked.headers.get("x-github-api-version") == "2022-11-28", "the version is pinned")
    must(asked.headers.get("accept") == "application/vnd.github+json", "the media type")
    if asked.path == "/rate_limit":
        return Told({"resources": {"core": {"limit": 5000, "remaining": 4999, "reset": 1795000000}}})
    must(asked.path.startswith("/repos/brindlewick/scheduler"), asked.path)
    name = asked.path.removeprefix("/repos/brindlewick/scheduler").strip("/")
    if not name:
        return Told({"full_name": "brindlewick/scheduler", "stargazers_count": 0 if empty else 1207})
    if name == "pulls":
        must(
            (asked.params["state"], asked.params["sort"], asked.params["direction"])
            == ("closed", "updated", "desc"),
            "order",
        )
    if name == "issues":
        must(
            (asked.params["state"], asked.params["sort"], asked.params["direction"])
            == ("all", "created", "desc"),
            "order",
        )
    found = {"pulls": PULLS, "issues": ISSUES, "releases": RELEASES}[name]
    return _linked(asked, [] if empty else found, "https://api.github.com")


GITHUB = Service(
    kind="github",
    settings={"owner": "brindlewick"},
    secrets={"token": "github_pat_11A"},
    hosts=("api.github.com",),
    signed=lambda asked: asked.headers.get("authorization") == "Bearer github_pat_11A",
    answers=github,
    cases=(
        Case("merged", {"11-02": 2, "11-09": 1, "11-16": 1}, inputs={"repository": "scheduler"}, requests=3),
        Case("issues_opened", {"11-02": 2, "11-09": 0, "11-16": 1}, inputs={"repository": "scheduler"}),
        Case(
            "releases", {"11-02": 1, "11-09": 1, "11-16": 0}, inputs={"repository": "scheduler"}, requests=2
        ),
        Case(
            "stars", {"11-18": 1207}, kind="snapshot_stock", grain="day", inputs={"repository": "scheduler"}
        ),
    ),
    refusal=Told({"message": "Bad credentials", "documentation_url": "https://docs.github.com/rest"}, 401),
    limit=Told(
        {"message": "API rate limit exceeded for user ID 1."},
        403,
        {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(int(NOW.timestamp()) + 600)},
    ),
    wait=600,
)


MERGED = [
    {
        "id": n,
        "state": "merged",
        "updated_at": iso(updated),
        "merged_at": iso(merged, "%Y-%m-%dT%H:%M:%S.123Z"),
    }
    for n, (updated, merged) in enumerate(
        [
            ("11-17 09:00", "10-01 09:00"),
            ("11-12 09:00", "11-02 00:00"),
            ("11-09 09:00", "11-08 23:30"),
            ("11-16 09:00", "11-16 00:30"),
            ("10-01 09:00", "10-01 09:00"),
        ]
    )
]
PIPELINES = [
    {"id": n, "status": status, "ref": ref, "created_at": iso(when), "updated_at": iso(when)}
    for n, (when, status, ref) in enumerate(
        [
            ("11-02 09:00", "success", "main"),
            ("11-03 09:00", "failed", "main"),
            ("11-04 09:00", "success", "topic"),
            ("11-05 09:00", "canceled", "main"),
            ("11-10 09:00", "success", "main"),
            ("11-17 09:00", "failed", "topic"),
        ]
    )
]
GL_ISSUES = [
    {"id": n, "created_at": iso(when)} for n, when in enumerate(("11-02 00:30", "11-08 23:30", "11-09 00:30"))
]
DEPLOYMENTS = [
    {"id": n, "status": "success", "created_at": iso(when), "updated_at": iso(when)}
    for n, when in enumerate(("11-03 09:00", "11-10 09:00", "11-11 09:00", "11-12 09:00"))
]


def gitlab(asked: Asked, empty: bool) -> Told:
    if asked.path == "/gl/api/v4/user":
        return Told({"id": 1, "username": "northstar"})
    base = "/gl/api/v4/projects/278964/"
    must(asked.path.startswith(base), asked.path)
    name, params = asked.path.removeprefix(base), asked.params
    found: list[dict[str, Any]] = {
        "merge_requests": MERGED,
        "issues": GL_ISSUES,
        "pipelines": PIPELINES,
        "deployments": DEPLOYMENTS,
    }[name]
    if name == "issues":
        must((params["created_after"], params["created_before"]) == (UTC_START, UTC_END), "the range")
    else:
        must(params["updated_after"] == UTC_START and params["order_by"] == "updated_at", "the range")
        found = [one for one in found if one["updated_at"] >= UTC_START]
    if name == "deployments":
        must((params["environment"], params["status"]) == ("production", "success"), "which deployments")
    if "ref" in params:
        found = [one for one in found if one["ref"] == params["ref"]]
    return _linked(asked, [] if empty else found, "https://gitlab.brindlewick.example")


GITLAB = Service(
    kind="gitlab",
    settings={"address": "https://gitlab.brindlewick.example/gl/"},
    secrets={"token": "glpat-9xYz"},
    hosts=("gitlab.brindlewick.example",),
    signed=lambda asked: asked.headers.get("private-token") == "glpat-9xYz",
    answers=gitlab,
    cases=(
        Case("merged", {"11-02": 2, "11-09": 0, "11-16": 1}, inputs={"project": "278964"}, requests=2),
        Case("issues_opened", {"11-02": 2, "11-09": 1, "11-16": 0}, inputs={"project": "278964"}, requests=2),
        Case(
            "pipeline_success",
            {"11-02": (2, 3), "11-09": (1, 1), "11-16": (0, 1)},
            kind="ratio",
            inputs={"project": "278964"},
            requests=3,
        ),
        Case(
            "pipeline_success",
            {"11-02": (1, 2), "11-09": (1, 1)},
            kind="ratio",
            inputs={"project": "278964", "branch": "main"},
        ),
        Case("deployments", {"11-02": 1, "11-09": 3, "11-16": 0}, inputs={"project": "278964"}),
    ),
    refusal=Told({"message": "401 Unauthorized"}, 401),
    limit=Told(
        b"Retry later", 429, {"Retry-After": "30", "RateLimit-Remaining": "0", "Content-Type": "text/plain"}
    ),
    wait=30,
)


SERVICES = (GITHUB, GITLAB)
