"""How a source fares, in words, and the one thing that helps where it does not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.urls import reverse

from metrics import ages, remedies
from metrics.breakers import Resting
from metrics.connectors.registry import connector_class
from metrics.models import Source
from metrics.remedies import Remedy

LATE_AFTER = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Standing:
    """A state of the sources page: its name, the colour of its pill, its words."""

    name: str
    pill: str
    words: str


@dataclass(frozen=True, slots=True)
class Trouble:
    """What is wrong since when, what to do, what happens next, and the one button. `post`: it is a form."""

    title: str
    cause: str
    todo: str
    text: str
    action: str
    url: str
    post: bool


def standing(
    source: Source,
    now: datetime,
    *,
    arrived: bool,
    resting: Resting | None = None,
    unchanged: int = 0,
    zone: str = "UTC",
) -> Standing:
    """The state of a source that is not archived; `arrived`: it has brought a value at least once.

    `resting` is from `breakers.of`, `unchanged` from `unchanging.unchanged`: a page of many asks once.
    """
    if source.paused_at and not source.failures:
        return Standing("paused", "neutral", "Paused")
    if source.failures and source.last_error_code == "auth":
        return Standing("needs_sign_in", "bad", remedies.of("auth").pill)
    if source.paused_at:
        return Standing("paused", "bad", "Paused after failures")
    if source.wait_until and source.wait_until > now:
        until = _clock_words(source.wait_until, now, zone)
        return Standing("waiting", "warn", f"Waiting until {until} as the service asked")
    if resting is not None:
        until = _clock_words(resting.until, now, zone)
        return Standing("failing", "bad", f"Left alone until {until}: host does not answer")
    if source.failures:
        return Standing("failing", "bad", remedies.of(source.last_error_code).pill)
    if source.next_scheduled_at and source.next_scheduled_at < now - LATE_AFTER:
        return Standing("late", "warn", "Late")
    if not arrived and source.last_ok_at is None:
        pulled = connector_class(source.kind).pulls
        return Standing("waiting", "neutral", "First pull waits" if pulled else "No value yet")
    if unchanged:
        return Standing("active", "warn", f"Value unchanged for {unchanged} weeks")
    return Standing("active", "good", "Active")


def trouble(source: Source, now: datetime, *, metrics: int) -> Trouble | None:
    """The banner of a source that fails; None for one that does not."""
    if not source.failures:
        return None
    remedy = remedies.of(source.last_error_code)
    since = ages.length_words(now - (source.failing_since or now))
    action, url, post = _button(source, remedy)
    return Trouble(
        title=remedy.title.format(name=source.name, span=f"for {since}"),
        cause=source.last_error_message.split("\n\n")[0],
        todo=remedy.todo,
        text=f"{_waiting(metrics)} {_next(source, now)}".strip(),
        action=action,
        url=url,
        post=post,
    )


def _button(source: Source, remedy: Remedy) -> tuple[str, str, bool]:
    """Words, address, and whether it is a form."""
    fields = connector_class(source.kind).settings_fields
    secret = next((field.label.lower() for field in fields if field.secret), "")
    if remedy.leads == remedies.EDIT:
        action = remedy.action if secret or "{secret}" not in remedy.action else "Change the settings"
        return action.format(secret=secret), reverse("source-edit", args=[source.slug]), False
    if source.paused_at:
        return "Resume the source", reverse("source-resume", args=[source.slug]), True
    if remedy.leads == remedies.LOOK:
        return remedy.action, reverse("source", args=[source.slug]), False
    return remedy.action, reverse("source-pull", args=[source.slug]), True


def _clock_words(moment: datetime, now: datetime, zone: str) -> str:
    """ "14:20", with the day where it is not today."""
    words = ages.moment_words(moment, zone=zone, now=now)
    same = ages.moment_words(now, zone=zone, now=now).rsplit(" ", 1)[0] == words.rsplit(" ", 1)[0]
    return words.rsplit(" ", 1)[1] if same else words


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
