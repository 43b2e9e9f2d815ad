"""The long form of tests/teams/test_histories.py: thousands of random histories of OMTMs."""

from __future__ import annotations

from typing import Any

import pytest

from tests.teams.histories import ALLOWED, MAY, live, lives  # noqa: F401

pytestmark = [pytest.mark.django_db, pytest.mark.long]


def test_no_history_of_thousands_breaks_a_rule_and_every_verb_is_done(lives: Any) -> None:  # noqa: F811
    live(lives, histories=200, steps=30)
    print(dict(lives.done), dict(lives.refused))
    assert not (set(ALLOWED) | set(MAY)) - set(lives.done), lives.done
