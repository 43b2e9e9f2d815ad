"""Sign-ins: each secret goes where its service looks for it, and nowhere else."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from metrics.connectors.base import ConnectorError
from metrics.connectors.http.json_kind import JsonConnector
from metrics.connectors.recipe import Auth
from tests.metrics.connectors.asking import HERE, SECRET, answer, asking, fault
from tests.services.chaos import Chaos


@pytest.fixture
def chaos() -> Iterator[Chaos]:
    with Chaos() as source:
        source.series = {date(2026, 11, 16): "5"}
        yield source


def in_base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


@pytest.mark.parametrize(
    "auth, name, value",
    [
        (Auth("bearer"), "authorization", f"Bearer {SECRET}"),
        (Auth("basic", user="{user}/token"), "authorization", f"Basic {in_base64(f'maren/token:{SECRET}')}"),
        (Auth("basic"), "authorization", f"Basic {in_base64(f'{SECRET}:')}"),
        (Auth("header", header="X-Key", prefix=""), "x-key", SECRET),
        (Auth("header", prefix="Klaviyo-API-Key "), "authorization", f"Klaviyo-API-Key {SECRET}"),
    ],
)
def test_a_header_holds_the_secret_and_the_shown_request_does_not(
    chaos: Chaos, auth: Auth, name: str, value: str
) -> None:
    found = answer(chaos, "series", auth=auth, ask=asking(preview=True))
    assert chaos.asked[-1].headers[name] == value
    assert SECRET not in found.request and value not in found.request
    assert f"{name}: ".title() in found.request.title() and "••••" in found.request


def test_a_secret_in_the_body_stands_there_only(chaos: Chaos) -> None:
    auth = Auth("body", header="token_auth")
    found = answer(chaos, "series", auth=auth, method="POST", body={"site": "1"}, body_kind="form")
    assert chaos.asked[-1].body == f"site=1&token_auth={SECRET}"
    assert SECRET not in found.request and SECRET not in chaos.asked[-1].path


def client(chaos: Chaos, **secrets: str) -> JsonConnector:
    typed = {
        "address": chaos.url,
        "auth": "oauth_client",
        "token_url": f"{chaos.url}/token",
        "client_id": "ns",
    }
    return JsonConnector(JsonConnector.clean_settings(typed | {"scope": "read"}), secrets, egress=HERE)


def test_client_credentials_give_one_token_for_all_questions_of_a_pull(chaos: Chaos) -> None:
    query: dict[str, Any] = JsonConnector.clean_query({"path": "locked", "rows": "data", "period": "day"})
    with client(chaos, client_secret=SECRET) as source:
        for _ in range(3):
            assert len(source.fetch(asking(query=query)).rows) == 1
    assert [asked.path for asked in chaos.asked] == ["/token", "/locked", "/locked", "/locked"]
    assert chaos.asked[0].body == (
        f"grant_type=client_credentials&scope=read&client_id=ns&client_secret={SECRET}"
    )


def test_a_token_that_was_revoked_early_is_asked_for_once_more(chaos: Chaos) -> None:
    query = JsonConnector.clean_query({"path": "locked", "rows": "data", "period": "day"})
    with client(chaos, client_secret=SECRET) as source:
        source.fetch(asking(query=query))
        chaos.tokens.clear()
        assert len(source.fetch(asking(query=query)).rows) == 1
        chaos.faults.extend(["status/401", "token", "status/401"])
        with pytest.raises(ConnectorError) as refused:
            source.fetch(asking(query=query))
    assert refused.value.code == "auth"


def test_a_secret_that_is_missing_or_cannot_stand_in_a_header_is_told(chaos: Chaos) -> None:
    missing = fault(chaos, "series", auth=Auth("bearer"), secrets={})
    assert (missing.code, missing.field) == ("auth", "token")
    assert missing.message == "The secret for the sign-in is missing. Type it in."
    broken = fault(chaos, "series", auth=Auth("bearer"), secrets={"token": "abc\r\nX-Evil: 1"})
    assert broken.code == "config" and "holds a line break" in broken.message
    assert chaos.asked == []
