from __future__ import annotations

import threading
from time import monotonic

import pytest

from metrics.connectors import sql_watch
from metrics.connectors.sql_watch import Watch


def test_our_side_is_cut_although_asking_the_server_hangs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sql_watch, "GRACE_SECONDS", 0.1)
    for_ever, cut = threading.Event(), threading.Event()
    watch = Watch(0.05, cancel=lambda: for_ever.wait() and None, cut=cut.set)
    watch.start()
    assert cut.wait(5) and watch.expired
    begun = monotonic()
    watch.stop()
    assert monotonic() - begun < 2
    for_ever.set()


def test_nothing_is_cancelled_once_the_answer_is_there() -> None:
    called: list[str] = []
    watch = Watch(60, cancel=lambda: called.append("cancel"), cut=lambda: called.append("cut"))
    watch.start()
    assert 50 < watch.left() <= 60
    watch.stop()
    assert (called, watch.expired) == ([], False)
