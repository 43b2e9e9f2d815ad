"""A listener that every connection of this process is led to, wherever it was meant to go: it counts them."""

from __future__ import annotations

import socket
import threading
from typing import Any

import psycopg
import pytest

CONNECT = socket.socket.connect


class Listener:
    """A real server on all addresses of this machine, which hangs up on whoever comes.

    Addresses of other machines cannot be listened at, so what would leave this machine is led here as well;
    the C library of PostgreSQL by its own arguments. `let_through` holds ports of servers that tests run
    themselves, `meant` where the connections were meant to go.
    """

    def __init__(self, patched: pytest.MonkeyPatch) -> None:
        self._server = socket.create_server(
            ("::", 0), family=socket.AF_INET6, dualstack_ipv6=True, backlog=512
        )
        self.port = int(self._server.getsockname()[1])
        self.let_through: set[int] = set()
        self.meant: list[Any] = []
        self._count = self._looks = self._last = 0
        self._seen = threading.Semaphore(0)
        threading.Thread(target=self._hang_up, daemon=True).start()
        patched.setattr(socket.socket, "connect", self._led_here())
        patched.setattr(psycopg, "connect", self._libpq_led_here(psycopg.connect))

    def visits(self) -> int:
        """How many connections reached it so far."""
        self._looks += 1
        with socket.socket() as probe:
            CONNECT(probe, ("127.0.0.1", self.port))
            port = probe.getsockname()[1]
            while self._last != port:  # who came earlier was counted earlier
                self._seen.acquire(timeout=5)
        return self._count - self._looks

    def close(self) -> None:
        self._server.close()

    def _hang_up(self) -> None:
        while True:
            try:
                visitor, address = self._server.accept()
            except OSError:
                return
            self._count += 1
            self._last = address[1]
            visitor.close()
            self._seen.release()

    def _led_here(self) -> Any:
        def led(sock: socket.socket, address: Any) -> None:
            if sock.family not in (socket.AF_INET, socket.AF_INET6) or address[1] in self.let_through:
                return CONNECT(sock, address)
            self.meant.append(address)
            return CONNECT(sock, ("::1" if sock.family == socket.AF_INET6 else "127.0.0.1", self.port))

        return led

    def _libpq_led_here(self, connect: Any) -> Any:
        def led(*args: Any, **more: Any) -> Any:
            self.meant.append((more.get("hostaddr"), more.get("port")))
            return connect(*args, **(more | {"host": "led.here", "hostaddr": "127.0.0.1", "port": self.port}))

        return led
