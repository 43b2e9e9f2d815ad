"""The ambush: a listener that sees every connection, a name server that lies, rules to be tested."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest
from django.conf import settings

from tests.hostile.listening import Listener
from tests.hostile.targets import OWN, NameServer, Target


class Ambush:
    """`lay(target)` makes everything ready for one target; afterwards `visits()` has to be 0."""

    def __init__(self, patched: pytest.MonkeyPatch) -> None:
        self.listener, self.names = Listener(patched), NameServer()
        self.visits, self.meant = self.listener.visits, self.listener.meant
        patched.setattr(socket, "getaddrinfo", self.names.look_up)
        # Not by the fixture `settings`, which nests one layer deeper at every change.
        for name, value in {"ALLOW": [], "FORBIDDEN": OWN, "PRIVATE": "deny", "LOOPBACK": False}.items():
            patched.setattr(settings, f"EGRESS_{name}", value)

    def lay(self, target: Target) -> None:
        self.names.expect(target)
        settings.EGRESS_PRIVATE = "allow" if target.wide else "deny"
        settings.EGRESS_LOOPBACK = target.wide


@pytest.fixture
def ambush(monkeypatch: pytest.MonkeyPatch) -> Iterator[Ambush]:
    made = Ambush(monkeypatch)
    yield made
    made.listener.close()
