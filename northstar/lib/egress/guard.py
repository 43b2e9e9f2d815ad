"""Who may reach what: every address that somebody typed passes here, at the moment of connecting."""

from __future__ import annotations

import contextlib
import socket
import ssl
from collections.abc import Iterable, Mapping
from typing import Literal, NoReturn

import httpx

from northstar.lib.egress import client
from northstar.lib.egress.addresses import NEVER, Address, Kind, kind_of
from northstar.lib.egress.allowing import LAST_PORT, Opening
from northstar.lib.egress.errors import EgressDenied, EgressUnreachable
from northstar.lib.egress.looking_up import clean_host, look_up
from northstar.lib.egress.own import Endpoint

Audience = Literal["admin", "member"]
MEMBER_PORTS = frozenset({80, 443, 8443})
# Services that answer to bytes meant for others: ssh, telnet, mail, name service, file shares, caches.
UNFIT_PORTS = frozenset(
    {21, 22, 23, 25, 53, 110, 111, 135, 139, 143, 445, 465, 587, 993, 995, 2049, 6379, 11211}
)


class Egress:
    """What the people of one audience may reach.

    Admins reach public addresses, private ones where `private`, this machine where `loopback`. Members reach
    public addresses on web ports only. `allow` opens single hosts, addresses and networks to both. Cloud
    metadata, link-local, multicast and the like, and the `forbidden` endpoints (host, port[, database]), stay
    shut for all.
    """

    def __init__(
        self,
        audience: Audience,
        allow: Iterable[str] = (),
        *,
        private: bool = True,
        loopback: bool = False,
        forbidden: Iterable[tuple[str, int] | tuple[str, int, str | None]] = (),
        ports: frozenset[int] | None = None,
    ) -> None:
        """Raises ConfigError for an entry of `allow` that cannot be understood. `ports` None leaves admins
        all ports but the unfit ones, and members the web ports."""
        self._for_admins = audience == "admin"
        self._openings = [Opening.read(entry.strip()) for entry in allow]
        self._private = private and self._for_admins
        self._loopback = loopback and self._for_admins
        self._forbidden = [Endpoint(*endpoint) for endpoint in forbidden]
        self._ports = ports if ports is not None or self._for_admins else MEMBER_PORTS

    def resolve(self, host: str, port: int, dbname: str | None = None) -> list[str]:
        """The addresses of the host, looked up once, all of them checked. Connect to these and no others.

        Raises EgressDenied where a single one may not be reached, EgressUnreachable where there is none.
        """
        name = clean_host(host)
        if not 1 <= port <= LAST_PORT:
            raise EgressDenied(f"Blocked: {port} is no port. Ports go from 1 to {LAST_PORT}.")
        try:
            addresses = look_up(name, port)
        except EgressUnreachable:
            if not self._for_admins:  # else they could try out which names exist inside
                self._refuse(name, "")
            raise
        never = [address for address in addresses if kind_of(address) in NEVER]
        if never:
            self._refuse(name, f"{_told(name, never)} Such addresses are never allowed.")
        if any(own.is_at(name, addresses, port, dbname=dbname) for own in self._forbidden):
            self._refuse(
                name,
                f"{_at(name, port)} is Northstar's own database, broker or web server, which stays shut.",
            )
        self._check(name, addresses, port)
        return [str(address) for address in addresses]

    def connect(
        self, host: str, port: int, dbname: str | None = None, *, seconds: float = 5.0
    ) -> socket.socket:
        """A connected socket to the first checked address that answers, for drivers that take one.

        Raises EgressDenied as `resolve` does, EgressUnreachable where none answers within `seconds` each.
        """
        for address in self.resolve(host, port, dbname):
            with contextlib.suppress(OSError):
                return socket.create_connection((address, port), timeout=seconds)
        raise EgressUnreachable(
            f"{_at(host, port)} does not answer. Check the port, and that it may be reached."
        )

    def http_client(
        self,
        *,
        headers: Mapping[str, str] | None = None,
        limits: client.Limits = client.Limits(),  # noqa: B008 - frozen
        ssl_context: ssl.SSLContext | None = None,
    ) -> httpx.Client:
        """A client that connects to checked addresses only, while TLS and Host keep the name.

        Redirects and proxies are off. Answers arrive decoded and within `limits`: EgressTimeout and
        EgressTooLarge come from any call, also while reading. One client serves one thread.
        """
        return client.build(self.resolve, headers=headers, limits=limits, ssl_context=ssl_context)

    def _check(self, host: str, addresses: list[Address], port: int) -> None:
        """Refuse, naming every entry that is missing: whoever adds them has not to come back for more."""
        shut = [address for address in addresses if not self._is_open(host, address, port)]
        unfit = [address for address in addresses if not self._fits(host, address, port)]
        if not (shut or unfit):
            return
        entries = ",".join(_at(str(one), port) for one in addresses if one in (*shut, *unfit))
        told = _told(host, shut) if shut else f"port {port} of {host} is not one for this purpose."
        self._refuse(host, f"{told} To allow it, add {entries} to EGRESS_ALLOW.")

    def _is_open(self, host: str, address: Address, port: int) -> bool:
        allowed = {Kind.public: True, Kind.private: self._private, Kind.loopback: self._loopback}
        return allowed[kind_of(address)] or any(one.covers(host, address, port) for one in self._openings)

    def _fits(self, host: str, address: Address, port: int) -> bool:
        if port in self._ports if self._ports is not None else port not in UNFIT_PORTS:
            return True
        return any(one.port and one.covers(host, address, port) for one in self._openings)

    def _refuse(self, host: str, sentence: str) -> NoReturn:
        # Members learn neither addresses nor reasons: refusals must not map the inner network for them.
        if not self._for_admins:
            sentence = f"{host} cannot be reached from here. Ask an administrator to allow it."
        raise EgressDenied(f"Blocked: {sentence}")


def _told(host: str, addresses: list[Address]) -> str:
    if [host] == [str(address) for address in addresses]:
        return f"{host} is not a public address ({kind_of(addresses[0])})."
    return f"{host} resolves to {' and '.join(f'{one} ({kind_of(one)})' for one in addresses)}."


def _at(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
