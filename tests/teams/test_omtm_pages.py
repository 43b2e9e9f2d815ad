"""Choosing, following and retiring a focus through the pages."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from metrics.models import Metric, Observation
from northstar.lib import clock as our_clock
from teams import evaluating, retiring
from teams.models import Omtm, Team
from tests.teams.bets import omtm_of

pytestmark = pytest.mark.django_db
BACKEND = "django.contrib.auth.backends.ModelBackend"
NEW, PREVIEW = "/teams/marketing/omtms/new/", "/teams/marketing/omtms/preview/"
TODAY = date(2026, 11, 18)


@pytest.fixture
def rate(clock: Any, make_metric: Any, make_weeks: Any) -> Metric:
    """Trial to paid: a share of about 24 %."""
    metric = make_metric("Trial to paid", kind="ratio", unit="%", decimals=1, slug="trial-to-paid")
    make_weeks(metric, "2026-09-21", [(240 + n % 3, 1000) for n in range(8)])
    return metric


@pytest.fixture
def lead(client: Client, idris: Any) -> Client:
    client.force_login(idris, backend=BACKEND)
    return client


def answers(pushed: Metric, /, **changes: Any) -> dict[str, Any]:
    given = {
        "metric": pushed.pk,
        "target": "34",
        "months": "4",
        "start": "2026-11-23",
        "why": "We believe that importing jobs on day one brings more trials to three jobs.",
        "no_guardrail_reason": "Nothing that we know of.",
    }
    return given | changes


def test_five_answers_start_a_focus(lead: Client, rate: Metric) -> None:
    page = lead.get(NEW)
    assert page.status_code == 200 and "What will Marketing push next?" in page.content.decode()
    done = lead.post(NEW, answers(rate))
    omtm = Omtm.objects.get()
    assert done.status_code == 302 and done["Location"] == f"/omtms/{omtm.pk}/"
    assert (omtm.target, omtm.end, omtm.state) == (Decimal("0.34"), date(2027, 3, 22), "committed")
    assert round(omtm.baseline, 3) == Decimal("0.241")
    shown = lead.get(f"/omtms/{omtm.pk}/").content.decode()
    assert "34.0%" in shown and "Not started" in shown


def test_a_start_today_is_active_at_once_and_shown_on_the_team_page(lead: Client, rate: Metric) -> None:
    lead.post(NEW, answers(rate, start="2026-11-16"))
    assert Omtm.objects.get().state == "active"
    shown = lead.get("/teams/marketing/").content.decode()
    assert "Raise Trial to paid from 24.1% to 34.0% by 15 Mar 2027" in shown


WRONG = [
    ("target", "NaN", "not a number"),
    ("target", "abc", "not a number"),
    ("target", "12345678901234567890", "at most 1"),
    ("target", "24.1", "equal to the baseline"),
    ("target", "20", "Higher is better"),
    ("target", "", "Type the value that you aim for"),
    ("start", "2026-02-30", "not a date"),
    ("start", "soon", "not a date"),
    ("start", "2026-09-01", "at most 14 days ago"),
    ("start", "2027-06-01", "at most 90 days ahead"),
    ("end", "2026-12-22", "two to six months"),
    ("end", "2027-06-22", "two to six months"),
    ("end", "", "Choose the day on which the window ends"),
    ("months", "7", "not one of the available choices"),
    ("metric", "", "Choose the metric"),
    ("metric", "x", "valid choice"),
    ("why", "", "Write why this metric"),
    ("no_guardrail_reason", "", "say why there is none"),
    ("baseline", "20", "Say why the baseline differs"),
]


@pytest.mark.parametrize(
    ("field", "value", "sentence"), WRONG, ids=[f"{f} {v or 'empty'}" for f, v, _ in WRONG]
)
def test_a_wrong_answer_is_refused_with_a_sentence(
    lead: Client, rate: Metric, field: str, value: str, sentence: str
) -> None:
    changes = {field: value} | ({"months": "other"} if field == "end" else {})
    refused = lead.post(NEW, answers(rate, **changes))
    assert refused.status_code == 422
    assert sentence in refused.content.decode()
    assert not Omtm.objects.exists()


ODD = [
    ("metric", "\u00b2"),
    ("metric", "9" * 30),
    ("target", "123456789012345"),
    ("why", "a\x00b"),
    ("end", "9999-12-31"),
]


@pytest.mark.parametrize(("field", "value"), ODD, ids=[field for field, _ in ODD])
def test_an_odd_answer_never_breaks_page_or_preview(
    lead: Client, rate: Metric, field: str, value: str
) -> None:
    given = answers(rate, months="other" if field == "end" else "4", check="yes") | {field: value}
    assert lead.post(NEW, given).status_code in (200, 422)
    assert lead.post(PREVIEW, given).status_code == 200
    assert not Omtm.objects.exists()


def test_a_guardrail_needs_both_its_metric_and_its_limit(
    lead: Client, rate: Metric, make_metric: Any
) -> None:
    contacts = make_metric("Support contacts", unit="contacts", direction="down")
    refused = lead.post(NEW, answers(rate, guard_1_metric=contacts.pk))
    assert refused.status_code == 422 and "Type the limit of Support contacts" in refused.content.decode()
    refused = lead.post(NEW, answers(rate, guard_2_limit="9"))
    assert "Choose the metric that this limit is for" in refused.content.decode()
    lead.post(NEW, answers(rate, guard_1_metric=contacts.pk, guard_1_side="at_most", guard_1_limit="9"))
    assert Omtm.objects.get().guardrails.get().limit == 9


def test_the_preview_says_what_follows_and_stores_nothing(lead: Client, rate: Metric) -> None:
    said = lead.post(PREVIEW, answers(rate)).content.decode()
    assert "<svg" in said and "stands out from the noise" in said
    assert 'data-unit="%"' in said and 'data-end="2027-03-22"' in said and "It stands at 24.1%" in said
    assert "on the baseline" in said and 'data-button="Start on 23 November"' in said
    assert not Omtm.objects.exists()


def test_the_preview_bears_empty_and_wrong_answers(lead: Client, rate: Metric) -> None:
    assert lead.post(PREVIEW, {}).status_code == 200
    said = lead.post(PREVIEW, answers(rate, target="")).content.decode()
    assert "Type the value" not in said
    said = lead.post(PREVIEW, answers(rate, target="24.1")).content.decode()
    assert "equal to the baseline" in said
    assert lead.post(PREVIEW, answers(rate, start="x", months="")).status_code == 200


def test_check_shows_the_same_page_without_starting(lead: Client, rate: Metric) -> None:
    checked = lead.post(NEW, answers(rate, check="yes"))
    assert checked.status_code == 200 and "stands out from the noise" in checked.content.decode()
    assert not Omtm.objects.exists()


def test_a_second_focus_is_refused_with_the_name_of_the_first(lead: Client, rate: Metric) -> None:
    lead.post(NEW, answers(rate, start="2026-11-16"))
    refused = lead.post(NEW, answers(rate))
    assert refused.status_code == 422
    assert (
        "Marketing already pushes Trial to paid until 15 Mar 2027. Retire it first."
        in refused.content.decode()
    )


def test_only_the_lead_and_leaders_may_choose(
    client: Client, rate: Metric, teo: Any, yuki: Any, vera: Any, maren: Any
) -> None:
    for person, status in ((teo, 403), (yuki, 403), (vera, 403), (maren, 200)):
        client.force_login(person, backend=BACKEND)
        assert client.get(NEW).status_code == status
    client.logout()
    assert client.get(NEW).status_code == 302


@pytest.fixture
def running(rate: Metric, marketing: Team) -> Omtm:
    """Marketing's bet of 24 to 34 % since 14 September."""
    omtm = omtm_of(marketing, rate, baseline="0.24", target="0.34")
    evaluating.evaluate(our_clock.now())
    return omtm


def test_the_page_of_a_focus_shows_reason_facts_and_activity(
    client: Client, running: Omtm, vera: Any
) -> None:
    client.force_login(vera, backend=BACKEND)
    shown = client.get(f"/omtms/{running.pk}/").content.decode()
    for words in (
        "Off track",
        "where the plan says",
        "Needed from here",
        "→ off track",
        "<svg",
    ):
        assert words in shown, words
    assert "Retire early" not in shown


def test_an_early_retirement_asks_why_and_keeps_both_outcomes(lead: Client, running: Omtm) -> None:
    url = f"/omtms/{running.pk}/retirement/"
    page = lead.get(url).content.decode()
    assert "Computed outcome" in page and "before its window" in page
    given = {"reason": "It did not move.", "lesson": "People want their own data."}
    given |= {"verdict": "not_supported", "decision": "retire"}
    refused = lead.post(url, given)
    assert refused.status_code == 422 and "say why it ends early" in refused.content.decode()
    refused = lead.post(url, given | {"stop_reason": "market_change", "outcome": "missed"})
    assert refused.status_code == 422 and "The numbers say abandoned" in refused.content.decode()
    assert Omtm.objects.get().state == "active"
    done = lead.post(url, given | {"stop_reason": "market_change"})
    assert done.status_code == 302
    Observation.objects.all().delete()
    shown = lead.get(f"/omtms/{running.pk}/").content.decode()
    assert "Abandoned" in shown and "People want their own data." in shown and "<svg" in shown


def test_a_withdrawal_that_cannot_be_says_why_and_keeps_what_was_typed(lead: Client, rate: Metric) -> None:
    omtm = omtm_of(Team.objects.get(), rate, state="committed", start="2026-12-07")
    for typed, words in (("x" * 501, "at most 500 characters"), ("", "Write why it is withdrawn.")):
        answer = lead.post(f"/omtms/{omtm.pk}/withdrawal/", {"reason": typed})
        page = answer.content.decode()
        assert answer.status_code == 422
        assert words in page and typed in page
    omtm.refresh_from_db()
    assert omtm.state == "committed"


def test_the_day_of_a_retirement_is_that_of_the_companys_clocks(
    lead: Client, clock: Any, rate: Metric, idris: Any
) -> None:
    omtm = omtm_of(Team.objects.get(), rate, baseline="0.24", target="0.34")
    clock.move_to("2026-11-18 23:30+00:00")
    answers = {"lesson": "l", "reason": "r", "stop_reason": "market_change", "actor": idris}
    retiring.retire(omtm, **answers, today=date(2026, 11, 19))
    assert "Retired 19 Nov 2026" in lead.get(f"/omtms/{omtm.pk}/").content.decode()


def test_a_withdrawal_before_the_start(lead: Client, rate: Metric) -> None:
    lead.post(NEW, answers(rate))
    omtm = Omtm.objects.get()
    lead.post(f"/omtms/{omtm.pk}/withdrawal/", {"reason": ""})
    assert Omtm.objects.get().state == "committed"
    lead.post(f"/omtms/{omtm.pk}/withdrawal/", {"reason": "Sales needs us."})
    assert Omtm.objects.get().state == "withdrawn"


def test_a_long_history_costs_the_page_no_more_queries(
    client: Client, running: Omtm, vera: Any, make_weeks: Any
) -> None:
    client.force_login(vera, backend=BACKEND)
    counts = []
    for _ in range(2):
        with CaptureQueriesContext(connection) as queries:
            client.get(f"/omtms/{running.pk}/")
        counts.append(len(queries))
        make_weeks(running.metric, "2025-09-01", [(240, 1000)] * 50)
        evaluating.evaluate(our_clock.now())
    assert counts[0] == counts[1] <= 22


@pytest.mark.parametrize(
    "change", [{"months": "0"}, {"months": "9" * 30}, {"months": "soon"}, {"months": "²"}]
)
def test_months_that_the_form_does_not_offer_are_refused_in_words(
    change: dict[str, str], lead: Client, rate: Metric
) -> None:
    assert lead.post(NEW, answers(rate, **change)).status_code == 422


@pytest.mark.parametrize("start", ["9999-12-31", "0001-01-01", "2026-02-30"])
@pytest.mark.parametrize("months", ["4", "other"])
def test_days_at_the_ends_of_the_calendar_are_refused_in_words(
    start: str, months: str, lead: Client, rate: Metric
) -> None:
    given = answers(rate, start=start, end="9999-12-31", months=months)
    assert lead.post(NEW, given).status_code == 422
    assert lead.post(PREVIEW, given).status_code in (200, 422)
