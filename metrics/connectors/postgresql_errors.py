"""What PostgreSQL and its driver report, as a code and a sentence for a human."""

from __future__ import annotations

import psycopg

from metrics.connectors.base import ConnectorError
from metrics.connectors.sql_parameters import NAMES, first_word

WRITES = (
    "The query tries to write. Only reading is allowed here: use a SELECT without INSERT, UPDATE or DELETE."
)
_READING_WORDS = {"select", "with", "values", "table", ""}
_WRITING_WORDS = {
    "insert",
    "update",
    "delete",
    "merge",
    "truncate",
    "create",
    "alter",
    "drop",
    "grant",
    "revoke",
}
_SHOWN = 300


def cancelled(seconds: float) -> ConnectorError:
    return ConnectorError(
        "timeout",
        f"The query took longer than {seconds:g} s and was cancelled. Make it faster or ask for less.",
    )


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
        return _query(WRITES)
    if state == "42601":
        return _query(_syntax(said, text))
    if state == "42501":
        return _query(f"PostgreSQL refuses: {said} Grant SELECT on it to the user of this source.")
    if state == "57014":
        return ConnectorError(
            "timeout", f"PostgreSQL cancelled the query: {said} Make it faster or ask for less."
        )
    if state[:2] == "28":
        return ConnectorError("auth", f"PostgreSQL refuses the sign-in: {said}", permanent=True)
    if state[:2] in {"08", "40", "53", "57", "58", "55", ""}:
        return ConnectorError("connection", f"The connection failed while the query ran: {said}")
    if state[:2] in {"21", "22", "25", "34", "3F", "42", "0A"}:
        return _query(f"PostgreSQL says: {said}")
    return ConnectorError("unexpected", f"PostgreSQL reports an error ({state}): {said}")


def _syntax(said: str, text: str) -> str:
    word = first_word(text)
    if "multiple commands" in said:
        return "The query has more than one statement. Remove everything after the first semicolon."
    if word in _WRITING_WORDS:
        return WRITES
    if word not in _READING_WORDS:
        return f"A query has to begin with SELECT or WITH; this one begins with {word[:30].upper()}."
    if 'near ":"' in said:
        return f"PostgreSQL says: {said} Parameters are {', '.join(f':{name}' for name in NAMES)}."
    return f"PostgreSQL says: {said}"


def _query(sentence: str) -> ConnectorError:
    return ConnectorError("query", sentence, permanent=True)


def _tail(text: str, secrets: tuple[str, ...]) -> str:
    """The part behind "connection to server at … failed:", where the reason stands."""
    reason = text.strip().rsplit(" failed: ", 1)[-1].removeprefix("FATAL:").strip()
    return _sentence(reason.splitlines()[0] if reason else "no reason given", secrets)


def _sentence(text: str, secrets: tuple[str, ...]) -> str:
    for secret in filter(None, secrets):
        text = text.replace(secret, "…")
    flat = " ".join(text.split())[:_SHOWN].rstrip(".")
    return f"{flat}."
