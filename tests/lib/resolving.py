"""A name server for tests: the one thing that is patched, because no real one gives two answers to order."""

from __future__ import annotations

import socket
from typing import Any

import pytest

REAL_LOOK_UP = socket.getaddrinfo


def answers(monkeypatch: pytest.MonkeyPatch, *rounds: list[str], **names: list[str]) -> list[str]:
    """A name server: `rounds` one after the other (the last for good), or answers by name ("_" for ".").

    Literal addresses go to the real resolver. Returns the list of names asked for, as it grows.
    """
    asked: list[str] = []
    known = {name.replace("_", "."): found for name, found in names.items()}

    def look_up(host: str, port: int, *args: Any, **more: Any) -> list[Any]:
        asked.append(host)
        if host in known:
            found = known[host]
        elif rounds:
            found = rounds[min(len(asked), len(rounds)) - 1]
        else:
            return list(REAL_LOOK_UP(host, port, *args, **(more | {"flags": socket.AI_NUMERICHOST})))
        if not found:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return [
            (socket.AF_INET6 if ":" in one else socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, port))
            for one in found
        ]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return asked
