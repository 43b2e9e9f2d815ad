"""Snowflake by its SQL API: key-pair sign-in, bindings, one statement, results in partitions."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal, InvalidOperation
from typing import Any, ClassVar

from metrics.connectors.base import ConnectorError, Field
from metrics.connectors.http.request import Request
from metrics.connectors.sql_connector import STRONG_ROLE
from metrics.connectors.sql_dialects import SNOWFLAKE, Dialect
from metrics.connectors.sql_errors import query, redacted
from metrics.connectors.sql_grants import told
from metrics.connectors.sql_limits import MAX_ROWS, too_large
from metrics.connectors.sql_parameters import Bound, translate
from metrics.connectors.sql_rows import Family, Table
from metrics.connectors.warehouses.asking import (
    Warehouse,
    Web,
    WebSession,
    gathering,
    member,
    misshapen,
    moment,
    plain,
    take,
)
from metrics.connectors.warehouses.snowflake_key import signed_in
from northstar.lib.egress import Response

_ACCOUNT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,120}", re.ASCII)
_FAMILIES: dict[str, Family] = {
    "fixed": "exact", "real": "double", "text": "text", "date": "date", "timestamp_ntz": "moment",
    "timestamp_ltz": "instant", "timestamp_tz": "instant", "boolean": "bool", "binary": "bytes",
    "time": "time", "variant": "json", "object": "json", "array": "json",
}  # fmt: skip
_HARMLESS = {"USAGE", "SELECT", "REFERENCES", "MONITOR", "OPERATE"}
_STRONG_ROLES = {"ACCOUNTADMIN", "SECURITYADMIN", "USERADMIN", "SYSADMIN", "ORGADMIN"}
_TIMEOUT = {"000604", "000630", "604", "630"}
_EPOCH = date(1970, 1, 1)
# As text with its layout: what counts as a date by itself is a setting of the account.
_PUT = {
    date: "TO_DATE(?, 'YYYY-MM-DD')", str: "?",
    datetime: """TO_TIMESTAMP_TZ(?, 'YYYY-MM-DD"T"HH24:MI:SSTZH:TZM')""",
}  # fmt: skip


class SnowflakeConnector(Warehouse):
    """A Snowflake account, as a user with a key pair and a role that can only read."""

    kind: ClassVar[str] = "snowflake"
    label: ClassVar[str] = "Snowflake"
    description: ClassVar[str] = (
        "A query in Snowflake, signed in by a key pair, with a role that can only read."
    )
    initials: ClassVar[str] = "Sf"
    needs: ClassVar[str] = "A user with a key pair, a role with SELECT and nothing else, and a warehouse."
    docs: ClassVar[str] = "snowflake"
    dialect: ClassVar[Dialect] = SNOWFLAKE
    settings_fields: ClassVar[tuple[Field, ...]] = (
        Field("account", "Account", identity=True,
              help="Such as acme-prod, the part before .snowflakecomputing.com."),
        Field("user", "User", identity=True),
        Field("private_key", "Private key", "textarea", secret=True, help="PEM, of at least 2048 bits."),
        Field("passphrase", "Passphrase of the key", "password", required=False, secret=True),
        Field("role", "Role", identity=True),
        Field("warehouse", "Warehouse"),
        Field("database", "Database"),
        Field("schema", "Schema", default="PUBLIC"),
        STRONG_ROLE,
    )  # fmt: skip
    #: Where accounts are; tests put a counterpart here, settings cannot.
    address: ClassVar[str] = "https://{account}.snowflakecomputing.com"

    @classmethod
    def clean_settings(cls, values: Mapping[str, Any]) -> dict[str, Any]:
        cleaned = super().clean_settings(values)
        if not _ACCOUNT.fullmatch(cleaned["account"]):
            raise ConnectorError(
                "config", "Account is the part before .snowflakecomputing.com, such as acme-prod.",
                permanent=True, field="account",
            )  # fmt: skip
        return cleaned

    @classmethod
    def host_of(cls, settings: Mapping[str, Any]) -> str:
        return f"{settings['account']}.snowflakecomputing.com:443".lower() if settings.get("account") else ""

    def check(self) -> tuple[str, ...]:
        """Sign in and look at the role's rights; notes. Raises ConnectorError, "role" if it can write."""
        role = str(self.settings["role"])
        with self.session(zone="UTC") as session:
            version = session.answer("SELECT CURRENT_VERSION()", {}).rows[0][0]
            quoted = role.replace('"', '""')
            grants = session.answer(f'SHOW GRANTS TO ROLE "{quoted}"', {})
        notes = (f"Connected to Snowflake {str(version)[:20]} as the role {role}.",)
        found = [f"has the role {role}"] if role.upper() in _STRONG_ROLES else _powers(grants)
        script = _script(str(self.settings["database"]), str(self.settings["warehouse"]))
        return self.weighed(notes, user=self.settings["user"], powers=told(found), script=script)

    def session(self, *, zone: str) -> SnowflakeSession:
        return SnowflakeSession(self, zone=zone)


class SnowflakeSession(WebSession):
    """Statements sent by POST, asked after until they are done, cancelled if we leave."""

    def __init__(self, source: SnowflakeConnector, *, zone: str) -> None:
        super().__init__(source, zone=zone)
        self._settings = source.clean_settings(source.settings)
        account = str(self._settings["account"])
        self._base = source.address.format(account=account.replace("_", "-")) + "/api/v2/statements"
        token = signed_in(account, self._settings["user"], source.secrets, now=self.web.now)
        self.web.secrets.add(token)
        self._headers = {
            "Authorization": f"Bearer {token}", "X-Snowflake-Authorization-Token-Type": "KEYPAIR_JWT",
            "Accept": "application/json",
        }  # fmt: skip
        self._handle = ""

    def run(self, text: str, bound: Bound) -> Table:
        """The answer of one statement. Raises ConnectorError."""
        bindings: dict[str, dict[str, str]] = {}

        def put(name: str) -> str:
            value = getattr(bound, name)
            text = value.isoformat() if isinstance(value, date) else value
            bindings[str(len(bindings) + 1)] = {"type": "TEXT", "value": text}
            return _PUT[type(value)]

        return self.answer(translate(text, SNOWFLAKE, put), bindings)

    def answer(self, statement: str, bindings: Mapping[str, Any]) -> Table:
        """The answer of a statement as it stands. Raises ConnectorError."""
        names = ("database", "schema", "warehouse", "role")
        body = {
            "statement": statement, "timeout": int(self.source.deadline_seconds), "bindings": bindings,
            **{name: self._settings[name] for name in names},
            "parameters": {
                "timezone": self.zone, "multi_statement_count": "1", "query_tag": "northstar",
                "rows_per_resultset": str(MAX_ROWS + 1),
            },
        }  # fmt: skip
        address = f"{self._base}?requestId={uuid.uuid4()}"
        said, response = self.web.json(Request("POST", address, (), self._headers, body), explain=_explain)
        self._handle = str(member(said, "statementHandle", default=""))
        while response.status_code == 202:
            said, response = self._get("")
        table = self._table(said)
        self._handle = ""
        return table

    def cancel(self, web: Web) -> None:
        if self._handle:
            web.send(Request("POST", f"{self._base}/{self._handle}/cancel", (), self._headers, {}))

    def _get(self, partition: str) -> tuple[Any, Response]:
        if not re.fullmatch(r"[A-Za-z0-9-]{1,80}", self._handle):
            raise misshapen()
        params = (("partition", partition),) if partition else ()
        return self.web.json(
            Request("GET", f"{self._base}/{self._handle}", params, self._headers), explain=_explain
        )

    def _table(self, said: Any) -> Table:
        about = member(said, "resultSetMetaData", default={})
        columns, parts = member(about, "rowType", default=[]), member(about, "partitionInfo", default=[{}])
        if not isinstance(columns, list) or not isinstance(parts, list):
            raise misshapen()
        if int(member(about, "numRows", default=0)) > MAX_ROWS:
            raise too_large(f"more than {MAX_ROWS:,} rows")
        kinds = [(str(member(one, "name")), str(member(one, "type")).lower()) for one in columns]
        gathered = gathering([(name.lower(), _FAMILIES.get(kind, "other")) for name, kind in kinds])
        take(gathered, member(said, "data"), _cell)
        for number in range(1, len(parts)):
            take(gathered, member(self._get(str(number))[0], "data"), _cell)
        return gathered.table()


def _cell(cell: Any, family: Family) -> str | None:
    """The cell as text: dates come as days, moments as seconds or nanoseconds after 1970."""
    text = plain(cell)
    if text is None or family not in ("date", "moment", "instant"):
        return text
    try:
        if family == "date":
            return str(_EPOCH + timedelta(days=int(text)))
        count, _, offset = text.partition(" ")
        seconds = Decimal(count) if "." in count or len(count) < 14 else Decimal(count) / 10**9
        found = moment(seconds)
        zone = timezone(timedelta(minutes=int(offset) - 1440)) if offset else UTC
        return str(found.replace(tzinfo=None) if family == "moment" else found.astimezone(zone))
    except (ValueError, OverflowError, InvalidOperation):
        raise misshapen() from None


def _powers(grants: Table) -> list[str]:
    places = {column.name: place for place, column in enumerate(grants.columns)}
    if not {"privilege", "granted_on", "name"} <= set(places):
        return ["has rights that cannot be seen"]
    found: dict[str, None] = {}
    for row in grants.rows:
        right, kind, name = (str(row[places[part]]) for part in ("privilege", "granted_on", "name"))
        if kind == "ROLE" and right == "USAGE":
            found[f"inherits the role {name}"] = None
        elif right not in _HARMLESS:
            found[f"has {right.lower()} on the {kind.lower().replace('_', ' ')} {name}"] = None
    return list(found)


def _script(database: str, warehouse: str) -> str:
    return "\n".join(
        (
            "CREATE ROLE northstar_reader;",
            f"GRANT USAGE ON WAREHOUSE {warehouse} TO ROLE northstar_reader;",
            f"GRANT USAGE ON DATABASE {database} TO ROLE northstar_reader;",
            f"GRANT USAGE ON ALL SCHEMAS IN DATABASE {database} TO ROLE northstar_reader;",
            f"GRANT SELECT ON ALL TABLES IN DATABASE {database} TO ROLE northstar_reader;",
            "CREATE USER northstar TYPE = SERVICE DEFAULT_ROLE = northstar_reader RSA_PUBLIC_KEY = '…';",
            "GRANT ROLE northstar_reader TO USER northstar;",
        )
    )


def _explain(response: Response, said: str) -> ConnectorError | None:
    found = re.search(r'"code"\s*:\s*"([^"]{1,20})"', said)
    message = re.search(r'"message"\s*:\s*"((?:[^"\\]|\\.)*)"', said)
    code, text = found[1] if found else "", redacted(message[1].replace("\\n", " ") if message else "", ())
    if response.status_code == 401 or code.startswith("3901"):
        return ConnectorError(
            "auth", f"Snowflake refuses the sign-in: {text} Check account, user, and that its RSA_PUBLIC_KEY "
            "belongs to this key.", permanent=True,
        )  # fmt: skip
    if response.status_code == 408 or code in _TIMEOUT:
        return ConnectorError(
            "timeout", f"Snowflake cancelled the query: {text} Make it faster or ask for less."
        )
    if response.status_code == 422:
        return query(f"Snowflake says: {text}")
    return None
