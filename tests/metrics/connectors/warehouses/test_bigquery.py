"""BigQuery against a counterpart of its documented REST API."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from metrics.connectors.base import ConnectorError
from metrics.connectors.http.signing import Signer
from metrics.connectors.warehouses.bigquery import BigqueryConnector
from tests.metrics.connectors.foreign_database import OPEN
from tests.metrics.connectors.warehouses.serving import Asked, Says, Served, fetched, refusal, serving

KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
PEM = KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
KEY_FILE = json.dumps({"client_email": "reader@acme.iam.gserviceaccount.com", "private_key": PEM})
FIELDS = [{"name": "period", "type": "DATE"}, {"name": "value", "type": "NUMERIC"}]
JOB = {"jobId": "job_1", "location": "EU"}


def rows(*lines: list[Any]) -> list[dict[str, Any]]:
    return [{"f": [{"v": cell} for cell in line]} for line in lines]


class Project:
    """Not done at once, then two pages of one row."""

    def __init__(self, *, fields: list[dict[str, str]] | None = None) -> None:
        self.fields = fields or FIELDS
        self.first = rows(["2026-11-02", "3.50"])
        self.statement = "SELECT"
        self.refusing: Says | None = None
        self.endless = self.writable = False

    def __call__(self, asked: Asked) -> Says:
        if asked.path == "/token":
            return Says({"access_token": "ya29.marker-token", "expires_in": 3600})
        if asked.path.endswith("/cancel"):
            return Says({})
        if asked.path.endswith("/jobs"):
            if "CREATE TABLE" in asked.body["configuration"]["query"]["query"] and not self.writable:
                return failing(403, "accessDenied", "Permission bigquery.tables.create denied")
            return Says({"statistics": {"query": {"statementType": self.statement}}})
        if self.refusing:
            return self.refusing
        if asked.method == "POST" or self.endless:
            return Says({"jobComplete": False, "jobReference": JOB}, late=0.1 * self.endless)
        done = {"jobComplete": True, "jobReference": JOB, "schema": {"fields": self.fields}, "totalRows": "2"}
        if asked.params.get("pageToken") == "p2":
            return Says({**done, "rows": rows(["2026-11-09", "4"])})
        more = {"pageToken": "p2"} if self.fields is FIELDS else {}
        return Says({**done, "rows": self.first, **more})


def failing(status: int, reason: str, said: str) -> Says:
    return Says(
        {"error": {"code": status, "message": said, "errors": [{"reason": reason, "message": said}]}}, status
    )


@pytest.fixture
def bigquery(monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    with serving(Project()) as server:
        monkeypatch.setattr(Signer, "google_token_url", f"{server.url}/token")
        yield server


def to(server: Served, *, seconds: float = 20.0, **changes: Any) -> BigqueryConnector:
    class Here(BigqueryConnector):
        address = server.url
        deadline_seconds = seconds

    settings = {"project": "acme", "dataset": "shop", "location": "EU", "megabytes": 100, **changes}
    return Here(Here.clean_settings(settings), {"key_file": KEY_FILE}, egress=OPEN)


def test_a_question_is_tried_dry_waited_for_and_read_in_pages(bigquery: Served) -> None:
    sql = """select date_trunc(d, isoweek) period, sum(x) value from t
        where at >= :utc_start and d < :period_end ;"""
    answer = fetched(to(bigquery), sql)
    assert [(r.period_start.day, r.value) for r in answer.rows] == [(2, Decimal("3.5")), (9, Decimal(4))]
    token, dry, asked, *_ = bigquery.asked
    claims = jwt.decode(
        parse_qs(token.body)["assertion"][0], KEY.public_key(), algorithms=["RS256"],
        audience=f"{bigquery.url}/token", options={"verify_iat": False},
    )  # fmt: skip
    assert claims["iss"] == "reader@acme.iam.gserviceaccount.com"
    assert dry.body["configuration"]["dryRun"] is True
    assert dry.body["jobReference"] == {"projectId": "acme", "location": "EU"}
    body = asked.body
    assert asked.headers["authorization"] == "Bearer ya29.marker-token"
    assert "at >=  @utc_start  and d <  @period_end " in body["query"] and ";" not in body["query"]
    assert (body["useLegacySql"], body["maximumBytesBilled"], body["location"]) == (False, "104857600", "EU")
    assert body["defaultDataset"] == {"projectId": "acme", "datasetId": "shop"}
    given = [
        (one["name"], one["parameterType"]["type"], one["parameterValue"]["value"])
        for one in body["queryParameters"]
    ]
    assert given == [
        ("period_end", "DATE", "2026-11-23"),
        ("utc_start", "TIMESTAMP", "2026-11-01 23:00:00+00"),
    ]


def test_what_the_dry_run_calls_no_select_is_not_run(bigquery: Served) -> None:
    bigquery.answer.statement = "SCRIPT"
    assert "tries to write" in refusal(to(bigquery), "with a as (select 1) select 1").message
    assert not bigquery.of("POST", "/bigquery/v2/projects/acme/queries")


@pytest.mark.parametrize(
    ("kinds", "cells", "value"),
    [
        (("TIMESTAMP", "INTEGER"), ["1793574000000000", "999999999999999"], "999999999999999"),
        (("DATETIME", "FLOAT"), ["2026-11-02T00:00:00", "0.30000000000000004"], "0.3"),
        (("STRING", "BIGNUMERIC"), ["2026-11-02", "12.50"], "12.5"),
    ],
)
def test_numbers_and_dates_are_read_exactly(
    bigquery: Served, kinds: tuple[str, str], cells: list[Any], value: str
) -> None:
    fields = [{"name": n, "type": k} for n, k in zip(("period", "value"), kinds, strict=True)]
    bigquery.answer = Project(fields=fields)
    bigquery.answer.first = rows(cells)
    assert fetched(to(bigquery), "select 1, 2").rows[0].value == Decimal(value)


@pytest.mark.parametrize(
    ("field", "cell", "words"),
    [
        ({"type": "BOOLEAN"}, "true", "true or false, not a number"),
        ({"type": "FLOAT"}, "NaN", "NaN is not a number"),
        ({"type": "INTEGER", "mode": "REPEATED"}, [{"v": "1"}], "a type that is not known here"),
        ({"type": "RECORD"}, {"f": []}, "a type that is not known here"),
    ],
)
def test_what_is_no_number_is_refused(bigquery: Served, field: dict[str, str], cell: Any, words: str) -> None:
    bigquery.answer = Project(fields=[{"name": "period", "type": "DATE"}, {"name": "value", **field}])
    bigquery.answer.first = rows(["2026-11-02", cell])
    assert words in refusal(to(bigquery)).message


@pytest.mark.parametrize(
    ("says", "code", "permanent", "words"),
    [
        (failing(400, "invalidQuery", "Syntax error: Unexpected end"), "query", True, "Syntax error"),
        (failing(404, "notFound", "Not found: Table acme:shop.t"), "query", True, "Not found"),
        (failing(403, "accessDenied", "Access Denied: Table"), "query", True, "BigQuery Data Viewer"),
        (failing(400, "bytesBilledLimitExceeded", "limit 104857600"), "query", True, "would read more"),
        (failing(403, "rateLimitExceeded", "Exceeded rate limits"), "rate_limited", False, "wait"),
        (failing(503, "backendError", "Try again"), "connection", False, "trouble of its own"),
        (failing(400, "stopped", "Job timed out"), "timeout", False, "cancelled the query"),
        (Says({"error": "x"}, 401), "auth", True, "does not accept the sign-in"),
        (Says({"jobComplete": True}), "query", True, "returns no table"),
    ],
)
def test_what_the_service_says_is_told(
    bigquery: Served, says: Says, code: str, permanent: bool, words: str
) -> None:
    bigquery.answer.refusing = says
    error = refusal(to(bigquery))
    assert (error.code, error.permanent) == (code, permanent), error.message
    assert words in error.message
    assert "marker-token" not in error.message and "PRIVATE KEY" not in error.message


def test_an_endless_job_is_cancelled_at_the_service_too(bigquery: Served) -> None:
    bigquery.answer.endless = True
    begun = time.monotonic()
    error = refusal(to(bigquery, seconds=0.8))
    assert time.monotonic() - begun < 5
    assert (error.code, error.permanent) == ("timeout", False)
    assert bigquery.asked[-1].path == "/bigquery/v2/projects/acme/jobs/job_1/cancel"


def test_a_page_that_leads_back_to_itself_ends_the_pull(bigquery: Served) -> None:
    project = bigquery.answer

    def looping(asked: Asked) -> Says:
        said = project(asked)
        if asked.method == "GET":
            said.body["pageToken"] = "p1"
        return said

    bigquery.answer = looping
    assert refusal(to(bigquery)).code == "schema"


def test_a_key_that_can_write_is_refused_with_the_roles_of_one_that_cannot(bigquery: Served) -> None:
    bigquery.answer = Project(fields=[{"name": "f0_", "type": "INTEGER"}])
    bigquery.answer.first = rows(["1"])
    assert to(bigquery).check() == ("Connected to BigQuery as the project acme.",)
    bigquery.answer.writable = True
    with pytest.raises(ConnectorError) as refused:
        to(bigquery).check()
    assert refused.value.code == "role"
    assert "may create tables in the dataset shop" in refused.value.message
    assert "--role=roles/bigquery.dataViewer" in refused.value.message


@pytest.mark.parametrize(("name", "value"), [("project", "a/b"), ("project", "a?x=1"), ("dataset", "a`b")])
def test_names_are_no_paths(name: str, value: str) -> None:
    with pytest.raises(ConnectorError) as refused:
        BigqueryConnector.clean_settings({"project": "acme", "dataset": "shop", name: value})
    assert refused.value.field == name
