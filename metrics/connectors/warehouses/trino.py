"""Trino by its client protocol: one statement, pages followed on its own host only, ended when we end."""

from __future__ import annotations

import base64
import contextlib
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from metrics.connectors.base import ConnectorError, Field
from metrics.connectors.http.request import Request
from metrics.connectors.sql_connector import checked_host
from metrics.connectors.sql_dialects import TRINO, Dialect
from metrics.connectors.sql_errors import WRITES, query, redacted
from metrics.connectors.sql_limits import Gathering
from metrics.connectors.sql_parameters import Bound, translate
from metrics.connectors.sql_rows import Family, Table
from metrics.connectors.warehouses.asking import (
    Warehouse,
    Web,
    WebSession,
    gathering,
    known,
    member,
    misshapen,
    plain,
    take,
)
from northstar.lib.egress import Response

_FAMILIES: dict[str, Family] = {
    **known(("bigint", "integer", "smallint", "tinyint", "decimal"), "exact"),
    **known(("double", "real"), "double"), **known(("varchar", "char", "unknown"), "text"),
    "date": "date", "timestamp": "moment", "timestamp with time zone": "instant", "boolean": "bool",
    "varbinary": "bytes", "json": "json", "time": "time",
}  # fmt: skip
_LENGTH = re.compile(r"\([^)]*\)")
_BUSY = {
    "TOO_MANY_REQUESTS_FAILED",
    "SERVER_STARTING_UP",
    "NO_NODES_AVAILABLE",
    "GENERIC_INSUFFICIENT_RESOURCES",
}
_LATE = {"EXCEEDED_TIME_LIMIT", "EXCEEDED_CPU_LIMIT", "USER_CANCELED", "ADMINISTRATIVELY_KILLED"}


class TrinoConnector(Warehouse):
    """A Trino cluster, or Starburst."""

    kind: ClassVar[str] = "trino"
    label: ClassVar[str] = "Trino"
    description: ClassVar[str] = "A query against Trino or Starburst, by a user who can only read."
    initials: ClassVar[str] = "Tr"
    docs: ClassVar[str] = "trino"
    dialect: ClassVar[Dialect] = TRINO
    settings_fields: ClassVar[tuple[Field, ...]] = (
        Field("host", "Host", identity=True, help="A name or an address, such as trino.example.com."),
        Field("port", "Port", "integer", identity=True, default=443, low=1, high=65535),
        Field("catalog", "Catalog", identity=True),
        Field("schema", "Schema", required=False),
        Field("user", "User", identity=True),
        Field("password", "Password", "password", required=False, secret=True),
        Field("token", "Or a token (JWT)", "password", required=False, secret=True),
        Field("encrypted", "Encryption", "choice", default="https", identity=True,
              choices=(("https", "Always encrypted, certificate checked"),
                       ("http", "Never encrypted, without a password"))),
    )  # fmt: skip

    @classmethod
    def clean_settings(cls, values: Mapping[str, Any]) -> dict[str, Any]:
        return checked_host(super().clean_settings(values))

    def check(self) -> tuple[str, ...]:
        """Ask the smallest question; notes. Raises ConnectorError."""
        with self.session(zone="UTC") as session:
            version = session.rows("SELECT node_version FROM system.runtime.nodes WHERE coordinator").rows
        shown = str(version[0][0])[:20] if version else ""
        return (
            f"Connected to Trino {shown}.".replace(" .", "."),
            "Trino does not say what a user may do: let its access control give this user SELECT only.",
        )

    def session(self, *, zone: str) -> TrinoSession:
        return TrinoSession(self, zone=zone)


class TrinoSession(WebSession):
    """A read-only transaction; what is under way is ended with DELETE."""

    def __init__(self, source: Warehouse, *, zone: str) -> None:
        super().__init__(source, zone=zone)
        settings = source.clean_settings(source.settings)
        host = f"[{settings['host']}]" if ":" in settings["host"] else settings["host"]
        self._origin = f"{settings['encrypted']}://{host}:{settings['port']}"
        self._next, self._transaction = "", "NONE"
        seconds = int(source.deadline_seconds)
        self._headers = {
            "X-Trino-User": settings["user"], "X-Trino-Source": "northstar", "X-Trino-Time-Zone": zone,
            "X-Trino-Catalog": settings["catalog"], "X-Trino-Schema": settings["schema"],
            "X-Trino-Session": f"query_max_run_time={seconds}s", **_sign_in(source, settings),
        }  # fmt: skip

    def __enter__(self) -> TrinoSession:
        try:
            for _ in self._pages(self.web, "START TRANSACTION READ ONLY"):
                pass
        except BaseException as error:
            self.__exit__(type(error), error, None)
            raise
        return self

    def __exit__(self, *failure: Any) -> None:
        if failure[1] is None:
            with contextlib.suppress(ConnectorError):
                self._roll_back(self.web)
        super().__exit__(*failure)

    def run(self, text: str, bound: Bound) -> Table:
        """The answer of one statement. Raises ConnectorError."""
        instant = "TIMESTAMP '{0:%Y-%m-%d %H:%M:%S} UTC'"
        return self.rows(translate(text, TRINO, lambda name: bound.literal(name, instant=instant)))

    def rows(self, statement: str) -> Table:
        """The answer of a statement as it stands. Raises ConnectorError."""
        gathered: Gathering | None = None
        for page in self._pages(self.web, statement):
            if member(page, "updateType"):
                raise query(WRITES)
            columns = member(page, "columns")
            if columns is not None and gathered is None:
                kinds = [(str(member(one, "name")), str(member(one, "type"))) for one in columns]
                gathered = gathering([(name, _family(kind)) for name, kind in kinds])
            if member(page, "data") is not None:
                if gathered is None:
                    raise misshapen()
                take(gathered, member(page, "data"), _cell)
        return (gathered or gathering([])).table()

    def cancel(self, web: Web) -> None:
        """End the query under way, then the transaction."""
        if self._next:
            web.send(Request("DELETE", self._next, headers=self._headers))
        self._roll_back(web)

    def _roll_back(self, web: Web) -> None:
        if self._transaction != "NONE":
            for _ in self._pages(web, "ROLLBACK"):
                pass

    def _pages(self, web: Web, statement: str) -> Iterator[Any]:
        headers = {**self._headers, "X-Trino-Transaction-Id": self._transaction}
        request = Request("POST", f"{self._origin}/v1/statement", (), headers, statement, "text")
        while True:
            page, response = web.json(request, explain=_explain)
            self._transaction = response.headers.get("x-trino-started-transaction-id", self._transaction)
            if member(page, "error") is not None:
                self._next = ""
                raise _failed(member(page, "error"))
            self._next = self._followed(member(page, "nextUri", default=""))
            yield page
            if not self._next:
                return
            request = Request("GET", self._next, headers=self._headers)

    def _followed(self, address: object) -> str:
        if address and not str(address).startswith(f"{self._origin}/v1/"):
            raise ConnectorError(
                "config",
                "Trino sends us to another address for the rest of the answer, which is not followed. "
                "Behind a proxy it needs http-server.process-forwarded=true.",
                permanent=True,
            )
        return str(address)


def _sign_in(source: Warehouse, settings: Mapping[str, Any]) -> dict[str, str]:
    """The header of the sign-in; over an open line none is sent."""
    password, token = source.secrets.get("password", ""), source.secrets.get("token", "")
    if not (password or token):
        return {}
    if settings["encrypted"] != "https":
        raise ConnectorError(
            "config",
            "A password or token is sent over an encrypted connection only. Choose always encrypted.",
            permanent=True,
            field="encrypted",
        )
    if token:
        return {"Authorization": f"Bearer {token}"}
    pair = base64.b64encode(f"{settings['user']}:{password}".encode()).decode()
    return {"Authorization": f"Basic {pair}"}


def _family(kind: str) -> Family:
    if kind.startswith(("array", "map", "row")):
        return "other"
    return _FAMILIES.get(" ".join(_LENGTH.sub("", kind).split()), "other")


def _cell(cell: Any, family: Family) -> str | None:
    """The cell as text; "2026-11-02 00:00:00.000 Europe/Berlin" with the offset of that zone."""
    text = plain(cell)
    if text is None or family != "instant":
        return text
    clock, _, zone = text.rpartition(" ")
    try:
        if zone[:1] in "+-":
            return f"{clock}{zone}"
        return datetime.fromisoformat(clock).replace(tzinfo=ZoneInfo(zone)).isoformat()
    except (ValueError, KeyError, OSError):
        raise misshapen() from None


def _failed(error: object) -> ConnectorError:
    name, said = str(member(error, "errorName")), redacted(str(member(error, "message")), ())
    if name in _LATE:
        sentence = f"Trino cancelled the query: {said} Make it faster or ask for less."
        return ConnectorError("timeout", sentence)
    if name == "PERMISSION_DENIED":
        return query(f"Trino refuses: {said} Grant SELECT on it to the user of this source.")
    if name == "READ_ONLY_VIOLATION":
        return query(WRITES)
    if name in _BUSY or member(error, "errorType") in (
        "INSUFFICIENT_RESOURCES",
        "INTERNAL_ERROR",
        "EXTERNAL",
    ):
        return ConnectorError("connection", f"Trino has trouble of its own: {said}")
    return query(f"Trino says: {said}")


def _explain(response: Response, said: str) -> ConnectorError | None:
    if response.status_code in (502, 503, 504):
        return ConnectorError("connection", f"Trino is not ready (status {response.status_code}).")
    return None
