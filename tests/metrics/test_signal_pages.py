"""The page of a metric's signals as viewers, leads and leaders use it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from metrics import signalling
from metrics.models import ChartDocument, LimitSegment, Metric
from northstar.lib import clock as lib_clock
from teams.models import User
from tests.metrics.analysis.test_xmr import SERIES
from tests.metrics.test_signalling import NEWEST, lock, monday

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
Make = Callable[..., Any]
PATH = "/metrics/qualified-trials/signals/"
GOOD = {"start": monday(SERIES, 15).isoformat(), "basis": "level", "reason": "New price page"}


def sign_in(client: Client, user: User) -> Client:
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def trials(make_metric: Make, make_weeks: Make) -> Metric:
    metric: Metric = make_metric()
    make_weeks(metric, monday(SERIES, 0).isoformat(), SERIES)
    lock(metric, SERIES)
    signalling.redraw(metric, lib_clock.now())
    return metric


def test_a_viewer_reads_the_verdict_and_has_no_form(client: Client, vera: User, trials: Metric) -> None:
    page = sign_in(client, vera).get(PATH).text
    assert "Unusual: look for a cause." in page
    assert "What stood out" in page and "Beyond a limit" in page
    assert "Set new limits" not in page


def test_reading_the_page_stores_nothing(
    client: Client, vera: User, make_metric: Make, make_weeks: Make
) -> None:
    make_weeks(make_metric(), monday(SERIES, 0).isoformat(), SERIES)
    page = sign_in(client, vera).get(PATH)
    assert (page.status_code, "Not drawn yet" in page.text) == (200, True)
    assert not LimitSegment.objects.exists() and not ChartDocument.objects.exists()


def test_a_lead_sets_new_limits_and_sees_them_at_once(
    client: Client, idris: User, trials: Metric, django_capture_on_commit_callbacks: Any
) -> None:
    sign_in(client, idris)
    assert 'value="2026-09-14"' in client.get(PATH).text

    with django_capture_on_commit_callbacks(execute=True):
        answer = client.post(PATH, GOOD)

    assert (answer.status_code, answer["Location"]) == (302, PATH)
    assert LimitSegment.objects.filter(metric=trials, start=monday(SERIES, 15), set_by=idris).exists()
    page = client.get(PATH).text
    assert "Qualified trials has new limits." in page
    assert "New price page" in page and "Normal up and down" in page and "Before that" in page


@pytest.mark.parametrize("who", ["vera", "teo"])
def test_viewers_and_members_set_no_limits(client: Client, request: Any, trials: Metric, who: str) -> None:
    answer = sign_in(client, request.getfixturevalue(who)).post(PATH, GOOD)
    assert answer.status_code == 403
    assert "Only leads, leaders and admins can set new limits." in answer.text
    assert LimitSegment.objects.count() == 1


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"start": ""}, "This field is required"),
        ({"start": "soon"}, "Enter a valid date"),
        ({"start": "0026-09-14"}, "Check the year"),
        ({"start": "2027-09-14"}, "has not come yet"),
        ({"start": (NEWEST - timedelta(weeks=2)).isoformat()}, "limits need at least 8"),
        ({"reason": ""}, "This field is required"),
        ({"reason": "   "}, "This field is required"),
        ({"reason": "x" * 201}, "at most 200 characters"),
        ({"basis": "mood"}, "Select a valid choice"),
    ],
)
def test_limits_that_cannot_be_come_back_with_a_sentence(
    client: Client, maren: User, trials: Metric, wrong: dict[str, str], words: str
) -> None:
    answer = sign_in(client, maren).post(PATH, GOOD | wrong)
    assert answer.status_code == 422
    assert words in answer.text
    assert LimitSegment.objects.count() == 1


def test_an_unknown_metric_is_not_found(client: Client, vera: User) -> None:
    assert sign_in(client, vera).get("/metrics/there-is-none/signals/").status_code == 404


def test_the_page_asks_as_much_for_many_signals_as_for_none(
    client: Client, vera: User, trials: Metric, make_metric: Make
) -> None:
    quiet = make_metric("Quiet")
    signalling.redraw(quiet, lib_clock.now())
    sign_in(client, vera)
    counts = []
    for path in (PATH, "/metrics/quiet/signals/"):
        with CaptureQueriesContext(connection) as asked:
            assert client.get(path).status_code == 200
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_the_metric_leads_to_its_signals(client: Client, vera: User, trials: Metric) -> None:
    assert PATH in sign_in(client, vera).get("/metrics/qualified-trials/").text
