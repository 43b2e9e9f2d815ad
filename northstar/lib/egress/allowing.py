"""EGRESS_ALLOW: what an administrator opened, as "prom.internal:9090", "10.0.0.0/8:5432", "[fd00::1]:443"."""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_network

from northstar.lib.egress.addresses import Address
from northstar.lib.env import ConfigError

HOST = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9._-]{0,252})", re.ASCII)
LAST_PORT = 65535


@dataclass(frozen=True, slots=True)
class Opening:
    """One entry: a host name or a network, on one port or on all (None)."""

    host: str
    network: IPv4Network | IPv6Network | None
    port: int | None

    @classmethod
    def read(cls, entry: str) -> Opening:
        """The opening that `entry` describes. Raises ConfigError for one that cannot be understood."""
        target, port = _split(entry)
        if port and not (port.isascii() and port.isdigit() and 1 <= int(port) <= LAST_PORT):
            raise _wrong(entry)
        number = int(port) if port else None
        try:
            return cls("", ip_network(target), number)
        except ValueError:
            if not HOST.fullmatch(target):
                raise _wrong(entry) from None
            return cls(plain(target), None, number)

    def covers(self, host: str, address: Address, port: int) -> bool:
        """Whether this entry opens `port` at `host`, which resolved to `address`."""
        if self.port not in (None, port):
            return False
        return address in self.network if self.network else plain(host) == self.host


def plain(host: str) -> str:
    """The host name as names are compared: lower case, without the final dot."""
    return host.lower().removesuffix(".")


def _split(entry: str) -> tuple[str, str]:
    if entry.startswith("["):
        target, _, tail = entry[1:].partition("]")
        if tail and not (tail.startswith(":") and tail[1:]):
            raise _wrong(entry)
        return target, tail[1:]
    if entry.count(":") > 1:
        return entry, ""
    target, colon, port = entry.partition(":")
    if colon and not port:
        raise _wrong(entry)
    return target, port


def _wrong(entry: str) -> ConfigError:
    return ConfigError(
        f"EGRESS_ALLOW holds {entry!r}, which is no host, address or network with a port. "
        "Write it like prom.internal:9090, 10.0.0.0/8:5432 or [fd00::1]:443."
    )
