"""Notes: who may add and remove them, and that charts show them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from metrics.models import Annotation, AuditRow, ChartDocument, EventToken, MetricChange
from northstar.lib import clock
from teams import evaluating
from teams.events import noting
from teams.models import Team
from tests.metrics.stars import make_star
from tests.teams.bets import omtm_of

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

    answer = client.post("/annotations/new/", NOTE | {"shown_on": f"metric:{one.pk}"})

    assert answer.url == reverse("metric", args=["one"])
    assert list(MetricChange.objects.values_list("metric_id", flat=True)) == [one.pk]


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"text": ""}, "This field is required"),
        ({"text": "x" * 141}, "at most 140 characters"),
        ({"until": "2026-11-15"}, "The last day lies before the first."),
        ({"day": "yesterday"}, "This is not a date"),
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


def test_whoever_wrote_a_note_changes_it_and_others_do_not(client: Client, teo: Any, idris: Any) -> None:
    note = noting.add(Annotation(day=date(2026, 11, 2), text="Outage"), actor=teo)
    sign_in(client, idris)
    assert client.post(f"/annotations/{note.pk}/", NOTE).status_code == 403

    sign_in(client, teo)
    assert client.post(f"/annotations/{note.pk}/", NOTE | {"until": "2026-11-20"}).url == "/events/"

    note.refresh_from_db()
    assert (note.text, note.until, note.author) == ("New price page", date(2026, 11, 20), teo)
    told = AuditRow.objects.get(action="annotation.change")
    assert (told.before["text"], told.after["text"]) == ("Outage", "New price page")


def test_a_note_of_a_team_stands_on_its_charts_and_on_no_other(
    client: Client, maren: Any, marketing: Team, platform: Team, make_metric: Make, make_weeks: Make
) -> None:
    ours, theirs = (omtm_of(team, make_metric(team.name)) for team in (marketing, platform))
    sign_in(client, maren)
    answer = client.post("/annotations/new/", NOTE | {"shown_on": f"team:{marketing.pk}"})
    assert answer.url == "/teams/marketing/"
    assert list(MetricChange.objects.values_list("metric_id", flat=True)) == [ours.metric_id]

    evaluating.evaluate(clock.now())

    def flags(key: str) -> list[str]:
        return [flag["text"] for flag in ChartDocument.objects.get(key=key).facts["flags"]]

    assert flags(f"omtm:{ours.pk}") == ["New price page"]
    assert flags(f"omtm:{theirs.pk}") == []
    assert flags(f"metric:{ours.metric_id}") == []


def test_a_note_that_moves_to_a_team_leaves_the_other_charts(
    client: Client, maren: Any, marketing: Team, make_metric: Make
) -> None:
    metric = make_metric("One")
    note = noting.add(Annotation(day=date(2026, 11, 2), text="Outage", metric=metric), actor=maren)
    MetricChange.objects.all().delete()
    sign_in(client, maren)

    client.post(f"/annotations/{note.pk}/", NOTE | {"shown_on": f"team:{marketing.pk}"})

    note.refresh_from_db()
    assert (note.metric, note.of_team, list(note.teams.all())) == (None, True, [marketing])
    assert list(MetricChange.objects.values_list("metric_id", flat=True)) == [metric.pk]


def test_the_list_tells_what_is_coming_and_what_was(client: Client, vera: Any, teo: Any) -> None:
    noting.add(Annotation(day=date(2026, 12, 1), text="Winter campaign", kind="campaign"), actor=teo)
    noting.add(Annotation(day=date(2026, 11, 2), text="Outage", kind="incident"), actor=teo)
    sign_in(client, vera)

    page = client.get("/events/").content.decode()
    assert page.index("Coming") < page.index("Winter campaign") < page.index("So far") < page.index("Outage")
    assert "Keys for programs" not in page and "Change: Outage" not in page
    assert "Winter campaign" not in client.get("/events/?kind=incident").content.decode()


def test_the_list_takes_the_same_queries_for_more_notes(
    client: Client, maren: Any, django_assert_num_queries: Any
) -> None:
    sign_in(client, maren)
    for number in range(3):
        noting.add(Annotation(day=date(2026, 11, 2), text=f"Note {number}"), actor=maren)
    client.get("/events/")
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(
        connection,
    ) as few:
        client.get("/events/")
    for number in range(6):
        noting.add(Annotation(day=date(2026, 11, 2), text=f"More {number}"), actor=maren)
    with django_assert_num_queries(len(few)):
        client.get("/events/")


def test_an_admin_makes_a_key_that_is_shown_once_and_revokes_it(client: Client, maren: Any) -> None:
    sign_in(client, maren)
    shown = client.post("/events/keys/new/", {"label": "Release pipeline", "days": 90})
    key = EventToken.objects.get()
    assert shown.status_code == 201 and "nse_" in shown.content.decode()
    listed = client.get("/events/").content.decode()
    assert "Release pipeline" in listed and "nse_" not in listed

    client.post(f"/events/keys/{key.pk}/revocation/")

    key.refresh_from_db()
    assert key.revoked_at is not None
    assert f"/events/keys/{key.pk}/revocation/" not in client.get("/events/").content.decode()
