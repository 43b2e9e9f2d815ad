"""Comparing what arrived with what the oracle says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from tests.teams import oracle, years
from tests.teams.oracle import Letter, Person
from tests.teams.years import Years


def check(
    lived: Years,
    kept: Sequence[tuple[datetime, str, str]],
    runs: Sequence[datetime],
    rounds: Sequence[datetime],
) -> int:
    """Compare what arrived with what the oracle says, letter by letter; returns how many there were."""
    calendar = years.expected(lived, runs)
    assert years.told_in_the_app() == {item.key: item.to for item in calendar}
    items = [*calendar, *years.happened()]
    arrived = years.received(kept)
    for person in lived.people:
        own = [letter for letter in arrived if letter.to == person.name]
        wanted = oracle.letters(person, items, rounds)
        assert _shown(own, person) == _shown(wanted, person), person
        assert all(person.may_be_told(person.wall(letter.at)) for letter in own), "nothing in quiet time"
        assert max(Counter(person.wall(letter.at).date() for letter in own).values(), default=0) <= 1
        keys = Counter(key for letter in own for key in letter.keys)
        assert max(keys.values(), default=0) <= 1, "nothing twice"
    return len(arrived)


def _shown(letters: Sequence[Letter], person: Person) -> list[str]:
    return [f"{person.wall(letter.at):%Y-%m-%d %H:%M} {sorted(letter.keys)}" for letter in letters]
