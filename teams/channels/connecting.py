"""Connecting a chat, changing it, taking it away: the verbs behind the forms, each with its audit row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.views.decorators.debug import sensitive_variables

from metrics.auditing import record
from northstar.lib import clock
from northstar.lib.vault import VaultError
from teams.channels import keeping, registry, sealing
from teams.channels.base import BadField, Kind
from teams.channels.posting import place_of
from teams.channels.sending import is_trusted
from teams.models import Channel, Preference, Team, User

#: More of one person, team or company than anybody reads.
MOST_CHATS = 20
ROTATED = "old_key"
#: The fields that say where messages go: whoever typed one last answers for the place it leads to.
LEADS = frozenset({"address", "server"})


@dataclass(frozen=True, slots=True)
class Wanted:
    """What was typed: settings as they are kept, and only those secrets that are new."""

    label: str
    settings: dict[str, str]
    secrets: dict[str, str] = field(repr=False)
    rules: Sequence[str] = ()
    hide_numbers: bool = False
    drop_old_key: bool = False


@sensitive_variables()
def check(kind: Kind, wanted: Wanted, *, actor: User, channel: Channel | None = None) -> None:
    """Raises BadField for what can never work, for a stored secret that would go elsewhere, and for what only
    an admin may enter. Asks nobody."""
    stored = _stored(channel)
    secrets = stored | wanted.secrets
    for each in kind.fields:
        if each.required and not (secrets if each.secret else wanted.settings).get(each.name):
            raise BadField(each.name, f"{each.label} is needed.")
    kind.check(wanted.settings, secrets)
    if channel is not None:
        _ask_again(kind, wanted, stored=stored, channel=channel)
    if not is_trusted(actor):
        if kind.admins_only and (wanted.secrets or channel is None):
            raise BadField(kind.fields[0].name, f"Only an admin may enter this for {kind.label}.")
        for name, value in (wanted.settings | wanted.secrets).items():
            if value.lower().startswith("http:"):
                raise BadField(name, "Only an admin may use an address without https.")


@sensitive_variables()
def connect(
    kind: Kind, wanted: Wanted, *, actor: User, person: User | None = None, team: Team | None = None
) -> Channel:
    """The new chat, of a person, a team, or with neither of the company. What is wanted was checked."""
    channel = Channel(kind=kind.kind, owner=actor, person=person, team=team)
    channel.label, channel.settings, channel.hide_numbers = (
        wanted.label,
        dict(wanted.settings),
        wanted.hide_numbers,
    )
    channel.rules = [] if person else list(wanted.rules)
    channel.secrets = sealing.seal(channel, wanted.secrets)
    channel.secret_hint = kind.host(wanted.settings, wanted.secrets)[:80]
    with transaction.atomic():
        channel.save()
        record("channel.connected", channel, actor=actor, after=_shown(channel))
    return channel


@sensitive_variables()
def change(channel: Channel, wanted: Wanted, *, actor: User) -> bool:
    """Whether anything changed. Who enters a new address answers for the chat from then on; who only enters a
    key does not vouch for where it leads. Raises BadField where the address was changed meanwhile."""
    kind = registry.KINDS[channel.kind]
    with transaction.atomic():
        channel = Channel.objects.select_for_update().get(pk=channel.pk)
        before = _shown(channel)
        reached = bool(wanted.secrets) or wanted.settings != channel.settings or wanted.drop_old_key
        channel.label, channel.hide_numbers = wanted.label, wanted.hide_numbers
        channel.rules = [] if channel.person_id else list(wanted.rules)
        if reached:
            stored = _stored(channel)
            # Once more, with what is stored now: somebody may have changed the address since it was checked.
            _ask_again(kind, wanted, stored=stored, channel=channel)
            secrets = _rotated(kind, stored, wanted)
            if _leads_elsewhere(channel, wanted):
                channel.owner = actor
                keeping.looked_after(channel, clock.now())
            channel.settings = dict(wanted.settings)
            channel.secrets = sealing.seal(channel, secrets)
            channel.secret_hint = kind.host(wanted.settings, secrets)[:80]
        after = _shown(channel)
        if before == after and not reached:
            return False
        channel.save()
        named = after | {"entered_again": ", ".join(sorted(wanted.secrets))}
        record("channel.changed", channel, actor=actor, before=before, after=named)
    return True


def remove(channel: Channel, *, actor: User, now: datetime) -> None:
    """Nothing is told there any more; its secrets are gone at once, its row stays with what was told."""
    with transaction.atomic():
        row = Channel.objects.filter(pk=channel.pk, archived_at=None)
        if not row.update(archived_at=now, secrets={}, settings={}, broken_at=None, failures=0, error=""):
            return
        Preference.objects.filter(channel=channel.pk).update(channel=None)
        keeping.forget(channel, now)
        record("channel.removed", channel, actor=actor, before=_shown(channel))


def siblings(*, person: User | None, team: Team | None) -> Any:
    """The other chats of the same person, team or company."""
    return Channel.objects.filter(person=person, team=team, archived_at=None)


def _stored(channel: Channel | None) -> dict[str, str]:
    """What is stored and still opens; what no key opens has to be entered again."""
    try:
        return sealing.open_secrets(channel) if channel else {}
    except VaultError:
        return {}


def _ask_again(kind: Kind, wanted: Wanted, *, stored: Mapping[str, str], channel: Channel) -> None:
    """A stored secret never goes to another host than the one for which it was entered."""
    before = kind.host(channel.settings, stored)
    if not stored or kind.host(wanted.settings, {**stored, **wanted.secrets}) == before:
        return
    for each in kind.fields:
        if each.secret and each.required and each.name not in wanted.secrets:
            raise BadField(
                each.name, "Enter it again: the host changed, and a stored secret is not sent elsewhere."
            )


def _leads_elsewhere(channel: Channel, wanted: Wanted) -> bool:
    """Whether a place was typed: an address anew, or another server."""
    moved = any(wanted.settings.get(name, "") != channel.settings.get(name, "") for name in LEADS)
    return moved or bool(LEADS & wanted.secrets.keys())


def _rotated(kind: Kind, stored: Mapping[str, str], wanted: Wanted) -> dict[str, str]:
    """The stored secrets with what was typed. A key that is replaced goes on signing beside the new one
    until that is ended; for another host it never does."""
    secrets = {**stored, **wanted.secrets}
    if not kind.rotates:
        return secrets
    typed = wanted.secrets.get(kind.rotates)
    if typed and stored.get(kind.rotates) not in (None, typed):
        secrets[ROTATED] = stored[kind.rotates]
    moved = kind.host(wanted.settings, secrets) != kind.host(wanted.settings, stored)
    if wanted.drop_old_key or moved:
        secrets.pop(ROTATED, None)
    return secrets


def _shown(channel: Channel) -> dict[str, Any]:
    """What the audit keeps: never a secret, of an address the host."""
    return {
        "kind": channel.kind,
        "label": channel.label,
        "host": channel.secret_hint,
        "settings": ", ".join(f"{name}: {_host_only(value)}" for name, value in channel.settings.items()),
        "rules": ", ".join(channel.rules),
        "hide_numbers": channel.hide_numbers,
    }


def _host_only(value: str) -> str:
    return place_of(value) if "://" in value else value
