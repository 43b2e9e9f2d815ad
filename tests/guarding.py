"""Keeps tests on this machine."""

from __future__ import annotations

import ipaddress
import socket

import pytest


class NetworkBlocked(RuntimeError):
    """A test tried to reach another machine."""


def _is_here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host.split("%")[0]).is_loopback
    except ValueError:
        return host in ("localhost", "")


def block_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Refuse connections to other machines, and answer names of other machines as unknown."""
    connect, connect_ex, getaddrinfo = socket.socket.connect, socket.socket.connect_ex, socket.getaddrinfo

    def check(sock: socket.socket, address: object) -> None:
        if sock.family != socket.AF_UNIX and not _is_here(str(address[0])):  # type: ignore[index]
            raise NetworkBlocked(f"Tests stay on this machine; this one tried to connect to {address!r}.")

    def guarded_connect(sock: socket.socket, address: object) -> None:
        check(sock, address)
        connect(sock, address)

    def guarded_connect_ex(sock: socket.socket, address: object) -> int:
        check(sock, address)
        return connect_ex(sock, address)

    def guarded_getaddrinfo(host: object, *args: object, **kwargs: object) -> object:
        name = host.decode() if isinstance(host, bytes) else host
        if name is not None and not _is_here(str(name)):
            try:
                ipaddress.ip_address(str(name))
            except ValueError:
                raise socket.gaierror(
                    socket.EAI_NONAME, f"names are not looked up in tests: {name}"
                ) from None
        return getaddrinfo(host, *args, **kwargs)

    monkeypatch.setattr(socket.socket, "connect", guarded_connect)
    monkeypatch.setattr(socket.socket, "connect_ex", guarded_connect_ex)
    monkeypatch.setattr(socket, "getaddrinfo", guarded_getaddrinfo)
