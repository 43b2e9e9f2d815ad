"""Half a year of people in four zones, through a real mail server: each hears the right thing once.

What everybody must get is worked out by tests.teams.oracle, which knows nothing of the product. Ten years
and twelve zones are in tests/faults/test_ten_years.py.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from tests.teams import letters, years
from tests.teams.posting import post_office
from tests.teams.years import PEOPLE, Years

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]


def test_half_a_year_of_four_zones_through_a_real_server_is_what_the_oracle_says(settings: Any) -> None:
    lived = Years(date(2027, 1, 4), date(2027, 6, 30), [PEOPLE[0], PEOPLE[3], PEOPLE[2], PEOPLE[4]], seed=6)
    years.build(lived, years.company_of_germany())
    runs, rounds = years.moments(lived)
    with post_office(settings) as office:
        years.live(lived, runs, rounds)
    kept = [
        (years.sent_at(message), to, years.text_of(message))
        for message, (to,) in zip(office.accepted, office.recipients, strict=True)
    ]
    assert letters.check(lived, kept, runs, rounds) > 40
