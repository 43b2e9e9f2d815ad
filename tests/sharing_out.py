"""How pytest-xdist shares the tests out to its two workers."""

from __future__ import annotations

from typing import Any

import pytest
from xdist.scheduler.loadscope import LoadScopeScheduling

# Tests that start and kill the product's processes: one after the other, on one worker.
ONE_AFTER_THE_OTHER = ("tests/faults/", "tests/northstar/test_up.py")
# Files that share what is made once for their folder.
TOGETHER = "tests/northstar/demo/"
# Few and long: each test goes where there is room.
APART = "tests/e2e/test_every_page.py"


class ByFile(LoadScopeScheduling):
    """A file stays whole, so that its module fixtures are made once; some folders, and process tests, too.

    This stands in for `--dist loadgroup`, whose marks xdist 3.8 no longer sees under pytest 9.2.
    """

    def _split_scope(self, nodeid: str) -> str:
        if nodeid.startswith(TOGETHER):
            return TOGETHER
        if nodeid.startswith(APART):
            return nodeid
        return "processes" if nodeid.startswith(ONE_AFTER_THE_OTHER) else nodeid.split("::", 1)[0]


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByFile:
    """The scheduler for every run with -n."""
    return ByFile(config, log)
