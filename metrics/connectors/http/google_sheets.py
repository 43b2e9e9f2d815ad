"""A Google Sheet: by a link that everybody may open, or as a service account that it is shared with."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, ClassVar
from urllib.parse import quote

from metrics.connectors.base import Answer, Ask, ConnectorError, Egress, Field
from metrics.connectors.http import google_values
from metrics.connectors.http.decoding import json_of
from metrics.connectors.http.request import Request
from metrics.connectors.http.web_connector import WebConnector
from metrics.connectors.recipe import Auth
from metrics.connectors.sheet_rows import is_workbook, sheet_table
from metrics.connectors.table_reading import COLUMN_FIELDS, answer_of, check_columns
from metrics.connectors.tables import Table, TableError

MOST_HOPS = 3
SCOPE = "https://www.googleapis.com/auth/spreadsheets.readonly"
_ID = re.compile(r"[A-Za-z0-9_-]{20,100}", re.ASCII)
_IN_LINK = re.compile(r"/spreadsheets/d/([A-Za-z0-9_-]{20,100})(?:[/?#]|$)", re.ASCII)
_RANGE = re.compile(r"[A-Za-z]{1,3}[0-9]{0,7}:[A-Za-z]{1,3}[0-9]{0,7}", re.ASCII)
_HOW = (("link", "Everybody with the link may open it"), ("key", "A service account may read it"))


class GoogleSheetsConnector(WebConnector):
    """One spreadsheet; each metric reads columns of one of its sheets."""

    kind: ClassVar[str] = "google_sheets"
    label: ClassVar[str] = "Google Sheets"
    description: ClassVar[str] = "A spreadsheet in Google Drive whose first line names its columns."
    initials: ClassVar[str] = "Gs"
    needs: ClassVar[str] = "A link that everybody may open, or a service account it is shared with."
    docs: ClassVar[str] = "google_sheets"
    settings_fields: ClassVar[tuple[Field, ...]] = (
        Field("sheet_link", "Link of the spreadsheet", identity=True,
              help="As the browser shows it: https://docs.google.com/spreadsheets/d/…"),
        Field("how", "How it is shared", "choice", default="link", choices=_HOW),
        Field("key_file", "Key file of the service account", "textarea", secret=True, when=("how", "key"),
              help="The whole JSON file. Share the spreadsheet with its client_email, to view."),
    )  # fmt: skip
    query_fields: ClassVar[tuple[Field, ...]] = (
        *COLUMN_FIELDS,
        Field("sheet", "Sheet", required=False, help="The name on its tab; empty for the first one."),
        Field("cells", "Cells", required=False, help="With a key file: such as A4:F, where the names begin."),
    )  # fmt: skip
    #: Where Google is; tests put a counterpart here, settings cannot.
    docs_address: ClassVar[str] = "https://docs.google.com"
    api_address: ClassVar[str] = "https://sheets.googleapis.com"

    @classmethod
    def clean_settings(cls, values: Mapping[str, Any]) -> dict[str, Any]:
        """Settings with the spreadsheet's id in place of its link. Raises ConnectorError("config")."""
        cleaned = super().clean_settings(values)
        link = cleaned["sheet_link"]
        found = _IN_LINK.search(link) if "/" in link else None
        if not found and not _ID.fullmatch(link):
            raise ConnectorError(
                "config",
                "This is no link of a Google spreadsheet, such as https://docs.google.com/spreadsheets/d/….",
                permanent=True,
                field="sheet_link",
            )
        return cleaned | {"sheet_link": found[1] if found else link}

    @classmethod
    def clean_query(cls, values: Mapping[str, Any]) -> dict[str, Any]:
        """The columns of a metric. Raises ConnectorError("config")."""
        cleaned = super().clean_query(values)
        check_columns(cleaned)
        if cleaned["cells"] and not _RANGE.fullmatch(cleaned["cells"]):
            raise ConnectorError(
                "config", "Cells are written such as A4:F or B2:D200.", permanent=True, field="cells"
            )
        return cleaned

    @classmethod
    def host_of(cls, settings: Mapping[str, Any]) -> str:
        """Google's own host for this way of sharing."""
        return "sheets.googleapis.com:443" if settings.get("how") == "key" else "docs.google.com:443"

    def __init__(self, settings: Mapping[str, Any], secrets: Mapping[str, str], *, egress: Egress) -> None:
        super().__init__(settings, secrets, egress=egress)
        self._fetched = b""

    def check(self) -> tuple[str, ...]:
        """Read the first sheet and name its columns. Raises ConnectorError."""
        table, _ = self._table("", "")
        return (f"The first sheet has the columns {', '.join(name.strip() for name in table.header[:20])}.",)

    def fetch(self, ask: Ask) -> Answer:
        """The rows of one metric. Raises ConnectorError."""
        query = self.clean_query(ask.query)
        table, shown = self._table(query["sheet"], query["cells"])
        return answer_of(google_values.dated(table, query["period"]), ask, query, request=shown)

    def _table(self, sheet: str, cells: str) -> tuple[Table, str]:
        settings = self.clean_settings(self.settings)
        by_key = settings["how"] == "key"
        if cells and not by_key:
            raise ConnectorError(
                "config", "Cells can be chosen with a key file only.", permanent=True, field="cells"
            )
        try:
            return (self._by_key if by_key else self._by_link)(settings["sheet_link"], sheet, cells)
        except TableError as error:
            raise ConnectorError("schema", str(error), permanent=True) from None

    def _by_link(self, identity: str, sheet: str, cells: str) -> tuple[Table, str]:
        request = Request(
            "GET", f"{self.docs_address}/spreadsheets/d/{identity}/export", (("format", "xlsx"),),
            {"Accept": "*/*"},
        )  # fmt: skip
        with self.exchange() as web:
            # All metrics of one pull read the same spreadsheet, fetched once.
            self._fetched = data = self._fetched or web.send(request, redirects=MOST_HOPS).content
        if not is_workbook(data):
            raise ConnectorError(
                "auth",
                "Google asks for a sign-in. Share the spreadsheet with everybody who has the link, "
                "or use a service account.",
                permanent=True,
            )
        return sheet_table(data, sheet=sheet), request.shown({})

    def _by_key(self, identity: str, sheet: str, cells: str) -> tuple[Table, str]:
        with self.exchange() as web:
            signer = self.signer(web, Auth("google", secret="key_file", scope=SCOPE))
            base = f"{self.api_address}/v4/spreadsheets/{identity}"
            if not sheet:
                plain = Request("GET", base, (("fields", "sheets.properties.title"),))
                sheet = google_values.first_title(json_of(web.send(signer.sign(plain)).content))
            quoted = sheet.replace("'", "''")
            place = f"'{quoted}'!{cells}" if cells else f"'{quoted}'"
            # Numbers and dates as they are, not as the sheet's country writes them.
            options = (("majorDimension", "ROWS"), ("valueRenderOption", "UNFORMATTED_VALUE"))
            asked = Request("GET", f"{base}/values/{quote(place, safe='')}", options)
            answer = json_of(web.send(signer.sign(asked)).content)
            shown = asked.shown(signer.masked)
        return google_values.values_table(answer), shown
