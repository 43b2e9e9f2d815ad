"""Who is pulled next: limits by host and in all, hosts that are left alone, waits that were asked for."""

from __future__ import annotations

import math
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from metrics import breakers, claiming, finishing, pulling
from metrics.connectors.base import ConnectorError
from metrics.models import Breaker, Company, Pull, Source
from northstar.lib import clock as clocks
from tests.metrics.scripted import Scripted, metric_of, pull_all, pull_due, scripted, source_of

__all__ = ["scripted"]

pytestmark = pytest.mark.django_db

UNREACHABLE = ConnectorError("connection", "The host does not answer.")


@pytest.fixture(autouse=True)
def stage(scripted: type[Scripted], company: Company, clock: object) -> None:
    """Every test here has the company, the scripted kind, and a clock that stands still."""


def names(ids: list[int]) -> list[str]:
    return [Pull.objects.select_related("source").get(pk=pk).source.name for pk in ids]


def test_a_host_is_asked_by_two_sources_at_once_and_the_oldest_go_first() -> None:
    now = clocks.now()
    for number in range(5):
        source_of(f"S{number}", next_due_at=now - timedelta(minutes=number))
    source_of("Other", host="two.example")
    assert names(claiming.claim_due(now)) == ["S4", "S3", "Other"]
    assert claiming.claim_due(now) == []


def test_a_source_held_back_by_its_host_follows_as_soon_as_one_ends() -> None:
    for number in range(4):
        metric_of(source_of(f"S{number}"))
    first, second = claiming.claim_due(clocks.now())
    pulling.run(first)
    assert len(claiming.claim_due(clocks.now())) == 1
    pulling.run(second)
    assert len(claiming.claim_due(clocks.now())) == 1


def test_a_kind_may_stand_fewer_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Scripted, "most_at_once", 1)
    for number in range(3):
        source_of(f"S{number}")
    assert len(claiming.claim_due(clocks.now())) == 1


def test_no_more_run_at_once_than_the_installation_allows(settings: Any) -> None:
    settings.PULLS_AT_ONCE = 3
    for number in range(5):
        source_of(f"S{number}", host=f"h{number}.example")
    assert len(claiming.claim_due(clocks.now())) == 3
    assert claiming.claim_due(clocks.now()) == []


def test_sources_without_a_host_do_not_wait_for_each_other() -> None:
    for number in range(5):
        source_of(f"S{number}")
    Source.objects.update(host_key="")
    assert len(claiming.claim_due(clocks.now())) == 5


def test_a_busy_host_hides_nobody_behind_it() -> None:
    now = clocks.now()
    for number in range(30):
        source_of(f"S{number}", next_due_at=now - timedelta(hours=1))
    source_of("Small", host="small.example")
    assert "Small" in names(claiming.claim_due(now))


def test_claiming_takes_the_same_number_of_queries_for_three_and_for_thirty(settings: Any) -> None:
    settings.PULLS_AT_ONCE, counts = 100, []
    claiming.claim_due(clocks.now())
    for rounds in (3, 30):
        for number in range(rounds):
            source = source_of(f"R{rounds} S{number}", host=f"h{rounds}-{number}.example")
            if number % 2:
                claiming.request(source)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert len(claiming.claim_due(clocks.now())) == rounds
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 12


def test_after_three_days_two_hundred_sources_catch_up_without_a_burst(
    clock: time_machine.Coordinates,
) -> None:
    """F21: one pull a source over all that was missed, never more at once than the limits say."""
    source = source_of("Deep", host="deep.example")
    metric = metric_of(source)
    for number in range(199):
        source_of(f"S{number}", host=f"h{number % 40}.example")
    pull_all()
    Pull.objects.all().delete()
    clock.shift(timedelta(days=3))
    rounds = []
    while ids := claiming.claim_due(clocks.now()):
        hosts = Counter(Pull.objects.filter(pk__in=ids).values_list("source__host_key", flat=True))
        rounds.append((len(ids), max(hosts.values())))
        for pull_id in ids:
            pulling.run(pull_id)
    assert sum(count for count, _ in rounds) == 200
    assert max(count for count, _ in rounds) <= 20
    assert max(most for _, most in rounds) <= 2
    assert Counter(Pull.objects.values_list("source", flat=True)).most_common(1)[0][1] == 1
    assert metric.observations.filter(status="value").count() == 13
    dues = set(Source.objects.values_list("next_due_at", flat=True))
    assert len(dues) > 30


def test_a_host_that_fails_five_times_in_a_row_is_left_alone_by_all_who_sign_in_alike(
    scripted: type[Scripted], clock: time_machine.Coordinates
) -> None:
    for number in range(6):
        metric_of(source_of(f"S{number}", secret="hunter2"))
    other = source_of("Other", secret="another")
    metric_of(other)
    scripted.failures["one.example"] = UNREACHABLE
    pull_all()
    assert len(scripted.asked) == 7
    resting = breakers.of(Source.objects.all(), clocks.now())
    assert {Source.objects.get(pk=pk).name for pk in resting} == {f"S{number}" for number in range(6)}
    assert Source.objects.get(name="S5").next_due_at >= clocks.now()


def test_when_its_time_is_over_one_source_tries_and_the_others_wait_for_what_comes_of_it(
    scripted: type[Scripted], clock: time_machine.Coordinates
) -> None:
    for number in range(6):
        metric_of(source_of(f"S{number}"))
    scripted.failures["one.example"] = UNREACHABLE
    pull_all()
    clock.shift(timedelta(minutes=40))
    (probe,) = claiming.claim_due(clocks.now())
    assert claiming.claim_due(clocks.now()) == []
    pulling.run(probe)
    assert claiming.claim_due(clocks.now()) == []
    until = Breaker.objects.get().open_until
    assert until > clocks.now() + timedelta(minutes=1)
    scripted.failures.clear()
    clock.move_to(until + timedelta(minutes=30))
    assert len(pull_due()) == 1
    assert breakers.not_closed() == {}
    assert pull_all() == 5
    assert set(Source.objects.values_list("failures", flat=True)) == {0}


def test_a_probe_whose_worker_was_lost_is_followed_by_another(
    scripted: type[Scripted], clock: time_machine.Coordinates, settings: Any
) -> None:
    for number in range(5):
        metric_of(source_of(f"S{number}"))
    scripted.failures["one.example"] = UNREACHABLE
    pull_all()
    clock.shift(timedelta(minutes=40))
    assert len(claiming.claim_due(clocks.now())) == 1
    clock.shift(settings.PULL_LEASE_SECONDS + 1)
    assert len(claiming.claim_due(clocks.now())) == 1


def test_pull_now_tries_a_host_at_once_that_is_left_alone(scripted: type[Scripted]) -> None:
    sources = [source_of(f"S{number}") for number in range(5)]
    for source in sources:
        metric_of(source)
    scripted.failures["one.example"] = UNREACHABLE
    pull_all()
    scripted.failures.clear()
    claiming.request(sources[0])
    assert len(pull_due()) == 1
    assert breakers.not_closed() == {}


def test_a_refused_sign_in_opens_no_breaker_and_stops_no_other_source_of_the_host(
    scripted: type[Scripted], clock: time_machine.Coordinates
) -> None:
    """F43."""
    refused, other = source_of("Refused", secret="old"), source_of("Other", user="somebody")
    metric_of(refused)
    metric_of(other)
    for _ in range(3):
        scripted.failures["one.example"] = ConnectorError("auth", "The token expired.", permanent=True)
        claiming.request(refused)
        Source.objects.filter(pk=other.pk).update(next_due_at=None)
        pull_due()
        clock.shift(timedelta(hours=2))
    scripted.failures.clear()
    refused.refresh_from_db()
    assert refused.state == "needs_sign_in"
    assert not Breaker.objects.filter(failures__gt=0).exists()
    Source.objects.filter(pk=other.pk).update(next_due_at=clocks.now())
    assert names(pull_due()) == ["Other"]
    other.refresh_from_db()
    assert other.failures == 0


@pytest.mark.parametrize(
    ("asked", "waits"),
    [(120, 120), (315_360_000, 24 * 3600), (math.inf, None), (math.nan, None), (-5, None), (None, None)],
)
def test_a_service_that_asks_for_patience_gets_it(
    asked: float | None, waits: int | None, scripted: type[Scripted]
) -> None:
    """F41; reading the header is the HTTP connector's, keeping to it ours: at most a day."""
    metric_of(source_of("Shop"))
    scripted.failures[""] = ConnectorError("rate_limited", "Asked too often.", retry_after=asked)
    pull_due()
    source = Source.objects.get()
    if waits is None:
        assert source.wait_until is None
        assert source.next_due_at <= clocks.now() + timedelta(seconds=30)
    else:
        assert source.wait_until == source.next_due_at == clocks.now() + timedelta(seconds=waits)


def test_nothing_but_a_person_pulls_before_the_service_allows_it(
    scripted: type[Scripted], clock: time_machine.Coordinates
) -> None:
    source = source_of("Shop")
    metric_of(source)
    scripted.failures[""] = ConnectorError("rate_limited", "Asked too often.", retry_after=7200)
    pull_due()
    clock.shift(timedelta(minutes=61))
    Source.objects.update(next_due_at=clocks.now())
    assert pull_due() == []
    scripted.failures.clear()
    claiming.request(source)
    assert len(pull_due()) == 1
    assert Source.objects.get().wait_until is None


def test_a_retry_is_planned_by_back_off_and_never_before_the_host_is_tried_again(
    scripted: type[Scripted],
) -> None:
    for number in range(5):
        metric_of(source_of(f"S{number}"))
    scripted.failures[""] = UNREACHABLE
    pull_all()
    last = Source.objects.order_by("-next_due_at").first()
    assert last is not None
    assert last.next_due_at >= clocks.now() + breakers.FIRST_REST
    assert finishing.PAUSE_AFTER == 3
