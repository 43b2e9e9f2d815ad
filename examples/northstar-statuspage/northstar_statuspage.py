"""Incidents of a public status page as a kind of source for Northstar."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, ClassVar

from metrics.connectors.base import Answer, Ask, Connector, ConnectorError, Field, Row, Suggestion
from metrics.connectors.http.decoding import json_of
from metrics.connectors.http.exchange import Exchange
from metrics.connectors.http.placing import base_address, host_key
from metrics.connectors.http.request import Request
from northstar.lib.periods import local_day, period_start, starts

#: The page lists no more than this many incidents, the newest ones.
LISTED = 50
IMPACTS = ("minor", "major", "critical")


class StatuspageConnector(Connector):
    kind: ClassVar[str] = "statuspage"
    label: ClassVar[str] = "Status page"
    description: ClassVar[str] = "Incidents that a public status page reports."
    initials: ClassVar[str] = "St"
    group: ClassVar[str] = "Web and files"
    needs: ClassVar[str] = "The address of the page; it is public."
    restate_days: ClassVar[int] = 30  # incidents are often graded anew when they are written up
    settings_fields: ClassVar[tuple[Field, ...]] = (
        Field("url", "Address", identity=True, help="Such as https://status.example.com."),
        Field(
            "token", "Token", "password", required=False, secret=True, help="For a page that asks for one."
        ),
    )
    query_fields: ClassVar[tuple[Field, ...]] = (
        Field(
            "impact", "Incidents that count", "choice", default="minor",
            choices=(("minor", "all"), ("major", "major and critical"), ("critical", "critical")),
        ),
    )  # fmt: skip
    suggestions: ClassVar[tuple[Suggestion, ...]] = (
        Suggestion("incidents", "Incidents", "Incidents on our status page.", "flow_sum", "week",
                   {"impact": "minor"}, direction="down"),
    )  # fmt: skip

    @classmethod
    def clean_settings(cls, values: Mapping[str, Any]) -> dict[str, Any]:
        cleaned = super().clean_settings(values)
        try:
            return {**cleaned, "url": base_address(cleaned["url"])}
        except ConnectorError as error:
            raise ConnectorError("config", error.message, permanent=True, field="url") from None

    @classmethod
    def host_of(cls, settings: Mapping[str, Any]) -> str:
        return host_key(str(settings.get("url") or ""))

    def check(self) -> tuple[str, ...]:
        return (f"The page lists {len(self._incidents())} incidents.",)

    def fetch(self, ask: Ask) -> Answer:
        if ask.kind != "flow_sum":
            raise ConnectorError("config", "Incidents are counted: choose “Sum of events”.", permanent=True)
        counted = IMPACTS[IMPACTS.index(self.clean_query(ask.query)["impact"]) :]
        incidents = self._incidents(ask)
        days = [(local_day(_moment(one), ask.zone), one) for one in incidents]
        count = Counter(period_start(day, ask.grain) for day, one in days if one.get("impact") in counted)
        # A full list may have pushed older incidents out: before its last day nothing is known. A period
        # without a row is missing; one with a row of 0 had no incident. Never mistake one for the other.
        known_from = min(day for day, _ in days) if len(incidents) >= LISTED else None
        today = local_day(ask.now, ask.zone)
        rows = tuple(
            Row(start, value=Decimal(count[start]))
            for start in starts(ask.start, ask.end, ask.grain)
            if ask.start <= start <= today and (known_from is None or start > known_from)
        )
        if not ask.preview:
            return Answer(rows)
        return Answer(
            rows,
            columns=("created_at", "impact", "name"),
            sample=tuple((_text(one, "created_at"), _text(one, "impact"), _text(one, "name"))
                         for one in incidents[:20]),
            request=f"GET {self._address()}",
            mapping=(("period", "the local day of created_at"), ("value", "how many there are")),
        )  # fmt: skip

    def _address(self) -> str:
        # Once more here: settings may have come in by an import.
        return f"{self.clean_settings(self.settings)['url']}/api/v2/incidents.json"

    def _incidents(self, ask: Ask | None = None) -> list[dict[str, Any]]:
        token = self.secrets.get("token", "")
        headers = {"Authorization": f"OAuth {token}"} if token else {}
        # Exchange keeps deadline, limits and pace, and turns whatever goes wrong into a ConnectorError.
        with Exchange(self.egress, now=ask.now if ask else None) as web:
            response = web.send(Request("GET", self._address(), headers=headers), secrets=[token])
        answer = json_of(response.content, response.headers.get("content-type", ""))
        found = answer.get("incidents") if isinstance(answer, dict) else None
        if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
            raise ConnectorError(
                "schema", "The answer lists no incidents. Check the address.", permanent=True
            )
        return found


def _moment(incident: dict[str, Any]) -> datetime:
    try:
        moment = datetime.fromisoformat(_text(incident, "created_at"))
        if moment.tzinfo is None:
            raise ValueError
    except ValueError:
        raise ConnectorError(
            "schema", "An incident has no moment in created_at, such as 2026-11-18T10:00:00Z.", permanent=True
        ) from None
    return moment


def _text(incident: dict[str, Any], name: str) -> str:
    return str(incident.get(name) or "")
