"""The product's own database, broker and web server stay shut under every name and spelling."""

from __future__ import annotations

import pytest

from northstar.lib.egress import Egress, EgressDenied
from tests.lib.resolving import answers

OWN = [("db.own", 5432, "northstar"), ("broker.own", 6379), ("127.0.0.1", 8000, None)]


def own_egress(monkeypatch: pytest.MonkeyPatch, **names: list[str]) -> Egress:
    answers(monkeypatch, **({"db_own": ["10.0.0.5"], "broker_own": ["10.0.0.6"]} | names))
    return Egress("admin", ["10.0.0.6:6379", "0.0.0.0/0"], loopback=True, forbidden=OWN)


@pytest.mark.parametrize(
    "dbname", [None, "", "northstar", "NorthStar", "dbname=northstar", "postgresql:///northstar"]
)
def test_the_own_database_is_refused_under_any_name(
    monkeypatch: pytest.MonkeyPatch, dbname: str | None
) -> None:
    egress = own_egress(monkeypatch, alias_example=["10.0.0.5"])
    for host in ("db.own", "10.0.0.5", "::ffff:10.0.0.5", "alias.example", "167772165"):
        with pytest.raises(EgressDenied, match="is Northstar's own database, broker or web server"):
            egress.resolve(host, 5432, dbname)


def test_another_database_on_the_same_server_is_open(monkeypatch: pytest.MonkeyPatch) -> None:
    egress = own_egress(monkeypatch)
    assert egress.resolve("db.own", 5432, "warehouse") == ["10.0.0.5"]
    assert egress.resolve("10.0.0.5", 5433, "northstar") == ["10.0.0.5"]


def test_another_server_on_the_same_port_is_open(monkeypatch: pytest.MonkeyPatch) -> None:
    assert own_egress(monkeypatch).resolve("10.0.0.9", 5432, "northstar") == ["10.0.0.9"]
    assert own_egress(monkeypatch).resolve("10.0.0.9", 8000) == ["10.0.0.9"]


def test_the_broker_is_refused_with_and_without_a_database_name(monkeypatch: pytest.MonkeyPatch) -> None:
    egress = own_egress(monkeypatch)
    for dbname in (None, "0"):
        with pytest.raises(EgressDenied, match="own database, broker"):
            egress.resolve("10.0.0.6", 6379, dbname)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.9.9.9", "::1"])
def test_the_web_server_is_refused_under_every_address_of_this_machine(
    monkeypatch: pytest.MonkeyPatch, host: str
) -> None:
    with pytest.raises(EgressDenied, match="web server"):
        own_egress(monkeypatch).resolve(host, 8000)
    assert own_egress(monkeypatch).resolve(host, 8001)


def test_a_tunnel_to_the_own_database_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    answers(monkeypatch)
    egress = Egress("admin", forbidden=[("8.8.8.8", 5432)])
    with pytest.raises(EgressDenied, match="own database"):
        egress.resolve("64:ff9b::808:808", 5432)


def test_an_own_endpoint_without_address_is_still_known_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    answers(monkeypatch, ["10.0.0.5"], [])
    egress = Egress("admin", forbidden=[("db.own", 5432), ("", 5432)])
    with pytest.raises(EgressDenied, match="own database"):
        egress.resolve("DB.own.", 5432)


def test_an_own_endpoint_that_is_gone_shuts_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    answers(monkeypatch, gone_own=[])
    egress = Egress("admin", forbidden=[("gone.own", 5432), ("", 5432)])
    assert egress.resolve("10.9.9.9", 5432) == ["10.9.9.9"]
