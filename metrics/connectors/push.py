"""Values that another system sends to us with a token; nothing is pulled."""

from __future__ import annotations

from typing import ClassVar

from metrics.connectors.base import Answer, Ask, Connector, ConnectorError


class PushConnector(Connector):
    """A source whose values arrive through the API."""

    kind: ClassVar[str] = "push"
    label: ClassVar[str] = "Push"
    description: ClassVar[str] = "Another system sends values to the API with a token of its own."
    initials: ClassVar[str] = "Pu"
    group: ClassVar[str] = "Without a source"
    pulls: ClassVar[bool] = False

    def check(self) -> tuple[str, ...]:
        return ("Nothing to test: values arrive when your system sends them.",)

    def fetch(self, ask: Ask) -> Answer:
        raise ConnectorError("config", "This source is pushed to; it cannot be pulled.", permanent=True)
