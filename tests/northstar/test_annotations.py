"""Notes: who may add and remove them, and that charts show them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from metrics.models import Annotation, AuditRow, ChartDocument, MetricChange
from tests.metrics.stars import make_star

pytestmark = pytest.mark.usefixtures("clock")
Make = Callable[..., Any]
NOTE = {"text": "New price page", "day": "2026-11-16", "kind": "release"}


def sign_in(client: Client, user: Any) -> None:
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")


def test_a_member_adds_a_note_and_the_home_page_lists_it(
    client: Client, teo: Any, make_metric: Make, make_weeks: Make, django_capture_on_commit_callbacks: Any
) -> None:
    make_star(make_metric, make_weeks)
    sign_in(client, teo)

    with django_capture_on_commit_callbacks(execute=True):
        answer = client.post("/annotations/new/", NOTE | {"link": "example.com/prices"})

    assert (answer.status_code, answer.url) == (302, "/")
    note = Annotation.objects.get()
    assert (note.author, note.metric, note.link) == (teo, None, "https://example.com/prices")
    page = client.get("/").content.decode()
    assert "New price page" in page and "16 Nov" in page
    assert AuditRow.objects.get(action="annotation.create").actor == teo


def test_a_note_of_one_metric_is_drawn_on_that_metric_only(
    client: Client, maren: Any, make_metric: Make
) -> None:
    one, _ = make_metric("One"), make_metric("Two")
    sign_in(client, maren)

    answer = client.post("/annotations/new/", NOTE | {"metric": one.pk})

    assert answer.url == reverse("metric", args=["one"])
    assert list(MetricChange.objects.values_list("metric_id", flat=True)) == [one.pk]


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"text": ""}, "This field is required"),
        ({"text": "x" * 141}, "at most 140 characters"),
        ({"until": "2026-11-15"}, "The last day lies before the first."),
        ({"day": "yesterday"}, "Enter a valid date"),
        ({"link": "javascript:alert(1)"}, "Enter a valid URL"),
        ({"kind": "party"}, "Select a valid choice"),
    ],
)
def test_a_wrong_note_comes_back_with_a_sentence(
    client: Client, maren: Any, wrong: dict[str, str], sentence: str
) -> None:
    sign_in(client, maren)

    answer = client.post("/annotations/new/", NOTE | wrong)

    assert answer.status_code == 422 and sentence in answer.content.decode()
    assert not Annotation.objects.exists()


def test_a_viewer_may_neither_add_nor_remove(client: Client, vera: Any) -> None:
    note = Annotation.objects.create(day=date(2026, 11, 2), text="Outage")
    sign_in(client, vera)

    assert client.post("/annotations/new/", NOTE).status_code == 403
    assert client.post(f"/annotations/{note.pk}/removal/").status_code == 403
    assert Annotation.objects.count() == 1


def test_removing_asks_first_and_leaves_a_record(
    client: Client, maren: Any, make_metric: Make, make_weeks: Make, django_capture_on_commit_callbacks: Any
) -> None:
    make_star(make_metric, make_weeks)
    note = Annotation.objects.create(day=date(2026, 11, 2), text="Outage")
    sign_in(client, maren)

    assert "Remove this note?" in client.get(f"/annotations/{note.pk}/removal/").content.decode()
    with django_capture_on_commit_callbacks(execute=True):
        assert client.post(f"/annotations/{note.pk}/removal/").status_code == 302

    assert not Annotation.objects.exists()
    assert AuditRow.objects.get(action="annotation.delete").before["text"] == "Outage"
    assert ChartDocument.objects.get(key="north-star").facts["flags"] == []


def test_a_note_that_is_gone_is_not_found(client: Client, maren: Any) -> None:
    sign_in(client, maren)

    assert client.get("/annotations/999/removal/").status_code == 404
