"""The secrets of a source: opened for whoever asks it, sealed for where they are kept."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from metrics.connectors.base import ConnectorError
from metrics.models import Source
from northstar.lib import vault


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


def seal(source: Source, secrets: Mapping[str, str]) -> dict[str, str]:
    """The secrets as they are stored: sealed, each for its own place."""
    return {name: vault.seal(text, place=source.secret_place(name)) for name, text in secrets.items()}
