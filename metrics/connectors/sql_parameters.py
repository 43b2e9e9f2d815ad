"""Named parameters of a query, put the way its database takes them, where they stand in code.

This is a convenience, not a wall: what keeps a query harmless is how it is run (S41, S42).
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime

from metrics.connectors.sql_dialects import Dialect
from northstar.lib.periods import first_instant

# The order is PostgreSQL's number: there all of them are always bound, each with its own type.
NAMES = ("period_start", "period_end", "utc_start", "utc_end", "tz")

_COMMENT_EDGE = re.compile(r"/\*|\*/")
_token = functools.cache(Dialect.token)


@dataclass(frozen=True, slots=True)
class Bound:
    """What the parameters stand for: local dates (the end exclusive), their first instants, the zone."""

    period_start: date
    period_end: date
    utc_start: datetime
    utc_end: datetime
    tz: str

    @classmethod
    def of(cls, start: date, end: date, zone: str) -> Bound:
        """The parameters of one question."""
        first, last = (first_instant(day, zone).astimezone(UTC) for day in (start, end))
        return cls(start, end, first, last, zone)

    def literal(self, name: str, *, instant: str = "TIMESTAMP '{0:%Y-%m-%d %H:%M:%S}'") -> str:
        """The parameter as SQL text; `instant` lays out the two moments, which are in UTC."""
        value = getattr(self, name)
        if isinstance(value, datetime):
            return instant.format(value)
        return f"DATE '{value}'" if isinstance(value, date) else "'" + value.replace("'", "''") + "'"


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a query: "code", "word", "end" (a semicolon), "quoted", "comment" or "parameter"."""

    kind: str
    text: str


def translate(text: str, dialect: Dialect, put: Callable[[str], str]) -> str:
    """The query with what `put` makes of each parameter's name; literals, quoted names and comments stay."""
    # The spaces keep a number apart from a word or a digit that touches it.
    return "".join(
        f" {put(piece.text)} " if piece.kind == "parameter" else piece.text for piece in pieces(text, dialect)
    )


def first_word(text: str, dialect: Dialect) -> str:
    """The first word of the query in lower case, comments left out; empty if there is none."""
    for piece in pieces(text, dialect):
        if piece.kind == "word":
            return piece.text.lower()
        if piece.kind in ("quoted", "parameter", "end"):
            return ""
    return ""


def words(text: str, dialect: Dialect) -> tuple[str, ...]:
    """All words of the query that stand in code, in lower case."""
    return tuple(piece.text.lower() for piece in pieces(text, dialect) if piece.kind == "word")


def has_second_statement(text: str, dialect: Dialect) -> bool:
    """Whether something other than comments and semicolons follows the first semicolon."""
    ended = False
    for piece in pieces(text, dialect):
        if piece.kind == "end":
            ended = True
        elif ended and piece.kind != "comment" and piece.text.strip():
            return True
    return False


def without_end(text: str, dialect: Dialect) -> str:
    """The query without its semicolons, for servers that take none."""
    left = (piece for piece in pieces(text, dialect) if piece.kind != "end")
    return "".join(f":{piece.text}" if piece.kind == "parameter" else piece.text for piece in left)


def pieces(text: str, dialect: Dialect) -> Iterator[Piece]:
    """The query in parts, which together are the whole text (of a parameter: its name)."""
    at = 0
    while found := _token(dialect).search(text, at):
        if found.start() > at:
            yield Piece("code", text[at : found.start()])
        at = found.end()
        kind = str(found.lastgroup)
        if kind == "name":
            known = found["name"] in NAMES
            yield Piece("parameter" if known else "code", found["name"] if known else found[0])
            continue
        if kind == "block":
            at = _end_of_comment(text, at, nested=dialect.nested)
        elif kind == "dollar":
            close = text.find(found["dollar"], at)
            at = len(text) if close < 0 else close + len(found["dollar"])
        yield Piece(_KINDS.get(kind, kind), text[found.start() : at])
    if at < len(text):
        yield Piece("code", text[at:])


_KINDS = {"block": "comment", "line": "comment", "dollar": "quoted", "cast": "code"}


def _end_of_comment(text: str, at: int, *, nested: bool) -> int:
    """Behind the end of a block comment; some databases nest them."""
    depth = 1
    while depth and (edge := _COMMENT_EDGE.search(text, at)):
        if edge[0] == "*/":
            depth -= 1
        elif nested:
            depth += 1
        at = edge.end()
    return len(text) if depth else at
