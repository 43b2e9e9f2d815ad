"""What PostgreSQL and its driver report, as a code and a sentence for a human."""

from __future__ import annotations

import psycopg

from metrics.connectors.base import ConnectorError
from metrics.connectors.sql_dialects import POSTGRESQL
from metrics.connectors.sql_errors import READING_WORDS, SECOND, WRITES, WRITING_WORDS, begins_wrong, query
from metrics.connectors.sql_errors import redacted as _sentence
from metrics.connectors.sql_parameters import NAMES, first_word

#: Classes of SQLSTATE that speak of the query, of what its functions raise, or of rights that they lack.
_OF_THE_QUERY = {"21", "22", "25", "2F", "34", "38", "39", "3F", "42", "0A", "54", "HV", "P0"}


def on_connecting(error: Exception, *, host: str, port: int, secrets: tuple[str, ...] = ()) -> ConnectorError:
    """Why no connection came about. The driver gives only text here, in the words of libpq and the server."""
    said = _tail(str(error), secrets)
    lower = said.lower()
    if isinstance(error, psycopg.errors.ConnectionTimeout) or "timeout expired" in lower:
        return ConnectorError("timeout", f"{host} did not answer on port {port} within 5 s.")
    if "certificate" in lower or "ssl" in lower and "no pg_hba" not in lower:
        return ConnectorError("tls", f"No encrypted connection to {host}: {said}", permanent=True)
    if "password" in lower or "authentication" in lower or "role " in lower or "pg_hba" in lower:
        return ConnectorError(
            "auth",
            f"{host} refuses the sign-in: {said} Check user, password and pg_hba.conf.",
            permanent=True,
        )
    if "database" in lower and "does not exist" in lower:
        return ConnectorError("config", f"{host} has no such database: {said}", permanent=True)
    if "refused" in lower:
        return ConnectorError("connection", f"Nothing listens on {host}, port {port}. Check host and port.")
    return ConnectorError("connection", f"No connection to {host}, port {port}: {said}")


def on_querying(error: psycopg.Error, *, text: str, secrets: tuple[str, ...] = ()) -> ConnectorError:
    """Why a query gave no answer, by SQLSTATE."""
    state = error.sqlstate or ""
    said = _sentence(error.diag.message_primary or str(error), secrets)
    if state == "25006" or (state == "0A000" and "data-modifying" in said):
        return query(WRITES)
    if state == "42601":
        return query(_syntax(said, text))
    if state == "42501":
        return query(f"PostgreSQL refuses: {said} Grant SELECT on it to the user of this source.")
    if state == "57014":
        return ConnectorError(
            "timeout", f"PostgreSQL cancelled the query: {said} Make it faster or ask for less."
        )
    if state[:2] == "28":
        return ConnectorError("auth", f"PostgreSQL refuses the sign-in: {said}", permanent=True)
    if state[:2] in {"08", "40", "53", "57", "58", "55", ""}:
        return ConnectorError("connection", f"The connection failed while the query ran: {said}")
    if state[:2] in _OF_THE_QUERY:
        return query(f"PostgreSQL says: {said}")
    return ConnectorError("unexpected", f"PostgreSQL reports an error ({state}): {said}")


def _syntax(said: str, text: str) -> str:
    word = first_word(text, POSTGRESQL)
    if "multiple commands" in said:
        return SECOND
    if word in WRITING_WORDS:
        return WRITES
    if word not in READING_WORDS:
        return begins_wrong(word).message
    if 'near ":"' in said:
        return f"PostgreSQL says: {said} Parameters are {', '.join(f':{name}' for name in NAMES)}."
    return f"PostgreSQL says: {said}"


def _tail(text: str, secrets: tuple[str, ...]) -> str:
    """The part behind "connection to server at … failed:", where the reason stands."""
    reason = text.strip().rsplit(" failed: ", 1)[-1].removeprefix("FATAL:").strip()
    return _sentence(reason.splitlines()[0] if reason else "no reason given", secrets)
