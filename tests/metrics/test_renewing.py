"""F44: a refresh token is exchanged once, however many workers want it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from metrics import connecting, renewing, sourcing, trying
from metrics.connectors.base import ConnectorError
from metrics.connectors.http.json_kind import JsonConnector
from metrics.connectors.recipe import Auth
from metrics.models import Company, Source, Trial
from metrics.sealing import open_secrets, seal
from northstar.lib import clock
from teams.models import User
from tests.metrics.connectors.asking import answer
from tests.services.chaos import Chaos
from tests.teams.bets import at_once, shared_between_threads

AUTH = Auth("oauth_refresh", token_url="{address}/token")


@pytest.fixture
def chaos() -> Iterator[Chaos]:
    with Chaos() as source:
        source.series = {date(2026, 11, 16): "5"}
        yield source


def stored(company: Company) -> Source:
    source = Source(name="Sales", slug="sales", kind="push")
    source.secrets = seal(source, {"token": "refresh-0"})
    source.save()
    return source


def pulled(chaos: Chaos, source: Source) -> int:
    renewals = connecting.connector_for(source).renewals
    return len(answer(chaos, "locked", auth=AUTH, renewals=renewals, secrets=open_secrets(source)).rows)


@pytest.mark.django_db(transaction=True)
def test_f44_two_workers_at_once_ask_for_one_token_and_both_succeed(
    company: Company, chaos: Chaos, tmp_path: Path
) -> None:
    source = stored(company)
    with shared_between_threads(tmp_path):
        found = at_once(*[lambda: pulled(chaos, source)] * 2)
        (left,) = at_once(lambda: Source.objects.values_list("renewing_until", "renewing_token").get())
    assert found == [1, 1]
    assert [asked.path for asked in chaos.asked].count("/token") == 1
    assert left == (None, "")


@pytest.mark.django_db
def test_each_exchange_uses_what_the_last_one_stored(company: Company, chaos: Chaos) -> None:
    source = stored(company)
    chaos.token_life = 30  # over within the minute that counts as ended
    for _ in range(3):
        assert pulled(chaos, source) == 1
        source.refresh_from_db()
    assert [asked.path for asked in chaos.asked].count("/token") == 3
    assert "refresh-3" in open_secrets(source)["token"]
    assert "refresh" not in str(source.secrets)


@pytest.mark.django_db
def test_a_token_that_was_used_up_asks_for_a_new_sign_in(company: Company, chaos: Chaos) -> None:
    source = stored(company)
    chaos.refresh_token = "another"
    with pytest.raises(ConnectorError) as refused:
        pulled(chaos, source)
    assert (refused.value.code, refused.value.permanent) == ("auth", True)
    assert refused.value.message == (
        "No token was given for the sign-in. Sign in anew. It says: “The token was used.”"
    )
    source.refresh_from_db()
    assert source.renewing_token == ""


@pytest.mark.django_db
def test_a_secret_typed_meanwhile_is_newer_than_the_successor(company: Company) -> None:
    source = stored(company)

    def exchange(old: str) -> tuple[str, str]:
        Source.objects.filter(pk=source.pk).update(secrets=seal(source, {"token": "typed"}))
        return "access", "successor"

    assert renewing.SourceRenewals(source.pk).renew("token", exchange) == "access"
    source.refresh_from_db()
    assert open_secrets(source) == {"token": "typed"}


@pytest.mark.django_db
def test_a_worker_that_was_lost_while_renewing_holds_nobody_up_for_long(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = stored(company)
    held = clock.now() + timedelta(seconds=60)
    Source.objects.filter(pk=source.pk).update(renewing_until=held, renewing_token="lost")
    monkeypatch.setattr(renewing, "PATIENCE_SECONDS", 0.0)
    with pytest.raises(ConnectorError) as late:
        renewing.SourceRenewals(source.pk).renew("token", lambda old: (old, old))
    assert (late.value.code, late.value.permanent) == ("timeout", False)
    Source.objects.filter(pk=source.pk).update(renewing_until=clock.now() - timedelta(seconds=1))
    assert renewing.SourceRenewals(source.pk).renew("token", lambda old: (old, old)) == "refresh-0"


@pytest.mark.django_db
def test_a_token_that_the_service_revoked_before_its_time_is_renewed_once(
    company: Company, chaos: Chaos
) -> None:
    source = stored(company)
    assert pulled(chaos, source) == 1
    chaos.tokens.clear()
    source.refresh_from_db()
    assert pulled(chaos, source) == 1
    assert [asked.path for asked in chaos.asked].count("/token") == 2


@pytest.mark.django_db
def test_a_change_of_the_source_keeps_what_a_renewal_stored_meanwhile(company: Company) -> None:
    source = stored(company)
    read_before = Source.objects.get(pk=source.pk)
    renewing.SourceRenewals(source.pk).renew("token", lambda old: ("access", "successor"))
    wanted = sourcing.Wanted("Sales of all shops", {}, {}, {})
    sourcing.update(read_before, wanted, version=read_before.version, actor=None)
    source.refresh_from_db()
    assert (source.name, open_secrets(source)) == ("Sales of all shops", {"token": "successor"})


def tried(source: Source | None, settings: dict[str, str], actor: User, **secrets: str) -> Trial:
    trial = trying.begin(
        kind="http_json", settings_typed=settings, secrets=secrets, actor=actor, source=source,
        kept=["token"] if source else [],
    )  # fmt: skip
    trying.run(trial.pk)
    trial.refresh_from_db()
    return trial


@pytest.mark.django_db
def test_a_test_of_a_stored_source_stores_what_its_token_became_and_one_without_says_it_is_used_up(
    company: Company, maren: User, chaos: Chaos, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    settings.EGRESS_LOOPBACK = True
    monkeypatch.setattr(trying, "wake", lambda *message: None)
    cleaned = JsonConnector.clean_settings(
        {
            "address": chaos.url, "auth": "oauth_refresh", "token_url": f"{chaos.url}/token",
            "client_id": "ns", "try_path": "locked",
        }
    )  # fmt: skip
    source = stored(company)
    Source.objects.filter(pk=source.pk).update(kind="http_json", settings=cleaned)
    source.refresh_from_db()
    assert tried(source, cleaned, maren).state == "ok"
    source.refresh_from_db()
    assert "refresh-1" in open_secrets(source)["token"]
    unsaved = tried(None, cleaned, maren, token="refresh-1")
    assert unsaved.error_message.startswith("This service gives a new refresh token with each exchange")
