"""The demo company on two days: loaded once a day for the whole folder, whose tests only look at it.

1 March 2027 is an early Monday, too; one in the middle of a month joins them in the long form.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.northstar import brindlewick

# What the demo says of a day is the same in every database; tests/northstar/test_demo.py loads it into both.
TODAYS = {
    "a Monday": pytest.param(brindlewick.MONDAY, marks=[pytest.mark.one_database, pytest.mark.long]),
    "a Sunday": pytest.param(brindlewick.SUNDAY, marks=pytest.mark.one_database),
    "1 March": pytest.param(brindlewick.FIRST_OF_MARCH, marks=pytest.mark.one_database),
}


@pytest.fixture(scope="package", params=TODAYS.values(), ids=TODAYS, autouse=True)
def story(request: pytest.FixtureRequest, django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    with brindlewick.loaded(request.param, django_db_blocker):
        yield
