"""Whatever random people do on random days, no forbidden step is taken and nothing is forgotten.

Twenty histories here, the same in every run; thousands by chance in tests/faults/test_histories.py.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.teams.histories import live, lives  # noqa: F401

# Two at once on PostgreSQL: test_at_once.
pytestmark = [pytest.mark.django_db, pytest.mark.one_database]


def test_no_history_breaks_a_rule(lives: Any) -> None:  # noqa: F811
    live(lives, histories=20, steps=40, always_the_same=True)
    assert sum(lives.done.values()) > 20 and lives.refused["not allowed"] > 10
