"""ClickHouse by its HTTP interface: read-only by the server's own setting, typed parameters."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar

from metrics.connectors.base import ConnectorError, Field
from metrics.connectors.http.request import Request
from metrics.connectors.sql_connector import STRONG_ROLE, checked_host
from metrics.connectors.sql_dialects import CLICKHOUSE, Dialect
from metrics.connectors.sql_errors import query, redacted
from metrics.connectors.sql_grants import powers, told
from metrics.connectors.sql_limits import MAX_ROWS, too_large
from metrics.connectors.sql_parameters import Bound, translate, words
from metrics.connectors.sql_rows import Family, Table
from metrics.connectors.warehouses.asking import (
    Warehouse,
    WebSession,
    gathering,
    known,
    member,
    misshapen,
    take,
)
from northstar.lib.egress import Response

_TYPES = {
    "period_start": "Date", "period_end": "Date", "utc_start": "DateTime('UTC')",
    "utc_end": "DateTime('UTC')", "tz": "String",
}  # fmt: skip
_FAMILIES: dict[str, Family] = {
    **known((f"{u}Int{bits}" for u in ("", "U") for bits in (8, 16, 32, 64, 128, 256)), "exact"),
    **known(("Decimal", "Decimal32", "Decimal64", "Decimal128", "Decimal256"), "exact"),
    **known(("Float32", "Float64", "BFloat16"), "double"),
    **known(("String", "FixedString", "Enum8", "Enum16", "Nothing"), "text"),
    **known(("Date", "Date32"), "date"), **known(("DateTime", "DateTime64"), "instant"),
    "Bool": "bool", "JSON": "json",
}  # fmt: skip
_WRAPPED = re.compile(r"(?:Nullable|LowCardinality)\((.*)\)", re.DOTALL)
_HARMLESS = {
    "SELECT",
    "SHOW",
    "SHOW TABLES",
    "SHOW DATABASES",
    "SHOW COLUMNS",
    "SHOW DICTIONARIES",
    "DICTGET",
}
_CODE = re.compile(r"Code: (\d+)")
_SIGN_IN, _TIMEOUT, _LARGE, _LOCKED = {192, 193, 194, 516}, {159, 160, 394}, {396, 307, 158}, 164
_REFUSED, _WRITING, _TRANSIENT = 497, {164, 392}, {202, 203, 209, 210, 241, 439}


class ClickhouseConnector(Warehouse):
    """A ClickHouse server or service, asked with readonly = 1."""

    kind: ClassVar[str] = "clickhouse"
    label: ClassVar[str] = "ClickHouse"
    description: ClassVar[str] = "A query by ClickHouse's HTTP interface, by a user who can only read."
    initials: ClassVar[str] = "Ch"
    docs: ClassVar[str] = "clickhouse"
    dialect: ClassVar[Dialect] = CLICKHOUSE
    settings_fields: ClassVar[tuple[Field, ...]] = (
        Field("host", "Host", identity=True, help="A name or an address, such as db.example.com."),
        Field("port", "Port of HTTP", "integer", identity=True, default=8443, low=1, high=65535),
        Field("database", "Database", identity=True, default="default"),
        Field("user", "User", identity=True),
        Field("password", "Password", "password", required=False, secret=True),
        Field("encrypted", "Encryption", "choice", default="https", identity=True,
              choices=(("https", "Always encrypted, certificate checked"), ("http", "Never encrypted"))),
        STRONG_ROLE,
    )  # fmt: skip

    @classmethod
    def clean_settings(cls, values: Mapping[str, Any]) -> dict[str, Any]:
        return checked_host(super().clean_settings(values))

    def check(self) -> tuple[str, ...]:
        """Connect and look at the user's rights; notes. Raises ConnectorError, "role" if it can write."""
        with self.session(zone="UTC") as session:
            version = session.answer("SELECT version()", None).rows[0][0]
            lines = [str(row[0]) for row in session.answer("SHOW GRANTS", None).rows]
        found = [words for line in lines for words in powers(line, _HARMLESS)]
        database = str(self.settings["database"]).replace("`", "``")
        script = (
            "CREATE USER northstar_reader IDENTIFIED BY 'choose-a-long-one';\n"
            f"GRANT SELECT ON `{database}`.* TO northstar_reader;"
        )
        notes = (f"Connected to ClickHouse {str(version)[:20]}.",)
        return self.weighed(notes, user=self.settings["user"], powers=told(found), script=script)

    def session(self, *, zone: str) -> ClickhouseSession:
        return ClickhouseSession(self, zone=zone)


class ClickhouseSession(WebSession):
    """Each question is one request, which ends at the server with the connection."""

    def run(self, text: str, bound: Bound) -> Table:
        """The answer of one statement. Raises ConnectorError."""
        if "settings" in words(text, CLICKHOUSE):
            # They would be refused as ours are by a user who is read-only, and be tried without our own.
            raise query("Leave SETTINGS out of the query: its limits and its being read-only are set here.")
        return self.answer(translate(text, CLICKHOUSE, lambda name: f"{{{name}:{_TYPES[name]}}}"), bound)

    def answer(self, statement: str, bound: Bound | None) -> Table:
        """The answer of a statement as it stands. Raises ConnectorError."""
        try:
            said, _ = self.web.json(self._request(statement, bound, readonly=True), explain=_explain)
        except _Locked:
            # Such a user is read-only already, and may set nothing or all but that.
            said, _ = self.web.json(self._request(statement, bound, readonly=False), explain=_explain)
        columns = member(said, "meta", default=[])
        if not isinstance(columns, list):
            raise misshapen()
        gathered = gathering(
            [(str(member(one, "name")), _family(str(member(one, "type")))) for one in columns]
        )
        take(gathered, member(said, "data"))
        return gathered.table()

    def _request(self, statement: str, bound: Bound | None, *, readonly: bool) -> Request:
        settings = self.source.clean_settings(self.source.settings)
        seconds = str(int(self.source.deadline_seconds))
        params = {
            "database": settings["database"], "default_format": "JSONCompact", "session_timezone": self.zone,
            "max_execution_time": seconds, "max_result_rows": str(MAX_ROWS), "result_overflow_mode": "throw",
            "cancel_http_readonly_queries_on_client_close": "1", "wait_end_of_query": "1",
            "date_time_output_format": "iso", "output_format_json_quote_denormals": "1",
            "output_format_json_quote_64bit_integers": "1", "output_format_json_quote_decimals": "1",
            **({"readonly": "1"} if readonly else {}),
        }  # fmt: skip
        for name in _TYPES if bound else ():
            value = getattr(bound, name)
            text = f"{value:%Y-%m-%d %H:%M:%S}" if isinstance(value, datetime) else str(value)
            params[f"param_{name}"] = text
        host = f"[{settings['host']}]" if ":" in settings["host"] else settings["host"]
        password = self.source.secrets.get("password", "")
        sign_in = {"X-ClickHouse-User": settings["user"], "X-ClickHouse-Key": password}
        address = f"{settings['encrypted']}://{host}:{settings['port']}/"
        return Request("POST", address, tuple(params.items()), sign_in, statement, "text")


class _Locked(ConnectorError):
    """The user's profile does not let the request set what it sets."""


def _family(kind: str) -> Family:
    while found := _WRAPPED.fullmatch(kind):
        kind = found[1]
    return _FAMILIES.get(kind.split("(")[0], "other")


def _explain(response: Response, said: str) -> ConnectorError | None:
    found = _CODE.search(said)
    code = int(response.headers.get("x-clickhouse-exception-code") or (found[1] if found else 0))
    if not code:
        return None
    told = redacted(said.partition("DB::Exception: ")[2].partition(" (version ")[0] or said, ())
    if code == _LOCKED and "modify" in said.lower() and "readonly=1" in str(response.request.url):
        return _Locked("config", told, permanent=True)
    if code == _LOCKED and "modify" in said.lower():
        return ConnectorError(
            "config", "The profile of this user has readonly = 1, so that nobody can set its time zone and "
            "limits. Give it readonly = 2, which can write as little.", permanent=True,
        )  # fmt: skip
    if code in _SIGN_IN:
        sentence = f"ClickHouse refuses the sign-in: {told} Check user and password."
        return ConnectorError("auth", sentence, permanent=True)
    if code in _TIMEOUT:
        sentence = f"ClickHouse cancelled the query: {told} Make it faster or ask for less."
        return ConnectorError("timeout", sentence)
    if code in _LARGE:
        return too_large(f"more than {MAX_ROWS:,} rows")
    if code == _REFUSED:
        return query(f"ClickHouse refuses: {told} Grant SELECT on it to the user of this source.")
    if code in _WRITING:
        return query(f"The query does more than read: {told} Only reading is allowed here.")
    if code in _TRANSIENT:
        return ConnectorError("connection", f"ClickHouse is busy or lost a connection: {told}")
    return query(f"ClickHouse says: {told}")
