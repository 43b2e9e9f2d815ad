"""What the page of a bet prints: verdict, likelihood, stories, and when it has to keep silent."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from metrics.analysis.trust import Trust
from metrics.models import ChartDocument
from northstar.lib import clock as our_clock
from teams import activity, evaluating, looking
from teams.models import Guardrail, Omtm, Team
from tests.teams.bets import omtm_of

pytestmark = pytest.mark.django_db
BEFORE = [400, 402, 398, 401, 399, 403, 397, 400] * 3
ON_PLAN = [410, 431, 446, 458, 477, 484, 493, 507, 512]


@pytest.fixture
def bet(clock: Any, marketing: Team, make_metric: Any, make_weeks: Any) -> Omtm:
    """Marketing goes from 400 to 560 since 14 September; nine complete weeks on plan."""
    metric = make_metric()
    make_weeks(metric, "2026-03-30", [*BEFORE, *ON_PLAN])
    return omtm_of(marketing, metric)


def told(omtm: Omtm) -> dict[str, Any]:
    evaluating.evaluate_these([omtm.pk], now=our_clock.now())
    facts: dict[str, Any] = ChartDocument.objects.get(key=f"omtm:{omtm.pk}").facts
    return facts


def test_the_verdict_holds_state_reason_forecast_and_signal(bet: Omtm) -> None:
    facts = told(bet)
    assert facts["verdict"].startswith(facts["reason"])
    assert f"{facts['forecast_words']}." in facts["verdict"]
    assert facts["signal"]["sentence"] in facts["verdict"]
    assert facts["likely_words"].endswith("likely") or "unlikely" in facts["likely_words"]
    assert facts["stories"].startswith("If it goes on like this")
    assert facts["sentence"] == facts["verdict"]


def test_a_range_is_told_with_its_unit_once(bet: Omtm) -> None:
    facts = told(bet)
    mean, _, span = facts["forecast_words"].partition(" expected at the end, ")
    assert mean.endswith("trials") and "trials" not in span and " to " in span
    assert facts["forecast_range"].endswith("trials")


def test_a_bet_that_climbs_as_it_wants_is_not_asked_for_a_cause(bet: Omtm) -> None:
    signal = told(bet)["signal"]
    assert signal["unusual"]
    assert "the way you want it" in signal["sentence"]
    assert "look for a cause" not in signal["sentence"]


def test_two_weeks_at_the_target_are_said_and_one_is_not(bet: Omtm, make_weeks: Any) -> None:
    assert not told(bet)["reached_twice"]
    make_weeks(bet.metric, "2026-10-12", [570, 575, 572, 571, 574])
    facts = told(bet)
    assert facts["reached_twice"]
    assert facts["verdict"].endswith("hold it, or retire early.")


def test_too_early_there_is_no_forecast_and_the_reason_why(
    clock: Any, marketing: Team, make_metric: Any, make_weeks: Any
) -> None:
    metric = make_metric()
    make_weeks(metric, "2026-05-18", [*BEFORE, 410, 420])
    facts = told(omtm_of(marketing, metric, start="2026-11-02"))
    assert (facts["state"], facts["p"], facts["forecast_words"]) == ("too_early", None, "")
    assert facts["withheld"].startswith("A forecast comes with the first status")


def test_untrusted_numbers_have_no_chance_no_forecast_and_no_signal(
    bet: Omtm, monkeypatch: pytest.MonkeyPatch
) -> None:
    blocked = Trust(True, "failing", ("Acme has refused the sign-in since 15 Nov.",))
    monkeypatch.setattr(looking.trusting, "trust_of", lambda metrics, **_: {m.pk: blocked for m in metrics})
    facts = told(bet)
    assert (facts["state"], facts["p"], facts["likely_words"], facts["stories"]) == ("no_data", None, "", "")
    assert facts["trust"] == {"badge": "failing", "blocks": True, "sentences": list(blocked.sentences)}
    assert facts["verdict"] == facts["reason"]
    assert facts["reason"].startswith(blocked.sentences[0])


@pytest.mark.parametrize(("newest", "state", "jumped"), [(9.4, "warn", False), (30, "bad", True)])
def test_one_wild_week_of_a_guardrail_is_enough(
    bet: Omtm, make_metric: Any, make_weeks: Any, newest: float, state: str, jumped: bool
) -> None:
    contacts = make_metric("Contacts", unit="contacts", direction="down", kind="unique", decimals=1)
    make_weeks(contacts, "2026-06-08", [*(7 + n % 3 for n in range(22)), newest])
    Guardrail.objects.create(omtm=bet, metric=contacts, side="at_most", limit=Decimal(9))
    guard = told(bet)["guardrails"][0]
    assert (guard["state"], guard["jumped"]) == (state, jumped)


def test_every_judged_week_stands_in_the_table_and_changes_are_counted(bet: Omtm, make_weeks: Any) -> None:
    make_weeks(bet.metric, "2026-10-26", [410, 405, 400])
    facts = told(bet)
    assert len(facts["judged"]) == 9
    assert facts["judged"][0]["week"] == "15 Nov"
    states = [week["state"] for week in reversed(facts["judged"]) if week["state"] != "too_early"]
    assert facts["status_changes"] == sum(a != b for a, b in zip(states, states[1:], strict=False)) > 0


def test_the_activity_says_what_made_a_change_count(bet: Omtm, make_weeks: Any) -> None:
    make_weeks(bet.metric, "2026-09-14", [404, 403, 402, 402, 430, 480, 520, 540, 550])
    told(bet)
    words = [event.what for event in activity.status_changes(bet)]
    assert words[0] in ("Too early → at risk", "Too early → off track")
    assert words[-1].endswith("on track, confirmed over two weeks")
