"""Ends a query at its deadline from outside, since a query may switch off the server's own timeout (R34)."""

from __future__ import annotations

import contextlib
import os
import socket
import threading
from collections.abc import Callable
from time import monotonic

GRACE_SECONDS = 3.0


class Watch:
    """After `seconds`, calls `cancel` (ask the server to stop) from a thread of its own, and a little later
    `cut` (end our side, so that nobody waits for it) where that did not help."""

    def __init__(self, seconds: float, *, cancel: Callable[[], None], cut: Callable[[], None]) -> None:
        self.seconds = seconds
        self._ends = monotonic() + seconds
        self._cut = cut
        self._expired = threading.Event()
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watching, daemon=True)
        self._cancelling = threading.Thread(target=cancel, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Return when nothing will be cancelled any more."""
        self._done.set()
        for thread in (self._thread, self._cancelling):
            if thread.is_alive():
                thread.join(timeout=GRACE_SECONDS)

    @property
    def expired(self) -> bool:
        """Whether the deadline is over, so that an error is its doing."""
        return self._expired.is_set()

    def left(self) -> float:
        """Seconds until the deadline, at least 0."""
        return max(0.0, self._ends - monotonic())

    def _watching(self) -> None:
        if self._done.wait(self.left()):
            return
        self._expired.set()
        # From another thread: asking may itself wait for a server that does not answer any more.
        self._cancelling.start()
        if not self._done.wait(GRACE_SECONDS):
            self._cut()


def shut(descriptor: int) -> None:
    """End both directions of a connection that another thread is waiting at."""
    with contextlib.suppress(OSError), socket.socket(fileno=os.dup(descriptor)) as duplicate:
        duplicate.shutdown(socket.SHUT_RDWR)
