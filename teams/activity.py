"""What happened to an OMTM, newest first: deeds, reviews and changes of its status."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from metrics import formatting
from metrics.models import AuditRow, Company
from northstar.lib.periods import WEEK
from teams.models import HealthSnapshot, Omtm, Review
from teams.models.review import REVIEW_KINDS

MOST = 30
JUDGED = ("on_track", "at_risk", "off_track")
WORDS = {
    "on_track": "On track",
    "at_risk": "At risk",
    "off_track": "Off track",
    "too_early": "Too early",
    "no_data": "No data",
}


@dataclass(frozen=True, slots=True)
class Event:
    """A line of the activity list; `quiet` for what came by itself."""

    day: date
    what: str
    detail: str = ""
    quiet: bool = False


def of(omtm: Omtm, *, company: Company) -> list[Event]:
    """At most 30 events, newest first, in three queries."""
    rows = AuditRow.objects.filter(object_type=omtm._meta.label_lower, object_id=str(omtm.pk))
    audit = rows.order_by("-id")[:MOST]
    held = omtm.reviews.filter(held_at__isnull=False, kind__in=("midpoint", "meeting")).select_related(
        "held_by"
    )
    found = [
        *(_deed(row, omtm, company) for row in audit),
        *(_review(review, company) for review in held),
        *status_changes(omtm),
    ]
    return sorted(found, key=lambda event: event.day, reverse=True)[:MOST]


def status_changes(omtm: Omtm) -> list[Event]:
    """The weeks whose last word about the OMTM differs from that of the week before; one query."""
    rows = omtm.health.order_by("as_of_week", "id").only(
        "omtm", "as_of_week", "state", "reason", "raw", "forecast"
    )
    return list(_changes(rows))


def _deed(row: AuditRow, omtm: Omtm, company: Company) -> Event:
    day = row.at.astimezone(company.tz).date()
    who = f"by {row.actor_label}" if row.actor_id else ""
    end = formatting.day_words(omtm.end)
    outcome = omtm.outcome_words.lower()
    words = {
        "omtm.committed": (f"Committed {who}", ""),
        "omtm.active": (f"Started {who}" if who else "The window began", ""),
        "omtm.in_review": (f"Closing review opened early {who}", row.reason)
        if who
        else ("The window ended; the review is open", f"Numbers as of {end}"),
        "omtm.drafted": (f"Written down {who}", ""),
        "omtm.proposed": (f"Proposed {who}", ""),
        "omtm.sent_back": (f"Back to draft {who}", row.reason),
        "omtm.approval_asked": (f"Approval asked for {who}", ""),
        "omtm.extended": (f"Given more time {who}", row.reason),
        "omtm.retargeted": (f"Target moved {who}", row.reason),
        "omtm.retired": (f"Retired {who}: {outcome}", omtm.lesson),
        "omtm.withdrawn": (f"Withdrawn {who}", row.reason),
    }
    what, detail = words.get(
        row.action, (row.action.partition(".")[2].replace("_", " ").capitalize(), row.reason)
    )
    return Event(day, what.strip(), detail, quiet=not who)


def _review(review: Review, company: Company) -> Event:
    assert review.held_at is not None
    decision = review.decision.replace("_", " ")
    what = f"{REVIEW_KINDS[review.kind]}: {decision}" if decision else REVIEW_KINDS[review.kind]
    who = f"{review.held_by}. " if review.held_by else ""
    return Event(review.held_at.astimezone(company.tz).date(), what, f"{who}{review.note}".strip())


def _changes(snapshots: Iterable[HealthSnapshot]) -> Iterator[Event]:
    """Weeks whose last word differs from that of the week before."""
    by_week = {snapshot.as_of_week: snapshot for snapshot in snapshots}
    before = HealthSnapshot(state="too_early", raw="too_early")
    for week, snapshot in by_week.items():
        if snapshot.state != before.state:
            was, now = WORDS[before.state], WORDS[snapshot.state].lower()
            words = f"{was} → {now}{_sure(before, snapshot)}"
            yield Event(week + WEEK, words, snapshot.reason, quiet=True)
        before = snapshot


def _sure(before: HealthSnapshot, snapshot: HealthSnapshot) -> str:
    """What made the change count: two weeks in a row, or one that fell out of its usual range."""
    if before.raw not in JUDGED or snapshot.raw not in JUDGED:
        return ""
    jumped = snapshot.forecast.get("jump") and snapshot.raw == "off_track"
    return ", at once" if jumped else ", confirmed over two weeks"
