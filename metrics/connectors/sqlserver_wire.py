"""python-tds over a socket that was checked: bounded memory, no rerouting, certificates really checked."""

from __future__ import annotations

import os
import ssl
from collections.abc import Mapping
from typing import Any

from metrics.connectors.base import ConnectorError
from metrics.connectors.sql_limits import MAX_BYTES, too_large
from metrics.connectors.sql_watch import Watch, shut

CONNECT_SECONDS = 8.0
WIRE_BYTES = 5 * MAX_BYTES  # text arrives as UTF-16


class Line:
    """The socket as python-tds uses it, with a budget of bytes for each question."""

    def __init__(self, socket: Any) -> None:
        self._socket = socket
        self.left = WIRE_BYTES

    def __getattr__(self, name: str) -> Any:
        return getattr(self._socket, name)

    def recv(self, size: int, flags: int = 0) -> bytes:
        """At most `size` bytes."""
        data: bytes = self._socket.recv(size, flags)
        self._count(len(data))
        return data

    def recv_into(self, buffer: Any, size: int = 0, flags: int = 0) -> int:
        """How many bytes came."""
        count: int = self._socket.recv_into(buffer, size, flags)
        self._count(count)
        return count

    def _count(self, count: int) -> None:
        self.left -= count
        if self.left < 0:
            raise too_large("more than 10 MiB")


def connect(settings: Mapping[str, Any], password: str, socket: Any) -> tuple[Any, Line]:
    """A signed-in connection and its line. Raises ConnectorError, and what python-tds raises."""
    from pytds import tds_socket, tz
    from pytds.connection import NonMarsConnection
    from pytds.row_strategies import tuple_row_strategy

    line = Line(socket)
    spare = socket.dup()
    watch = Watch(CONNECT_SECONDS, cancel=lambda: shut(spare.fileno()), cut=lambda: None)
    watch.start()
    try:
        socket.settimeout(CONNECT_SECONDS)
        tds = tds_socket._TdsSocket(
            sock=line, login=_login(settings, password), tzinfo_factory=tz.FixedOffsetTimezone,
            row_strategy=tuple_row_strategy, use_tz=None, autocommit=True,
        )  # fmt: skip
        if tds.login() is not None:
            raise ConnectorError(
                "config",
                "The server sends us on to another address, which is not followed. Type that server's own "
                "address; at Azure choose the connection policy Proxy.",
                permanent=True,
                field="host",
            )
    finally:
        watch.stop()
        spare.close()
    return NonMarsConnection(pooling=False, key=None, tds_socket=tds), line


def _login(settings: Mapping[str, Any], password: str) -> Any:
    from pytds import tds_base

    login = tds_base._TdsLogin()
    login.server_name, login.port = settings["host"], settings["port"]
    login.user_name, login.password = settings["user"], password
    login.database, login.app_name, login.library = settings["database"], "northstar", "northstar"
    login.client_host_name, login.pid = "northstar", os.getpid()
    login.option_flag2 = tds_base.TDS_ODBC_ON
    login.connect_timeout, login.query_timeout = CONNECT_SECONDS, None
    login.readonly, login.bytes_to_unicode = True, True
    login.enc_flag = tds_base.PreLoginEnc.ENCRYPT_NOT_SUP
    # The library's own check of the name needs functions that OpenSSL's package has no more.
    login.validate_host = False
    if settings["encryption"] != "disable":
        verified = settings["encryption"] == "verify-full"
        login.tls_ctx = _context(settings["host"] if verified else None)
        login.enc_flag = tds_base.PreLoginEnc.ENCRYPT_ON
    return login


def _context(host: str | None) -> Any:
    """TLS that checks the certificate's chain and its name, or neither where `host` is None."""
    from OpenSSL import SSL

    context = SSL.Context(SSL.TLS_CLIENT_METHOD)
    context.set_min_proto_version(SSL.TLS1_2_VERSION)
    # Within TDS packets 1.3 does not work: its server speaks after the handshake.
    context.set_max_proto_version(SSL.TLS1_2_VERSION)
    if host is None:
        context.set_verify(SSL.VERIFY_NONE)
        return context
    known = ssl.get_default_verify_paths()
    context.load_verify_locations(known.cafile, known.capath if known.cafile is None else None)

    def checked(_: Any, certificate: Any, __: int, depth: int, fine: int) -> bool:
        return bool(fine) and (depth > 0 or is_named(certificate.to_cryptography(), host))

    context.set_verify(SSL.VERIFY_PEER | SSL.VERIFY_FAIL_IF_NO_PEER_CERT, checked)
    return context


def is_named(certificate: Any, host: str) -> bool:
    """Whether a certificate is for this host name or address; a star stands for one first label."""
    from cryptography import x509

    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return False
    if host in map(str, names.get_values_for_type(x509.IPAddress)):
        return True
    wanted = host.lower().rstrip(".")
    known = {name.lower().rstrip(".") for name in names.get_values_for_type(x509.DNSName)}
    _, _, parent = wanted.partition(".")
    return wanted in known or bool("." in parent and f"*.{parent}" in known)
