"""What no request may bring, wherever it goes, and whoever sends it."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.cache.backends.filebased import FileBasedCache
from django.test import Client

from northstar.lib.endpoints import cache_from
from northstar.security import LARGEST_BODY
from teams.models import User
from tests.northstar.world import as_somebody

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "path",
    [
        "/metrics/?q=%00",
        "/metrics/new/?source=%00",
        "/annotations/new/?metric=%00",
        "/north-star/edit/?metric=%00",
        "/join/%00/",
    ],
)
def test_a_null_character_in_an_address_is_refused_and_no_error_of_ours(path: str, maren: User) -> None:
    """PostgreSQL takes no such text."""
    assert as_somebody(maren).get(path).status_code in (400, 404)


@pytest.mark.parametrize("name", ["²", "9" * 40, "\x00", "-1"])
def test_a_test_of_a_source_that_is_no_source_is_refused_in_words(name: str, maren: User) -> None:
    answer = as_somebody(maren).post("/trials/", {"source": name})
    assert answer.status_code == 422
    assert "Choose a source first." in answer.text


def test_nobody_fills_the_disk_through_the_sign_in_form(client: Client) -> None:
    answer = client.post("/accounts/login/", {"login": "a@example.com"}, CONTENT_LENGTH=str(LARGEST_BODY + 1))
    assert (answer.status_code, answer["X-Content-Type-Options"]) == (413, "nosniff")


def test_failed_sign_ins_are_not_forgotten_because_others_failed_too(tmp_path: Any) -> None:
    cache = FileBasedCache(str(tmp_path), cache_from("", tmp_path))
    cache.set("failed:maren", 5)
    for number in range(400):
        cache.set(f"failed:{number}", 1)
    assert cache.get("failed:maren") == 5
