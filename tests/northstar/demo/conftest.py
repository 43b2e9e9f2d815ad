"""The demo company on three days: loaded once a day for the whole folder, whose tests only look at it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.northstar import brindlewick

TODAYS = {
    "a Monday": brindlewick.MONDAY,
    "a Sunday": brindlewick.SUNDAY,
    "1 March": brindlewick.FIRST_OF_MARCH,
}


@pytest.fixture(scope="package", params=TODAYS.values(), ids=TODAYS, autouse=True)
def story(request: pytest.FixtureRequest, django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    with brindlewick.loaded(request.param, django_db_blocker):
        yield
