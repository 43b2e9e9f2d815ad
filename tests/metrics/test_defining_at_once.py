"""An admin changes a metric while a worker stores its values: neither waits for the other for ever."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from django.db import connection

from metrics import defining, holding, keeping, pulling
from metrics.models import Metric, Source
from northstar.lib import clock
from teams.models import User
from tests.metrics.test_pulling import Ledger, ledger, metric, source
from tests.teams.bets import shared_between_threads

__all__ = ["ledger", "metric", "source"]


@pytest.mark.django_db(transaction=True)
def test_a_metric_is_resumed_while_a_pull_stores_its_values(
    ledger: type[Ledger],
    source: Source,
    metric: Metric,
    maren: User,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Source first, then metric: in the other order PostgreSQL ends one of the two as a deadlock."""
    record, errors = defining.record, list[Exception]()
    pull_inside, admin_inside = threading.Event(), threading.Event()

    def slow_record(*args: object, **named: object) -> object:
        admin_inside.set()
        return record(*args, **named)  # type: ignore[arg-type]

    def store() -> None:
        with holding.fenced(pull):
            pull_inside.set()
            admin_inside.wait(0.5)
            keeping.standing([metric])

    def resume() -> None:
        pull_inside.wait(5)
        defining.resume(metric, actor=maren)

    def noting(work: Callable[[], None]) -> None:
        try:
            work()
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    monkeypatch.setattr(defining, "record", slow_record)
    (pull_id,) = pulling.claim_due(clock.now())
    pull = pulling._start(pull_id)
    assert pull is not None
    with shared_between_threads(tmp_path):
        threads = [threading.Thread(target=noting, args=(work,)) for work in (store, resume)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
    assert errors == []
