from __future__ import annotations

from metrics.charts.table import data_table

from .cases import CASES, chart, focus

NBSP = "\N{NO-BREAK SPACE}"


def test_the_table_has_plan_and_difference_and_the_newest_week_first():
    headers, rows = data_table(focus())
    assert headers == ("Week", "Value", "Plan", "Difference", "Remark")
    assert rows[0][0] == "16 to 22 Nov 2026"
    assert rows[0][4] == "in progress, 4 of 7 days"
    assert rows[1][:4] == ("9 to 15 Nov 2026", "28.3%", "29.7%", f"\N{MINUS SIGN}1.4{NBSP}pp")
    assert rows[-1][2] == "\N{EN DASH}"


def test_a_table_without_plan_has_two_columns():
    headers, rows = data_table(chart([1, None]))
    assert headers == ("Week", "Value")
    assert [row[1] for row in rows] == ["\N{EN DASH}", f"1{NBSP}crews"]


def test_what_is_expected_stands_on_top_with_its_range():
    _, rows = data_table(CASES["forecast"])
    assert rows[0][0] == "28 Dec 2026 to 3 Jan 2027"
    assert rows[0][1] == "30.4%"
    assert rows[0][-1] == "expected, 28.6 to 32.2% likely (80%)"
    assert rows[6][0] == "16 to 22 Nov 2026"
    assert rows[7][4] == "in progress, 4 of 7 days"


def test_a_long_forecast_is_listed_every_few_weeks_and_at_its_end():
    spec = CASES["forecast without a target"]
    expected = [row for row in data_table(spec)[1] if row[-1].startswith("expected")]
    assert len(expected) == 7
    assert expected[0][0] == "10 to 16 May 2027"


def test_limits_signals_and_revisions_have_their_columns():
    headers, rows = data_table(CASES["signals"])
    assert headers == ("Week", "Value", "Centre", "Limits", "Remark")
    assert rows[0][2:] == (
        f"58{NBSP}crews",
        f"at most 66{NBSP}crews",
        "above the upper limit; three of four near the limit",
    )
    assert rows[-1][3] == f"46 to 58{NBSP}crews"
    assert rows[-7][4] == "restated"


def test_the_former_definition_is_named_in_its_rows():
    _, rows = data_table(CASES["former definition"])
    assert [row[-1] for row in rows[-2:]] == ["former definition"] * 2
    assert rows[0][-1] == ""
