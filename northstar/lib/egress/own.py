"""The product's own database, broker and web server, which no source may reach."""

from __future__ import annotations

import socket
from dataclasses import dataclass

from northstar.lib.egress.addresses import Address, embedded
from northstar.lib.egress.allowing import plain
from northstar.lib.egress.errors import EgressUnreachable
from northstar.lib.egress.looking_up import look_up

# What libpq would read as a connection string of its own, naming any database.
CONNECTION_STRING = ("=", ":", "/")


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One address of the product. With `dbname`, other databases on the same server stay open to sources."""

    host: str
    port: int
    dbname: str | None = None

    def is_at(self, host: str, addresses: list[Address], port: int, *, dbname: str | None) -> bool:
        """Whether a connection to `host`, which resolved to `addresses`, would end at this endpoint."""
        if port != self.port or not self._may_mean(dbname):
            return False
        if plain(host) == plain(self.host):
            return True
        try:
            own = set(look_up(self.host, self.port)) if self.host else set()
        except EgressUnreachable:
            own = set()
        reached = {one for address in addresses for one in (address, *embedded(address))}
        if own & reached:
            return True
        return any(map(_is_this_machine, own)) and any(map(_is_this_machine, reached))

    def _may_mean(self, dbname: str | None) -> bool:
        if self.dbname is None or not dbname:
            return True
        return dbname.casefold() == self.dbname.casefold() or any(
            sign in dbname for sign in CONNECTION_STRING
        )


def _is_this_machine(address: Address) -> bool:
    """Loopback, "any address", and every address of a network card here: only those can be bound to."""
    family = socket.AF_INET if address.version == 4 else socket.AF_INET6
    try:
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.bind((str(address), 0))
    except OSError:
        return address.is_loopback
    return True
