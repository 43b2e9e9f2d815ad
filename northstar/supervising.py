"""Keeps a handful of child processes running: restarts them, passes on their words, ends them all.

Every child leads a process group of its own, so that what it started can be ended with it. The kernel
ends a child whose supervisor is gone (Linux), so a kill -9 of the supervisor leaves nothing behind.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import FrameType
from typing import IO

GRACE_SECONDS = 15.0
STEADY_SECONDS = 60.0
LONGEST_PAUSE = 30.0
_PR_SET_PDEATHSIG, _PR_SET_CHILD_SUBREAPER = 1, 36


@dataclass(slots=True)
class Child:
    """One process to keep running; `deaths` counts the recent ones and sets the pause before a restart."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    due_at: float = 0.0
    deaths: int = 0
    rest: bytes = field(default=b"", repr=False)

    def start(self, now: float) -> IO[bytes]:
        """Start it in a group of its own; what it says comes back as a non-blocking stream."""
        self.process = subprocess.Popen(
            self.command,
            env=dict(self.environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            process_group=0,
            preexec_fn=_end_with_parent,
        )
        self.started_at, self.rest = now, b""
        assert self.process.stdout is not None
        os.set_blocking(self.process.stdout.fileno(), False)
        return self.process.stdout

    def signal_group(self, signum: int) -> None:
        """Signal the child and all that it started; nothing happens if they are gone."""
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, signum)

    def pause(self, now: float) -> float:
        """Seconds to wait before the next start: none after a steady life, then 1, 2, 4 … 30."""
        steady = now - self.started_at >= STEADY_SECONDS
        self.deaths = 1 if steady else self.deaths + 1
        return 0.0 if self.deaths == 1 else min(LONGEST_PAUSE, 2.0 ** (self.deaths - 2))


class Supervisor:
    """Runs until SIGTERM, SIGINT or SIGHUP; a second one ends the children at once."""

    def __init__(self, *, say: Callable[[str], None], grace: float = GRACE_SECONDS) -> None:
        self._say = say
        self._grace = grace
        self._children: list[Child] = []
        self._selector = selectors.DefaultSelector()
        self._asked_to_stop = 0
        self._waker, self._wake = os.pipe()

    @property
    def stopping(self) -> bool:
        """Whether somebody asked for the end."""
        return self._asked_to_stop > 0

    def add(self, child: Child) -> None:
        """Start a child now and keep it running."""
        self._children.append(child)
        self._start(child, time.monotonic())

    def listen(self) -> None:
        """Take over the signals, and adopt the orphans of children that were killed."""
        for end in (self._waker, self._wake):
            os.set_blocking(end, False)
        signal.set_wakeup_fd(self._wake, warn_on_full_buffer=False)
        for signum in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(signum, self._on_stop_signal)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1)
        self._selector.register(self._waker, selectors.EVENT_READ)

    def turn(self, seconds: float) -> None:
        """Wait up to `seconds`: pass on what the children say, restart what died."""
        due = [child.due_at for child in self._children if child.process is None]
        until_due = max(0.0, min(due) - time.monotonic()) if due and not self.stopping else seconds
        for key, _ in self._selector.select(min(seconds, until_due)):
            if key.data is None:
                with contextlib.suppress(BlockingIOError):
                    os.read(self._waker, 4096)
            else:
                self._pass_on(key.data, key.fileobj)  # type: ignore[arg-type]
        now = time.monotonic()
        for child in self._children:
            self._look_after(child, now)
        self._reap_orphans()

    def stop(self) -> None:
        """SIGTERM to every child, then SIGKILL to the groups of those still there after the grace."""
        self._asked_to_stop = max(1, self._asked_to_stop)
        deadline = time.monotonic() + self._grace
        for child in self._children:
            if child.process is not None:
                child.process.terminate()
        while any(child.process for child in self._children):
            if time.monotonic() > deadline or self._asked_to_stop > 1:
                late = [child.name for child in self._children if child.process]
                self._say(f"ending {' and '.join(late)} at once")
                break
            self.turn(0.2)
        for child in self._children:
            child.signal_group(signal.SIGKILL)
            if child.process is not None:
                child.process.wait()
        self._reap_orphans()

    def _on_stop_signal(self, signum: int, frame: FrameType | None) -> None:
        self._asked_to_stop += 1

    def _start(self, child: Child, now: float) -> None:
        try:
            self._selector.register(child.start(now), selectors.EVENT_READ, child)
        except OSError as problem:
            child.process = None
            child.due_at = now + child.pause(now)
            self._say(f"{child.name} could not be started: {problem}")

    def _look_after(self, child: Child, now: float) -> None:
        if child.process is None:
            if not self.stopping and now >= child.due_at:
                self._start(child, now)
        elif (code := child.process.poll()) is not None:
            self._bury(child, now, code)

    def _bury(self, child: Child, now: float, code: int) -> None:
        """End what a dead child left running before its successor starts beside it."""
        child.signal_group(signal.SIGKILL)
        assert child.process is not None and child.process.stdout is not None
        self._pass_on(child, child.process.stdout)
        if child.rest:
            write_line(f"{child.name:<6} | {child.rest.decode(errors='replace')}")
        with contextlib.suppress(KeyError, ValueError):
            self._selector.unregister(child.process.stdout)
        child.process.stdout.close()
        child.process = None
        if not self.stopping:
            pause = child.pause(now)
            child.due_at = now + pause
            how = f"was ended by signal {-code}" if code < 0 else f"ended with code {code}"
            self._say(f"{child.name} {how}; starting it again{f' in {pause:.0f} s' if pause else ''}")

    def _pass_on(self, child: Child, stream: IO[bytes]) -> None:
        with contextlib.suppress(BlockingIOError):
            while chunk := os.read(stream.fileno(), 65536):
                *lines, child.rest = (child.rest + chunk).split(b"\n")
                for line in lines:
                    write_line(f"{child.name:<6} | {line.decode(errors='replace').rstrip()}")
            with contextlib.suppress(KeyError, ValueError):
                self._selector.unregister(stream)

    def _reap_orphans(self) -> None:
        """Collect adopted processes that have ended; our own children are left to their Popen."""
        ours = {child.process.pid for child in self._children if child.process}
        with contextlib.suppress(ChildProcessError):
            while (found := os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)) is not None:
                if found.si_pid in ours:
                    return
                os.waitpid(found.si_pid, 0)


def write_line(text: str) -> None:
    """One line to standard output; a reader that went away must not end the product."""
    with contextlib.suppress(OSError, ValueError):
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()


def _end_with_parent() -> None:
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
