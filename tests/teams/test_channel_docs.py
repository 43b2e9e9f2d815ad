"""docs/channels.md says of every kind how to connect it, and its example proves what is sent."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from northstar.lib import doctext
from teams.channels import pages, registry, sending
from teams.models import User
from tests.chats import make_chat, message
from tests.services.receivers import Receivers

DOCS = Path(__file__).resolve().parents[2] / "docs" / "channels.md"


@pytest.mark.parametrize("kind", registry.KINDS)
def test_every_kind_is_documented_under_its_name(kind: str) -> None:
    assert pages.how_to(registry.KINDS[kind])


@pytest.mark.django_db
@pytest.mark.one_database
def test_the_example_knows_ours_and_refuses_what_was_changed(receivers: Receivers, maren: User) -> None:
    sending.send(make_chat(receivers, "webhook", owner=maren), message())
    (got,) = receivers.got("webhook")
    found: dict[str, Any] = {}
    (code,) = (block.text for block in doctext.blocks(DOCS.read_text()) if "def is_ours" in block.text)
    exec(code, found)  # noqa: S102 - the documentation's own example
    is_ours = found["is_ours"]
    assert is_ours(got.headers, got.body, "quillfeather-signs-it")
    assert not is_ours(got.headers, got.body, "another key entirely")
    assert not is_ours(got.headers, got.body + b" ", "quillfeather-signs-it")
    late = got.headers | {"X-Northstar-Timestamp": "1700000000"}
    assert not is_ours(late, got.body, "quillfeather-signs-it")
