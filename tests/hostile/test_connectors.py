"""Every hostile address against every kind of source, as the worker opens it: a listener sees nothing."""

from __future__ import annotations

from typing import Any

import pytest

from metrics.connecting import connector_of
from metrics.connectors.base import ConnectorError
from metrics.connectors.registry import connector_class
from northstar.lib import egress
from tests.hostile.addressing import kinds_with_an_address, split, typed, without_a_row
from tests.hostile.conftest import Ambush
from tests.hostile.targets import Target, corpus

KINDS = kinds_with_an_address()
PUBLIC = Target("", "public.example", answers=(("8.8.8.8",),))


def refusal(kind: str, target: Target) -> str:
    """The code of the error that it ends with, "" if it worked; settings as a row may hold them."""
    settings, secrets = split(connector_class(kind), typed(kind, target))
    try:
        with connector_of(kind, settings, secrets) as connector:
            connector.check()
    except ConnectorError as error:
        return error.code
    return ""


def test_the_corpus_is_large_and_every_target_stands_in_it_once() -> None:
    written = [(str(target), target.wide) for target in corpus()]
    assert len(written) >= 300
    assert sorted(set(written)) == sorted(written)


def test_every_kind_with_an_address_says_how_it_is_given_one() -> None:
    assert without_a_row() == [], "add a row to ROWS in tests/hostile/addressing.py"


@pytest.mark.parametrize("kind", KINDS)
def test_the_listener_would_notice_it(ambush: Ambush, kind: str) -> None:
    """Without this, a kind that never connects would pass all the others."""
    ambush.lay(PUBLIC)
    assert refusal(kind, PUBLIC) not in ("", "egress_denied", "config")
    assert ambush.visits() > 0
    assert {address[0] for address in ambush.meant} == {"8.8.8.8"}


@pytest.mark.parametrize("kind", KINDS)
def test_no_kind_connects_to_a_hostile_address(ambush: Ambush, kind: str) -> None:
    came: list[Any] = []
    for target in corpus():
        ambush.lay(target)
        ambush.names.turn = 1
        code = refusal(kind, target)
        if code not in ("egress_denied", "config", "connection") or ambush.meant:
            came.append((str(target), code, ambush.meant[:]))
            ambush.meant.clear()
    assert came == []
    assert ambush.visits() == 0


@pytest.mark.parametrize("wide", [False, True])
@pytest.mark.parametrize("audience", ["for_admins", "for_members"])
def test_the_guarded_door_opens_to_no_hostile_address(ambush: Ambush, audience: str, wide: bool) -> None:
    """Below all kinds: by name, by socket and by HTTP."""
    targets = [target for target in corpus() if target.wide == wide]
    ambush.lay(targets[0])
    rules = getattr(egress, audience)()
    with rules.http_client() as http:
        for target in targets:
            ambush.lay(target)
            ambush.names.turn = 1
            if target.host:
                with pytest.raises(egress.EgressError):
                    rules.connect(target.host, target.port or 443)
            with pytest.raises((egress.EgressError, egress.HTTPError, egress.InvalidURL)):
                http.get(target.as_url())
            with pytest.raises(egress.EgressError):
                origin = egress.read_url(target.as_url())
                rules.resolve(origin.host, origin.port)
            assert (str(target), ambush.meant) == (str(target), [])
    assert ambush.visits() == 0
