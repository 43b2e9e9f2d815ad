"""Who entered a step and who went on: read from its metric or typed, and counted once they had their time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from metrics import counting, funnelling, storing
from metrics.connectors.base import Row
from metrics.counting import CountError
from metrics.models import ChartDocument, Metric, NorthStar, Stage, StageCount
from northstar.lib import clock as lib_clock
from teams import evaluating
from teams.models import User
from tests.metrics.funnels import count, make_funnel, make_step, pirates
from tests.metrics.stars import make_star

pytestmark = pytest.mark.usefixtures("clock")
Make = Callable[..., Any]


@pytest.fixture
def share(make_metric: Make, make_weeks: Make) -> Metric:
    found: Metric = make_metric("Activation", kind="ratio", unit="%")
    make_weeks(found, "2026-10-19", [(140, 600), (150, 620), (144, 600), (40, 610)])
    return found


@pytest.fixture
def stage(share: Metric) -> Stage:
    return make_step(make_funnel(), "Trial to active", metric=share, maturity_days=7)


def kept(stage: Stage) -> list[tuple[date, int, int, bool]]:
    rows = stage.counts.order_by("cohort_start")
    return list(rows.values_list("cohort_start", "entered", "converted", "matured"))


def test_a_share_gives_the_cohorts_and_the_newest_waits(stage: Stage) -> None:
    counting.refresh([stage], now=lib_clock.now())
    assert kept(stage) == [
        (date(2026, 10, 19), 600, 140, True),
        (date(2026, 10, 26), 620, 150, True),
        (date(2026, 11, 2), 600, 144, True),
        (date(2026, 11, 9), 610, 40, False),
    ]


def test_who_was_not_looked_at_again_keeps_waiting(
    stage: Stage, share: Metric, clock: Any, make_weeks: Make
) -> None:
    clock.move_to("2026-11-25 10:00")
    counting.refresh([stage], now=lib_clock.now())
    assert kept(stage)[-1] == (date(2026, 11, 9), 610, 40, False)

    make_weeks(share, "2026-11-09", [(150, 610)])
    counting.refresh([stage], now=lib_clock.now())
    assert kept(stage)[-1] == (date(2026, 11, 9), 610, 150, True)


def test_in_periods_nobody_waits_once_the_week_is_over(stage: Stage) -> None:
    stage.funnel.mode = "period"
    stage.funnel.save()
    counting.refresh([stage], now=lib_clock.now())
    assert all(row[3] for row in kept(stage))


def test_days_become_weeks_and_a_week_that_lacks_a_day_waits(make_metric: Make) -> None:
    daily = make_metric("Daily", kind="ratio", unit="%", grain="day")
    rows = [Row(date(2026, 11, day), numerator=Decimal(2), denominator=Decimal(10)) for day in range(2, 15)]
    storing.store(daily, rows, origin="typed")
    stage = make_step(make_funnel(), "Daily", metric=daily)
    counting.refresh([stage], now=lib_clock.now())
    assert kept(stage) == [(date(2026, 11, 2), 70, 14, True), (date(2026, 11, 9), 60, 12, False)]


def test_months_stay_months(make_metric: Make) -> None:
    monthly = make_metric("Monthly", kind="ratio", unit="%", grain="month")
    storing.store(
        monthly, [Row(date(2026, 10, 1), numerator=Decimal(5), denominator=Decimal(9))], origin="typed"
    )
    stage = make_step(make_funnel(), "Monthly", metric=monthly)
    counting.refresh([stage], now=lib_clock.now())
    [row] = stage.counts.all()
    assert (row.cohort_start, row.cohort_end) == (date(2026, 10, 1), date(2026, 10, 31))


def test_typed_counts_are_read_instead_of_the_metric_until_they_are_removed(
    stage: Stage, maren: User
) -> None:
    counting.refresh([stage], now=lib_clock.now())
    counting.enter(stage, "2026-10-26, 100, 30", actor=maren, now=lib_clock.now())
    counting.refresh([stage], now=lib_clock.now())
    assert kept(stage) == [(date(2026, 10, 26), 100, 30, True)]

    assert counting.take_back(stage, actor=maren) == 1
    counting.refresh([stage], now=lib_clock.now())
    assert len(kept(stage)) == 4


def test_a_cohort_typed_twice_is_replaced_and_months_do_not_lie_over_weeks(maren: User) -> None:
    stage = make_step(make_funnel(), "Typed")
    for lines in ("2026-10-26, 100, 30", "2026-10-28 120 40 3.5"):
        counting.enter(stage, lines, actor=maren, now=lib_clock.now())
    [row] = stage.counts.all()
    assert (row.entered, row.converted, row.median_days) == (120, 40, 3.5)
    with pytest.raises(CountError, match="weeks or months"):
        counting.enter(stage, "2026-10, 900, 90", actor=maren, now=lib_clock.now())


def test_more_may_go_on_than_entered_only_in_periods_and_loops(maren: User) -> None:
    for kind, mode, fits in (("chain", "cohort", False), ("loop", "cohort", True), ("chain", "period", True)):
        stage = make_step(make_funnel(slug=f"{kind}-{mode}", mode=mode), "Typed", kind=kind)
        if fits:
            counting.enter(stage, "2026-10-26, 10, 30", actor=maren, now=lib_clock.now())
        else:
            with pytest.raises(CountError, match="only 10 entered"):
                counting.enter(stage, "2026-10-26, 10, 30", actor=maren, now=lib_clock.now())


@pytest.mark.parametrize(
    "line",
    ["2026-13-01, 1, 1", "2026-W99, 1, 1", "1800-01-01, 1, 1", "2026-10-26, -1, 0", "2026-10-26, 1.5, 1",
     "2026-10-26, NaN, 1", "2026-10-26, 1e40, 1", "2026-10-26; 1 000; 1", "2026-10-26, 9, 1, inf",
     "2026-10-26, 9, 1, 2, 3", "\N{FULLWIDTH DIGIT TWO}026-10-26, 9, 1", "x" * 50_000, ""],
)  # fmt: skip
def test_a_wrong_line_is_named_and_nothing_is_stored(maren: User, line: str) -> None:
    stage = make_step(make_funnel(), "Typed")
    with pytest.raises(CountError) as refused:
        counting.enter(
            stage, f"2026-10-19, 100, 20\n{line}" if line else line, actor=maren, now=lib_clock.now()
        )
    assert len(str(refused.value)) < 400 and not StageCount.objects.exists()


def test_new_values_of_a_metric_draw_its_funnel_again(stage: Stage, share: Metric, make_weeks: Make) -> None:
    evaluating.evaluate(lib_clock.now())
    key = funnelling.key_of(stage.funnel)
    before = ChartDocument.objects.get(key=key)
    assert before.facts["windows"]["13"]["chain"][0]["counts"] == "434 of 1,820"

    make_weeks(share, "2026-11-02", [(300, 600)])
    evaluating.evaluate(lib_clock.now())
    assert ChartDocument.objects.get(key=key).facts["windows"]["13"]["chain"][0]["counts"] == "590 of 1,820"


def test_a_funnel_is_drawn_once_a_day_without_news(stage: Stage, clock: Any) -> None:
    today = date(2026, 11, 18)
    funnelling.draw(stage.funnel, now=lib_clock.now())
    assert funnelling.stale(set(), today=today) == []
    assert funnelling.stale(set(), today=date(2026, 11, 19)) == [stage.funnel]


def test_the_cautions_name_what_makes_numbers_less_sure(
    make_metric: Make, make_weeks: Make, star: NorthStar
) -> None:
    steps = pirates(star)
    steps["lapse"].delete()
    steps["activation"].counts.all().delete()
    count(steps["activation"], [(600, 144)] * 13, last=date(2026, 8, 3))
    count(make_step(steps["visits"].funnel, "More", kind="chain"), [(100, 120)] * 13)
    said = " ".join(
        funnelling.draw(steps["visits"].funnel, now=lib_clock.now()).facts["windows"]["13"]["warnings"]
    )
    for words in (
        "nobody is reckoned to leave",
        "the typed counts end on 9 Aug 2026",
        "more went on than entered",
    ):
        assert words in said


def test_without_what_a_customer_brings_there_are_rates_but_no_effects(star: NorthStar) -> None:
    steps = pirates(star, units_each=None)
    window = funnelling.draw(steps["visits"].funnel, now=lib_clock.now()).facts["windows"]["13"]
    assert window["model"] is None and window["narrow"] is None
    assert "what each customer brings is missing" in " ".join(window["warnings"])
    assert [row["rate_words"] for row in window["chain"]] == ["3.0%", "24.0%", "12.5%"]


def test_groups_that_all_moved_against_the_whole_are_told(make_metric: Make, make_weeks: Make) -> None:
    whole = make_metric("Whole", kind="ratio", unit="%")
    parts = {name: make_metric(name, kind="ratio", unit="%", segment_of=whole) for name in ("Small", "Large")}
    make_weeks(whole, "2026-09-14", [(500, 1000)] * 4 + [(460, 1000)] * 4)
    make_weeks(parts["Small"], "2026-09-14", [(160, 400)] * 4 + [(287, 700)] * 4)
    make_weeks(parts["Large"], "2026-09-14", [(340, 600)] * 4 + [(173, 300)] * 4)
    stage = make_step(make_funnel(weeks_read=4), "Trial to active", metric=whole)

    said = warnings(stage, weeks=4)
    assert "fell from 50.0% to 46.0%, though it rose in every group (Large, Small)" in said


def warnings(stage: Stage, *, weeks: int = 13) -> str:
    facts = funnelling.draw(stage.funnel, now=lib_clock.now()).facts
    return " ".join(facts["windows"][str(weeks)]["warnings"])


@pytest.fixture
def star(make_metric: Make, make_weeks: Make) -> NorthStar:
    return make_star(make_metric, make_weeks)
