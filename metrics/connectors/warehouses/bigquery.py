"""BigQuery by its REST API: a dry run says what a query is and costs, named parameters, pages."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any, ClassVar

from metrics.connectors.base import ConnectorError, Field
from metrics.connectors.http.request import Request
from metrics.connectors.http.signing import Signer
from metrics.connectors.recipe import Auth
from metrics.connectors.sql_connector import STRONG_ROLE, query_fields
from metrics.connectors.sql_dialects import BIGQUERY, Dialect
from metrics.connectors.sql_errors import WRITES, query, redacted
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
from northstar.lib.egress import Response

SCOPE = "https://www.googleapis.com/auth/bigquery"
PAGE_ROWS = 10_000
MIB = 1024 * 1024
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_:.-]{0,100}", re.ASCII)
_DATASET = re.compile(r"[A-Za-z0-9_]{0,1024}", re.ASCII)
_FAMILIES: dict[str, Family] = {
    "INTEGER": "exact", "INT64": "exact", "NUMERIC": "exact", "BIGNUMERIC": "exact", "FLOAT": "double",
    "FLOAT64": "double", "STRING": "text", "DATE": "date", "DATETIME": "moment", "TIMESTAMP": "instant",
    "BOOLEAN": "bool", "BOOL": "bool", "BYTES": "bytes", "JSON": "json", "TIME": "time",
}  # fmt: skip
_PROBE = "CREATE TABLE `{dataset}`.northstar_never_made (x INT64)"


class BigqueryConnector(Warehouse):
    """A project in Google Cloud, as a service account that may read data and run jobs."""

    kind: ClassVar[str] = "bigquery"
    label: ClassVar[str] = "BigQuery"
    description: ClassVar[str] = "A query in Google BigQuery, by a service account that can only read."
    initials: ClassVar[str] = "Bq"
    needs: ClassVar[str] = "A service account with the roles BigQuery Data Viewer and BigQuery Job User."
    docs: ClassVar[str] = "bigquery"
    dialect: ClassVar[Dialect] = BIGQUERY
    settings_fields: ClassVar[tuple[Field, ...]] = (
        Field("project", "Project", identity=True, help="The project that pays, such as acme-data."),
        Field("dataset", "Dataset", help="Where names of tables without a dataset are looked for."),
        Field("location", "Location", required=False, help="Such as EU, where the data lies."),
        Field("megabytes", "At most per query (MB)", "integer", default=10_000, low=10, high=10_000_000,
              help="A query that would read more is refused before it costs anything."),
        Field("key_file", "Key file of the service account", "textarea", secret=True,
              help="The whole JSON file."),
        STRONG_ROLE,
    )  # fmt: skip
    query_fields: ClassVar[tuple[Field, ...]] = query_fields("; BigQuery's own is UTC")
    #: Where Google is; tests put a counterpart here, settings cannot.
    address: ClassVar[str] = "https://bigquery.googleapis.com"

    @classmethod
    def clean_settings(cls, values: Mapping[str, Any]) -> dict[str, Any]:
        cleaned = super().clean_settings(values)
        for name, pattern in (("project", _NAME), ("dataset", _DATASET)):
            if not pattern.fullmatch(cleaned[name]):
                sentence = f"{name.capitalize()} is a name such as acme_data, without quotes or slashes."
                raise ConnectorError("config", sentence, permanent=True, field=name)
        return cleaned

    @classmethod
    def host_of(cls, settings: Mapping[str, Any]) -> str:
        return "bigquery.googleapis.com:443"

    def check(self) -> tuple[str, ...]:
        """Sign in, and see whether a table could be made; notes. Raises ConnectorError, "role" if so."""
        dataset = str(self.settings["dataset"])
        with self.session(zone="UTC") as session:
            session.answer("SELECT 1", None)
            # A dry run checks rights and does nothing.
            writes = session.may(_PROBE.format(dataset=dataset))
        notes = (f"Connected to BigQuery as the project {self.settings['project']}.",)
        powers = f"may create tables in the dataset {dataset}" if writes else ""
        project = self.settings["project"]
        script = "\n".join(
            f"gcloud projects add-iam-policy-binding {project} --role={role} "
            f"--member=serviceAccount:northstar-reader@{project}.iam.gserviceaccount.com"
            for role in ("roles/bigquery.dataViewer", "roles/bigquery.jobUser")
        )
        return self.weighed(notes, user="of this key file", powers=powers, script=script)

    def session(self, *, zone: str) -> BigquerySession:
        return BigquerySession(self, zone=zone)


class BigquerySession(WebSession):
    """Jobs of one pull; the one under way is cancelled if we leave."""

    def __init__(self, source: BigqueryConnector, *, zone: str) -> None:
        super().__init__(source, zone=zone)
        self._settings = source.clean_settings(source.settings)
        self._base = f"{source.address}/bigquery/v2/projects/{self._settings['project']}"
        self._signer = Signer(
            Auth("google", secret="key_file", scope=SCOPE), self._settings, source.secrets, self.web
        )
        self._job: tuple[str, str] = ("", "")
        self._passed: set[str] = set()

    def run(self, text: str, bound: Bound) -> Table:
        """The answer of one statement. Raises ConnectorError."""
        return self.answer(translate(text, BIGQUERY, lambda name: f"@{name}"), bound)

    def answer(self, statement: str, bound: Bound | None) -> Table:
        """The answer of a statement as it stands, if a dry run calls it a SELECT. Raises ConnectorError."""
        body = self._query(statement, bound)
        if statement not in self._passed:
            said = self._dry(body)
            if member(said, "statistics", "query", "statementType", default="SELECT") != "SELECT":
                raise query(WRITES)
            self._passed.add(statement)
        said = self._post(
            "/queries",
            {
                **body, "timeoutMs": 10_000, "maxResults": PAGE_ROWS,
                "jobTimeoutMs": str(int(self.source.deadline_seconds * 1000)),
                "formatOptions": {"useInt64Timestamp": True}, "labels": {"app": "northstar"},
                **({"location": self._settings["location"]} if self._settings["location"] else {}),
            },
        )  # fmt: skip
        self._job = (
            str(member(said, "jobReference", "jobId", default="")),
            str(member(said, "jobReference", "location", default=self._settings["location"])),
        )
        while member(said, "jobComplete") is False:
            said = self._more("")
        table = self._table(said)
        self._job = ("", "")
        return table

    def may(self, statement: str) -> bool:
        """Whether the service account has the rights for a statement, which is not run."""
        body = self._query(statement, None)
        try:
            self._dry(body)
        except ConnectorError as error:
            if error.code in ("auth", "query", "role"):
                return False
            raise
        return True

    def cancel(self, web: Web) -> None:
        name, location = self._job
        if name:
            params = (("location", location),) if location else ()
            web.send(self._signer.sign(Request("POST", f"{self._base}/jobs/{name}/cancel", params)))

    def _query(self, statement: str, bound: Bound | None) -> dict[str, Any]:
        settings = self._settings
        used = [name for name in _TYPES if bound and f"@{name} " in statement]
        return {
            "query": statement, "useLegacySql": False, "parameterMode": "NAMED",
            "maximumBytesBilled": str(settings["megabytes"] * MIB),
            "defaultDataset": {"projectId": settings["project"], "datasetId": settings["dataset"]},
            "queryParameters": [
                {"name": name, "parameterType": {"type": _TYPES[name]},
                 "parameterValue": {"value": _text(getattr(bound, name))}}
                for name in used
            ],
        }  # fmt: skip

    def _dry(self, body: Mapping[str, Any]) -> Any:
        settings = self._settings
        where = {"projectId": settings["project"], "location": settings["location"]}
        place = {"jobReference": where} if settings["location"] else {}
        return self._post("/jobs", {"configuration": {"dryRun": True, "query": body}, **place})

    def _post(self, path: str, body: Any) -> Any:
        request = self._signer.sign(Request("POST", f"{self._base}{path}", (), {}, body))
        return self.web.json(request, explain=_explain)[0]

    def _more(self, page: str) -> Any:
        name, location = self._job
        if not re.fullmatch(r"[A-Za-z0-9_:.-]{1,1024}", name):
            raise misshapen()
        wanted = {
            "timeoutMs": "10000", "maxResults": str(PAGE_ROWS), "formatOptions.useInt64Timestamp": "true",
            "location": location, "pageToken": page,
        }  # fmt: skip
        params = tuple((key, value) for key, value in wanted.items() if value)
        request = self._signer.sign(Request("GET", f"{self._base}/queries/{name}", params))
        return self.web.json(request, explain=_explain)[0]

    def _table(self, said: Any) -> Table:
        fields = member(said, "schema", "fields", default=[])
        if not isinstance(fields, list) or not all(isinstance(one, dict) for one in fields):
            raise misshapen()
        if int(str(member(said, "totalRows", default="0"))) > MAX_ROWS:
            raise too_large(f"more than {MAX_ROWS:,} rows")
        gathered = gathering([(str(member(one, "name")), _family(one)) for one in fields])
        pages: set[str] = set()
        while True:
            rows = member(said, "rows", default=[])
            cells = [[member(cell, "v") for cell in member(row, "f", default=[])] for row in rows]
            take(gathered, cells, _cell)
            page = str(member(said, "pageToken", default=""))
            if not page:
                return gathered.table()
            if page in pages:
                raise misshapen()
            pages.add(page)
            said = self._more(page)


_TYPES = {
    "period_start": "DATE", "period_end": "DATE", "utc_start": "TIMESTAMP", "utc_end": "TIMESTAMP",
    "tz": "STRING",
}  # fmt: skip


def _text(value: object) -> str:
    return f"{value:%Y-%m-%d %H:%M:%S}+00" if isinstance(value, datetime) else str(value)


def _family(field: Mapping[str, Any]) -> Family:
    if field.get("mode") == "REPEATED":
        return "other"
    return _FAMILIES.get(str(field.get("type")), "other")


def _cell(cell: Any, family: Family) -> str | None:
    """The cell as text; a TIMESTAMP comes as microseconds after 1970."""
    text = plain(cell)
    if text is None or family != "instant":
        return text
    try:
        return moment(Decimal(text) / 1_000_000).isoformat()
    except InvalidOperation:
        raise misshapen() from None


def _explain(response: Response, said: str) -> ConnectorError | None:
    reason = re.search(r'"reason"\s*:\s*"([A-Za-z]{1,40})"', said)
    message = re.search(r'"message"\s*:\s*"((?:[^"\\]|\\.)*)"', said)
    name = reason[1] if reason else ""
    text = redacted(message[1].replace("\\n", " ").replace('\\"', '"') if message else "", ())
    if name in ("invalidQuery", "notFound", "duplicate", "invalid"):
        return query(f"BigQuery says: {text}")
    if name == "bytesBilledLimitExceeded":
        return query(
            f"The query would read more than this source allows: {text} Ask for fewer days or columns."
        )
    if name == "accessDenied":
        return query(
            f"BigQuery refuses: {text} Give the service account the role BigQuery Data Viewer on it."
        )
    if name == "responseTooLarge":
        return too_large("more than BigQuery answers at once")
    if name in ("rateLimitExceeded", "quotaExceeded"):
        return ConnectorError("rate_limited", f"BigQuery asks to wait: {text}")
    if name in ("stopped", "timeout"):
        return ConnectorError(
            "timeout", f"BigQuery cancelled the query: {text} Make it faster or ask for less."
        )
    if name in ("backendError", "internalError", "jobBackendError", "jobInternalError", "resourcesExceeded"):
        return ConnectorError("connection", f"BigQuery has trouble of its own: {text}")
    return None
