"""The secrets of a channel: sealed field by field for their place, opened only where they are used."""

from __future__ import annotations

from collections.abc import Mapping

from django.views.decorators.debug import sensitive_variables

from northstar.lib import vault
from teams.models import Channel


@sensitive_variables()
def open_secrets(channel: Channel) -> dict[str, str]:
    """The stored secrets in clear. Raises VaultError where no key opens them."""
    return {
        name: vault.open_sealed(sealed, place=channel.secret_place(name))
        for name, sealed in channel.secrets.items()
    }


@sensitive_variables()
def seal(channel: Channel, secrets: Mapping[str, str]) -> dict[str, str]:
    """The secrets as they are stored."""
    return {name: vault.seal(text, place=channel.secret_place(name)) for name, text in secrets.items()}
