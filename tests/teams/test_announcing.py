"""The weekly review is announced once, whoever comes first, and to everybody in the same moment."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import time_machine

from metrics.models import Metric
from teams.digests import announcing
from teams.models import Channel, Delivery, Reminder, Team, User, WeeklyReview
from tests.teams.bets import at_once, shared_between_threads
from tests.teams.weekly_letters import SEVEN, SUNDAY, kept_week


@pytest.fixture(autouse=True)
def _monday() -> Iterator[None]:
    with time_machine.travel(SUNDAY, tick=False):
        yield


@pytest.fixture
def review(
    db: None,
    marketing: Team,
    idris: User,
    make_metric: Callable[..., Metric],
    make_weeks: Callable[..., None],
) -> WeeklyReview:
    User.objects.exclude(pk=idris.pk).update(is_active=False)
    return kept_week(make_metric, make_weeks, marketing)


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_tell_it_once(review: WeeklyReview, tmp_path: Path) -> None:
    with shared_between_threads(tmp_path):
        assert sorted(at_once(*[lambda: announcing.announce(SEVEN)] * 3)) == [0, 0, 1]
        assert at_once(Delivery.objects.filter(channel="email").count) == [1]


@pytest.mark.django_db
def test_where_it_breaks_half_way_nothing_of_it_stands_and_the_next_run_tells_all(
    review: WeeklyReview, marketing: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    Channel.objects.create(kind="slack", label="#marketing", team=marketing, rules=["weekly_ready"])

    def dies(*_: object) -> int:
        raise ConnectionResetError

    with monkeypatch.context() as patched:
        patched.setattr(announcing, "_tell_teams", dies)
        with pytest.raises(ConnectionResetError):
            announcing.announce(SEVEN)
    assert not Reminder.objects.exists() and not Delivery.objects.exists()
    assert announcing.announce(SEVEN) == 2
    assert Delivery.objects.exclude(channel="app").count() == 2
