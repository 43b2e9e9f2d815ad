"""Google Analytics 4, PostHog, Mixpanel, Amplitude, Plausible and Matomo as they document their answers."""

from __future__ import annotations

import base64
import json
from datetime import date
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.metrics.connectors.presets.replay import UTC_END, UTC_START, Asked, Case, Service, Told, must

WEEKS = {"2026-11-02": 120, "2026-11-09": 133, "2026-11-16": 40}
DAYS = {"start": date(2026, 11, 2), "end": date(2026, 11, 5)}
MONTH = {"start": date(2026, 11, 1), "end": date(2026, 12, 1)}


def _basic(pair: str) -> str:
    return "Basic " + base64.b64encode(pair.encode()).decode()


KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
KEY_FILE = json.dumps(
    {
        "type": "service_account",
        "client_email": "northstar@brindlewick.iam.gserviceaccount.com",
        "private_key": KEY.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ).decode(),
    }
)
#: Another service account, which Google does not know.
STRANGE_FILE = KEY_FILE.replace("northstar@", "stranger@")
GA_WRITTEN = {
    "date": {"20261102": 17, "20261103": 19, "20261104": 20},
    "isoYearIsoWeek": {"202645": 120, "202646": 133, "202647": 40},
    "yearMonth": {"202611": 290},
}


def google(asked: Asked, empty: bool) -> Told:
    if asked.host == "oauth2.googleapis.com":
        claims = jwt.decode(
            asked.body["assertion"],
            KEY.public_key(),
            algorithms=["RS256"],
            audience="https://oauth2.googleapis.com/token",
            options={"verify_exp": False, "verify_iat": False},
        )
        must(claims["scope"] == "https://www.googleapis.com/auth/analytics.readonly", "read-only scope")
        if not claims["iss"].startswith("northstar@"):
            return Told(
                {"error": "invalid_grant", "error_description": "Invalid grant: account not found"}, 400
            )
        return Told({"access_token": "ya29.c.b0Aa", "expires_in": 3599, "token_type": "Bearer"})
    if asked.path == "/v1beta/properties/123456789/metadata":
        return Told({"name": "properties/123456789/metadata", "dimensions": [], "metrics": []})
    must(asked.path == "/v1beta/properties/123456789:runReport" and asked.method == "POST", asked.path)
    (span,) = asked.body["dateRanges"]
    (dimension,) = asked.body["dimensions"]
    must(span["startDate"] <= "2026-11-02" and span["endDate"] <= "2026-11-18", "the range ends today")
    names = [metric["name"] for metric in asked.body["metrics"]]
    share = 2 if "dimensionFilter" in asked.body else 1
    if share == 2:
        rule = asked.body["dimensionFilter"]["filter"]
        must(rule["fieldName"] == "eventName" and rule["stringFilter"]["value"] == "sign_up", "the event")
    answer: dict[str, Any] = {
        "dimensionHeaders": [dimension],
        "kind": "analyticsData#runReport",
        "metricHeaders": [{"name": name, "type": "TYPE_INTEGER"} for name in names],
    }
    if not empty:  # Google leaves `rows` out where there are none
        answer["rows"] = [
            {
                "dimensionValues": [{"value": when}],
                "metricValues": [
                    {"value": str((number - 20 if name == "engagedSessions" else number) // share)}
                    for name in names
                ],
            }
            for when, number in GA_WRITTEN[dimension["name"]].items()
        ]
        answer["rowCount"] = len(answer["rows"])
    return Told(answer)


GOOGLE = Service(
    kind="google_analytics",
    settings={"property": "123456789"},
    secrets={"key_file": KEY_FILE},
    hosts=("analyticsdata.googleapis.com", "oauth2.googleapis.com"),
    signed=lambda asked: asked.headers.get("authorization") == "Bearer ya29.c.b0Aa",
    answers=google,
    cases=(
        Case("active_users", {"11-02": 120, "11-09": 133, "11-16": 40}, kind="unique"),
        Case("active_users", {"11-01": 290}, kind="unique", grain="month", **MONTH),
        Case("sessions", {"11-02": 17, "11-03": 19, "11-04": 20}, grain="day", **DAYS),
        Case("events", {"11-02": 60, "11-09": 66, "11-16": 20}, inputs={"event": "sign_up"}),
        Case("engagement_rate", {"11-02": (100, 120), "11-09": (113, 133), "11-16": (20, 40)}, kind="ratio"),
    ),
    refusal=Told(
        {
            "error": {
                "code": 401,
                "message": "Request had invalid authentication credentials.",
                "status": "UNAUTHENTICATED",
            }
        },
        401,
    ),
    limit=Told(
        {
            "error": {
                "code": 429,
                "message": "Exhausted property tokens per hour.",
                "status": "RESOURCE_EXHAUSTED",
            }
        },
        429,
    ),
    wait=None,
    unsigned_paths=("/token",),
)


def posthog(asked: Asked, empty: bool) -> Told:
    must(asked.path == "/api/projects/4711/query/" and asked.method == "POST", asked.path)
    query = asked.body["query"]
    must(query["kind"] == "HogQLQuery", "the kind of query")
    text = query["query"]
    if text == "SELECT 1":
        return Told({"results": [[1]], "columns": ["1"]})
    must(f"toDateTime('{UTC_START}')" in text and f"toDateTime('{UTC_END}')" in text, text)
    must("toMonday(toTimeZone(timestamp, 'Europe/Berlin'))" in text and "LIMIT 10000" in text, text)
    results: list[list[Any]] = [[week, number] for week, number in WEEKS.items()]
    if "event = 'user signed up'" in text:
        results = [[week, number // 10] for week, number in WEEKS.items()]
    if "event = 'plan purchased'" in text:
        results = [["2026-11-02", 3, 12], ["2026-11-09", 0, 13]]
    return Told({"results": [] if empty else results, "columns": ["period", "people"], "hasMore": False})


POSTHOG = Service(
    kind="posthog",
    settings={"region": "eu.posthog.com", "project": "4711"},
    secrets={"token": "phx_gA9d"},
    hosts=("eu.posthog.com",),
    signed=lambda asked: asked.headers.get("authorization") == "Bearer phx_gA9d",
    answers=posthog,
    cases=(
        Case("active_people", {"11-02": 120, "11-09": 133, "11-16": 40}, kind="unique"),
        Case("events", {"11-02": 12, "11-09": 13, "11-16": 4}, inputs={"event": "user signed up"}),
        Case(
            "people_doing",
            {"11-02": 12, "11-09": 13, "11-16": 4},
            kind="unique",
            inputs={"event": "user signed up"},
        ),
        Case(
            "conversion",
            {"11-02": (3, 12), "11-09": (0, 13)},
            kind="ratio",
            inputs={"event": "user signed up", "goal": "plan purchased"},
        ),
    ),
    refusal=Told(
        {
            "type": "authentication_error",
            "code": "authentication_failed",
            "detail": "Invalid personal API key.",
            "attr": None,
        },
        401,
    ),
    limit=Told(
        {
            "type": "throttled_error",
            "code": "throttled",
            "detail": "Request was throttled. Expected available in 39 seconds.",
        },
        429,
        {"Retry-After": "39"},
    ),
    wait=39,
)


def mixpanel(asked: Asked, empty: bool) -> Told:
    must(asked.params["project_id"] == "2195193", "service accounts name the project")
    if asked.path == "/api/query/events/names":
        return Told(["Signed up"])
    must(asked.params["from_date"] == "2026-11-02" and asked.params["to_date"] <= "2026-11-18", "the range")
    must(asked.params["event"] == "Signed up", "the event")
    if asked.path == "/api/query/segmentation/sum":
        must(asked.params["on"] == 'properties["amount"]', "the property")
        found = {} if empty else {"2026-11-02": 10.5, "2026-11-03": 0.0, "2026-11-10": 4}
        return Told({"status": "ok", "computed_at": "2026-11-18T10:00:00+00:00", "results": found})
    must(asked.path == "/api/query/segmentation" and asked.params["unit"] == "week", asked.path)
    share = {"general": 1, "unique": 2}[asked.params["type"]]
    values = {week: number // share for week, number in WEEKS.items()}
    data = {"series": list(WEEKS), "values": {} if empty else {"Signed up": values}}
    return Told({"data": data, "legend_size": 1})


MIXPANEL = Service(
    kind="mixpanel",
    settings={"region": "eu.mixpanel.com", "project": "2195193", "user": "northstar.b8a2.mp-service-account"},
    secrets={"secret": "mYs3cr3tMx"},
    hosts=("eu.mixpanel.com",),
    signed=lambda asked: (
        asked.headers.get("authorization") == _basic("northstar.b8a2.mp-service-account:mYs3cr3tMx")
    ),
    answers=mixpanel,
    cases=(
        Case("events", {"11-02": 120, "11-09": 133, "11-16": 40}, inputs={"event": "Signed up"}),
        Case("people", {"11-02": 60, "11-09": 66, "11-16": 20}, kind="unique", inputs={"event": "Signed up"}),
        Case(
            "property_sum",
            {"11-02": "10.5", "11-09": 4, "11-16": 0},
            inputs={"event": "Signed up", "property": "amount"},
        ),
    ),
    refusal=Told({"request": "/api/query/segmentation", "error": "Unable to authenticate request"}, 401),
    limit=Told({"error": "You have exceeded your rate limit."}, 429, {"Retry-After": "1800"}),
    wait=1800,
)


def amplitude(asked: Asked, empty: bool) -> Told:
    if asked.path == "/api/2/events/list":
        return Told({"data": [{"name": "Play Song", "totals": 3}]})
    must(
        (asked.params["start"], asked.params["end"]) == ("20261102", "20261118"),
        "dates as YYYYMMDD, until today",
    )
    must(asked.params["i"] == "7", "weeks are 7")
    share = {"active": 1, "new": 10, "totals": 2, "uniques": 4}[asked.params["m"]]
    if asked.path == "/api/2/events/segmentation":
        must(json.loads(asked.params["e"]) == {"event_type": "Play Song"}, "the event as JSON")
    else:
        must(asked.path == "/api/2/users", asked.path)
    weeks = [] if empty else list(WEEKS)
    return Told(
        {
            "data": {
                "series": [[WEEKS[week] // share for week in weeks]],
                "seriesMeta": [{"segmentIndex": 0}],
                "seriesLabels": [0],
                "xValues": weeks,
            }
        }
    )


AMPLITUDE = Service(
    kind="amplitude",
    settings={"region": "analytics.eu.amplitude.com", "api_key": "a0b1c2d3"},
    secrets={"secret": "5ecre7Amp"},
    hosts=("analytics.eu.amplitude.com",),
    signed=lambda asked: asked.headers.get("authorization") == _basic("a0b1c2d3:5ecre7Amp"),
    answers=amplitude,
    cases=(
        Case("active_users", {"11-02": 120, "11-09": 133, "11-16": 40}, kind="unique"),
        Case("new_users", {"11-02": 12, "11-09": 13, "11-16": 4}),
        Case("events", {"11-02": 60, "11-09": 66, "11-16": 20}, inputs={"event": "Play Song"}),
        Case("people", {"11-02": 30, "11-09": 33, "11-16": 10}, kind="unique", inputs={"event": "Play Song"}),
    ),
    refusal=Told(
        {"error": {"http_code": 401, "type": "invalid_auth", "message": "Invalid API key or secret key"}}, 401
    ),
    limit=Told(
        {
            "error": {
                "http_code": 429,
                "type": "too_many_requests",
                "message": "Exceeded query cost limit per hour",
            }
        },
        429,
    ),
    wait=None,
)


def plausible(asked: Asked, empty: bool) -> Told:
    must(asked.path == "/api/v2/query" and asked.method == "POST", asked.path)
    body = asked.body
    must(body["site_id"] == "brindlewick.example", "the site")
    if body["date_range"] == "day":
        return Told({"results": [{"metrics": [4], "dimensions": []}], "meta": {}, "query": body})
    must(body["date_range"] == ["2026-11-02", "2026-11-18"], "both ends are inclusive, until today")
    must(body["dimensions"] == ["time:week"], "by week")
    columns = {"visitors": 1, "pageviews": 3, "visits": 2, "events": 1, "visit_duration": 1}
    if "filters" in body:
        must(body["filters"] == [["is", "event:goal", ["Sign up"]]], "the goal")
    results = [
        {"dimensions": [week], "metrics": [number * columns[name] for name in body["metrics"]]}
        for week, number in WEEKS.items()
    ]
    return Told({"results": [] if empty else results, "meta": {}, "query": body})


PLAUSIBLE = Service(
    kind="plausible",
    settings={"site": "brindlewick.example", "address": "https://stats.brindlewick.example"},
    secrets={"token": "plA-9f2c"},
    hosts=("stats.brindlewick.example",),
    signed=lambda asked: asked.headers.get("authorization") == "Bearer plA-9f2c",
    answers=plausible,
    cases=(
        Case("visitors", {"11-02": 120, "11-09": 133, "11-16": 40}, kind="unique"),
        Case("pageviews", {"11-02": 360, "11-09": 399, "11-16": 120}),
        Case("visits", {"11-02": 240, "11-09": 266, "11-16": 80}),
        Case("conversions", {"11-02": 120, "11-09": 133, "11-16": 40}, inputs={"goal": "Sign up"}),
        Case("visit_length", {"11-02": (120, 240), "11-09": (133, 266), "11-16": (40, 80)}, kind="average"),
    ),
    refusal=Told(
        {"error": "Invalid API key or site ID. Please make sure you're using a valid API key."}, 401
    ),
    limit=Told({"error": "Too many API requests. Your API key is limited to 600 requests per hour."}, 429),
    wait=None,
)


def matomo(asked: Asked, empty: bool) -> Told:
    form = asked.body
    must(asked.method == "POST" and asked.path == "/matomo/index.php" and not asked.params, "all in the body")
    must((form["module"], form["format"], form["idSite"]) == ("API", "JSON", "1"), "what every call says")
    if form["method"] == "VisitsSummary.getVisits":
        return Told({"value": 12})
    must(form["method"] == "VisitsSummary.get", form["method"])
    span = {"day": "2026-11-02,2026-11-04", "week": "2026-11-02,2026-11-18", "month": "2026-11-01,2026-11-18"}
    must(form["date"] == span[form["period"]], "the range ends today at the latest")
    full = {
        "nb_uniq_visitors": 120,
        "nb_visits": 150,
        "nb_visits_converted": 12,
        "bounce_count": 75,
        "bounce_rate": "50%",
        "avg_time_on_site": 95,
    }
    half = {"nb_uniq_visitors": 60, "nb_visits": 70, "nb_visits_converted": 0, "bounce_count": 7}
    written = {
        "day": {"2026-11-02": full, "2026-11-03": [], "2026-11-04": half},
        "week": {"2026-11-02,2026-11-08": full, "2026-11-09,2026-11-15": half, "2026-11-16,2026-11-22": []},
        "month": {"2026-11": full},
    }[form["period"]]
    return Told([] if empty else written)


MATOMO = Service(
    kind="matomo",
    settings={"address": "https://stats.brindlewick.example/matomo", "site": "1"},
    secrets={"token": "c0ffee5a1ad"},
    hosts=("stats.brindlewick.example",),
    signed=lambda asked: (
        (asked.body or {}).get("token_auth") == "c0ffee5a1ad" and "token" not in asked.address
    ),
    answers=matomo,
    cases=(
        Case("visits", {"11-02": 150, "11-03": 0, "11-04": 70}, grain="day", **DAYS),
        Case("visits", {"11-01": 150}, grain="month", **MONTH),
        Case("visitors", {"11-02": 120, "11-09": 60}, kind="unique"),
        Case("converting_visits", {"11-02": (12, 150), "11-09": (0, 70)}, kind="ratio"),
        Case("bounce_rate", {"11-02": (75, 150), "11-09": (7, 70)}, kind="ratio"),
    ),
    refusal=Told({"result": "error", "message": "Unable to authenticate with the provided token."}, 401),
    limit=Told(b"Too many requests", 429, {"Retry-After": "120", "Content-Type": "text/plain"}),
    wait=120,
)
SERVICES = (GOOGLE, POSTHOG, MIXPANEL, AMPLITUDE, PLAUSIBLE, MATOMO)
