"""Database files: only where a setting opens their folder, read-only, in another process (S45, F49, F50)."""

from __future__ import annotations

import os
import resource
import shutil
import sqlite3
import subprocess
import time
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from metrics.connectors.base import Answer, ConnectorError
from metrics.connectors.files.kinds import DatabaseFile, DuckdbFile, SqliteFile
from tests.metrics.connectors.foreign_database import OPEN, asking

ENGINES = pytest.mark.parametrize("made", [SqliteFile, DuckdbFile])
SALES = "create table sales (sold date, amount decimal(12,2), note text)"
ROWS = (
    "insert into sales values ('2026-11-02', 1.5, 'a'), ('2026-11-08', 2, ''), ('2026-11-09', 4, 'café 🦊')"
)
WEEK = {
    SqliteFile: "select date(sold, '-6 days', 'weekday 1') as period, sum(amount) as value from sales",
    DuckdbFile: "select date_trunc('week', sold) as period, sum(amount) as value from sales",
}
RANGE = "where sold >= :period_start and sold < :period_end group by 1"

Opened = Callable[..., DatabaseFile]


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a file of each kind."""
    folder = tmp_path_factory.mktemp("written")
    with sqlite3.connect(folder / "sales.db") as lite:
        lite.execute(SALES)
        lite.execute(ROWS)
    lite.close()
    with duckdb.connect(str(folder / "sales.duckdb")) as duck:
        duck.execute(SALES)
        duck.execute(ROWS)
    return folder


@pytest.fixture
def opened(written: Path, tmp_path: Path) -> Opened:
    """A connector to a file of the folder, which holds one of each kind."""
    folder = Path(shutil.copytree(written, tmp_path / "files"))

    def make(
        made: type[DatabaseFile], name: str = "", *, seconds: float = 20, **environment: str
    ) -> DatabaseFile:
        file = name or ("sales.db" if made is SqliteFile else "sales.duckdb")
        source = made(made.clean_settings({"file": file}), {}, egress=OPEN)
        source.environment = {"SOURCE_FILES_DIR": str(folder), **environment}
        source.deadline_seconds = seconds  # type: ignore[misc]
        return source

    make.folder = folder  # type: ignore[attr-defined]
    return make


def fetched(source: DatabaseFile, sql: str, **changes: Any) -> Answer:
    with source:
        return source.fetch(asking(sql, **changes))


def refusal(source: DatabaseFile, sql: str = "select '2026-11-02', 1", **changes: Any) -> ConnectorError:
    with pytest.raises(ConnectorError) as refused:
        fetched(source, sql, **changes)
    return refused.value


@ENGINES
def test_sums_by_week_are_read_from_a_file(opened: Opened, made: type[DatabaseFile]) -> None:
    rows = fetched(opened(made), f"{WEEK[made]} {RANGE};  -- :tz").rows
    assert [(r.period_start.day, r.value) for r in rows] == [(2, Decimal("3.5")), (9, Decimal(4))]


@ENGINES
def test_one_number_is_asked_for_each_period_that_has_begun(opened: Opened, made: type[DatabaseFile]) -> None:
    sql = "select sum(amount) from sales where sold >= :period_start and sold < :period_end"
    rows = fetched(opened(made), sql, shape="number").rows
    assert [r.value for r in rows] == [Decimal("3.5"), Decimal(4), None]


@ENGINES
def test_a_check_opens_the_file(opened: Opened, made: type[DatabaseFile]) -> None:
    assert opened(made).check()[0].endswith("read-only.")


@pytest.mark.parametrize(
    ("made", "expression", "value"),
    [
        (SqliteFile, "999999999999999", "999999999999999"),
        (SqliteFile, "0.1 + 0.2", "0.3"),
        (SqliteFile, "'12.50'", "12.5"),
        (DuckdbFile, "12.50::decimal(10,2)", "12.5"),
        (DuckdbFile, "999999999999999::hugeint", "999999999999999"),
        (DuckdbFile, "0.1::double + 0.2::double", "0.3"),
    ],
)
def test_numbers_are_read_exactly(
    opened: Opened, made: type[DatabaseFile], expression: str, value: str
) -> None:
    assert fetched(opened(made), f"select '2026-11-02', {expression}").rows[0].value == Decimal(value)


@pytest.mark.parametrize(
    ("made", "expression", "words"),
    [
        (SqliteFile, "x'ff'", "bytes, not a number"),
        (SqliteFile, "9e999", "Infinity is not a number"),
        (SqliteFile, "'12,5'", "write 12.5."),
        (DuckdbFile, "true", "true or false, not a number"),
        (DuckdbFile, "[1]", "a type that is not known here"),
        (DuckdbFile, "'nan'::double", "NaN is not a number"),
        (DuckdbFile, "timestamptz '2026-11-02 00:00:00+01'", "a moment, not a number"),
    ],
)
def test_what_is_no_number_is_refused(
    opened: Opened, made: type[DatabaseFile], expression: str, words: str
) -> None:
    error = refusal(opened(made), f"select '2026-11-02', {expression}")
    assert (error.code, error.permanent) == ("schema", True)
    assert words in error.message


def test_instants_of_duckdb_fall_into_the_days_of_the_company_zone(opened: Opened) -> None:
    sql = """select date_trunc('day', t), count(*)
        from range(:utc_start::timestamp at time zone 'UTC', :utc_end::timestamp at time zone 'UTC',
                   interval 1 hour) r(t) group by 1"""
    zone = {"grain": "day", "start": date(2026, 10, 24), "end": date(2026, 10, 27)}
    rows = fetched(opened(DuckdbFile), sql, **zone).rows
    assert [r.value for r in rows] == [24, 25, 24]


def test_a_bound_is_the_instant_also_beside_times_with_a_zone(opened: Opened) -> None:
    sql = """select '2026-11-02', count(*) from (values (timestamptz '2026-11-01 22:30:00+00'),
             (timestamptz '2026-11-01 23:30:00+00')) r(t) where t >= :utc_start"""
    assert [row.value for row in fetched(opened(DuckdbFile), sql).rows] == [1]


HOSTILE = [
    ("select 1, 2; select 2, 3", "more than one statement"),
    ("delete from sales", "tries to write"),
    ("with w as (select 1) insert into sales select null, 1, ''", ""),
    ("attach '/etc/passwd' as x", "begins with ATTACH"),
    ("pragma writable_schema = on", "begins with PRAGMA"),
    ("select load_extension('/tmp/x.so'), 1", ""),
    ("select writefile('/tmp/never', 'x'), 1", ""),
    ("select readfile('/etc/passwd'), 1", ""),
    ("copy (select 1) to '/tmp/never'", "begins with COPY"),
    ("vacuum into '/tmp/never'", "begins with VACUUM"),
    ("select * from read_csv('/etc/passwd')", ""),
    ("select * from read_text('/etc/passwd')", ""),
    ("select * from '/etc/passwd'", ""),
    ("select * from sniff_csv('/etc/passwd')", ""),
    ("select * from glob('/etc/*')", ""),
    ("select x, 1 from nowhere", "nowhere"),
    ("-- nothing", ""),
]


@ENGINES
def test_a_query_that_does_more_than_read_is_refused(opened: Opened, made: type[DatabaseFile]) -> None:
    source = opened(made)
    path = opened.folder / source.settings["file"]  # type: ignore[attr-defined]
    before = path.read_bytes()
    with source.session(zone="UTC") as session:
        for sql, sentence in HOSTILE:
            with pytest.raises(ConnectorError) as refused:
                session.ask(sql, date(2026, 11, 2), date(2026, 11, 9))
            error = refused.value
            assert error.code == "query" and error.permanent, (sql, error.message)
            assert sentence in error.message, (sql, error.message)
            assert "root:" not in error.message
    assert path.read_bytes() == before
    assert not Path("/tmp/never").exists()


def test_the_authorizer_holds_where_the_words_look_harmless(opened: Opened) -> None:
    error = refusal(opened(SqliteFile), "select name, 1 from pragma_table_info('sales')")
    assert error.code == "query"
    assert "Only reading from the tables" in error.message


ENDLESS = {
    SqliteFile: "with recursive n(i) as (select 1 union all select i + 1 from n) select 1, max(i) from n",
    DuckdbFile: "select '2026-11-02', sum(a.range % (b.range + 1)) from range(9999999) a, range(9999999) b",
}


@ENGINES
def test_an_endless_query_is_ended_with_its_process(
    opened: Opened, made: type[DatabaseFile], monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[Any] = []
    real = subprocess.Popen
    monkeypatch.setattr(subprocess, "Popen", lambda *a, **k: started.append(real(*a, **k)) or started[-1])
    begun = time.monotonic()
    error = refusal(opened(made, seconds=1.0), ENDLESS[made])
    assert time.monotonic() - begun < 1.0 + 5
    assert (error.code, error.permanent) == ("timeout", False)
    assert [process.returncode for process in started] == [-9]


MANY = {
    SqliteFile: "with recursive n(i) as (values (1) union all select i + 1 from n limit 10000000) "
    "select {} from n",
    DuckdbFile: "select {} from range(10000000) n(i)",
}


@ENGINES
@pytest.mark.parametrize(
    ("what", "sentence"),
    [
        ("i, i", "more than 100,000 rows"),
        ("printf('%01000d', 7), i", "more than 10 MiB"),
        ("printf('%070000d', 7), i", "a cell of 70,000 bytes"),
        (", ".join(["1"] * 500), "500 columns"),
    ],
)
def test_too_large_an_answer_is_refused_with_flat_memory(
    opened: Opened, made: type[DatabaseFile], what: str, sentence: str
) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    error = refusal(opened(made), MANY[made].format(what))
    assert (error.code, error.permanent) == ("too_large", True), error.message
    assert sentence in error.message
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100 * 1024


def test_a_query_that_eats_memory_ends_alone(opened: Opened) -> None:
    sql = """with recursive n(i) as (select 1 union all select i + 1 from n where i < 9000)
        select '2026-11-02', length(group_concat(printf('%09000d', i))) from n"""
    assert refusal(opened(SqliteFile), sql).code in ("too_large", "query")


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("../secret.db", "without a folder"),
        ("/etc/passwd", "without a folder"),
        ("..", "without a folder"),
        (".hidden", "without a folder"),
        ("none.db", "There is no file none.db"),
        ("link.db", "is no ordinary file"),
        ("folder", "is no ordinary file"),
        ("hard.db", "belongs to Northstar itself"),
    ],
)
def test_only_an_ordinary_file_of_the_folder_is_opened(opened: Opened, name: str, sentence: str) -> None:
    folder: Path = opened.folder  # type: ignore[attr-defined]
    own = folder.parent / "own.sqlite3"
    sqlite3.connect(own).execute("create table t (x)").connection.close()
    (folder / "link.db").symlink_to(own)
    (folder / "folder").mkdir()
    os.link(own, folder / "hard.db")
    error = refusal(opened(SqliteFile, name, DATABASE=str(own)))
    assert (error.code, error.permanent, error.field) == ("config", True, "file")
    assert sentence in error.message


def test_northstar_s_own_folder_is_not_read(opened: Opened) -> None:
    folder: Path = opened.folder  # type: ignore[attr-defined]
    assert "belongs to Northstar itself" in refusal(opened(SqliteFile, DATA_DIR=str(folder.parent))).message


@ENGINES
def test_without_the_setting_a_stored_source_says_which_it_needs(
    opened: Opened, made: type[DatabaseFile]
) -> None:
    error = refusal(opened(made, SOURCE_FILES_DIR=""))
    assert (error.code, error.permanent) == ("config", True)
    assert error.message == (
        "Database files are off. To allow them, set SOURCE_FILES_DIR to the folder that holds them."
    )


@ENGINES
def test_a_file_of_another_kind_is_told(opened: Opened, made: type[DatabaseFile]) -> None:
    (opened.folder / "text.db").write_text("no database at all, only words " * 50)  # type: ignore[attr-defined]
    error = refusal(opened(made, "text.db"))
    assert (error.code, error.field) == ("config", "file")
    assert "cannot be opened" in error.message


def test_a_file_whose_log_holds_part_of_the_data_is_refused(opened: Opened) -> None:
    (opened.folder / "sales.db-wal").write_bytes(b"x")  # type: ignore[attr-defined]
    assert "Put a finished copy" in refusal(opened(SqliteFile)).message


def test_the_process_has_nothing_of_our_environment(opened: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATA_KEYS", "a-key-of-northstar")
    with opened(SqliteFile).session(zone="UTC") as session:
        told = Path(f"/proc/{session._process.pid}/environ").read_bytes()
    assert b"a-key-of-northstar" not in told and b"SECRET_KEY" not in told
