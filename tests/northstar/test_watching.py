"""Admins are told when the worker or beat is silent, and nobody is alarmed for nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest

from metrics.models import Heartbeat
from northstar import watching
from northstar.lib import clock

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def long_running(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "STARTED", clock.now() - timedelta(hours=1))


def heard(name: str, minutes_ago: int) -> None:
    Heartbeat.beat(name, clock.now() - timedelta(minutes=minutes_ago))


def test_nothing_is_said_while_both_live() -> None:
    heard("worker", 0)
    heard("beat", 4)
    assert watching.silence_banners() == []


def test_a_silent_beat_is_named_with_what_it_means() -> None:
    heard("worker", 0)
    heard("beat", 6)
    (banner,) = watching.silence_banners()
    assert banner["title"].startswith("The beat has been silent since")
    assert "No new pulls are started" in banner["text"]


def test_a_silent_worker_is_named_first_because_beat_is_heard_through_it() -> None:
    heard("worker", 30)
    heard("beat", 30)
    (banner,) = watching.silence_banners()
    assert banner["title"].startswith("The worker has been silent since")


def test_right_after_the_start_there_is_no_alarm(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "STARTED", clock.now() - timedelta(seconds=30))
    assert watching.silence_banners() == []


def test_the_clock_of_the_database_agrees_with_this_machine() -> None:
    assert abs(watching.clock_skew()) < 5
