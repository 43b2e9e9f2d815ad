"""The words by which people are told of their sources: which one, why, since when, and what to do."""

from __future__ import annotations

from datetime import datetime

from django.urls import reverse

from metrics import ages, remedies
from metrics.models import SourceEvent
from teams.reminders.rules import SOURCE_FAILING
from teams.reminders.wording import Words, one_line

MOST_LISTED = 10


def of(rule: str, events: list[SourceEvent], *, zone: str, now: datetime) -> Words:
    """What one person is told of these events, with the page of the source, or of all if they are several."""
    failing = rule == SOURCE_FAILING
    if len(events) == 1:
        return _failing(events[0], zone, now) if failing else _healed(events[0], zone, now)
    subject = f"{len(events)} sources {'need you' if failing else 'work again'}"
    lines = [_line(event, zone, now, failing=failing) for event in events[:MOST_LISTED]]
    if len(events) > MOST_LISTED:
        lines.append(f"And {len(events) - MOST_LISTED} more.")
    return Words(subject, "\n".join([f"{subject}.", *lines]), reverse("source-list"), "Open the sources")


def _failing(event: SourceEvent, zone: str, now: datetime) -> Words:
    source, remedy = event.source, remedies.of(event.code)
    text = [
        _title(event, zone, now),
        event.message.split("\n\n")[0],
        remedy.todo,
        _last_values(event, zone, now),
        "It is paused until somebody resumes it." if source.paused_at else "",
    ]
    words = remedy.pill.removeprefix("Failing: ").lower()
    return Words(
        one_line(f"{source.name}: {words}"),
        "\n".join(filter(None, text)),
        reverse("source", args=[source.slug]),
        "Open the source",
    )


def _healed(event: SourceEvent, zone: str, now: datetime) -> Words:
    at = ages.moment_words(event.at, zone=zone, now=now)
    return Words(
        one_line(f"{event.source.name} works again"),
        f"{event.source.name} works again since {at}. What was missed has been asked for.",
        reverse("source", args=[event.source.slug]),
        "Open the source",
    )


def _line(event: SourceEvent, zone: str, now: datetime, *, failing: bool) -> str:
    if not failing:
        return f"{event.source.name}, since {ages.moment_words(event.at, zone=zone, now=now)}."
    return f"{_title(event, zone, now)} {one_line(event.message.split(chr(10))[0])}"


def _title(event: SourceEvent, zone: str, now: datetime) -> str:
    since = ages.moment_words(event.source.failing_since or event.at, zone=zone, now=now)
    return remedies.of(event.code).title.format(name=event.source.name, span=f"since {since}")


def _last_values(event: SourceEvent, zone: str, now: datetime) -> str:
    at = event.source.last_ok_at
    if at is None:
        return "It has brought no value yet."
    return f"Its last values came {ages.moment_words(at, zone=zone, now=now)}."
