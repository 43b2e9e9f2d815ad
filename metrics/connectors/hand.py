"""Values that people type in or upload as a CSV file; nothing is pulled."""

from __future__ import annotations

from typing import ClassVar

from metrics.connectors.base import Answer, Ask, Connector, ConnectorError


class HandConnector(Connector):
    """A source whose values are typed or uploaded by a person."""

    kind: ClassVar[str] = "hand"
    label: ClassVar[str] = "Typed by hand or CSV"
    description: ClassVar[str] = "People type the value of each period, or upload a CSV or Excel file."
    initials: ClassVar[str] = "Ha"
    group: ClassVar[str] = "Without a source"
    pulls: ClassVar[bool] = False

    def check(self) -> tuple[str, ...]:
        return ("Nothing to test: values are typed or uploaded by people.",)

    def fetch(self, ask: Ask) -> Answer:
        raise ConnectorError("config", "This source is typed by hand; it cannot be pulled.", permanent=True)
