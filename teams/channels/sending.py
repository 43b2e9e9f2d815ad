"""Handing one message to one chat: secrets are opened here, used, and forgotten."""

from __future__ import annotations

from django.views.decorators.debug import sensitive_variables

from northstar.lib import clock, egress
from northstar.lib.vault import VaultError
from teams.channels import registry, sealing
from teams.channels.base import ChannelError, Message
from teams.models import Channel, Grant, User


@sensitive_variables()
def send(channel: Channel, message: Message) -> None:
    """Hand the message over. Raises ChannelError; what that means for the channel, `keeping` writes down."""
    kind = registry.KINDS.get(channel.kind)
    if kind is None:
        raise ChannelError(
            f"This installation has no kind of chat called {channel.kind[:20]!r}. Remove it.",
            permanent=True,
            broken=True,
        )
    command = kind.missing()
    if command:
        raise ChannelError(f"{kind.label} is not installed here. Add it with: {command}", permanent=True)
    if kind.admins_only and not is_trusted(channel.owner):
        raise ChannelError(
            f"Whoever entered this for {kind.label} is no admin any more. An admin has to enter it again.",
            permanent=True,
            broken=True,
        )
    try:
        secrets = sealing.open_secrets(channel)
    except VaultError:
        raise ChannelError(
            "What was entered for this chat cannot be opened with the keys of this installation. "
            "Enter it again.",
            permanent=True,
            broken=True,
        ) from None
    if any(
        each.required and not (secrets if each.secret else channel.settings).get(each.name)
        for each in kind.fields
    ):
        raise ChannelError(
            "This chat was removed, or what was entered for it is not whole. Enter it again.",
            permanent=True,
            broken=True,
        )
    kind.send(channel.settings, secrets, message, door=door_for(channel.owner), now=clock.now())


def door_for(typist: User | None) -> egress.Egress:
    """What an address that this person typed may reach: private networks only for an admin of today."""
    if is_trusted(typist):
        return egress.for_admins()
    return egress.for_members()


def is_trusted(typist: User | None) -> bool:
    """Whether this person may name addresses inside."""
    if typist is None or not typist.is_active:
        return False
    return Grant.objects.filter(user=typist, name="admin").exists()
