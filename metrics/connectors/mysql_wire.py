"""PyMySQL for reading foreign servers: bounded memory, no file and no bare password sent."""

from __future__ import annotations

import contextlib
import struct
from collections.abc import Iterator, Mapping
from ssl import CERT_NONE, SSLContext, create_default_context, get_default_verify_paths
from typing import Any

from pymysql import err
from pymysql._auth import caching_sha2_password_auth, scramble_caching_sha2, sha256_password_auth
from pymysql.connections import Connection, MySQLResult
from pymysql.constants import CR, FIELD_TYPE

from metrics.connectors.sql_limits import MAX_BYTES, too_large
from metrics.connectors.sql_rows import Column, Family
from metrics.connectors.sql_watch import Watch, shut

CONNECT_SECONDS = 5.0
# Rows have some bytes around each cell; what is no row (names of columns, errors) is small.
WIRE_BYTES = 3 * MAX_BYTES
_BINARY = 63  # the "character set" of bytes

#: What the driver raises, also on packets that make no sense.
FAILURES = (err.Error, OSError, RuntimeError, ValueError, AttributeError, IndexError, struct.error)

_EXACT = {
    FIELD_TYPE.DECIMAL, FIELD_TYPE.NEWDECIMAL, FIELD_TYPE.TINY, FIELD_TYPE.SHORT, FIELD_TYPE.LONG,
    FIELD_TYPE.LONGLONG, FIELD_TYPE.INT24, FIELD_TYPE.YEAR,
}  # fmt: skip
_FAMILIES: dict[int, Family] = {
    **dict.fromkeys(_EXACT, "exact"), FIELD_TYPE.FLOAT: "double", FIELD_TYPE.DOUBLE: "double",
    FIELD_TYPE.DATE: "date", FIELD_TYPE.NEWDATE: "date", FIELD_TYPE.TIME: "time", FIELD_TYPE.BIT: "bits",
    # Both arrive as the clock time in the session's zone, which is the company's.
    FIELD_TYPE.DATETIME: "moment", FIELD_TYPE.TIMESTAMP: "moment",
    FIELD_TYPE.JSON: "json", FIELD_TYPE.GEOMETRY: "other", FIELD_TYPE.NULL: "text",
}  # fmt: skip


class Wire(Connection):  # type: ignore[misc]
    """A connection that reads no more than a budget of bytes for each question."""

    def __init__(self, **options: Any) -> None:
        self._left = WIRE_BYTES
        super().__init__(**options)

    def asked(self, statement: str) -> MySQLResult:
        """Send one statement; its result, whose rows have not arrived yet."""
        self._left = WIRE_BYTES
        self.query(statement, unbuffered=True)
        return self._result

    def abandon(self) -> None:
        """Close without reading what has not arrived yet."""
        if self._result is not None:
            # Else the driver reads it to its end when it is thrown away.
            self._result.unbuffered_active, self._result.connection = False, None
        self._force_close()

    @property
    def idle(self) -> bool:
        """Whether everything the server said has been read."""
        return self._sock is not None and not (self._result is not None and self._result.unbuffered_active)

    def descriptor(self) -> int:
        """The number of the socket, for whoever has to end it; -1 if there is none."""
        return self._sock.fileno() if self._sock else -1

    def wait_at_most(self, seconds: float) -> None:
        """How long the server may be silent from now on."""
        self._read_timeout = seconds

    def verified(self) -> bool:
        """Whether the server proved by its certificate that it is the one that was asked for."""
        return bool(self._secure) and self.ctx.verify_mode != CERT_NONE

    def _read_bytes(self, num_bytes: int) -> bytes:
        self._left -= num_bytes
        if self._left < 0:
            self.abandon()
            raise too_large("more than 10 MiB")
        data: bytes = super()._read_bytes(num_bytes)
        return data


class _InClear:
    """For plug-ins that want the password itself: only a server that has proved who it is gets it."""

    def __init__(self, wire: Wire) -> None:
        self.wire = wire

    def authenticate(self, packet: Any) -> Any:
        if not self.wire.verified():
            raise err.OperationalError(CR.CR_AUTH_PLUGIN_ERR, "NEEDS VERIFIED TLS")
        self.wire.write_packet(self.wire.password + b"\0")
        return self.wire._read_packet()


class _Hashed(_InClear):
    """MySQL 8's own: without encryption it would take the key for the password from whoever answers."""

    def authenticate(self, packet: Any) -> Any:
        wire = self.wire
        if wire.password and packet.is_auth_switch_request():
            wire.salt = packet.read_all().removesuffix(b"\0")
            wire.write_packet(scramble_caching_sha2(wire.password, wire.salt))
            packet = wire._read_packet()
            if packet.is_ok_packet():
                return packet
        if wire.password and not wire._secure and packet.get_all_data()[:2] != b"\x01\x03":
            raise err.OperationalError(CR.CR_AUTH_PLUGIN_ERR, "NEEDS TLS")
        return caching_sha2_password_auth(wire, packet)


class _Sha256(_InClear):
    """Its predecessor, which always sends the password, encrypted by TLS or by that key."""

    def authenticate(self, packet: Any) -> Any:
        if self.wire.password and not self.wire._secure:
            raise err.OperationalError(CR.CR_AUTH_PLUGIN_ERR, "NEEDS TLS")
        return sha256_password_auth(self.wire, packet)


def connect(settings: Mapping[str, Any], password: str, socket: Any) -> Wire:
    """A signed-in connection over a socket that was checked. Raises pymysql.Error, OSError."""
    wire = Wire(
        host=settings["host"], port=settings["port"], user=settings["user"], password=password.encode(),
        database=settings["database"] or None, charset="utf8mb4", conv={}, autocommit=None,
        local_infile=False, client_flag=0, read_default_file=None, defer_connect=True,
        read_timeout=CONNECT_SECONDS, write_timeout=CONNECT_SECONDS, program_name="northstar",
        auth_plugin_map={
            "mysql_clear_password": _InClear, "dialog": _InClear, "mysql_old_password": _InClear,
            "caching_sha2_password": _Hashed, "sha256_password": _Sha256,
        }, **_tls(str(settings["sslmode"])),
    )  # fmt: skip
    line = socket.dup()
    # Timeouts of single reads never fire on a server that sends a byte now and then (R30).
    watch = Watch(CONNECT_SECONDS, cancel=lambda: shut(line.fileno()), cut=lambda: None)
    watch.start()
    try:
        wire.connect(socket)
    finally:
        watch.stop()
        line.close()
    return wire


def _tls(mode: str) -> dict[str, Any]:
    if mode == "disable":
        return {"ssl_disabled": True}
    if mode == "prefer":
        return {}
    context: SSLContext = create_default_context(cafile=get_default_verify_paths().cafile)
    if mode == "require":
        context.check_hostname, context.verify_mode = False, CERT_NONE
    return {"ssl": context}


def columns_of(result: MySQLResult) -> list[Column]:
    """The columns of a result; none where the statement gives no table."""
    return [Column(str(field.name), _family(field)) for field in getattr(result, "fields", ())]


def cells_of(result: MySQLResult) -> Iterator[list[str | None]]:
    """The rows as they arrive, as text; bytes as 0x…."""
    while (row := result._read_rowdata_packet_unbuffered()) is not None:
        yield [f"0x{cell.hex()}" if isinstance(cell, bytes) else cell for cell in row]


def _family(field: Any) -> Family:
    if field.type_code == FIELD_TYPE.TINY and field.length == 1:
        return "bool"
    if known := _FAMILIES.get(field.type_code):
        return known
    return "bytes" if field.charsetnr == _BINARY else "text"


def close(wire: Wire) -> None:
    """Say goodbye and close; what cannot be said any more is left out."""
    with contextlib.suppress(err.Error, OSError):
        wire.close()
