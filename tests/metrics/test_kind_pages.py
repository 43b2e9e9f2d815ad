"""The gallery of kinds and the page about each: groups, missing drivers, documentation."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from metrics import kind_pages
from metrics.connectors import registry
from metrics.connectors.base import GROUPS
from metrics.connectors.push import PushConnector
from teams.models import User


class Heavy(PushConnector):
    """A kind whose driver nobody has."""

    kind = "heavy"
    label = "Heavy database"
    group = "Warehouses"
    driver_module = "no_such_driver_module"
    driver = "heavy"


@pytest.fixture
def admin(client: Client, maren: User) -> Client:
    client.force_login(maren, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def heavy(monkeypatch: Any) -> None:
    monkeypatch.setitem(registry.KINDS, "heavy", f"{__name__}.Heavy")


def test_kinds_stand_in_the_groups_of_the_gallery_in_their_order() -> None:
    names = [group.name for group in kind_pages.gallery(demo=False)]
    assert names == [name for name in GROUPS if name in names]
    shown = [tile.cls.kind for group in kind_pages.gallery(demo=False) for tile in group.tiles]
    assert sorted(shown) == sorted(kind for kind in registry.kinds() if kind != "demo")


def test_a_kind_without_its_driver_shows_the_command_that_adds_it(
    admin: Client,
    heavy: None,
) -> None:
    text = admin.get("/sources/").text
    assert "make driver NAME=heavy" in text
    assert 'href="/sources/kinds/heavy/"' in text
    page = admin.get("/sources/kinds/heavy/").text
    assert "Its driver is not installed." in page and "make driver NAME=heavy" in page
    assert "/sources/new/heavy/" not in page


@pytest.mark.parametrize("kind", registry.kinds())
def test_every_kind_has_documentation_that_its_page_shows(kind: str) -> None:
    cls = registry.connector_class(kind)
    assert len(kind_pages.documentation(cls)) > 40, f"{kind}: write its part of docs/sources.md"
    assert kind_pages.about(cls)["blocks"]


def test_the_page_of_a_kind_shows_its_documentation_and_what_its_form_asks(admin: Client) -> None:
    text = admin.get("/sources/kinds/postgresql/").text
    assert "create role northstar_reader" in text
    assert "A database user with SELECT and nothing else." in text
    assert "Usually 5432." in text
    assert ":period_start" in text


def test_a_preset_says_against_what_it_was_tried(admin: Client) -> None:
    text = admin.get("/sources/kinds/hubspot/").text
    assert "Against a replay of documented answers; the service itself: never." in text
    assert "Deals won" in text and "private app" in text


def test_an_unknown_kind_has_no_page(admin: Client) -> None:
    assert admin.get("/sources/kinds/oracle/").status_code == 404
