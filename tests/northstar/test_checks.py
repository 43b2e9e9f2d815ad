"""Wrong settings are refused before anything starts, each with what to do."""

from __future__ import annotations

from typing import Any

import pytest

from northstar.checks import check_settings


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("SECRET_KEY", "short", "northstar.E001"),
        ("SECRET_KEY", "a" * 60, "northstar.E001"),
        ("DATA_KEYS", [], "northstar.E002"),
        ("DATA_KEYS", ["not-a-key"], "northstar.E003"),
        ("DATA_KEYS", ["A" * 43 + "="], "northstar.E010"),
        ("DATA_KEYS", ["MDEyMzQ1Njc4MDEyMzQ1Njc4MDEyMzQ1Njc4MDEyMzQ="], "northstar.E010"),
        ("COMPANY_TIME_ZONE", "Mars/Olympus", "northstar.E004"),
        ("EGRESS_PRIVATE", "maybe", "northstar.E005"),
        ("ALLOWED_HOSTS", ["*"], "northstar.E006"),
        ("EGRESS_ALLOW", ["10.0.0.0/99:5432"], "northstar.E007"),
        ("SITE_URL", "northstar.example.com", "northstar.E008"),
        ("SITE_URL", "https://example.com/northstar", "northstar.E008"),
        ("SITE_URL", "http://[::1", "northstar.E008"),
    ],
)
def test_a_wrong_setting_is_an_error_of_its_own(settings: Any, name: str, value: Any, code: str) -> None:
    setattr(settings, name, value)
    assert [error.id for error in check_settings()] == [code]


@pytest.mark.parametrize(
    ("bind", "site", "codes"),
    [
        ("127.0.0.1", "http://127.0.0.1:8000", []),
        ("0.0.0.0", "http://127.0.0.1:8000", ["northstar.E009"]),
        ("127.0.0.1", "https://northstar.example.com", ["northstar.E009"]),
    ],
)
def test_debug_is_refused_where_others_can_reach_the_error_pages(
    settings: Any, monkeypatch: pytest.MonkeyPatch, bind: str, site: str, codes: list[str]
) -> None:
    settings.DEBUG, settings.SITE_URL = True, site
    monkeypatch.setenv("WEB_BIND", bind)
    assert [error.id for error in check_settings()] == codes


def test_the_settings_of_the_tests_are_right() -> None:
    assert check_settings() == []
