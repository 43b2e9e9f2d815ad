"""Ten years, twelve zones, a virtual clock: every letter that the rules ask for, each once (reliability G3).

Three times in it nothing runs for ten days. The short form is tests/teams/test_letters.py.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from tests.teams import letters, years
from tests.teams.years import PEOPLE, Years

pytestmark = [pytest.mark.django_db, pytest.mark.one_database, pytest.mark.long]


def test_ten_years_of_twelve_zones_are_what_the_oracle_says(settings: Any) -> None:
    settings.EMAIL_BACKEND = "tests.teams.years.Mailbox"
    years.Mailbox.kept.clear()
    lived = Years(date(2027, 1, 4), date(2036, 12, 31), PEOPLE, seed=10)
    years.build(lived, years.company_of_germany())
    runs, rounds = years.moments(lived)
    years.live(lived, runs, rounds)
    count = letters.check(lived, years.Mailbox.kept, runs, rounds)
    assert count > 3000
