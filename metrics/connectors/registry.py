"""Which kinds of sources there are: those of the product, its presets, and those that packages add."""

from __future__ import annotations

from importlib import import_module

from metrics.connectors.base import Connector, ConnectorError

#: Built in, in the order of the gallery; each is loaded when it is asked for.
KINDS: dict[str, str] = {
    "postgresql": "metrics.connectors.postgresql.PostgresqlConnector",
    "push": "metrics.connectors.push.PushConnector",
    "hand": "metrics.connectors.hand.HandConnector",
    "demo": "metrics.connectors.demo.DemoConnector",
}


def kinds() -> tuple[str, ...]:
    """The names of all kinds, in the order of the gallery."""
    return tuple(KINDS)


def connector_class(kind: str) -> type[Connector]:
    """The class of a kind. Raises ConnectorError("config") for an unknown one."""
    try:
        module, name = KINDS[kind].rsplit(".", 1)
    except KeyError:
        raise ConnectorError(
            "config",
            f"There is no kind of source called '{kind[:60]}'. Known are: {', '.join(KINDS)}.",
            permanent=True,
        ) from None
    found: type[Connector] = getattr(import_module(module), name)
    return found
