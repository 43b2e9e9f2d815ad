from __future__ import annotations

from datetime import date, timedelta

import pytest

from metrics.analysis.points import Point
from metrics.charts import six_twelve
from metrics.charts.six_twelve import SixTwelve

from .cases import HOSTILE, LAST, weeks
from .drawings import assert_plain, marked, parsed, texts

NBSP, NOTHING = "\N{NO-BREAK SPACE}", "\N{EN DASH}"
SIX = weeks([4790.0, 4812.0, 4805.0, 4851.0, 4883.0, 4871.0])
RUNNING = Point(LAST + timedelta(weeks=1), 4890.0, complete=False, note="4 of 7 days")
TWELVE = tuple(
    Point(date(2025 + (month > 12), (month - 1) % 12 + 1, 1), 4200.0 + 50 * month) for month in range(11, 23)
)
TO_DATE = Point(date(2026, 11, 1), 4875.0, complete=False, note="22 of 30 days")


def earlier(points, *, month=False):
    return tuple(
        Point(
            p.start.replace(year=p.start.year - 1) if month else p.start - timedelta(days=364),
            (p.value or 0) * 0.9,
        )
        for p in points
    )


def crews(**changed):
    given = {
        "title": "Weekly active crews",
        "unit": "crews",
        "decimals": 0,
        "kind": "unique",
        "direction": "up",
        "weeks": (*SIX, RUNNING),
        "prior_weeks": earlier((*SIX, RUNNING)),
        "months": (*TWELVE, TO_DATE),
        "prior_months": earlier((*TWELVE, TO_DATE), month=True),
        "target": 5400.0,
    }
    return SixTwelve(**{**given, **changed})


def summed(**changed):
    months = tuple(Point(p.start, (p.value or 0) * 4.3, complete=p.complete) for p in (*TWELVE, TO_DATE))
    return crews(
        kind="flow_sum", months=months, prior_months=earlier(months, month=True), summed=True, **changed
    )


CASES = {
    "usual": crews(),
    "summed": summed(),
    "nothing": crews(weeks=(), prior_weeks=(), months=(), prior_months=()),
    "only months": crews(weeks=(), prior_weeks=()),
    "only weeks": crews(months=(), prior_months=()),
    "gaps": crews(weeks=weeks([None, 5.0, None, 7.0, None, None]), prior_weeks=(), target=None),
    "constant": crews(weeks=weeks([5.0] * 6), months=(), prior_weeks=(), target=None),
    "negative": crews(weeks=weeks([-5.0, 3.0, -2.0]), months=(), prior_weeks=(), target=None),
    "hostile": crews(title=HOSTILE, unit=HOSTILE),
}


@pytest.mark.parametrize(("width", "height"), [(360, 480), (760, 240), (900, 250)])
@pytest.mark.parametrize("name", CASES)
def test_every_case_is_well_formed_and_inside_its_box(name, width, height):
    svg = six_twelve.sketch(CASES[name], width=width, height=height)
    assert_plain(svg, width=width, height=height)
    assert "<img" not in svg
    assert "\u202e" not in svg


@pytest.mark.parametrize(("width", "height"), [(360, 480), (900, 250)])
def test_six_weeks_and_twelve_months_with_the_running_ones_hollow(width, height):
    root = parsed(six_twelve.sketch(crews(), width=width, height=height))
    assert len(marked(root, "chart-point")) == 6 + 12
    hollow = [each for each in marked(root, "chart-incomplete") if each.get("r")]
    assert len(hollow) == 2
    assert {"6 weeks", "12 months", "year before", "target 5,400"} <= set(texts(root))


def test_the_weeks_stand_left_and_the_months_right_or_below():
    left, right = six_twelve.arranged(crews(), width=900, height=250)
    assert left.box.right < right.box.left
    above, below = six_twelve.arranged(crews(), width=360, height=480)
    assert above.box.bottom < below.box.top


def test_both_panels_share_their_axis_unless_a_month_is_a_sum():
    left, right = six_twelve.arranged(crews(), width=900, height=250)
    assert (left.low, left.high, left.labelled, right.labelled) == (right.low, right.high, True, False)
    left, right = six_twelve.arranged(summed(), width=900, height=250)
    assert left.high < right.high
    assert left.labelled
    assert right.labelled


def test_a_target_of_a_week_is_not_marked_on_sums_of_months():
    _, months = six_twelve.arranged(summed(), width=900, height=250)
    assert months.target is None
    _, months = six_twelve.arranged(summed(month_target=23000.0), width=900, height=250)
    assert months.target == 23000.0
    assert months.shows(23000.0)


def test_the_year_before_is_364_days_earlier_for_weeks_and_the_same_month_for_months():
    left, right = six_twelve.arranged(crews(), width=900, height=250)
    assert left.prior[5] == pytest.approx(4871 * 0.9)
    assert right.prior[11] == pytest.approx(5300 * 0.9)
    shifted = crews(prior_weeks=tuple(Point(p.start, 1.0) for p in SIX))
    assert six_twelve.arranged(shifted, width=900, height=250)[0].prior[:6] == (1.0,) * 6


def test_lines_break_at_gaps():
    holed = crews(weeks=weeks([1.0, 2.0, None, 4.0, 5.0, 6.0]), prior_weeks=(), months=(), target=None)
    lines = [each for each in marked(parsed(six_twelve.sketch(holed)), "chart-actual") if each.get("d")]
    assert len(lines) == 2


def test_the_newest_complete_values_are_written():
    assert {"4,871", "5,300"} <= set(texts(parsed(six_twelve.sketch(crews()))))


def test_the_table_compares_complete_periods_only():
    headers, rows = six_twelve.table(crews())
    assert headers == ("Period", "Value", "Year before", "Change", "Remark")
    assert rows[0][0] == "16 to 22 Nov 2026"
    assert rows[0][3:] == (NOTHING, "in progress, 4 of 7 days")
    assert rows[1][:4] == (
        "9 to 15 Nov 2026",
        f"4,871{NBSP}crews",
        f"4,384{NBSP}crews",
        f"+487{NBSP}crews",
    )
    assert rows[7][0] == "Nov 2026"
    assert len(rows) == 7 + 13


def test_values_too_small_for_their_decimals_are_drawn_without_ticks():
    drawn = six_twelve.sketch(
        crews(weeks=weeks([7.8e-9, 5.2e-8, 6.1e-8]), prior_weeks=(), months=(), prior_months=(), target=None),
        width=760,
        height=240,
    )
    assert_plain(drawn, width=760, height=240)
    assert "3 weeks" in texts(parsed(drawn))
