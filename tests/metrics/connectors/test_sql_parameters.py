from __future__ import annotations

import pytest

from metrics.connectors.sql_parameters import first_word, translate


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("d >= :period_start and d < :period_end", "d >=  $1  and d <  $2 "),
        (":utc_start :utc_end :tz", " $3   $4   $5 "),
        (":period_start::timestamp", " $1 ::timestamp"),
        ("a::date", "a::date"),
        ("':tz' || :tz", "':tz' ||  $5 "),
        ("'it''s :tz' || :tz", "'it''s :tz' ||  $5 "),
        (r"E'\':tz' || :tz", r"E'\':tz' ||  $5 "),
        (r"'\' || :tz", r"'\' ||  $5 "),
        ('":tz" , :tz', '":tz" ,  $5 '),
        ("$$ :tz $$ || :tz", "$$ :tz $$ ||  $5 "),
        ("$a$ $$ :tz $a$ || :tz", "$a$ $$ :tz $a$ ||  $5 "),
        ("a$b$ :tz", "a$b$  $5 "),
        ("-- :tz\n:tz", "-- :tz\n $5 "),
        ("/* /* :tz */ :tz */ :tz", "/* /* :tz */ :tz */  $5 "),
        ("x like '10%' and y % 2 = 1", "x like '10%' and y % 2 = 1"),
        ("a[1:2]", "a[1:2]"),
        (":unknown", ":unknown"),
        (":tzinfo", ":tzinfo"),
        ("'open :tz", "'open :tz"),
        ("/* open :tz", "/* open :tz"),
        ("$$ open :tz", "$$ open :tz"),
        ("", ""),
    ],
)
def test_parameters_are_found_only_where_they_stand_in_code(text: str, expected: str) -> None:
    assert translate(text) == expected


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("select 1", "select"),
        ("-- a\n/* b /* c */ */ INSERT into", "insert"),
        ("(select 1)", "select"),
        ("'x'", ""),
        ("", ""),
    ],
)
def test_the_first_word_is_found_behind_comments(text: str, word: str) -> None:
    assert first_word(text) == word
