"""The verdict says in up to three sentences what the data supports, and nothing beyond."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from metrics.analysis.forecast import Forecast, Withheld
from metrics.verdict import Aim, Known, Measure, Signal, about, expected_words, verdict

CREWS = Measure("Weekly active crews", "crews", 0, "unique")
LAPSE = Measure("Crew lapse rate", "%", 2, "ratio", "down")
DUE = date(2027, 5, 16)
NORMAL = Signal(False)


def forecast(mean: float, low: float, high: float, due: date = DUE) -> Forecast:
    return Forecast(due, mean, low, mean, mean, high, mean, None, None)


USUAL = forecast(4951, 4525, 5377)
AIM = Aim(5400, DUE, progress=0.26, likely="about 10% likely")
KNOWN = Known(
    CREWS, date(2027, 1, 6), 4871, "the week to 3 January", against="7 more than the week before",
    signal=NORMAL, forecast=USUAL, aim=AIM, driver="engaged share costs 92 crews in 13 weeks",
)  # fmt: skip


def said(known: Known) -> str:
    return verdict(known).replace("\N{NO-BREAK SPACE}", " ")


def test_a_normal_week_short_of_the_target_is_three_sentences() -> None:
    assert said(KNOWN) == (
        "4,871 weekly active crews, a normal week. "
        "If it goes on as usual it stands at about 4,950 by 16 May, short of 5,400 (about 10% likely). "
        "Engaged share costs 92 crews in 13 weeks."
    )


def test_an_unusual_week_asks_for_its_cause() -> None:
    signal = Signal(True, "Unusual week: \N{MINUS SIGN}12, usual \N{MINUS SIGN}10 to +46. Look for a cause.")

    assert said(replace(KNOWN, signal=signal)).startswith(
        "4,871 weekly active crews. Unusual week: \N{MINUS SIGN}12, usual \N{MINUS SIGN}10 to +46. "
        "Look for a cause. If it goes on"
    )


def test_without_limits_nothing_is_called_normal() -> None:
    told = said(replace(KNOWN, signal=None))

    assert told.startswith("4,871 crews in the week to 3 January, 7 more than the week before. If it")
    assert "normal" not in told


def test_without_any_value_only_that_is_said() -> None:
    assert said(replace(KNOWN, value=None)) == "There is no complete value yet."
    doubt = "No value has been typed yet."
    assert said(replace(KNOWN, value=None, doubt=doubt)) == f"There is no complete value yet. {doubt}"


def test_a_number_in_doubt_has_no_status_and_no_forecast() -> None:
    told = said(replace(KNOWN, doubt="The newest week was last read on Sunday 14:00, before it was over."))

    assert told == (
        "4,871 crews in the week to 3 January. The newest week was last read on Sunday 14:00, before it was "
        "over. Status and forecast wait until it can be relied on."
    )


def test_a_metric_that_is_not_asked_for_any_more_waits_for_nothing() -> None:
    told = said(replace(KNOWN, doubt="The source is paused.", ended=True))

    assert told == "4,871 crews in the week to 3 January. It is not asked for any more."


def test_without_a_target_the_forecast_stands_alone() -> None:
    near = forecast(4935, 4715, 5155, date(2027, 4, 4))

    assert "it stands at about 4,940 by 4 Apr. Engaged" in said(replace(KNOWN, aim=None, forecast=near))


def test_a_forecast_that_reaches_the_target_says_so() -> None:
    assert "about 5,600 by 16 May, past 5,400" in said(replace(KNOWN, forecast=forecast(5600, 5200, 6000)))
    at_it = replace(KNOWN, forecast=forecast(5403, 5000, 5800))
    assert "about 5,400 by 16 May, right at the target (" in said(at_it)


def test_a_target_that_is_reached_is_said_with_the_chance_to_keep_it() -> None:
    reached = Aim(4800, DUE, progress=1.3, likely="about 70% likely")

    told = said(replace(KNOWN, aim=reached))

    assert "The target of 4,800 by 16 May is reached; to stand there that day is about 70% likely." in told
    untold = said(replace(KNOWN, aim=reached, forecast=Withheld("Too few.")))
    assert "The target of 4,800 by 16 May is reached. Engaged" in untold


@pytest.mark.parametrize(
    ("progress", "words"),
    [
        (0.4, "The target of 5,400 was due on 16 May and is not reached."),
        (1.0, "The target of 5,400 is reached; it was due on 16 May."),
        (None, "The target of 5,400 was due on 16 May and is not reached."),
    ],
)
def test_a_target_whose_day_is_over_is_closed(progress: float | None, words: str) -> None:
    assert words in said(replace(KNOWN, today=date(2027, 5, 20), aim=replace(AIM, progress=progress)))


def test_with_too_little_history_the_plan_speaks_instead() -> None:
    aim = replace(AIM, plan="The plan asks for 4,712 crews by now, so it is ahead.")
    short = replace(KNOWN, signal=None, aim=aim, forecast=Withheld("A forecast needs eight."), driver="")

    assert said(short) == (
        "4,871 crews in the week to 3 January, 7 more than the week before. "
        "The plan asks for 4,712 crews by now, so it is ahead."
    )


def test_a_young_plan_says_why_it_has_no_status() -> None:
    young = replace(KNOWN, young="Two complete weeks in; a status comes after four.")

    assert said(young).endswith(
        "short of 5,400 (about 10% likely). Two complete weeks in; a status comes after four."
    )
    again = replace(young, forecast=None, aim=replace(AIM, plan=young.young))
    assert said(again).endswith("a normal week. Two complete weeks in; a status comes after four.")


def test_without_target_forecast_and_drivers_one_sentence_is_enough() -> None:
    bare = replace(KNOWN, aim=None, forecast=None, driver="")

    assert said(bare) == "4,871 weekly active crews, a normal week."


def test_where_lower_is_better_the_target_is_reached_from_above() -> None:
    lapse = replace(
        KNOWN, measure=LAPSE, value=0.0206, driver="",
        forecast=forecast(0.0203, 0.0187, 0.0219), aim=Aim(0.016, DUE, 0.1, "unlikely, under 5%"),
    )  # fmt: skip

    assert said(lapse) == (
        "2.06%, a normal week. "
        "If it goes on as usual it stands at about 2.03% by 16 May, still above 1.60% (unlikely, under 5%)."
    )
    better = replace(lapse, forecast=forecast(0.0150, 0.0140, 0.0160))
    assert "under 1.60%" in said(better)


@pytest.mark.parametrize(
    ("measure", "found", "value"),
    [
        (CREWS, forecast(4951, 4525, 5377), 4950),
        (CREWS, forecast(4951, 4941, 4961), 4951),
        (CREWS, forecast(49_512, 40_000, 59_000), 49_500),
        (LAPSE, forecast(0.36412, 0.331, 0.395), 0.364),
        (CREWS, forecast(100.4, 100.4, 100.4), 100),
    ],
)
def test_a_forecast_is_rounded_to_what_its_range_lets_one_say(
    measure: Measure, found: Forecast, value: float
) -> None:
    assert about(found, measure) == pytest.approx(value)


def test_a_series_that_never_moves_is_not_called_about() -> None:
    assert "stands at 4,871 by" in said(replace(KNOWN, forecast=forecast(4871, 4871, 4871)))


def test_expected_words_give_the_range() -> None:
    assert expected_words(USUAL, CREWS, date(2027, 1, 6)) == "4,951 expected by 16 May, 4,525 to 5,377"


def test_money_and_names_without_the_unit_keep_their_unit() -> None:
    money = Measure("Revenue", "£", 0, "flow_sum")
    told = said(replace(KNOWN, measure=money, value=12_345, driver=""))

    assert told.startswith("£12,345, a normal week") and "about £4,950 by 16 May, short of £5,400" in told
