"""The folder of database files, from the setting to a stored source."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from pytest_django import Settings

from metrics import connecting, kind_pages
from metrics.connectors import registry
from metrics.connectors.base import ConnectorError
from metrics.models import Company, Source

pytestmark = pytest.mark.django_db


def stored(company: Company) -> Source:
    return Source.objects.create(
        name="Sales", slug="sales", kind="sqlite_file", settings={"file": "sales.db"}
    )


def test_the_kind_is_off_until_a_setting_names_the_folder(settings: Settings, tmp_path: Path) -> None:
    tile = kind_pages.tile(registry.connector_class("sqlite_file"))
    assert tile.off == "Off until the setting SOURCE_FILES_DIR allows it."
    assert "/new/" not in tile.url
    settings.SOURCE_FILES_DIR = str(tmp_path)
    assert kind_pages.tile(registry.connector_class("sqlite_file")).off == ""


def test_a_stored_source_works_while_the_setting_stands(
    company: Company, settings: Settings, tmp_path: Path
) -> None:
    sqlite3.connect(tmp_path / "sales.db").execute("create table t (x)").connection.close()
    source = stored(company)
    settings.SOURCE_FILES_DIR = str(tmp_path)
    assert connecting.connector_for(source).check() == ("Opened sales.db, read-only.",)
    settings.SOURCE_FILES_DIR = ""
    with pytest.raises(ConnectorError, match="set SOURCE_FILES_DIR to the folder"):
        connecting.connector_for(source).check()


def test_northstar_s_own_files_are_never_read(company: Company, settings: Settings) -> None:
    folder = Path(settings.DATA_DIR)
    sqlite3.connect(folder / "sales.db").execute("create table t (x)").connection.close()
    settings.SOURCE_FILES_DIR = str(folder)
    with pytest.raises(ConnectorError, match="belongs to Northstar itself"):
        connecting.connector_for(stored(company)).check()
