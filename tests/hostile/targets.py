"""The corpus of hostile addresses, and a name server that answers as it says."""

from __future__ import annotations

import socket
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml

REAL_LOOK_UP = socket.getaddrinfo
#: The product's own parts, as every test of the corpus says they are.
OWN = [("db.own", 6432, "northstar"), ("broker.own", 6390, None), ("127.0.0.1", 8000, None)]
#: Domains of services: their names are known to everybody.
VENDORS = (".com", ".net", ".cloud", ".io")
HOSTS = {
    "db.own": ["10.0.0.80"], "broker.own": ["10.0.0.81"], "localhost": ["127.0.0.1", "::1"],
    "public.example": ["8.8.8.8"],
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Target:
    """One address: a host (port None is the kind's usual one) or a whole `url`; `answers` of the name server,
    one list a turn; `wide` settings open private networks and this machine."""

    group: str
    host: str = ""
    port: int | None = None
    url: str = ""
    answers: tuple[tuple[str, ...], ...] = ()
    wide: bool = False

    def __str__(self) -> str:
        return ascii(self.url or f"{self.host}:{self.port or ''}")[1:-1]

    def as_url(self) -> str:
        """The address as somebody types it where a whole one is wanted."""
        if self.url:
            return self.url
        bare = self.host.count(":") > 1 and not self.host.startswith("[")
        host = f"[{self.host}]" if bare else self.host
        return f"http://{host}:{self.port}/" if self.port else f"http://{host}/"


@cache
def corpus() -> tuple[Target, ...]:
    """Every target of targets.yaml."""
    groups = yaml.safe_load((Path(__file__).parent / "targets.yaml").read_text(encoding="utf-8"))
    return tuple(target for group in groups for target in _targets(group))


def one_of_each_group(turn: int) -> list[Target]:
    """A sample: one target of every group, another one at every `turn`."""
    groups: dict[str, list[Target]] = {}
    for target in corpus():
        groups.setdefault(target.group, []).append(target)
    return [found[turn % len(found)] for found in groups.values()]


def _targets(group: dict[str, Any]) -> Iterator[Target]:
    name, wide = group["group"], group.get("wide", False)
    for host in group.get("hosts", ()):
        yield Target(name, host=host, wide=wide)
    for host, port in group.get("at", ()):
        yield Target(name, host=host, port=port, wide=wide)
    for url in group.get("urls", ()):
        yield Target(name, url=url, wide=wide)
    for title, answers in group.get("names", {}).items():
        host, _, port = title.partition(":")
        yield Target(name, host, int(port) if port else None, answers=(tuple(answers),), wide=wide)
    for host, rounds in group.get("later", {}).items():
        yield Target(name, host, answers=tuple(map(tuple, rounds)), wide=wide)


@dataclass
class NameServer:
    """Stands in for socket.getaddrinfo: no real one gives another answer to order."""

    turn: int = 0
    known: dict[str, tuple[tuple[str, ...], ...]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def expect(self, target: Target) -> None:
        """Answer for this target from now on, beginning with the first of its answers."""
        self.turn = 0
        self.known = {_plain(target.host): target.answers} if target.answers else {}

    def look_up(self, host: Any, port: Any, *args: Any, **more: Any) -> list[Any]:
        name = host.decode() if isinstance(host, bytes) else str(host)
        self.asked.append(name)
        rounds = self.known.get(_plain(name)) or (
            (tuple(HOSTS[_plain(name)]),) if _plain(name) in HOSTS else ()
        )
        if name.endswith(VENDORS):
            rounds = (("8.8.8.8",),)
        if not rounds:
            return list(REAL_LOOK_UP(host, port, *args, **(more | {"flags": socket.AI_NUMERICHOST})))
        return list(_answers(rounds[min(self.turn, len(rounds) - 1)], port))


def _answers(addresses: Iterable[str], port: Any) -> Iterator[Any]:
    if not addresses:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
    for one in addresses:
        family = socket.AF_INET6 if ":" in one else socket.AF_INET
        yield family, socket.SOCK_STREAM, 6, "", (one, port, *((0, 0) if ":" in one else ()))


def _plain(host: str) -> str:
    return host.lower().removesuffix(".")
