"""Nothing is left out silently: a skip is a failure, and what is deselected is said at the end."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator

import pytest

_DATABASE_FIXTURES = {"db", "transactional_db", "live_server", "postgres_server", "redis_server", "data_dir"}
_left_out: Counter[str] = Counter()


def _uses_services(item: pytest.Item) -> bool:
    from django.test import TransactionTestCase

    if item.get_closest_marker("django_db") or _DATABASE_FIXTURES & set(getattr(item, "fixturenames", ())):
        return True
    cls = getattr(item, "cls", None)
    return cls is not None and issubclass(cls, TransactionTestCase)


def _reason(item: pytest.Item) -> str:
    """Why an item does not run in this run, or an empty text."""
    if item.get_closest_marker("needs_data") and not os.environ.get("TEST_DATA_DIR"):
        return "TEST_DATA_DIR is not set: tests on real data were LEFT OUT"
    if item.get_closest_marker("long") and not os.environ.get("LONG"):
        return "long forms run with LONG=1 (make faults, make bench)"
    if os.environ.get("TEST_ONLY_DB") and not _uses_services(item):
        return "need no database, ran in the SQLite pass"
    if os.environ.get("TEST_ONLY_DB") and item.get_closest_marker("processes"):
        return "start processes on both databases, ran in the SQLite pass"
    if os.environ.get("TEST_ONLY_DB") and item.get_closest_marker("one_database"):
        return "would say the same of any database, ran in the SQLite pass"
    return ""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect what this run cannot or need not do, and count it by reason."""
    reasons = {item: _reason(item) for item in items}
    gone = [item for item in items if reasons[item]]
    _left_out.clear()
    _left_out.update(reasons[item] for item in gone)
    if gone:
        config.hook.pytest_deselected(items=gone)
        items[:] = [item for item in items if not reasons[item]]


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """Turn a skip into a failure, unless the test carries the mark `left_out`."""
    outcome = yield
    report = outcome.get_result()  # type: ignore[attr-defined]
    if report.skipped and not hasattr(report, "wasxfail") and not item.get_closest_marker("left_out"):
        report.outcome = "failed"
        report.longrepr = f"skipped, and skipping is not allowed here: {report.longrepr}"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what was left out, and why."""
    for reason, count in sorted(_left_out.items()):
        terminalreporter.write_line(f"LEFT OUT {count}: {reason}", yellow=True)
