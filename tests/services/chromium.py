"""A real Chromium for the browser tests: one found, else one installed."""

from __future__ import annotations

import functools
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass

from tests.services.processes import CannotProvide, install_debian

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")

# A browser under test talks to the product only: no look-ups, updates or sync of its own.
FLAGS = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-domain-reliability",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
    "--no-default-browser-check",
    "--font-render-hinting=none",
)


@dataclass(frozen=True, slots=True)
class Browser:
    """`path` is None for the browser that playwright installed for itself."""

    path: str | None
    origin: str

    def version(self) -> str:
        """What the browser calls itself."""
        if self.path is None:
            return "playwright's Chromium"
        done = subprocess.run([self.path, "--version"], capture_output=True, text=True, check=True)
        return done.stdout.strip()


def flags() -> list[str]:
    """Command-line flags for this machine; root has no sandbox."""
    return [*FLAGS, "--no-sandbox"] if os.geteuid() == 0 else list(FLAGS)


@functools.cache
def shared() -> Browser:
    """The run's browser; CannotProvide with a sentence if there is no way to one."""
    if given := os.environ.get("TEST_CHROMIUM"):
        return Browser(given, "named by TEST_CHROMIUM")
    if found := _found():
        return Browser(found, f"found: {found}")
    if install_debian("chromium") and (found := _found()):
        return Browser(found, "installed from Debian's package chromium")
    done = subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], capture_output=True)
    if done.returncode == 0:
        return Browser(None, "installed by playwright")
    raise CannotProvide("The browser tests need Chromium. Install it: apt install chromium")


def _found() -> str | None:
    return next((path for path in map(shutil.which, _NAMES) if path), None)
