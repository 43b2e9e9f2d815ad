"""Sentences that all SQL kinds share."""

from __future__ import annotations

from metrics.connectors.errors import ConnectorError
from metrics.connectors.sql_dialects import Dialect
from metrics.connectors.sql_parameters import first_word, has_second_statement

WRITES = (
    "The query tries to write. Only reading is allowed here: use a SELECT without INSERT, UPDATE or DELETE."
)
SECOND = "The query has more than one statement. Remove everything after the first semicolon."
READING_WORDS = frozenset({"select", "with", "values", "table", ""})
WRITING_WORDS = frozenset(
    {
        "insert", "update", "delete", "merge", "truncate", "create", "alter", "drop", "grant", "revoke",
        "replace", "rename", "load",
    }
)  # fmt: skip
_SHOWN = 300


def cancelled(seconds: float) -> ConnectorError:
    """The deadline is over."""
    return ConnectorError(
        "timeout",
        f"The query took longer than {seconds:g} s and was cancelled. Make it faster or ask for less.",
    )


def query(sentence: str) -> ConnectorError:
    """The question itself cannot work."""
    return ConnectorError("query", sentence, permanent=True)


def begins_wrong(word: str) -> ConnectorError:
    """The first word is none that reads."""
    return query(f"A query has to begin with SELECT or WITH; this one begins with {word[:30].upper()}.")


def redacted(text: str, secrets: tuple[str, ...]) -> str:
    """What a driver or server said, as one short sentence without the secrets."""
    for secret in filter(None, secrets):
        text = text.replace(secret, "…")
    flat = " ".join(text.split())[:_SHOWN].rstrip(".")
    return f"{flat}."


def lint(text: str, dialect: Dialect) -> None:
    """Raise ConnectorError with a sentence for what would fail or do no good.

    What keeps a query harmless is how it is run (S42).
    """
    word = first_word(text, dialect)
    if word in WRITING_WORDS:
        raise query(WRITES)
    if word not in READING_WORDS:
        raise begins_wrong(word)
    if has_second_statement(text, dialect):
        raise query(SECOND)
