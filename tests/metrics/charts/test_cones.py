from __future__ import annotations

from datetime import date

import pytest

from metrics.charts import cones, figures
from metrics.charts.layout import arrange
from metrics.charts.scales import day_range, value_range

from .cases import CASES, END, ahead, chart, focus

LAST_SUNDAY = date(2026, 11, 15)


def test_a_forecast_starts_at_the_last_complete_point_without_width() -> None:
    tip = cones.ahead(CASES["forecast"])[0]
    assert tip.day == LAST_SUNDAY
    assert set(tip[1:6]) == {CASES["forecast"].known[-1].value}


@pytest.mark.parametrize("weeks_ahead", [7, 8, 30])
def test_a_forecast_ends_on_the_day_of_the_target(weeks_ahead: int) -> None:
    spec = focus(cone=ahead(0.283, weeks_ahead, sd=0.005))
    assert cones.ahead(spec)[-1].day == END
    assert day_range(spec)[1] == END


def test_the_reading_of_the_last_whole_week_is_what_counts_at_the_end() -> None:
    spec = focus(cone=ahead(0.283, 7, drift=0.003, sd=0.005))
    assert cones.ahead(spec)[-1].mean == spec.cone[-1].mean


def test_without_a_target_the_axis_reaches_to_the_end_of_the_forecast() -> None:
    spec = CASES["forecast without a target"]
    assert day_range(spec)[1] == spec.cone[-1].day


def test_nothing_is_forecast_without_a_point_to_start_from() -> None:
    assert cones.ahead(chart([None, None], cone=ahead(5.0, 4))) == []
    assert cones.ahead(chart([5.0] * 4, cone=())) == []


def test_a_forecast_widens_the_axis_only_as_far_as_the_series_stays_readable() -> None:
    (least, most), (low, high) = value_range(focus()), value_range(CASES["forecast far too wide"])
    assert high - low > 1.2 * (most - least)
    assert high - low < 3 * (most - least)


def test_a_count_is_not_expected_below_zero_on_the_axis() -> None:
    assert value_range(chart([9.0, 5.0, 2.0] * 5, cone=ahead(2.0, 9, sd=3.0)))[0] == 0


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({}, "33.1 to 39.5% likely (80%)"),
        ({"unit": "£", "kind": "average", "decimals": 2}, "£0.33 to £0.40 likely (80%)"),
        ({"unit": "h", "kind": "average", "decimals": 1}, "0.3 to 0.4\N{NO-BREAK SPACE}h likely (80%)"),
    ],
)
def test_the_likely_range_is_said_with_its_unit(changed: dict[str, object], words: str) -> None:
    each = cones.Ahead(END, 0.364, 0.3312, 0.35, 0.38, 0.395, END)
    assert cones.range_words(focus(**changed), each) == words


def test_hovering_the_forecast_says_week_value_and_range() -> None:
    figure = figures.line(CASES["forecast"])
    middle = next(trace for trace in figure["data"] if trace["meta"]["role"] == "forecast")
    assert middle["text"][0] == ""
    assert middle["text"][1].startswith("<b>16 to 22 Nov 2026</b><br>expected 28.6%<br>27.")
    assert middle["text"][1].endswith("% likely (80%)")
    assert middle["text"][-1].startswith("<b>28 Dec 2026 to 3 Jan 2027</b>")


def test_both_bands_lie_behind_the_line_and_say_nothing() -> None:
    first, second, *_ = figures.line(CASES["forecast"])["data"]
    assert [first["meta"]["role"], second["meta"]["role"]] == ["cone80", "cone50"]
    assert first["hoverinfo"] == second["hoverinfo"] == "skip"
    assert first["x"][0] == LAST_SUNDAY.isoformat()


def test_a_band_that_leaves_the_axis_is_cut_there() -> None:
    drawn = arrange(CASES["forecast far too wide"], width=760, height=320)
    assert drawn.box.y(max(each.high80 for each in drawn.cone)) < drawn.box.top
    cut = cones._cut([(0, -50), (10, 500), (20, 100)], 20, 300)
    assert {20, 300} <= {y for _, y in cut}
    assert all(20 <= y <= 300 for _, y in cut)
