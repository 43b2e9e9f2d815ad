"""From a stored source to an open connector: the one place where its secrets are opened."""

from __future__ import annotations

from collections.abc import Mapping

from metrics.connectors import registry
from metrics.connectors.base import Connector, ConnectorError
from metrics.models import Source
from northstar.lib import egress, vault


def connector_for(source: Source) -> Connector:
    """A connector with the source's settings and secrets. Raises ConnectorError if a secret cannot be opened."""
    secrets = {}
    for name, sealed in source.secrets.items():
        try:
            secrets[name] = vault.open_sealed(sealed, place=source.secret_place(name))
        except vault.VaultError:
            raise ConnectorError(
                "auth",
                f"The stored {name} cannot be opened with the keys of this installation. Type it again.",
                permanent=True,
                field=name,
            ) from None
    return connector_of(source.kind, source.settings, secrets)


def connector_of(kind: str, settings: Mapping[str, object], secrets: Mapping[str, str]) -> Connector:
    """A connector of this kind; what admins type is opened under the admins' egress rules."""
    return registry.connector_class(kind)(settings, secrets, egress=egress.for_admins())


def seal(source: Source, secrets: Mapping[str, str]) -> dict[str, str]:
    """The secrets as they are stored: sealed, each for its own place."""
    return {name: vault.seal(text, place=source.secret_place(name)) for name, text in secrets.items()}
