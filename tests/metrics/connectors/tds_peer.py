"""A peer that speaks as much of TDS 7.4 as a test needs: sign-in, rerouting, errors, a table, silence."""

from __future__ import annotations

import socket
import ssl
import struct
import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import date
from decimal import Decimal
from pathlib import Path

_COLLATION = b"\x09\x04\xd0\x00\x34"
Value = int | Decimal | date | str | None


def table(*rows: tuple[Value, ...], names: tuple[str, ...] = ("period", "value")) -> bytes:
    """Tokens of a result: columns by the types of the first row, then the rows, then the end."""
    kinds = [_kind(value) for value in rows[0]]
    out = b"\x81" + struct.pack("<H", len(names))
    for name, (kind, _) in zip(names, kinds, strict=True):
        out += struct.pack("<IH", 0, 9) + kind + bytes([len(name)]) + name.encode("utf-16-le")
    for row in rows:
        out += b"\xd1" + b"".join(write(value) for (_, write), value in zip(kinds, row, strict=True))
    return out + done(len(rows))


def done(rows: int = 0) -> bytes:
    return b"\xfd" + struct.pack("<HHQ", 0x10, 0xC1, rows)


def error(number: int, said: str) -> bytes:
    text = said.encode("utf-16-le")
    body = struct.pack("<IBBH", number, 1, 14, len(said)) + text + b"\x00\x00" + struct.pack("<I", 1)
    return b"\xaa" + struct.pack("<H", len(body)) + body + b"\xfd" + struct.pack("<HHQ", 2, 0, 0)


def rerouted(host: str, port: int) -> bytes:
    name = struct.pack("<BHH", 0, port, len(host)) + host.encode("utf-16-le")
    body = b"\x14" + struct.pack("<H", len(name)) + name + b"\x00\x00"
    return b"\xe3" + struct.pack("<H", len(body)) + body


def _kind(value: Value) -> tuple[bytes, Callable[[Value], bytes]]:
    if isinstance(value, int):
        return b"\x26\x08", lambda v: b"\x00" if v is None else b"\x08" + struct.pack("<q", v)
    if isinstance(value, Decimal):
        return b"\x6a\x11\x26\x02", _decimal
    if isinstance(value, date):
        return b"\x28", lambda v: b"\x00" if v is None else b"\x03" + struct.pack("<I", v.toordinal() - 1)[:3]
    return b"\xe7" + struct.pack(
        "<H", 8000
    ) + _COLLATION, lambda v: b"\xff\xff" if v is None else _text(str(v))


def _decimal(value: Value) -> bytes:
    if value is None:
        return b"\x00"
    assert isinstance(value, Decimal)
    return b"\x11" + bytes([value >= 0]) + int(abs(value) * 100).to_bytes(16, "little")


def _text(value: str) -> bytes:
    raw = value.encode("utf-16-le")
    return struct.pack("<H", len(raw)) + raw


class Peer:
    """Listens on 127.0.0.1. `answer(sql)` gives tokens, or None to stay silent; `greeting` comes with the
    sign-in. `asked` holds every batch."""

    def __init__(
        self, answer: Callable[[str], bytes | None], *, greeting: bytes = b"", certificate: Path | None = None
    ) -> None:
        self.answer, self.greeting, self.certificate = answer, greeting, certificate
        self.asked: list[str] = []
        self.signed_in = 0
        self._over = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        self._over.set()
        self._listener.close()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                threading.Thread(target=self._talk, args=(connection,), daemon=True).start()

    def _talk(self, connection: socket.socket) -> None:
        with suppress(OSError, struct.error, ssl.SSLError), connection:
            self._take(connection)
            options = b"\x00\x00\x0b\x00\x06\x01\x00\x11\x00\x01\xff" + b"\x10\x00\x03\xe8\x00\x00"
            _send(connection, options + bytes([1 if self.certificate else 2]))
            if self.certificate:
                connection = _Encrypted(connection, self.certificate, self._take)  # type: ignore[assignment]
            if not self._take(connection):
                return
            self.signed_in += 1
            name = "Microsoft SQL Server".encode("utf-16-le")
            body = b"\x01\x74\x00\x00\x04" + bytes([len(name) // 2]) + name + b"\x10\x00\x03\xe8"
            database = "shop".encode("utf-16-le")
            change = b"\x01" + bytes([4]) + database + b"\x00"
            hello = b"\xe3" + struct.pack("<H", len(change)) + change
            _send(connection, hello + b"\xad" + struct.pack("<H", len(body)) + body + self.greeting + done())
            while batch := self._take(connection):
                # Behind the headers, whose length stands first, the text follows.
                sql = batch[struct.unpack_from("<I", batch)[0] :].decode("utf-16-le")
                self.asked.append(sql)
                tokens = self.answer(sql)
                if tokens is None:
                    self._over.wait(20)
                    return
                _send(connection, tokens)

    def _take(self, connection: socket.socket) -> bytes:
        whole = b""
        while True:
            header = connection.recv(8, socket.MSG_WAITALL)
            if len(header) < 8:
                return b""
            length = struct.unpack(">H", header[2:4])[0]
            whole += connection.recv(length - 8, socket.MSG_WAITALL)
            if header[1] & 1:
                return whole


class _Encrypted:
    """TLS whose handshake travels in TDS packets, as SQL Server has it."""

    def __init__(self, connection: socket.socket, certificate: Path, take: Callable[..., bytes]) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        context.load_cert_chain(certificate)
        self._in, self._out, self._connection = ssl.MemoryBIO(), ssl.MemoryBIO(), connection
        self._tls = context.wrap_bio(self._in, self._out, server_side=True)
        while True:
            try:
                self._tls.do_handshake()
            except ssl.SSLWantReadError:
                if self._out.pending:
                    _send(connection, self._out.read(), kind=0x12)
                self._in.write(take(connection) or self._gone())
            else:
                _send(connection, self._out.read(), kind=0x12)
                return

    def recv(self, size: int, _: int = 0) -> bytes:
        data = b""
        while len(data) < size:
            try:
                data += self._tls.read(size - len(data))
            except ssl.SSLWantReadError:
                self._in.write(self._connection.recv(65536) or self._gone())
        return data

    def sendall(self, data: bytes) -> None:
        self._tls.write(data)
        self._connection.sendall(self._out.read())

    def _gone(self) -> bytes:
        raise OSError("the other side is gone")


def _send(connection: socket.socket, payload: bytes, *, kind: int = 4) -> None:
    while True:
        part, payload = payload[:4000], payload[4000:]
        connection.sendall(struct.pack(">BBHHBB", kind, 0 if payload else 1, len(part) + 8, 0, 1, 0) + part)
        if not payload:
            return
