"""A MySQL server that means harm: signs anybody in, then asks for a file, or wants the password in clear."""

from __future__ import annotations

import socket
import struct
import threading
from contextlib import suppress

_CAPABILITIES = 0x0001 | 0x0008 | 0x0200 | 0x0080 | 0x2000 | 0x8000 | 0x00080000
_OK = b"\x00\x00\x00\x02\x00\x00\x00"


class Rogue:
    """Listens on 127.0.0.1 and remembers every packet it got. `turn` says what it does.

    file: answers every query but those that `obliging` begins with by asking for /etc/passwd.
    clear: asks for the password by mysql_clear_password. drip: one byte of its greeting a second. full: wants
    caching_sha2_password's full sign-in; fast: takes its short one. switch: asks for it
    later; sha256: switches to sha256_password.
    """

    def __init__(self, turn: str, *, obliging: tuple[bytes, ...] = ()) -> None:
        self.turn, self.obliging = turn, obliging
        self.got: list[bytes] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self._over = threading.Event()
        self._talks: list[threading.Thread] = []
        threading.Thread(target=self._serve, daemon=True).start()

    def heard(self) -> list[bytes]:
        """All packets, once every connection is over."""
        for talk in self._talks:
            talk.join(timeout=5)
        return self.got

    def close(self) -> None:
        self._over.set()
        self._listener.close()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                self._talks.append(threading.Thread(target=self._talk, args=(connection,), daemon=True))
                self._talks[-1].start()

    def _talk(self, connection: socket.socket) -> None:
        with suppress(OSError, struct.error), connection:
            if self.turn == "drip":
                connection.sendall(b"\xff\xff\x00\x00\x0a")
                while not self._over.wait(0.3):
                    connection.sendall(b"8")
                return
            sha2 = self.turn in ("full", "fast")
            _send(connection, 0, _greeting(b"caching_sha2_password" if sha2 else b"mysql_native_password"))
            self._take(connection)
            number = 2
            if self.turn in _WANTED:
                _send(connection, number, _WANTED[self.turn])
                if self.turn == "fast":
                    number = 3
                elif not self._take(connection):
                    return
                elif self.turn == "switch":
                    _send(connection, 4, b"\x01\x04")
                    self._take(connection)
                    return
                else:
                    number = 4
            _send(connection, number, _OK)
            while packet := self._take(connection):
                obliged = packet[1:].startswith((b"SET NAMES", *self.obliging))
                _send(connection, 1, _OK if obliged else b"\xfb/etc/passwd")

    def _take(self, connection: socket.socket) -> bytes:
        header = connection.recv(4, socket.MSG_WAITALL)
        if len(header) < 4:
            return b""
        packet = connection.recv(int.from_bytes(header[:3], "little"), socket.MSG_WAITALL)
        self.got.append(packet)
        return packet


_WANTED = {
    "clear": b"\xfemysql_clear_password\x00", "full": b"\x01\x04", "fast": b"\x01\x03",
    "switch": b"\xfecaching_sha2_password\x00" + b"saltsaltsaltsaltsalt\x00",
    "sha256": b"\xfesha256_password\x00" + b"saltsaltsaltsaltsalt\x00",
}  # fmt: skip


def _greeting(plugin: bytes) -> bytes:
    low, high = _CAPABILITIES & 0xFFFF, _CAPABILITIES >> 16
    return (
        b"\x0a8.0.36\x00" + struct.pack("<I", 7) + b"saltsalt\x00" + struct.pack("<H", low)
        + b"\x2d\x02\x00" + struct.pack("<H", high) + b"\x15" + bytes(10) + b"saltsaltsalt\x00"
        + plugin + b"\x00"
    )  # fmt: skip


def _send(connection: socket.socket, number: int, payload: bytes) -> None:
    connection.sendall(struct.pack("<I", len(payload))[:3] + bytes([number]) + payload)
