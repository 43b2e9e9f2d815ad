"""What SQL Server and python-tds report, as a code and a sentence for a human."""

from __future__ import annotations

from metrics.connectors.errors import ConnectorError
from metrics.connectors.sql_errors import WRITES, query, redacted

_SIGN_IN = {18456, 18452, 18470, 18486, 18487, 18488, 40615, 40532}
_REFUSED = {229, 230, 262, 297, 300, 916}
_BUSY = {1205, 1222, 40197, 40501, 40613, 49918, 49919, 49920, 10928, 10929, 701, 8645}
_WRITING = {3906, 3930}


def on_connecting(error: Exception, *, host: str, port: int, secrets: tuple[str, ...] = ()) -> ConnectorError:
    """Why no session came about."""
    number, said = _parts(error, secrets)
    lower = said.lower()
    if number in _SIGN_IN:
        return ConnectorError(
            "auth", f"{host} refuses the sign-in: {said} Check user and password.", permanent=True
        )
    if number in (4060, 911):
        return ConnectorError(
            "config", f"{host} has no such database for this user: {said}", permanent=True, field="database"
        )
    if "certificate" in lower or "ssl" in lower or "encrypt" in lower or "tls" in lower:
        return ConnectorError(
            "tls",
            f"No encrypted connection to {host}: {said} Check its certificate, or choose otherwise here.",
            permanent=True,
        )
    if "timed out" in lower or isinstance(error, TimeoutError):
        return ConnectorError("timeout", f"{host} did not answer on port {port} within 8 s.")
    return ConnectorError("connection", f"No connection to {host}, port {port}: {said}")


def on_querying(error: Exception, *, secrets: tuple[str, ...] = ()) -> ConnectorError:
    """Why a query gave no answer, by the server's number."""
    number, said = _parts(error, secrets)
    if number in _REFUSED:
        return query(f"SQL Server refuses: {said} Grant SELECT on it to the user of this source.")
    if number in _WRITING:
        return query(WRITES)
    if number in _BUSY:
        return ConnectorError("connection", f"SQL Server is busy: {said}")
    if number:
        return query(f"SQL Server says: {said}")
    return ConnectorError("connection", f"The connection failed while the query ran: {said}")


def _parts(error: Exception, secrets: tuple[str, ...]) -> tuple[int, str]:
    number = getattr(error, "msg_no", 0) or 0
    return int(number), redacted(str(error) or type(error).__name__, secrets)
