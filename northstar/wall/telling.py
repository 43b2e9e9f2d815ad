"""What the page of screens says of each: what it shows, when it was seen, what kind of browser it is."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from metrics import ages
from teams.models import Screen

#: A screen looks every five minutes; it may miss one.
SEEN = timedelta(minutes=12)
BROWSERS = {
    "Edg/": "Edge",
    "OPR/": "Opera",
    "SamsungBrowser": "Samsung's browser",
    "Firefox/": "Firefox",
    "Chrome/": "Chrome or Chromium",
    "Safari/": "Safari",
}
SYSTEMS = {
    "Tizen": "a Samsung TV",
    "Web0S": "an LG TV",
    "Android": "Android",
    "CrOS": "ChromeOS",
    "iPhone": "an iPhone",
    "iPad": "an iPad",
    "Windows": "Windows",
    "Mac OS": "a Mac",
    "Linux": "Linux",
}


@dataclass(frozen=True, slots=True)
class Row:
    """A screen in words."""

    screen: Screen
    tone: str
    seen: str
    shows: str
    rhythm: str


def row(screen: Screen, *, now: datetime) -> Row:
    """A line of the table; `teams` must be fetched already."""
    seen = screen.seen_at
    if seen is None:
        return Row(screen, "neutral", "not seen yet", _shows(screen), _rhythm(screen))
    tone = "good" if now - seen < SEEN else "warn"
    return Row(screen, tone, f"seen {ages.ago_words(seen, now)}", _shows(screen), _rhythm(screen))


def asking(screen: Screen) -> dict[str, str]:
    """Who asks: address and browser in words; what a browser says of itself may be untrue."""
    said = screen.browser
    browser = next((words for sign, words in BROWSERS.items() if sign in said), "an unknown browser")
    system = next((words for sign, words in SYSTEMS.items() if sign in said), "an unknown system")
    plain = re.sub(r"[^\x20-\x7e]", "?", said)
    return {"address": screen.address or "unknown", "browser": f"{browser} on {system}", "said": plain}


def _shows(screen: Screen) -> str:
    names = sorted((team.name for team in screen.teams.all()), key=str.casefold)
    if not names:
        return "North Star; its teams are gone" if screen.only_these else "North Star and all teams"
    if len(names) > 3:
        return f"North Star and {len(names)} teams"
    return "North Star, " + ", ".join(names)


def _rhythm(screen: Screen) -> str:
    parts = [f"{screen.seconds} s a view", "with names" if screen.shows_names else "without names"]
    if screen.dims_from and screen.dims_until:
        parts.append(f"dim {screen.dims_from:%H:%M} to {screen.dims_until:%H:%M}")
    return ", ".join(parts)
