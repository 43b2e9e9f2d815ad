"""Whether people did something about what an alert told them: the measure of its worth."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from metrics.models import Annotation
from teams.models import Alert, CheckIn, Delivery, Firing

#: A note or check-in this long after a firing is taken as an answer to it.
COUNTS_FOR = timedelta(days=7)
#: So long has a person to do something before a message counts as ignored.
PATIENCE = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Record:
    """What came of an alert: its firings, newest first, and which of those that were told led to a deed."""

    firings: tuple[Firing, ...]
    acted: frozenset[int]

    @property
    def told(self) -> list[Firing]:
        """Those that people heard of and that stand, newest first."""
        return [each for each in self.firings if each.told and each.undone_at is None]

    @property
    def acted_on(self) -> int:
        """How many of those led to something."""
        return sum(each.pk in self.acted for each in self.told)

    def ignored(self, now: datetime) -> int:
        """How many of the newest in a row led to nothing, of those that had a week to."""
        count = 0
        for each in self.told:
            if each.pk in self.acted:
                return count
            count += each.at + PATIENCE <= now
        return count


def records(alerts: Iterable[Alert]) -> dict[int, Record]:
    """By id; four queries, however many alerts."""
    owned = {alert.pk: alert for alert in alerts}
    firings: dict[int, list[Firing]] = defaultdict(list)
    for firing in Firing.objects.filter(alert__in=owned):
        firings[firing.alert_id].append(firing)
    followed = _followed(owned)
    deeds = _deeds(owned.values())
    found = {}
    for pk, alert in owned.items():
        own = deeds[alert.owner_id, alert.metric_id]
        acted = {
            each.pk
            for each in firings[pk]
            if each.acted_at
            or f"alert:alert:{pk}:{each.period.isoformat()}" in followed
            or any(each.at.date() <= deed <= (each.at + COUNTS_FOR).date() for deed in own)
        }
        found[pk] = Record(tuple(firings[pk]), frozenset(acted))
    return found


def _followed(owned: Iterable[int]) -> set[str]:
    """The keys of the reminders whose link somebody followed."""
    rows = Delivery.objects.filter(reminder__alert__in=list(owned)).exclude(acted_at=None)
    return set(rows.values_list("reminder__key", flat=True))


def _deeds(alerts: Iterable[Alert]) -> dict[tuple[int, int], list[date]]:
    """The days on which each owner wrote a note on a metric or checked in on a bet of it."""
    wanted = list(alerts)
    owners, metrics = {each.owner_id for each in wanted}, {each.metric_id for each in wanted}
    found: dict[tuple[int, int], list[date]] = defaultdict(list)
    notes = Annotation.objects.filter(author__in=owners, metric__in=metrics)
    said = CheckIn.objects.filter(person__in=owners, omtm__metric__in=metrics)
    for row in notes.values_list("author_id", "metric_id", "created_at"):
        found[row[0], row[1]].append(row[2].date())
    for row in said.values_list("person_id", "omtm__metric_id", "day"):
        found[row[0], row[1]].append(row[2])
    return found
