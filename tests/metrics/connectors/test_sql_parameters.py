from __future__ import annotations

from datetime import date

import pytest

from metrics.connectors.postgresql_session import numbered
from metrics.connectors.sql_dialects import (
    BIGQUERY,
    CLICKHOUSE,
    DUCKDB,
    MYSQL,
    POSTGRESQL,
    SNOWFLAKE,
    SQLITE,
    SQLSERVER,
    TRINO,
    Dialect,
)
from metrics.connectors.sql_parameters import Bound, first_word, has_second_statement, translate, without_end


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
    assert translate(text, POSTGRESQL, numbered) == expected


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
    assert first_word(text, POSTGRESQL) == word


@pytest.mark.parametrize(
    ("dialect", "text", "expected"),
    [
        (MYSQL, r"'it\'s :tz' = :tz", r"'it\'s :tz' = [tz]"),
        (MYSQL, r'"a\" :tz" = :tz', r'"a\" :tz" = [tz]'),
        (MYSQL, "`:tz` = :tz", "`:tz` = [tz]"),
        (MYSQL, "# :tz\n:tz", "# :tz\n[tz]"),
        (MYSQL, "5--:tz", "5--[tz]"),
        (MYSQL, "-- :tz", "-- :tz"),
        (MYSQL, "/* /* :tz */ :tz", "/* /* :tz */ [tz]"),
        (MYSQL, "@a := :tz", "@a := [tz]"),
        (SQLSERVER, "[:tz] ':tz' :tz", "[:tz] ':tz' [tz]"),
        (SQLSERVER, r"'\' + :tz", r"'\' + [tz]"),
        (CLICKHOUSE, r"`:tz\`` ':tz' :tz", r"`:tz\`` ':tz' [tz]"),
        (CLICKHOUSE, "$a$ :tz $a$ :tz::String", "$a$ :tz $a$ [tz]::String"),
        (BIGQUERY, "'''it's :tz''' :tz", "'''it's :tz''' [tz]"),
        (BIGQUERY, '"""a " :tz""" :tz # :tz', '"""a " :tz""" [tz] # :tz'),
        (BIGQUERY, "`a.b:tz` :tz", "`a.b:tz` [tz]"),
        (SNOWFLAKE, "src:tz, :tz, a[0]:tz", "src:tz, [tz], a[0]:tz"),
        (SNOWFLAKE, "$$ :tz $$ // :tz\n:tz", "$$ :tz $$ // :tz\n[tz]"),
        (TRINO, "'\\' :tz", "'\\' [tz]"),
        (SQLITE, "[:tz] `:tz` :tz", "[:tz] `:tz` [tz]"),
        (DUCKDB, "x[1:2] $$:tz$$ :tz", "x[1:2] $$:tz$$ [tz]"),
    ],
)
def test_each_dialect_keeps_its_own_strings_names_and_comments(
    dialect: Dialect, text: str, expected: str
) -> None:
    put = translate(text, dialect, lambda name: f"[{name}]")
    assert put.replace(" [tz] ", "[tz]") == expected


@pytest.mark.parametrize(
    ("text", "more"),
    [
        ("select 1", False),
        ("select 1;", False),
        ("select 1;; -- done ; select", False),
        ("select ';' ; /* ; */ # ;", False),
        ("select 1; select 2", True),
        ("select 1;'x'", True),
        ("select 1; :tz", True),
    ],
)
def test_a_second_statement_is_seen_behind_strings_and_comments(text: str, more: bool) -> None:
    assert has_second_statement(text, MYSQL) == more


def test_the_last_semicolon_can_be_left_out() -> None:
    assert without_end("select ';', :tz ; -- ;", TRINO) == "select ';', :tz  -- ;"


def test_parameters_as_literals_are_dates_moments_in_utc_and_text() -> None:
    bound = Bound.of(date(2026, 11, 2), date(2026, 11, 9), "Europe/Berlin")
    assert bound.literal("period_start") == "DATE '2026-11-02'"
    assert bound.literal("utc_end") == "TIMESTAMP '2026-11-08 23:00:00'"
    assert bound.literal("tz") == "'Europe/Berlin'"
