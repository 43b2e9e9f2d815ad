"""How the databases write strings, names and comments, and how each begins a week: as data."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

_DOUBLED = r"'(?:[^']|'')*(?:'|\Z)"
_ESCAPED = r"'(?:[^'\\]|\\.|'')*(?:'|\Z)"
_NAME = r'"(?:[^"]|"")*(?:"|\Z)'
_ESCAPED_NAME = r'"(?:[^"\\]|\\.|"")*(?:"|\Z)'
_BACKTICKS = r"`(?:[^`\\]|\\.|``)*(?:`|\Z)"
_PLAIN_BACKTICKS = r"`(?:[^`]|``)*(?:`|\Z)"
_BRACKETS = r"\[(?:[^\]]|\]\])*(?:\]|\Z)"
_TRIPLE = r"'''(?:[^\\]|\\.)*?(?:'''|\Z)|\"\"\"(?:[^\\]|\\.)*?(?:\"\"\"|\Z)"
_LINE = r"--[^\r\n]*"
_HASH = r"\#[^\r\n]*"
_DOLLARS = r"\$(?:[A-Za-z_\u0080-\uffff][A-Za-z0-9_\u0080-\uffff]*)?\$"

_TRUNCATED = {grain: f"date_trunc('{grain}', …)" for grain in ("day", "week", "month")}


@dataclass(frozen=True, slots=True, eq=False)
class Dialect:
    """`quoted` and `comments` are patterns, tried in their order; `dollars` where strings may be $tag$…$tag$.

    `truncations` says by grain how a moment becomes the start of its period. `bounds` are the parameters to
    compare a column of moments with: instants where the database knows their zone, else local dates. In a
    `path` dialect a colon behind a word reads a field, as in Snowflake's src:tz, and no parameter.
    """

    name: str
    quoted: tuple[str, ...]
    comments: tuple[str, ...] = (_LINE,)
    nested: bool = False
    dollars: bool = False
    path: bool = False
    truncations: Mapping[str, str] = field(default_factory=lambda: _TRUNCATED)
    bounds: tuple[str, str] = ("utc_start", "utc_end")

    def truncation(self, grain: str) -> str:
        """The advice for a period that starts at the wrong moment."""
        return f"Use {self.truncations[grain]}."

    def token(self) -> re.Pattern[str]:
        """What has to be looked at in a query; all else is code."""
        dollars = _DOLLARS if self.dollars else r"(?!)"
        before = r"(?<![A-Za-z0-9_\])\"])" if self.path else ""
        return re.compile(
            f"(?P<quoted>{'|'.join(self.quoted)})|(?P<line>{'|'.join(self.comments)})|(?P<block>/\\*)"
            f"|(?P<dollar>{dollars})|(?P<word>[A-Za-z_\\u0080-\\uffff][A-Za-z0-9_$\\u0080-\\uffff]*)"
            f"|(?P<cast>::)|{before}:(?P<name>[A-Za-z_][A-Za-z0-9_]*)|(?P<end>;)",
            re.DOTALL,
        )


_LOCAL = ("period_start", "period_end")

POSTGRESQL = Dialect("PostgreSQL", (f"[eE]{_ESCAPED}", _DOUBLED, _NAME), nested=True, dollars=True)
REDSHIFT = Dialect("Redshift", (_ESCAPED, _NAME), nested=True, dollars=True)
MYSQL = Dialect(
    "MySQL",
    (_ESCAPED, _ESCAPED_NAME, _PLAIN_BACKTICKS),
    # Two dashes without a space behind them are two minus signs here.
    (r"--(?=\s|\Z)[^\r\n]*", _HASH),
    truncations={
        "day": "DATE(…)",
        "week": "DATE(…) - INTERVAL WEEKDAY(…) DAY",
        "month": "DATE(…) - INTERVAL DAYOFMONTH(…) - 1 DAY",
    },
    bounds=_LOCAL,
)
SQLSERVER = Dialect(
    "SQL Server",
    (_DOUBLED, _NAME, _BRACKETS),
    nested=True,
    # DATETRUNC is there from SQL Server 2022 only, and its week begins where the session says.
    truncations={
        "day": "CAST(… AS date)",
        "week": "DATEADD(day, DATEDIFF(day, 0, …) / 7 * 7, 0)",
        "month": "DATEFROMPARTS(YEAR(…), MONTH(…), 1)",
    },
    bounds=_LOCAL,
)
CLICKHOUSE = Dialect(
    "ClickHouse",
    (_ESCAPED, _ESCAPED_NAME, _BACKTICKS),
    (_LINE, r"\#[ !][^\r\n]*"),
    dollars=True,
    truncations={"day": "toDate(…)", "week": "toMonday(…)", "month": "toStartOfMonth(…)"},
)
TRINO = Dialect("Trino", (_DOUBLED, _NAME))
SNOWFLAKE = Dialect("Snowflake", (_ESCAPED, _NAME), (_LINE, r"//[^\r\n]*"), dollars=True, path=True)
BIGQUERY = Dialect(
    "BigQuery",
    (_TRIPLE, _ESCAPED, _ESCAPED_NAME, _BACKTICKS),
    (_LINE, _HASH),
    truncations={
        "day": "DATE(…, :tz)",
        "week": "DATE_TRUNC(DATE(…, :tz), ISOWEEK)",
        "month": "DATE_TRUNC(DATE(…, :tz), MONTH)",
    },
)
SQLITE = Dialect(
    "SQLite",
    (_DOUBLED, _NAME, _PLAIN_BACKTICKS, _BRACKETS),
    truncations={
        "day": "date(…)",
        "week": "date(…, '-6 days', 'weekday 1')",
        "month": "date(…, 'start of month')",
    },
    bounds=_LOCAL,
)
DUCKDB = Dialect("DuckDB", (f"[eE]{_ESCAPED}", _DOUBLED, _NAME), dollars=True, bounds=_LOCAL)
