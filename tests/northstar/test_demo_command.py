"""`manage.py demo` in a database of its own: when it loads, when not, and what it prints."""

from __future__ import annotations

import io

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from metrics import defining
from metrics.models import Source
from teams.models import Team, User
from tests.cast import PASSWORD, person


def said(*options: str) -> str:
    out = io.StringIO()
    call_command("demo", *options, stdout=out)
    return out.getvalue()


def test_loading_is_refused_where_a_name_is_taken(db: None) -> None:
    Team.objects.create(name="Marketing", slug="marketing")
    with pytest.raises(CommandError, match="team Marketing is one that the demo company needs"):
        said()
    assert not User.objects.exists()


def test_if_empty_does_nothing_where_somebody_or_a_source_is(db: None) -> None:
    defining.by_hand()
    assert said("--if-empty") == ""
    Source.objects.all().delete()
    person("vera@example.com", "Vera Real")
    assert said("--if-empty") == ""
    assert User.objects.count() == 1


def test_a_refresh_without_a_demo_is_refused(db: None) -> None:
    with pytest.raises(CommandError, match="no demo company here"):
        said("--refresh")


@pytest.mark.one_database
def test_it_prints_who_can_sign_in_and_they_can(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEMO_PASSWORD", PASSWORD)
    printed = said("--if-empty")
    assert printed.count(PASSWORD) == 1
    for words in ("maren@brindlewick.example", "leads Marketing", "looks at everything"):
        assert words in printed
    client = Client()
    assert client.login(username="maren@brindlewick.example", password=PASSWORD)
    assert client.get("/").status_code == 200
