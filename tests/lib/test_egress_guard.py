"""Who may reach what. A listener that must stay unvisited judges refusals, not the exception alone."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from typing import Any

import pytest

from northstar.lib.egress import Egress, EgressDenied, EgressUnreachable, for_admins, for_members
from northstar.lib.egress.allowing import Opening
from northstar.lib.env import ConfigError
from tests.lib.resolving import answers


@pytest.fixture(autouse=True)
def a_resolver_that_reads_odd_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    answers(monkeypatch)


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    """A server on all addresses of this machine that notices every connection."""
    with socket.create_server(("::", 0), family=socket.AF_INET6, dualstack_ipv6=True) as server:
        server.setblocking(False)
        yield server


def visits(server: socket.socket) -> int:
    count = 0
    while True:
        try:
            server.accept()[0].close()
        except BlockingIOError:
            return count
        count += 1


# Spellings that some resolver or parser somewhere has taken for this machine, metadata or an inner service.
HOSTILE = [
    "127.0.0.1", "127.1", "127.0.1", "127.255.255.254", "0", "0.0.0.0", "0.0", "00000000", "2130706433",
    "017700000001", "0x7f000001", "0x7f.1", "0x7F.0x00.0x00.0x01", "0177.0.0.1", "0177.1", "127.0.0.01",
    "[::1]", "::1", "0:0:0:0:0:0:0:1", "[0000::0001]", "[::]", "::", "[::ffff:127.0.0.1]", "::ffff:7f00:1",
    "[::127.0.0.1]", "::ffff:0:127.0.0.1", "[64:ff9b::7f00:1]", "64:ff9b::127.0.0.1", "[2002:7f00:1::]",
    "64:ff9b:1::7f00:1", "2001:0:7f00:1::1", "fe80::1", "fe80::1%lo", "[fe80::1%25lo]", "::1%lo", "ff02::1",
    "169.254.169.254", "2852039166", "0xa9fea9fe", "0251.0376.0251.0376", "169.254.43518",
    "[::ffff:169.254.169.254]", "169.254.170.2", "fd00:ec2::254", "100.100.100.200", "192.0.0.192",
    "224.0.0.1", "255.255.255.255", "4294967295", "１２７.０.０.１", "127。0。0。1", "①②⑦.⓪.⓪.①",
    "/var/run/postgresql", "@/abstract", "user@127.0.0.1", "user:pw@127.0.0.1", "127.0.0.1:80", "[::1]:80",
    "[::1", "127.0.0.1/", "127.0.0.1\\@example.com", "127.0.0.1#", "127.0.0.1?x", "127.0.0.1%00",
    "127.0.0.1\x00.example.com", " 127.0.0.1", "127.0.0.1 ", "127.0.0.1\n", "127.0.0.1\r\nHost: x",
    "127.0.0.1\t", "\u202e1.0.0.721", "127.0.0.1,1", "", ".", "-", "[]", "[127.0.0.1]", "http://127.0.0.1",
    "localhost;", "a" * 254, "host=x", "ex%61mple.com", "ü" * 70,
]  # fmt: skip


@pytest.mark.parametrize("host", HOSTILE)
@pytest.mark.parametrize("audience", ["admin", "member"])
def test_a_hostile_spelling_is_refused_and_never_visited(
    listener: socket.socket, host: str, audience: Any
) -> None:
    port = listener.getsockname()[1]
    egress = Egress(audience, ports=frozenset({port}))
    with pytest.raises(EgressDenied, match="Blocked: "):
        for address in egress.resolve(host, port):
            socket.create_connection((address, port), timeout=1).close()
    assert visits(listener) == 0


def test_the_listener_notices_a_visit(listener: socket.socket) -> None:
    port = listener.getsockname()[1]
    for address in Egress("admin", loopback=True).resolve("127.1", port):
        socket.create_connection((address, port), timeout=1).close()
    assert visits(listener) == 1


def test_there_are_at_least_sixty_hostile_spellings() -> None:
    assert len(set(HOSTILE)) >= 60


def test_the_sentence_names_the_entry_that_would_allow_it(monkeypatch: pytest.MonkeyPatch) -> None:
    answers(monkeypatch, db_internal=["10.1.2.3"])
    with pytest.raises(EgressDenied) as caught:
        Egress("admin", private=False).resolve("db.internal", 5432)
    assert str(caught.value) == (
        "Blocked: db.internal resolves to 10.1.2.3 (private). To allow it, add 10.1.2.3:5432 to EGRESS_ALLOW."
    )
    assert Egress("admin", ["10.1.2.3:5432"], private=False).resolve("db.internal", 5432) == ["10.1.2.3"]


def test_the_sentence_for_an_address_writes_ipv6_in_brackets() -> None:
    with pytest.raises(EgressDenied) as caught:
        Egress("admin", private=False).resolve("[fd00::1]", 5432)
    assert str(caught.value) == (
        "Blocked: fd00::1 is not a public address (private). To allow it, add [fd00::1]:5432 to EGRESS_ALLOW."
    )


def test_a_member_learns_neither_address_nor_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    answers(
        monkeypatch, db_internal=["10.1.2.3"], own_internal=["8.8.4.4"], meta_internal=["169.254.169.254"]
    )
    egress = Egress("member", forbidden=[("8.8.4.4", 443)])
    for host in ("db.internal", "own.internal", "meta.internal"):
        with pytest.raises(EgressDenied) as caught:
            egress.resolve(host, 443)
        assert (
            str(caught.value)
            == f"Blocked: {host} cannot be reached from here. Ask an administrator to allow it."
        )


def test_an_admin_reaches_private_networks_and_a_member_does_not() -> None:
    assert Egress("admin").resolve("10.1.2.3", 5432) == ["10.1.2.3"]
    assert Egress("admin").resolve("100.64.0.9", 443) == ["100.64.0.9"]
    with pytest.raises(EgressDenied):
        Egress("member", private=True).resolve("10.1.2.3", 443)
    assert Egress("member", ["10.1.2.3:443"]).resolve("10.1.2.3", 443) == ["10.1.2.3"]


def test_loopback_opens_on_one_machine_and_by_entry_only() -> None:
    assert Egress("admin", loopback=True).resolve("127.0.0.1", 5433) == ["127.0.0.1"]
    assert Egress("admin", loopback=True).resolve("::1", 5433) == ["::1"]
    assert Egress("admin", ["127.0.0.1:5433"]).resolve("127.0.0.1", 5433) == ["127.0.0.1"]
    for egress in (Egress("admin", ["127.0.0.1:5433"]), Egress("member", loopback=True)):
        with pytest.raises(EgressDenied, match="Blocked"):
            egress.resolve("127.0.0.1", 443)


def test_an_ipv4_address_in_disguise_is_connected_to_plainly() -> None:
    assert Egress("admin").resolve("[::ffff:8.8.8.8]", 443) == ["8.8.8.8"]


@pytest.mark.parametrize(
    "found",
    [
        ["8.8.8.8", "169.254.169.254"],
        ["169.254.169.254", "8.8.8.8"],
        ["2606:4700::1", "fe80::1"],
        ["8.8.8.8", "127.0.0.1"],
    ],
)
def test_one_bad_record_refuses_all(monkeypatch: pytest.MonkeyPatch, found: list[str]) -> None:
    answers(monkeypatch, mixed_example=found)
    with pytest.raises(EgressDenied, match="mixed.example resolves to"):
        Egress("admin").resolve("mixed.example", 443)


def test_all_good_records_are_given_once_and_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    answers(monkeypatch, good_example=["8.8.8.8", "2606:4700::1", "8.8.8.8"])
    assert Egress("member").resolve("good.example", 443) == ["8.8.8.8", "2606:4700::1"]


def test_a_name_is_asked_for_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = answers(monkeypatch, ["8.8.8.8"], ["127.0.0.1"])
    assert Egress("member").resolve("rebinding.example", 443) == ["8.8.8.8"]
    assert asked == ["rebinding.example"]
    with pytest.raises(EgressDenied):
        Egress("member").resolve("rebinding.example", 443)


@pytest.mark.parametrize("found", [[], ["no-address"]])
def test_a_name_without_address_fails_closed(monkeypatch: pytest.MonkeyPatch, found: list[str]) -> None:
    answers(monkeypatch, gone_example=found)
    with pytest.raises(EgressUnreachable, match="No address was found for gone.example"):
        Egress("admin").resolve("gone.example", 443)


def test_a_name_in_another_script_is_asked_for_in_punycode(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = answers(monkeypatch, ["8.8.8.8"])
    Egress("admin").resolve("bücher.example", 443)
    assert asked == ["xn--bcher-kva.example"]


@pytest.mark.parametrize("port", [0, -1, 65536])
def test_a_port_that_is_none_is_refused(port: int) -> None:
    with pytest.raises(EgressDenied, match="is no port"):
        Egress("admin").resolve("8.8.8.8", port)


@pytest.mark.parametrize("port", [22, 25, 6379])
def test_a_port_of_another_service_needs_an_entry(port: int) -> None:
    for allow in ([], ["8.8.8.8"], [f"8.8.4.4:{port}"]):
        with pytest.raises(EgressDenied, match=f"port {port} of 8.8.8.8 is not one for this purpose"):
            Egress("admin", allow).resolve("8.8.8.8", port)
    assert Egress("admin", [f"8.8.8.8:{port}"]).resolve("8.8.8.8", port) == ["8.8.8.8"]


def test_a_member_reaches_web_ports_only() -> None:
    assert Egress("member").resolve("8.8.8.8", 443) == ["8.8.8.8"]
    with pytest.raises(EgressDenied):
        Egress("member").resolve("8.8.8.8", 5432)
    assert Egress("member", ["8.8.8.8:5432"]).resolve("8.8.8.8", 5432) == ["8.8.8.8"]


@pytest.mark.parametrize(
    ("entry", "open_to", "shut_to"),
    [
        ("10.0.0.0/8:5432", ("10.9.9.9", 5432), ("10.9.9.9", 5433)),
        ("10.0.0.0/8", ("10.9.9.9", 8080), ("172.16.0.1", 8080)),
        ("10.1.2.3", ("10.1.2.3", 9), ("10.1.2.4", 9)),
        ("Prom.Internal.:9090", ("prom.internal", 9090), ("prom.internal", 9091)),
        ("prom.internal", ("PROM.internal.", 9091), ("xprom.internal", 9091)),
        ("[fd00::1]:443", ("fd00::1", 443), ("fd00::2", 443)),
        ("[fd00::/8]:443", ("[fd12::1]", 443), ("fd12::1", 444)),
        ("fd00::/8", ("fd12::1", 9), ("fc00::1", 9)),
        ("127.0.0.1:5433", ("127.0.0.1", 5433), ("127.0.0.2", 5433)),
    ],
)
def test_an_entry_opens_what_it_names_and_no_more(
    monkeypatch: pytest.MonkeyPatch, entry: str, open_to: tuple[str, int], shut_to: tuple[str, int]
) -> None:
    inner = ["10.7.7.7"]
    known = {"prom_internal": inner, "PROM_internal_": inner, "xprom_internal": inner}
    answers(monkeypatch, **known)
    egress = Egress("admin", [entry], private=False)
    assert egress.resolve(*open_to)
    with pytest.raises(EgressDenied):
        egress.resolve(*shut_to)


def test_no_entry_opens_what_is_never_allowed() -> None:
    egress = Egress("admin", ["0.0.0.0/0", "::/0", "169.254.169.254:80"], loopback=True)
    for host in ("169.254.169.254", "fe80::1", "224.0.0.1", "0.0.0.0", "64:ff9b::a9fe:a9fe"):
        with pytest.raises(EgressDenied, match="Such addresses are never allowed"):
            egress.resolve(host, 80)


@pytest.mark.parametrize(
    "entry",
    ["", ":80", "host:", "host:0", "host:65536", "host:http", "host:٣", "10.0.0.1/8:5432", "10.0.0.0/33",
     "[fd00::1]443", "[fd00::1]:", "a b", "http://host", "user@host:1", "1:2:3"],
)  # fmt: skip
def test_an_entry_that_cannot_be_understood_is_refused(entry: str) -> None:
    with pytest.raises(ConfigError, match="EGRESS_ALLOW holds"):
        Opening.read(entry)


def test_the_settings_decide_for_admins_and_members(settings: Any) -> None:
    settings.EGRESS_ALLOW = ["127.0.0.1:5433"]
    settings.EGRESS_PRIVATE = "allow"
    settings.EGRESS_LOOPBACK = True
    settings.EGRESS_FORBIDDEN = [("127.0.0.1", 8000, None)]
    assert for_admins().resolve("10.1.2.3", 5432) == ["10.1.2.3"]
    assert for_admins().resolve("127.0.0.1", 9000) == ["127.0.0.1"]
    assert for_members().resolve("127.0.0.1", 5433) == ["127.0.0.1"]
    for egress, host, port in (
        (for_admins(), "127.0.0.1", 8000),
        (for_members(), "127.0.0.1", 443),
        (for_members(), "10.1.2.3", 443),
    ):
        with pytest.raises(EgressDenied):
            egress.resolve(host, port)
    settings.EGRESS_PRIVATE = "Allow?"
    with pytest.raises(EgressDenied):
        for_admins().resolve("10.1.2.3", 5432)
