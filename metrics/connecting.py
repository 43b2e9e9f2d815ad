"""From a stored source to an open connector: the one place where its secrets are opened."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from metrics.connectors import registry
from metrics.connectors.base import Connector, ConnectorError
from metrics.models import Source
from northstar.lib import egress, vault


def connector_for(source: Source) -> Connector:
    """A connector with the source's settings and secrets. Raises ConnectorError where one does not open."""
    return connector_of(source.kind, source.settings, open_secrets(source))


def open_secrets(source: Source, names: Collection[str] | None = None) -> dict[str, str]:
    """The stored secrets in clear, all or those of `names`. Raises ConnectorError naming the field."""
    secrets = {}
    for name, sealed in source.secrets.items():
        if names is not None and name not in names:
            continue
        try:
            secrets[name] = vault.open_sealed(sealed, place=source.secret_place(name))
        except vault.VaultError:
            raise ConnectorError(
                "auth",
                f"The stored {name} cannot be opened with the keys of this installation. Type it again.",
                permanent=True,
                field=name,
            ) from None
    return secrets


def connector_of(kind: str, settings: Mapping[str, object], secrets: Mapping[str, str]) -> Connector:
    """A connector of this kind; what admins type is opened under the admins' egress rules."""
    return registry.connector_class(kind)(settings, secrets, egress=egress.for_admins())


def seal(source: Source, secrets: Mapping[str, str]) -> dict[str, str]:
    """The secrets as they are stored: sealed, each for its own place."""
    return {name: vault.seal(text, place=source.secret_place(name)) for name, text in secrets.items()}


def check_reach(settings: Mapping[str, Any]) -> None:
    """Raise ConnectorError naming the field if the host may not be reached or has no address.

    Only the name is looked up; nothing is connected to.
    """
    if not settings.get("host"):
        return
    try:
        egress.for_admins().resolve(settings["host"], settings.get("port") or 443, settings.get("database"))
    except egress.EgressDenied as error:
        raise ConnectorError("egress_denied", str(error), permanent=True, field="host") from None
    except egress.EgressError as error:
        raise ConnectorError("connection", str(error), field="host") from None
