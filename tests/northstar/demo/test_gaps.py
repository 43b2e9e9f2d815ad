"""The demo company has a gap of every kind, and Partnerships is one that everybody sees."""

from __future__ import annotations

import pytest

from metrics.models import Company
from northstar.lib import clock
from northstar.lib.policy import Subject
from northstar.portfolio import columns, finding, standing
from teams.gaps import KINDS, Gap, by_kind
from teams.models import Team

pytestmark = pytest.mark.django_db


def gaps_for(subject: Subject) -> list[Gap]:
    company = Company.current()
    seen = standing.look(company, subject, today=clock.today(company.zone))
    boards = columns.boards(columns.owned(), seen.teams, seen.shown)
    return finding.every_gap(seen, boards.values(), subject)


def test_a_leader_meets_a_gap_of_every_kind() -> None:
    counts = by_kind(gaps_for(Subject(user_id=1, grants=frozenset({"leader"}))))
    assert {kind for kind in KINDS if not counts[kind]} == set()


def test_partnerships_pushes_nothing_and_measures_no_referrals() -> None:
    pk = Team.objects.get(slug="partnerships").pk
    found = {gap.what for gap in gaps_for(Subject(user_id=1)) if gap.team == pk}
    assert found == {"no_focus", "not_measured"}
