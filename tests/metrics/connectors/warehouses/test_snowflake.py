"""Snowflake against a counterpart of its documented SQL API."""

from __future__ import annotations

import base64
import hashlib
import time
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from metrics.connectors.base import ConnectorError
from metrics.connectors.warehouses.snowflake import SnowflakeConnector
from tests.metrics.connectors.foreign_database import OPEN
from tests.metrics.connectors.warehouses.serving import Asked, Says, Served, fetched, refusal, serving

KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
PEM = KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
LOCKED = KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"open-it")).decode()
TYPES = (("PERIOD", "date"), ("VALUE", "fixed"))


def result(*parts: list[list[Any]], types: tuple[tuple[str, str], ...] = TYPES, status: int = 200) -> Says:
    about = {
        "numRows": sum(len(part) for part in parts), "format": "jsonv2",
        "rowType": [{"name": name, "type": kind} for name, kind in types],
        "partitionInfo": [{"rowCount": len(part)} for part in parts],
    }  # fmt: skip
    return Says(
        {"code": "090001", "statementHandle": "h-1", "resultSetMetaData": about, "data": parts[0]}, status
    )


WEEKS = result([["20759", "3.50"]], [["20766", "4.00"]])


def account(asked: Asked) -> Says:
    """Is not done at once, then answers in two partitions."""
    if asked.path.endswith("/cancel"):
        return Says({"code": "000604", "message": "cancelled"})
    if asked.method == "POST":
        return Says({"code": "333334", "statementHandle": "h-1", "message": "in progress"}, 202)
    return Says({"data": [["20766", "4.00"]]}) if asked.params.get("partition") == "1" else WEEKS


@pytest.fixture
def snowflake() -> Iterator[Served]:
    with serving(account) as server:
        yield server


def to(server: Served, *, secrets: dict[str, str] | None = None, **changes: Any) -> SnowflakeConnector:
    class Here(SnowflakeConnector):
        address = server.url
        deadline_seconds = changes.pop("seconds", 20.0)

    settings = {"account": "acme-prod", "user": "northstar", "role": "NORTHSTAR_READER", "warehouse": "WH",
                "database": "SHOP", **changes}  # fmt: skip
    return Here(Here.clean_settings(settings), secrets or {"private_key": PEM}, egress=OPEN)


def test_an_answer_in_partitions_is_waited_for_and_read_whole(snowflake: Served) -> None:
    sql = """select date_trunc('week', at) period, sum(x) value from t
        where at >= :utc_start and d < :period_end ;"""
    rows = fetched(to(snowflake), sql).rows
    assert [(r.period_start.day, r.value) for r in rows] == [(2, Decimal("3.5")), (9, Decimal(4))]
    asked = snowflake.asked[0].body
    assert "TO_TIMESTAMP_TZ(?, 'YYYY-MM-DD\"T\"HH24:MI:SSTZH:TZM')" in asked["statement"]
    assert asked["bindings"] == {
        "1": {"type": "TEXT", "value": "2026-11-01T23:00:00+00:00"},
        "2": {"type": "TEXT", "value": "2026-11-23"},
    }
    assert (asked["role"], asked["warehouse"], asked["database"]) == ("NORTHSTAR_READER", "WH", "SHOP")
    assert asked["parameters"]["timezone"] == "Europe/Berlin"
    assert asked["parameters"]["multi_statement_count"] == "1"
    assert asked["timeout"] == 20


def test_the_sign_in_is_a_short_token_of_the_key(snowflake: Served) -> None:
    fetched(to(snowflake), "select 1, 2")
    asked = snowflake.asked[0]
    assert asked.headers["x-snowflake-authorization-token-type"] == "KEYPAIR_JWT"
    token = asked.headers["authorization"].removeprefix("Bearer ")
    claims = jwt.decode(token, KEY.public_key(), algorithms=["RS256"], options={"verify_iat": False})
    der = KEY.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    fingerprint = base64.b64encode(hashlib.sha256(der).digest()).decode()
    assert claims["iss"] == f"ACME-PROD.NORTHSTAR.SHA256:{fingerprint}"
    assert claims["sub"] == "ACME-PROD.NORTHSTAR"
    assert claims["exp"] - claims["iat"] < 3600


def test_a_key_with_a_passphrase_opens_and_others_are_told(snowflake: Served) -> None:
    assert fetched(
        to(snowflake, secrets={"private_key": LOCKED, "passphrase": "open-it"}), "select 1, 2"
    ).rows
    for secrets in ({"private_key": LOCKED, "passphrase": "wrong-one"}, {"private_key": "no key"}):
        error = refusal(to(snowflake, secrets=secrets))
        assert (error.code, error.field) == ("config", "private_key")
    assert len(snowflake.of("POST")) == 1


@pytest.mark.parametrize(
    ("kind", "cell"),
    [
        ("date", "20759"),
        ("timestamp_ntz", "1793577600.000000000"),
        ("timestamp_ltz", "1793574000.000000000"),
        ("timestamp_tz", "1793574000.000000000 1500"),
        ("timestamp_tz", "1793574000000000000 1500"),
        ("text", "2026-11-02"),
    ],
)
def test_every_type_of_date_is_read(snowflake: Served, kind: str, cell: str) -> None:
    snowflake.answer = lambda asked: result([[cell, "7"]], types=(("P", kind), ("V", "real")))
    assert str(fetched(to(snowflake), "select 1, 2").rows[0].period_start) == "2026-11-02"


@pytest.mark.parametrize(
    ("kind", "cell", "words"),
    [
        ("boolean", "true", "true or false, not a number"),
        ("variant", "7", "JSON, not a number"),
        ("real", "NaN", "NaN is not a number"),
        ("fixed", "99999999999999999999", "is too large"),
    ],
)
def test_what_is_no_number_is_refused(snowflake: Served, kind: str, cell: str, words: str) -> None:
    snowflake.answer = lambda asked: result([["20759", cell]], types=(("P", "date"), ("V", kind)))
    assert words in refusal(to(snowflake)).message


@pytest.mark.parametrize(
    ("says", "code", "permanent", "words"),
    [
        (Says({"code": "390144", "message": "JWT token is invalid."}, 401), "auth", True, "RSA_PUBLIC_KEY"),
        (
            Says({"code": "001003", "message": "SQL compilation error:\nsyntax error"}, 422),
            "query",
            True,
            "syntax",
        ),
        (
            Says({"code": "000630", "message": "Statement reached its timeout"}, 422),
            "timeout",
            False,
            "cancelled",
        ),
        (Says({"code": "000604", "message": "timed out"}, 408), "timeout", False, "cancelled"),
        (
            Says({"code": "1", "message": "slow down"}, 429, {"Retry-After": "30"}),
            "rate_limited",
            False,
            "wait",
        ),
        (Says({"message": "oops"}, 503), "connection", False, "trouble of its own"),
        (Says({"hello": 1}), "query", True, "returns no table"),
    ],
)
def test_what_the_service_says_is_told(
    snowflake: Served, says: Says, code: str, permanent: bool, words: str
) -> None:
    snowflake.answer = lambda asked: says
    error = refusal(to(snowflake))
    assert (error.code, error.permanent) == (code, permanent), error.message
    assert words in error.message


def test_an_endless_query_is_cancelled_at_the_service_too(snowflake: Served) -> None:
    def endless(asked: Asked) -> Says:
        if asked.path.endswith("/cancel"):
            return Says({})
        return Says({"statementHandle": "h-1"}, 202, late=0.1)

    snowflake.answer = endless
    begun = time.monotonic()
    error = refusal(to(snowflake, seconds=0.6))
    assert time.monotonic() - begun < 5
    assert (error.code, error.permanent) == ("timeout", False)
    assert snowflake.asked[-1].path == "/api/v2/statements/h-1/cancel"


@pytest.mark.parametrize("account", ["evil.example/x", "a b", "acme@evil", "", "../x"])
def test_an_account_is_no_address(account: str) -> None:
    with pytest.raises(ConnectorError) as refused:
        SnowflakeConnector.clean_settings(
            {"account": account, "user": "u", "role": "r", "warehouse": "w", "database": "d"}
        )
    assert refused.value.field == "account"


GRANTS = (("created_on", "timestamp_ltz"), ("privilege", "text"), ("granted_on", "text"), ("name", "text"))


def granting(*rows: tuple[str, str, str]) -> Any:
    def answer(asked: Asked) -> Says:
        if "SHOW GRANTS" in asked.body["statement"]:
            return result([["1793574000.0", *row] for row in rows], types=GRANTS)
        return result([["9.1.0"]], types=(("V", "text"),))

    return answer


def test_a_role_that_can_write_is_refused_with_the_script_of_one_who_cannot(snowflake: Served) -> None:
    snowflake.answer = granting(("USAGE", "DATABASE", "SHOP"), ("SELECT", "TABLE", "SHOP.PUBLIC.T"))
    assert to(snowflake).check() == ("Connected to Snowflake 9.1.0 as the role NORTHSTAR_READER.",)
    snowflake.answer = granting(("INSERT", "TABLE", "SHOP.PUBLIC.T"), ("USAGE", "ROLE", "LOADER"))
    with pytest.raises(ConnectorError) as refused:
        to(snowflake).check()
    assert "has insert on the table SHOP.PUBLIC.T, inherits the role LOADER" in refused.value.message
    assert "GRANT SELECT ON ALL TABLES IN DATABASE SHOP TO ROLE northstar_reader;" in refused.value.message
    with pytest.raises(ConnectorError, match="has the role ACCOUNTADMIN"):
        to(snowflake, role="ACCOUNTADMIN").check()
