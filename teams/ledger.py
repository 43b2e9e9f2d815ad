"""The goal-post ledger: every change of what was promised, for pages, charts and reviews (product 2, no. 5).

Changes of target, window and baseline are written by the verbs that make them. That the metric itself was
given another meaning is known to `metrics` alone, which must not know of bets: its audit rows are read
here.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db import transaction

from metrics import formatting
from metrics.analysis.health import range_words
from metrics.models import AuditRow, Company, Metric
from teams import charting
from teams.models import GoalChange, Omtm

REDEFINED = "metric.redefined"
#: What makes a metric mean something else; how it is shown or how late it comes does not.
MEANING = ("definition", "query", "unit", "kind", "grain", "missing")
NAMED = {
    "definition": "its definition",
    "query": "how its source is asked",
    "unit": "its unit",
    "kind": "its kind",
    "grain": "its grain",
    "missing": "what a missing value means",
}
#: Under this name a row says which audit row it comes from.
AUDIT = "audit"
NO_REASON = "The metric was edited; no reason was asked for."
#: An instant of a day lies at most so far from that day, in any zone.
A_ZONE = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Redefinition:
    """A metric was given another meaning on a day of the company; `before` and `after` hold what changed."""

    metric_id: int
    audit_id: int
    day: date
    before: dict[str, Any]
    after: dict[str, Any]
    actor_id: int | None


@dataclass(frozen=True, slots=True)
class Entry:
    """One change of what was promised as people read it; `who` is "" where nobody knows any more."""

    kind: str
    day: date
    words: str
    reason: str
    who: str


def of(omtm: Omtm) -> list[Entry]:
    """Everything that was moved after a bet was committed, oldest first; one query."""
    rows = omtm.goal_changes.select_related("actor")
    return [Entry(row.kind, row.day, words_of(row, omtm), row.reason, str(row.actor or "")) for row in rows]


def words_of(change: GoalChange, omtm: Omtm) -> str:
    """What was moved, from where to where, without the reason: "Target moved from 34% to 30%"."""
    before, after = change.before, change.after
    if change.kind == "definition":
        edited = [NAMED[name] for name in MEANING if name in after]
        return f"Metric edited inside the window: {', '.join(edited)}"
    if change.kind == "window":
        was, now = (_day(side.get("end")) for side in (before, after))
        return f"End moved from {was} to {now}"
    if "low" in after or "high" in after:
        return f"Range changed: {_goal(before, omtm)} was asked for, now {_goal(after, omtm)}"
    noun = "Baseline" if change.kind == "baseline" else "Target"
    return f"{noun} moved from {_goal(before, omtm)} to {_goal(after, omtm)}"


def _goal(values: dict[str, Any], omtm: Omtm) -> str:
    shown = charting.shown_as(omtm)
    given = {name: _number(text) for name, text in values.items()}
    if "low" in values or "high" in values:
        return range_words(given.get("low"), given.get("high"), **shown)
    return formatting.show(next(iter(given.values()), None), **shown)


def _day(text: object) -> str:
    return formatting.NOTHING if text is None else formatting.day_words(date.fromisoformat(str(text)))


def _number(text: object) -> float | None:
    return None if text is None else float(str(text))


def redefinitions(metric_ids: Collection[int], *, since: date) -> list[Redefinition]:
    """Changes of meaning of these metrics from a day on, oldest first; one query beside the company's."""
    zone = Company.current().tz
    rows = AuditRow.objects.filter(
        action=REDEFINED,
        object_type=Metric._meta.label_lower,
        object_id__in=[str(pk) for pk in metric_ids],
        at__date__gte=since - A_ZONE,
    ).order_by("id")
    found = []
    for row in rows:
        changed = [name for name in MEANING if name in row.after]
        day = row.at.astimezone(zone).date()
        if changed and day >= since:
            before, after = _told(row.before, changed), _told(row.after, changed)
            found.append(Redefinition(int(row.object_id), row.pk, day, before, after, row.actor_id))
    return found


def note_redefinitions(omtms: Iterable[Omtm]) -> int:
    """Write a "definition" row for each change of a metric's meaning inside the window; returns how many
    are new.

    A run that comes twice, or two at once, write it once: the audit row is named in it.
    """
    running = [omtm for omtm in omtms if omtm.metric_id is not None]
    if not running:
        return 0
    since = min(omtm.start for omtm in running)
    changes = redefinitions({omtm.metric_id for omtm in running if omtm.metric_id is not None}, since=since)
    return sum(
        _write(omtm, change)
        for omtm in running
        for change in changes
        if change.metric_id == omtm.metric_id and omtm.start <= change.day <= omtm.end
    )


def _write(omtm: Omtm, change: Redefinition) -> bool:
    with transaction.atomic():
        # The row of the bet is the queue: whoever comes second sees what the first one has written.
        Omtm.objects.select_for_update().get(pk=omtm.pk)
        rows = GoalChange.objects.filter(omtm=omtm, kind="definition")
        if any(row.after.get(AUDIT) == change.audit_id for row in rows):
            return False
        GoalChange.objects.create(
            omtm=omtm,
            kind="definition",
            day=change.day,
            before=change.before,
            after=change.after | {AUDIT: change.audit_id},
            reason=NO_REASON,
            actor_id=change.actor_id,
        )
    return True


def _told(values: dict[str, Any], changed: list[str]) -> dict[str, Any]:
    """What changed; of a query only that it did: who sees a bet may not see how a source is asked."""
    return {name: "another question" if name == "query" else values.get(name) for name in changed}
