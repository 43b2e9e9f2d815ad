"""Named parameters of a query, turned into PostgreSQL's $n where they stand in code.

This is a convenience, not a wall: what keeps a query harmless is how it is run (S41, S42).
"""

from __future__ import annotations

import re

# The order is the number: all of them are always bound, each with its own type.
NAMES = ("period_start", "period_end", "utc_start", "utc_end", "tz")

_TOKEN = re.compile(
    r"""
    (?P<escaped>[eE]'(?:[^'\\]|\\.|'')*(?:'|\Z))
  | (?P<string>'(?:[^']|'')*(?:'|\Z))
  | (?P<identifier>"(?:[^"]|"")*(?:"|\Z))
  | (?P<line>--[^\r\n]*)
  | (?P<block>/\*)
  | (?P<dollar>\$(?:[A-Za-z_\u0080-\uffff][A-Za-z0-9_\u0080-\uffff]*)?\$)
  | (?P<word>[A-Za-z_\u0080-\uffff][A-Za-z0-9_$\u0080-\uffff]*)
  | (?P<cast>::)
  | :(?P<name>[A-Za-z_][A-Za-z0-9_]*)
    """,
    re.VERBOSE | re.DOTALL,
)
_COMMENT_EDGE = re.compile(r"/\*|\*/")


def translate(text: str) -> str:
    """The query with `:period_start` and so on as `$1`…; literals, quoted names, comments and casts stay."""
    out: list[str] = []
    at = 0
    while found := _TOKEN.search(text, at):
        out.append(text[at : found.start()])
        at = found.end()
        if found["name"] in NAMES:
            # The spaces keep the number apart from a word or a digit that touches it.
            out.append(f" ${NAMES.index(found['name']) + 1} ")
            continue
        if found["block"]:
            at = _end_of_comment(text, at)
        elif found["dollar"]:
            close = text.find(found["dollar"], at)
            at = len(text) if close < 0 else close + len(found["dollar"])
        out.append(text[found.start() : at])
    return "".join(out) + text[at:]


def first_word(text: str) -> str:
    """The first word of the query in lower case, comments left out; empty if there is none."""
    at = 0
    while found := _TOKEN.search(text, at):
        at = found.end()
        if found["word"]:
            return found["word"].lower()
        if found["block"]:
            at = _end_of_comment(text, at)
        elif not found["line"]:
            return ""
    return ""


def _end_of_comment(text: str, at: int) -> int:
    """Behind the end of a block comment; PostgreSQL nests them."""
    depth = 1
    while depth and (edge := _COMMENT_EDGE.search(text, at)):
        depth += 1 if edge[0] == "/*" else -1
        at = edge.end()
    return len(text) if depth else at
