"""From a stored source to an open connector: checked against where it may lead."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.conf import settings as config

from metrics.connectors import registry
from metrics.connectors.base import Connector, ConnectorError
from metrics.connectors.discreet import discreet
from metrics.models import Source
from metrics.renewing import SourceRenewals
from metrics.sealing import open_secrets, seal
from northstar.lib import egress

__all__ = ["check_reach", "connector_for", "connector_of", "open_secrets", "seal"]


def connector_for(source: Source) -> Connector:
    """A connector with the source's settings and secrets. Raises ConnectorError where one does not open."""
    connector = connector_of(source.kind, source.settings, open_secrets(source))
    connector.renewals = SourceRenewals(source.pk)
    return connector


def connector_of(kind: str, settings: Mapping[str, object], secrets: Mapping[str, str]) -> Connector:
    """A connector of this kind; what admins type is opened under the admins' egress rules, and nothing that
    it says holds a secret."""
    made = discreet(registry.connector_class(kind))
    connector = made(settings, secrets, egress=egress.for_admins())
    connector.environment = _environment(connector)
    return connector


def _environment(connector: Connector) -> dict[str, str]:
    """What the installation says to a kind that a setting switches on, and what is Northstar's own."""
    name = connector.needs_setting
    if not name:
        return {}
    own = config.DATABASES["default"]
    database = str(own["NAME"]) if "sqlite" in own["ENGINE"] else ""
    return {name: str(getattr(config, name, "")), "DATA_DIR": str(config.DATA_DIR), "DATABASE": database}


#: Settings that may look like an address and are none: scopes of sign-ins, headers.
NO_ADDRESSES = frozenset({"scope", "headers"})


def check_reach(settings: Mapping[str, Any]) -> None:
    """Raise ConnectorError naming the field if a host or web address of these settings may not be reached or
    has no address.

    Only the names are looked up; nothing is connected to.
    """
    rules = egress.for_admins()
    for field, value in settings.items():
        try:
            if field == "host" and value:
                rules.resolve(value, settings.get("port") or 443, settings.get("database"))
            elif isinstance(value, str) and field not in NO_ADDRESSES and _is_address(field, value):
                origin = egress.read_url(value)
                rules.resolve(origin.host, origin.port)
        except egress.EgressDenied as error:
            raise ConnectorError("egress_denied", str(error), permanent=True, field=field) from None
        except egress.EgressError as error:
            raise ConnectorError("connection", str(error), field=field) from None


def _is_address(field: str, value: str) -> bool:
    return bool(value) and (field.endswith("url") or "://" in value)
