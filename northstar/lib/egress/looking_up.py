"""Host names to addresses: strict about the spelling, one look-up, failing closed."""

from __future__ import annotations

import socket

from northstar.lib.egress.addresses import Address, parse
from northstar.lib.egress.allowing import HOST
from northstar.lib.egress.errors import EgressDenied, EgressUnreachable


def clean_host(host: str) -> str:
    """The host as it is looked up: an IPv6 address without brackets, or a name in ASCII (punycode).

    Raises EgressDenied for anything that is more than a host: paths of Unix sockets, user names, ports,
    spaces, control characters, escapes.
    """
    bare = host[1:-1] if host.startswith("[") and host.endswith("]") else host
    if ":" in bare:
        try:
            return str(parse(bare)) if "%" not in bare else _refuse(host)
        except ValueError:
            return _refuse(host)
    try:
        name = bare if bare.isascii() else bare.encode("idna").decode("ascii")
    except UnicodeError:
        return _refuse(host)
    if bare is not host or not HOST.fullmatch(name):
        return _refuse(host)
    return name


def look_up(host: str, port: int) -> list[Address]:
    """All addresses of the host, in the resolver's order, each once.

    Raises EgressUnreachable where there is none, because an address that was never seen cannot be judged.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
        addresses = [parse(str(sockaddr[0])) for *_, sockaddr in found]
    except (OSError, UnicodeError, ValueError):
        addresses = []
    if not addresses:
        raise EgressUnreachable(f"No address was found for {host}. Check the spelling, or the name server.")
    return list(dict.fromkeys(addresses))


def _refuse(host: str) -> str:
    raise EgressDenied(
        f"Blocked: {host[:80]!r} is no host name or IP address. Enter the host alone, such as db.example.com."
    )
