"""Google Sheets, against a counterpart that answers as Google documents it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from metrics.connectors.base import ConnectorError
from metrics.connectors.http.google_sheets import SCOPE, GoogleSheetsConnector
from metrics.connectors.http.signing import Signer
from tests.metrics.connectors.asking import HERE, asking
from tests.services.chaos import Chaos

LINK = "https://docs.google.com/spreadsheets/d/1BxiMVs0XRA5nFMdKvBdBZjgmUUqptlbs74OgvE2upms/edit#gid=0"
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
KEY_FILE = json.dumps(
    {
        "type": "service_account",
        "client_email": "reader@brindlewick.iam.example.com",
        "private_key": KEY.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ).decode(),
        "token_uri": "https://evil.example.com/token",
    }
)


@pytest.fixture
def chaos(monkeypatch: pytest.MonkeyPatch) -> Iterator[Chaos]:
    with Chaos() as source:
        source.series = {date(2026, 11, day): f"{day}.5" for day in range(9, 19)}
        monkeypatch.setattr(GoogleSheetsConnector, "docs_address", source.url)
        monkeypatch.setattr(GoogleSheetsConnector, "api_address", source.url)
        monkeypatch.setattr(Signer, "google_token_url", f"{source.url}/token")
        yield source


def sheet(**settings: Any) -> GoogleSheetsConnector:
    typed = GoogleSheetsConnector.clean_settings({"sheet_link": LINK} | settings)
    return GoogleSheetsConnector(typed, {"key_file": KEY_FILE}, egress=HERE)


def fetched(connector: GoogleSheetsConnector, **columns: Any) -> dict[date, Decimal | None]:
    query = GoogleSheetsConnector.clean_query({"period": "day"} | columns)
    return {row.period_start: row.value for row in connector.fetch(asking(query=query)).rows}


def served(chaos: Chaos) -> dict[date, Decimal]:
    return {day: Decimal(value) for day, value in chaos.last_served().items()}


def test_a_shared_link_brings_all_that_was_served(chaos: Chaos) -> None:
    assert fetched(sheet()) == served(chaos)
    asked = chaos.asked[-1]
    assert asked.path.endswith("/1BxiMVs0XRA5nFMdKvBdBZjgmUUqptlbs74OgvE2upms/export")
    assert asked.query == {"format": "xlsx"} and "authorization" not in asked.headers


def test_a_sheet_that_is_not_shared_says_what_to_do(chaos: Chaos) -> None:
    private = sheet(sheet_link="a-private-spreadsheet-of-maren")
    with pytest.raises(ConnectorError) as refused:
        private.check()
    assert (refused.value.code, refused.value.permanent) == ("auth", True)
    assert refused.value.message == (
        "Google asks for a sign-in. Share the spreadsheet with everybody who has the link, "
        "or use a service account."
    )


def test_a_service_account_signs_for_reading_only_and_reads_days_as_numbers(chaos: Chaos) -> None:
    connector = sheet(how="key")
    assert fetched(connector) == served(chaos)
    assert fetched(connector, sheet="Teo's sales", cells="A1:C") == served(chaos)
    token, _, values, again = chaos.asked
    assertion = parse_qs(token.body)["assertion"][0]
    claims = jwt.decode(assertion, KEY.public_key(), algorithms=["RS256"], options={"verify_exp": False},
                        audience=f"{chaos.url}/token")  # fmt: skip
    assert (claims["scope"], claims["iss"]) == (SCOPE, "reader@brindlewick.iam.example.com")
    assert claims["exp"] - claims["iat"] <= 3605
    assert values.path.endswith("/values/%27Teo%27%27s%20sales%27")
    assert values.query == {"majorDimension": "ROWS", "valueRenderOption": "UNFORMATTED_VALUE"}
    assert again.path.endswith("/values/%27Teo%27%27s%20sales%27%21A1%3AC")


def test_what_is_no_key_file_and_no_link_is_told(chaos: Chaos) -> None:
    for text in ("{}", "not JSON", json.dumps({"client_email": "x", "private_key": "no key"})):
        connector = sheet(how="key")
        connector.secrets["key_file"] = text
        with pytest.raises(ConnectorError) as refused:
            connector.check()
        assert refused.value.field == "key_file"
        assert refused.value.message.startswith("This is no key file of a service account.")
    assert chaos.asked == []
    for link in ("https://docs.google.com/document/d/1", "https://evil.example.com/x", "short"):
        with pytest.raises(ConnectorError) as refused:
            sheet(sheet_link=link)
        assert refused.value.field == "sheet_link"
