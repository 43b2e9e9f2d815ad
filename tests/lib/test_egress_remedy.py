"""A refusal names what would allow it: adding exactly that opens exactly that."""

from __future__ import annotations

import re
import socket
from ipaddress import IPv4Address, IPv6Address
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from northstar.lib.egress import Egress, EgressDenied, EgressUnreachable
from northstar.lib.egress.addresses import NEVER, kind_of
from northstar.lib.egress.guard import UNFIT_PORTS
from tests.lib.resolving import answers

REMEDY = re.compile(r" To allow it, add (\S+) to EGRESS_ALLOW\.$")


def inside(first: str, bits: int) -> st.SearchStrategy[str]:
    """Addresses of a network, written as its first address and how many bits are free."""
    made = IPv6Address if ":" in first else IPv4Address
    return st.integers(0, 2**bits - 1).map(lambda number: str(made(int(made(first)) + number)))


SHUT = st.one_of(
    inside("10.0.0.0", 24), inside("172.16.0.0", 20), inside("192.168.0.0", 16), inside("100.64.0.0", 22),
    inside("127.0.0.0", 24), inside("fd12::", 64), st.just("::1"),
)  # fmt: skip
OPEN = st.one_of(inside("8.8.0.0", 16), inside("2606:4700::", 64))
PORTS = st.one_of(st.integers(1, 65535), st.sampled_from(sorted(UNFIT_PORTS)))


def refusal(egress: Egress, host: str, port: int) -> str:
    """The sentence, or "" where the host is open."""
    try:
        egress.resolve(host, port)
    except EgressDenied as error:
        return str(error)
    return ""


@given(st.lists(SHUT, min_size=1, max_size=4), st.lists(OPEN, max_size=2), PORTS, st.booleans(), st.data())
def test_adding_what_the_sentence_says_opens_that_and_nothing_else(
    shut: list[str], open_: list[str], port: int, named: bool, data: Any
) -> None:
    addresses = data.draw(st.permutations([*shut, *open_])) if named else shut[:1]
    host = "db.internal" if named else addresses[0]
    with pytest.MonkeyPatch.context() as patched:
        answers(patched, db_internal=addresses)
        before = Egress("admin", private=False)
        said = REMEDY.search(refusal(before, host, port))
        assert said is not None
        after = Egress("admin", said[1].split(","), private=False)
        assert after.resolve(host, port) == list(dict.fromkeys(addresses))
        elsewhere = data.draw(st.one_of(SHUT, OPEN).filter(lambda one: one not in addresses))
        for other, at in ((elsewhere, port), (addresses[0], data.draw(PORTS.filter(lambda at: at != port)))):
            assert bool(refusal(after, other, at)) == bool(refusal(before, other, at))


@given(SHUT, PORTS)
def test_a_member_is_told_neither_address_nor_setting(address: str, port: int) -> None:
    with pytest.MonkeyPatch.context() as patched:
        answers(patched, db_internal=[address])
        said = refusal(Egress("member"), "db.internal", port)
    assert said == "Blocked: db.internal cannot be reached from here. Ask an administrator to allow it."


def test_members_cannot_find_out_which_names_exist_inside(monkeypatch: pytest.MonkeyPatch) -> None:
    answers(monkeypatch, known_internal=["10.1.2.3"], gone_internal=[])
    known, gone = (refusal(Egress("member"), name, 443) for name in ("known.internal", "gone.internal"))
    assert known.replace("known", "gone") == gone
    with pytest.raises(EgressUnreachable):
        Egress("admin").resolve("gone.internal", 443)


def test_all_missing_entries_are_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    answers(monkeypatch, db_internal=["10.1.2.3", "8.8.8.8", "fd00::7", "::1"])
    assert refusal(Egress("admin", private=False), "db.internal", 22) == (
        "Blocked: db.internal resolves to 10.1.2.3 (private) and fd00::7 (private) and ::1 (loopback). "
        "To allow it, add 10.1.2.3:22,8.8.8.8:22,[fd00::7]:22,[::1]:22 to EGRESS_ALLOW."
    )


def test_no_entry_is_offered_for_what_stays_shut(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not for the product's own parts either, also where the address alone could be opened."""
    answers(monkeypatch, own_internal=["10.0.0.5"], meta_internal=["10.0.0.6", "169.254.169.254"])
    egress = Egress("admin", private=False, forbidden=[("10.0.0.5", 5432)])
    for host in ("own.internal", "meta.internal"):
        assert "EGRESS_ALLOW" not in refusal(egress, host, 5432) != ""


@given(st.one_of(st.integers(0, 2**32 - 1).map(IPv4Address), st.integers(0, 2**128 - 1).map(IPv6Address)))
def test_no_address_at_all_that_is_never_allowed_gets_through(address: Any) -> None:
    egress = Egress("admin", ["0.0.0.0/0", "::/0"], loopback=True)
    family = socket.AF_INET6 if address.version == 6 else socket.AF_INET
    spelled = socket.inet_ntop(family, address.packed)
    shut = kind_of(getattr(address, "ipv4_mapped", None) or address) in NEVER
    assert bool(refusal(egress, spelled, 443)) == shut
