"""Chats that lead to the receivers of this machine, for every test that tells somebody something."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from pytest_django import Settings

from teams.channels import sealing
from teams.channels.base import Item, Message
from teams.models import Channel
from tests.services.receivers import Receivers, receiving

KINDS = ("slack", "msteams", "mattermost", "discord", "telegram", "webhook")


@pytest.fixture
def receivers(settings: Settings) -> Iterator[Receivers]:
    """Every service, played on 127.0.0.1, which both admins and members may reach in this test."""
    with receiving() as known:
        settings.EGRESS_ALLOW = [f"127.0.0.1:{known.port}"]
        yield known


def make_chat(receivers: Receivers, kind: str = "slack", **fields: Any) -> Channel:
    """A chat of this kind, of nobody unless `person` or `team` says so; its owner connected it."""
    owner = fields.pop("owner", fields.get("person"))
    chat = Channel(
        kind=kind, owner=owner, **{"label": "#growth", "settings": receivers.settings(kind)} | fields
    )
    chat.secrets = sealing.seal(chat, receivers.secrets(kind))
    chat.save()
    return chat


def message(*subjects: str, name: str = "half_way:omtm:7:2026-11-18.4", text: str = "") -> Message:
    """A message with an item for each subject."""
    text = text or "It stands at 28.1%, the plan says 27.7%."
    items = [
        Item(subject, text, f"https://northstar.example/omtms/{number}/", "Open the focus")
        for number, subject in enumerate(subjects or ("Half-time for Activation rate",), start=1)
    ]
    return Message(name, items, "You lead Marketing", "https://northstar.example/notifications/")
