"""How a source fares, in words, and the one thing that helps where it does not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.urls import reverse

from metrics import ages
from metrics.connectors.base import Connector
from metrics.connectors.registry import connector_class
from metrics.models import Source

LATE_AFTER = timedelta(minutes=10)
CAUSES = {
    "auth": "Needs sign-in",
    "config": "Failing: settings",
    "tls": "Failing: certificate",
    "egress_denied": "Failing: address blocked",
    "connection": "Failing: not reachable",
    "timeout": "Failing: no answer in time",
    "role": "Failing: user can write",
}
TITLES = {
    "auth": "{name} has refused the sign-in for {time}.",
    "connection": "{name} has not been reachable for {time}.",
    "timeout": "{name} has not answered in time for {time}.",
}
EDITED = frozenset({"config", "tls", "egress_denied", "role"})


@dataclass(frozen=True, slots=True)
class Standing:
    """A state of the sources page: its name, the colour of its pill, its words."""

    name: str
    pill: str
    words: str


@dataclass(frozen=True, slots=True)
class Trouble:
    """What is wrong since when, what happens next, and the one button. `post`: the button is a form."""

    title: str
    cause: str
    text: str
    action: str
    url: str
    post: bool


def standing(source: Source, now: datetime, *, arrived: bool) -> Standing:
    """The state of a source that is not archived; `arrived`: it has brought a value at least once."""
    if source.paused_at and not source.failures:
        return Standing("paused", "neutral", "Paused")
    if source.failures and source.last_error_code == "auth":
        return Standing("needs_sign_in", "bad", CAUSES["auth"])
    if source.paused_at:
        return Standing("paused", "bad", "Paused after failures")
    if source.failures:
        return Standing("failing", "bad", CAUSES.get(source.last_error_code, "Failing"))
    if source.next_scheduled_at and source.next_scheduled_at < now - LATE_AFTER:
        return Standing("late", "warn", "Late")
    if not arrived and source.last_ok_at is None:
        pulled = connector_class(source.kind).pulls
        return Standing("waiting", "neutral", "First pull waits" if pulled else "No value yet")
    return Standing("active", "good", "Active")


def trouble(source: Source, now: datetime, *, metrics: int) -> Trouble | None:
    """The banner of a source that fails; None for one that does not."""
    if not source.failures:
        return None
    cls = connector_class(source.kind)
    since = ages.length_words(now - (source.failing_since or now))
    title = TITLES.get(source.last_error_code, "{name} has been failing for {time}.")
    action, url, post = _remedy(source, cls)
    return Trouble(
        title=title.format(name=source.name, time=since),
        cause=source.last_error_message.split("\n\n")[0],
        text=f"{_waiting(metrics)} {_next(source, now)}".strip(),
        action=action,
        url=url,
        post=post,
    )


def _remedy(source: Source, cls: type[Connector]) -> tuple[str, str, bool]:
    edit = reverse("source-edit", args=[source.slug])
    secret = next((field.label.lower() for field in cls.settings_fields if field.secret), "")
    if source.last_error_code == "auth" and secret:
        return f"Enter a new {secret}", edit, False
    if source.last_error_code in EDITED or source.last_error_code == "auth":
        return "Change the settings", edit, False
    if source.paused_at:
        return "Resume the source", reverse("source-resume", args=[source.slug]), True
    return "Pull again now", reverse("source-pull", args=[source.slug]), True


def _waiting(metrics: int) -> str:
    if not metrics:
        return ""
    count = "1 metric waits; its" if metrics == 1 else f"{metrics} metrics wait; their"
    return f"{count} missing days are fetched once it works again."


def _next(source: Source, now: datetime) -> str:
    if source.paused_at:
        return "It is paused until then."
    if source.next_due_at is None:
        return ""
    if source.next_due_at <= now:
        return "The next try is under way."
    return f"The next try comes in {ages.length_words(source.next_due_at - now)}."
