"""What databases that speak HTTP share: a session of requests within one deadline, stopped cleanly."""

from __future__ import annotations

import contextlib
from abc import abstractmethod
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from types import TracebackType
from typing import Any, ClassVar, Self

from metrics.connectors.base import ConnectorError
from metrics.connectors.http import faults
from metrics.connectors.http.decoding import json_of
from metrics.connectors.http.exchange import Exchange
from metrics.connectors.http.request import Request
from metrics.connectors.sql_connector import SqlConnector
from metrics.connectors.sql_errors import cancelled, lint, query
from metrics.connectors.sql_limits import Gathering
from metrics.connectors.sql_parameters import Bound, without_end
from metrics.connectors.sql_rows import Column, Family, Table
from northstar.lib.egress import Response

CANCEL_SECONDS = 4.0

#: Why a service refused, if its answer says so in its own way.
Explain = Callable[[Response, str], ConnectorError | None]


class Web(Exchange):
    """An exchange whose refusals are first explained by the database's own codes."""

    def __enter__(self) -> Web:
        return self

    def json(self, request: Request, *, explain: Explain) -> tuple[Any, Response]:
        """The answer's JSON, and the answer. Raises ConnectorError."""
        response = self._once(request, redirects=0)
        if not response.is_success:
            host = response.url.host
            said = faults.redacted(response.content[:20_000].decode("utf-8", "replace"), self.secrets)
            raise explain(response, said) or faults.on_status(
                response.status_code, response.headers, response.content,
                host=host, now=self.now, secrets=self.secrets,
            )  # fmt: skip
        return json_of(response.content, response.headers.get("content-type", "")), response

    def _late(self) -> ConnectorError:
        return cancelled(self.deadline)


class Warehouse(SqlConnector):
    """A database asked by web requests; a subclass says how one question becomes requests."""

    group: ClassVar[str] = "Warehouses"

    def web(self, seconds: float | None = None) -> Web:
        """An open client for `seconds`, or for the deadline of a pull."""
        web = Web(self.egress, now=datetime.now(UTC), deadline=seconds or self.deadline_seconds)
        web.secrets |= {secret for secret in self.secrets.values() if secret}
        return web


class WebSession:
    """One pull's questions to a warehouse. A question that was left unanswered is cancelled at the end."""

    def __init__(self, source: Warehouse, *, zone: str) -> None:
        self.source, self.zone = source, zone
        self.web = source.web()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None:
            # The deadline of the questions is over; stopping them has a little time of its own.
            with contextlib.suppress(ConnectorError), self.source.web(CANCEL_SECONDS) as web:
                self.cancel(web)
        self.web.__exit__()

    def ask(self, text: str, start: date, end: date) -> Table:
        """The answer of the admin's query for the half-open range of local dates. Raises ConnectorError."""
        lint(text, self.source.dialect)
        return self.run(without_end(text, self.source.dialect), Bound.of(start, end, self.zone))

    @abstractmethod
    def run(self, text: str, bound: Bound) -> Table:
        """The answer of one statement. Raises ConnectorError."""

    def cancel(self, web: Web) -> None:
        """Stop what the service still works on."""
        return None


def gathering(names: Sequence[tuple[str, Family]]) -> Gathering:
    """An empty table of these columns. Raises ConnectorError for none, and for too many."""
    if not names:
        raise query("The query returns no table. Use a SELECT that returns rows.")
    return Gathering([Column(name, family) for name, family in names])


def take(gathered: Gathering, rows: object, read: Callable[[Any, Family], str | None] | None = None) -> None:
    """Add rows of JSON; `read` makes text of a cell of a family. Raises ConnectorError("schema")."""
    if not isinstance(rows, list):
        raise misshapen()
    for row in rows:
        if not isinstance(row, list) or len(row) != len(gathered.columns):
            raise misshapen()
        pairs = zip(row, gathered.columns, strict=True)
        gathered.take([(read or _plain)(cell, column.family) for cell, column in pairs])


def plain(cell: Any) -> str | None:
    """A cell of JSON as text: numbers exactly as they came."""
    if cell is None or isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return str(cell).lower()
    return str(cell) if isinstance(cell, (int, float, Decimal)) else "(a list or an object)"


def _plain(cell: Any, _: Family) -> str | None:
    return plain(cell)


def misshapen() -> ConnectorError:
    """The error for JSON that is not what the service documents."""
    return ConnectorError(
        "schema", "The answer is not of the documented form. Check that this address is the database's own.",
        permanent=True,
    )  # fmt: skip


def member(answer: object, *names: str, default: Any = None) -> Any:
    """What stands in nested objects under these names, or `default`."""
    for name in names:
        if not isinstance(answer, dict) or name not in answer:
            return default
        answer = answer[name]
    return answer


def moment(seconds: Decimal) -> datetime:
    """The instant so many seconds after 1970, in UTC. Raises ConnectorError for one that no calendar has."""
    try:
        return datetime.fromtimestamp(float(seconds), UTC)
    except (ValueError, OverflowError, OSError):
        raise misshapen() from None


def known(kinds: Iterable[str], family: Family) -> dict[str, Family]:
    """A part of a table of types."""
    return dict.fromkeys(kinds, family)
