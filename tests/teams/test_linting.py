"""Calm questions beside a bet whose number may have moved alone; none beside an honest one."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from metrics.models import ChartDocument, Company, Metric
from northstar.lib import clock as our_clock
from teams import evaluating, looking
from teams.models import Omtm, Team, User
from tests.teams.bets import omtm_of

pytestmark = pytest.mark.django_db
BEFORE = [(24, 100)] * 8


@pytest.fixture
def share(make_metric: Any) -> Metric:
    return make_metric("Activation", kind="ratio", unit="", decimals=1)


def bet_on(team: Team, metric: Metric, **fields: Any) -> Omtm:
    terms = {"baseline": "0.24", "target": "0.34"} if metric.kind == "ratio" else {}
    return omtm_of(team, metric, **(terms | fields))


def asked(omtm: Omtm) -> dict[str, str]:
    """kind → sentence."""
    evaluating.evaluate_these([omtm.pk], now=our_clock.now())
    facts = ChartDocument.objects.get(key=f"omtm:{omtm.pk}").facts
    return {each["kind"]: each["sentence"] for each in facts["goodhart"]}


def test_an_honest_bet_is_asked_nothing(clock: Any, marketing: Team, share: Metric, make_weeks: Any) -> None:
    make_weeks(share, "2026-07-20", [*BEFORE, *((24 + n, 100 + n % 3) for n in range(9))])
    assert asked(bet_on(marketing, share)) == {}


def test_a_share_whose_whole_shrank_is_asked_about(
    clock: Any, marketing: Team, share: Metric, make_weeks: Any, client: Any, vera: User
) -> None:
    make_weeks(share, "2026-07-20", [*BEFORE, *[(23, 72)] * 9])
    omtm = bet_on(marketing, share)
    assert asked(omtm)["denominator"] == (
        "The share rose because its whole became smaller: 100 to 72 a week, while the cases counted went "
        "from 24 to 23."
    )
    client.force_login(vera)
    page = client.get(f"/omtms/{omtm.pk}/").content.decode()
    assert "Worth a second look" in page and "Look at who is no longer counted." in page


def test_one_segment_is_named(clock: Any, marketing: Team, make_metric: Any, make_weeks: Any) -> None:
    whole = make_metric("Trials")
    solo, large = (make_metric(name, segment_of=whole) for name in ("Solo", "Large"))
    make_weeks(whole, "2026-07-20", [400] * 8 + [480] * 9)
    make_weeks(solo, "2026-07-20", [200] * 8 + [310] * 9)
    make_weeks(large, "2026-07-20", [200] * 8 + [170] * 9)
    assert asked(bet_on(marketing, whole))["segment"].startswith("One segment, Solo, explains more than 80%")


def test_values_that_only_the_owner_types_are_asked_about(
    clock: Any, marketing: Team, make_metric: Any, make_weeks: Any, maren: User, idris: User
) -> None:
    # make_weeks types as maren.
    metric = make_metric()
    make_weeks(metric, "2026-07-20", [400, 410, 390, 405] * 4)
    assert "typed" in asked(bet_on(marketing, metric, owner=maren))
    Omtm.objects.update(owner=idris)
    assert "typed" not in asked(Omtm.objects.get())


def test_a_bet_that_was_won_before_it_began_is_asked_about(
    clock: Any, marketing: Team, make_metric: Any, make_weeks: Any
) -> None:
    metric = make_metric()
    make_weeks(metric, "2026-07-20", [400, 410, 390, 405, 570, 580, 560, 575, 570, 560, 590])
    assert (
        asked(bet_on(marketing, metric))["already"]
        == "The weeks before the window were at the target already."
    )


def test_many_bets_with_segments_cost_no_query_more(
    clock: Any, marketing: Team, platform: Team, make_metric: Any, make_weeks: Any, maren: User,
) -> None:  # fmt: skip
    counts = []
    for team in (marketing, platform):
        whole = make_metric(f"Trials of {team}", slug=f"trials-{team.slug}")
        make_weeks(whole, "2026-07-20", [400, 410, 390] * 5)
        make_metric(f"Solo of {team}", slug=f"solo-{team.slug}", segment_of=whole)
        bet_on(team, whole, owner=maren)
        omtms = list(Omtm.objects.select_related("metric__source", "team"))
        with CaptureQueriesContext(connection) as queries:
            seen = looking.see(omtms, company=Company.current(), now=our_clock.now())
            assert all(looking.judged(omtm, seen).hints for omtm in omtms)
        counts.append(len(queries))
    assert counts[0] == counts[1]
