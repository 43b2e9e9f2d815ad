"""The document of a change holds drawings for both widths, sentences, and words for every driver."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from metrics import drawing, explaining, trusting
from metrics.analysis.trust import Trust
from metrics.models import ChartDocument, Driver, NorthStar
from northstar.lib import clock as lib_clock
from tests.metrics.stars import drive, make_star
from tests.metrics.test_explaining import ACCOUNTS, CREWS, FIRST, SHARES, WEEKS

pytestmark = pytest.mark.usefixtures("clock")
Make = Callable[..., Any]


@pytest.fixture
def star(make_metric: Make, make_weeks: Make) -> NorthStar:
    made = make_star(make_metric, make_weeks, weeks=CREWS)
    accounts = make_metric("Paying accounts", kind="snapshot_stock", unit="accounts")
    engaged = make_metric("Engaged share", kind="ratio", unit="%", decimals=1)
    make_weeks(accounts, FIRST, ACCOUNTS)
    make_weeks(engaged, FIRST, SHARES)
    drive(made, accounts, edge="factor")
    drive(made, engaged, edge="factor", sort=1)
    return made


def drawn() -> ChartDocument:
    drawing.draw_north_star(lib_clock.now())
    return ChartDocument.objects.get(key=explaining.KEY)


def plain(text: str) -> str:
    return text.replace("\N{NO-BREAK SPACE}", " ")


def test_waterfalls_of_both_spans_are_drawn_wide_and_small(star: NorthStar) -> None:
    document = drawn()

    assert set(document.sketches) == {
        "waterfall-13", "waterfall-13-small", "waterfall-4", "waterfall-4-small"
    }  # fmt: skip
    assert all(svg.startswith("<svg") and "Engaged share" in svg for svg in document.sketches.values())
    first, second = document.facts["splits"]
    assert (first["label"], second["label"]) == ("Over 13 weeks", "Over 4 weeks")
    assert [row[0] for row in first["table"]] == ["Before", "Paying accounts", "Engaged share", "Now"]


def test_every_driver_of_a_formula_has_its_part_in_words(star: NorthStar) -> None:
    facts = drawn().facts

    accounts, engaged = star.drivers.all()
    assert plain(facts["shares"][str(accounts.pk)]).endswith(" crews of the change in 13 weeks")
    assert facts["shares"][str(accounts.pk)].startswith("+")
    assert facts["shares"][str(engaged.pk)].startswith("\N{MINUS SIGN}")


def test_the_verdict_of_the_north_star_names_the_largest_cost(star: NorthStar) -> None:
    drawn()

    verdict = plain(ChartDocument.objects.get(key="north-star").facts["sentence"])
    assert "Engaged share costs" in verdict and "in 13 weeks." in verdict


def test_flows_are_drawn_with_their_weeks(star: NorthStar, make_metric: Make, make_weeks: Make) -> None:
    came, went = make_metric("New crews"), make_metric("Lapsed crews")
    make_weeks(came, FIRST, [9] * WEEKS)
    make_weeks(went, FIRST, [5, *[0] * (WEEKS - 1)])
    drive(star, came, edge="inflow")
    drive(star, went, edge="outflow")

    document = drawn()

    assert {"flows", "flows-small"} <= set(document.sketches)
    flows = document.facts["flows"]
    assert plain(flows["sentence"]).startswith("In 13 weeks new crews +117, lapsed crews 0, not counted ")
    assert flows["quick"] == ""  # nobody left in these weeks


def test_what_is_missing_is_said_and_nothing_is_drawn(star: NorthStar) -> None:
    Driver.objects.create(north_star=star, name="Crews per account", edge="factor")

    document = drawn()

    assert document.sketches == {} and document.facts["shares"] == {}
    assert document.facts["missing"].startswith("Crews per account is not measured yet")
    assert document.facts["headline"] == ""


def test_groups_of_a_share_are_read_and_told(star: NorthStar, make_metric: Make, make_weeks: Make) -> None:
    engaged = star.drivers.get(edge="factor", name="Engaged share").metric
    small, large = (
        make_metric(name, kind="ratio", unit="%", segment_of=engaged) for name in ("Small", "Large")
    )
    make_weeks(small, FIRST, [(100, 400)] * 20 + [(150, 400)] * 10)
    make_weeks(large, FIRST, [(100, 200)] * WEEKS)

    (mix,) = drawn().facts["mixes"]

    assert plain(mix["sentence"]).startswith("Engaged share +")
    assert "within its groups" in mix["sentence"] and len(mix["rows"]) == 2


def test_without_drivers_the_document_goes(star: NorthStar) -> None:
    drawn()
    Driver.objects.all().delete()

    drawing.draw_north_star(lib_clock.now())

    assert not ChartDocument.objects.filter(key=explaining.KEY).exists()


def test_an_input_that_cannot_be_relied_on_is_named_with_its_reason(
    star: NorthStar, monkeypatch: pytest.MonkeyPatch
) -> None:
    engaged = star.drivers.get(name="Engaged share").metric
    assert engaged is not None
    found = trusting.trust_of

    def doubtful(metrics: Any, **known: Any) -> dict[int, Trust]:
        doubt = Trust(blocks=True, badge="failing", sentences=("Warehouse has refused the sign-in.",))
        return {pk: doubt if pk == engaged.pk else each for pk, each in found(metrics, **known).items()}

    monkeypatch.setattr(trusting, "trust_of", doubtful)

    assert drawn().facts["missing"] == (
        "Engaged share cannot be relied on now: Warehouse has refused the sign-in."
    )
