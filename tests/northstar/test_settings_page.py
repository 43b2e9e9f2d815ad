"""Settings of the company: validated, audited, the zone fixed once values were cut by it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from metrics.models import AuditRow, Company

Make = Callable[..., Any]
ANSWERS = {"name": "Brindlewick Ltd", "zone": "Europe/London", "country": "gb", "share_links": "everybody"}


@pytest.fixture
def admin(client: Client, maren: Any) -> Client:
    client.force_login(maren, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_an_admin_changes_name_zone_and_country(admin: Client, maren: Any) -> None:
    assert admin.post("/settings/", ANSWERS).status_code == 302

    company = Company.current()
    assert (company.name, company.zone, company.country) == ("Brindlewick Ltd", "Europe/London", "GB")
    row = AuditRow.objects.get(action="company.edit")
    assert (row.actor, row.before["zone"], row.after["zone"]) == (maren, "Europe/Berlin", "Europe/London")


def test_an_admin_keeps_values_out_of_chats(admin: Client) -> None:
    assert admin.post("/settings/", ANSWERS | {"hide_numbers": "on"}).status_code == 302
    assert Company.current().hide_numbers is True
    assert AuditRow.objects.get(action="company.edit").after["hide_numbers"] is True


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"zone": "Mars/Olympus"}, "There is no time zone called Mars/Olympus."),
        ({"country": "QQ"}, "The public holidays of QQ are not known."),
        ({"name": ""}, "This field is required."),
    ],
)
def test_a_wrong_setting_comes_back_with_a_sentence(
    admin: Client, wrong: dict[str, str], sentence: str
) -> None:
    answer = admin.post("/settings/", ANSWERS | wrong)

    assert answer.status_code == 422 and sentence in answer.content.decode()
    assert Company.current().name == "Brindlewick"


def test_the_zone_is_fixed_once_there_are_values(admin: Client, make_metric: Make, make_weeks: Make) -> None:
    make_weeks(make_metric(), "2026-01-05", [1])

    assert "Fixed since the first value was stored" in admin.get("/settings/").content.decode()
    assert admin.post("/settings/", ANSWERS).status_code == 302
    assert Company.current().zone == "Europe/Berlin"


def test_only_admins_see_it(client: Client, idris: Any) -> None:
    client.force_login(idris, backend="django.contrib.auth.backends.ModelBackend")

    assert client.get("/settings/").status_code == 403
