"""A CSV or Excel file at an address: fetched through checked hops, read by the names of its columns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from metrics.connectors.base import Answer, Ask, ConnectorError, Egress, Field
from metrics.connectors.http.decoding import CHARSET
from metrics.connectors.http.request import Request
from metrics.connectors.http.web_connector import WebConnector, clean_address, sign_in_fields, simple_auth
from metrics.connectors.sheet_rows import is_workbook, sheet_table
from metrics.connectors.table_reading import COLUMN_FIELDS, answer_of, check_columns
from metrics.connectors.tables import ENCODINGS, Table, TableError, csv_table
from northstar.lib.egress import Response

MOST_HOPS = 3
_ACCEPT = "text/csv, application/vnd.openxmlformats-officedocument.spreadsheetml.sheet, */*"
_AUTH = (
    ("none", "None"), ("bearer", "A token"), ("basic", "User name and password"),
    ("header", "A key in a header"),
)  # fmt: skip
_DELIMITERS = (("auto", "Found out"), (",", "Comma"), (";", "Semicolon"), ("tab", "Tab"), ("|", "Bar"))
_ENCODINGS = (("auto", "As the server says, else UTF-8"), *ENCODINGS)
_CHARSETS = {
    "utf-8": "utf-8",
    "utf8": "utf-8",
    "us-ascii": "utf-8",
    "iso-8859-1": "latin-1",
    "windows-1252": "latin-1",
}


class FileConnector(WebConnector):
    """One file; each metric of it reads its own columns."""

    kind: ClassVar[str] = "file_url"
    label: ClassVar[str] = "CSV or Excel file"
    description: ClassVar[str] = "A table at an address, on the web or in the own network."
    initials: ClassVar[str] = "Cs"
    needs: ClassVar[str] = "The address of a CSV or XLSX file whose first line names the columns."
    docs: ClassVar[str] = "file_url"
    settings_fields: ClassVar[tuple[Field, ...]] = (
        Field("address", "Address of the file", "textarea", identity=True,
              help="Such as https://files.example.com/sales.csv."),
        *sign_in_fields(*_AUTH),
        Field("encoding", "Encoding of CSV", "choice", default="auto", choices=_ENCODINGS),
        Field("delimiter", "Delimiter of CSV", "choice", default="auto", choices=_DELIMITERS),
        Field("skip", "Lines above the names", "integer", default=0, low=0, high=100),
    )  # fmt: skip
    query_fields: ClassVar[tuple[Field, ...]] = (
        *COLUMN_FIELDS,
        Field("sheet", "Sheet of a workbook", required=False, help="Its name; empty for the first one."),
    )

    @classmethod
    def clean_settings(cls, values: Mapping[str, Any]) -> dict[str, Any]:
        """Settings with a checked address. Raises ConnectorError("config")."""
        cleaned = super().clean_settings(values)
        simple_auth(cleaned)
        return cleaned | {"address": clean_address(cleaned["address"], whole=True)}

    @classmethod
    def clean_query(cls, values: Mapping[str, Any]) -> dict[str, Any]:
        """The columns of a metric. Raises ConnectorError("config")."""
        cleaned = super().clean_query(values)
        check_columns(cleaned)
        return cleaned

    def __init__(self, settings: Mapping[str, Any], secrets: Mapping[str, str], *, egress: Egress) -> None:
        super().__init__(settings, secrets, egress=egress)
        self._fetched: Response | None = None

    def check(self) -> tuple[str, ...]:
        """Fetch the file and name its columns. Raises ConnectorError."""
        table, _ = self._table("")
        return (f"The file has the columns {', '.join(name.strip() for name in table.header[:20])}.",)

    def fetch(self, ask: Ask) -> Answer:
        """The rows of one metric. Raises ConnectorError."""
        query = self.clean_query(ask.query)
        table, shown = self._table(query["sheet"])
        return answer_of(table, ask, query, request=shown)

    def _table(self, sheet: str) -> tuple[Table, str]:
        settings = self.clean_settings(self.settings)
        request = Request("GET", settings["address"], headers={"Accept": _ACCEPT})
        with self.exchange() as web:
            signer = self.signer(web, simple_auth(settings))
            # All metrics of one pull read the same file, fetched once.
            if self._fetched is None:
                self._fetched = web.send(signer.sign(request), redirects=MOST_HOPS)
            response, shown = self._fetched, request.shown(signer.masked)
        try:
            return self._read(response, settings, sheet), shown
        except TableError as error:
            raise ConnectorError("schema", str(error), permanent=True) from None

    def _read(self, response: Response, settings: Mapping[str, Any], sheet: str) -> Table:
        data, content_type = response.content, response.headers.get("content-type", "").lower()
        if is_workbook(data):
            return sheet_table(data, sheet=sheet, skip=settings["skip"])
        if "html" in content_type or data.lstrip()[:1] == b"<":
            raise TableError(
                "The answer is a web page, not a file. It may be a sign-in page: check the address."
            )
        encoding = settings["encoding"]
        if encoding == "auto":
            found = CHARSET.search(content_type)
            encoding = _CHARSETS.get(found[1].lower() if found else "utf-8", "utf-8")
        delimiter = {"auto": "", "tab": "\t"}.get(settings["delimiter"], settings["delimiter"])
        return csv_table(data, encoding=encoding, delimiter=delimiter, skip=settings["skip"])
