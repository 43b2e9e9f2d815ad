"""What the pages of alerts show."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from metrics import formatting, series
from metrics.models import ChartDocument, Metric
from northstar.lib.localtime import local_day
from teams.alerts import acting, conditions, keeping, wording
from teams.alerts.conditions import Words
from teams.models import Alert, Firing, User


@dataclass(frozen=True, slots=True)
class Row:
    """One alert in the list. `tone` and `state` are of its pill; `last` is its newest firing in words."""

    alert: Alert
    words: Words
    tone: str
    state: str
    last: str
    note: str
    acted: str
    muted: date | None
    ended: str
    offers_to_go: bool


def rows(owner: User, *, zone: str, now: datetime) -> list[Row]:
    """The alerts of one person, those that can still fire first; five queries, however many."""
    mine = Alert.objects.filter(owner=owner, archived_at=None)
    alerts = list(mine.select_related("metric", "omtm__metric", "channel").order_by("-id"))
    records = acting.records(alerts)
    found = [_row(alert, records[alert.pk], zone=zone, now=now) for alert in alerts]
    return sorted(found, key=lambda row: bool(row.ended))


def metrics() -> list[tuple[Metric, str]]:
    """What an alert may be made of, each with where it stands; two queries."""
    documents = ChartDocument.objects.filter(key__startswith="metric:").values_list(
        "key", "facts__value", "facts__period"
    )
    stands = {key: f"{value}, {period}" for key, value, period in documents if value}
    return [(metric, stands.get(f"metric:{metric.pk}", "")) for metric in Metric.objects.listed()]


def _row(alert: Alert, record: acting.Record, *, zone: str, now: datetime) -> Row:
    muted = alert.muted_until if alert.muted_until is not None and alert.muted_until > now else None
    ended = keeping.ended(alert)
    tone, state = _state(alert, ended=bool(ended), today=local_day(now, zone))
    newest = record.firings[0] if record.firings else None
    return Row(
        alert=alert,
        words=conditions.words_of(alert),
        tone=tone,
        state=state,
        last=_last(newest, today=local_day(now, zone), zone=zone),
        note=_note(newest, alert),
        acted=_acted(record),
        muted=local_day(muted, zone) if muted else None,
        ended=ended,
        offers_to_go=not ended and record.ignored(now) >= wording.IGNORED,
    )


def _state(alert: Alert, *, ended: bool, today: date) -> tuple[str, str]:
    if ended:
        return "neutral", "Ended"
    if alert.holds is None:
        return "no_data", "Not known yet"
    if not alert.holds:
        return "neutral", "Does not hold"
    since = f" since {formatting.day_words(alert.held_since, today)}" if alert.held_since else ""
    return "accent", f"Holds{since}"


def _last(newest: Firing | None, *, today: date, zone: str) -> str:
    if newest is None:
        return ""
    how = "" if newest.told else ", not told: it was muted or too soon"
    return f"{formatting.day_words(local_day(newest.at, zone), today)}{how}: {newest.sentence}"


def _note(newest: Firing | None, alert: Alert) -> str:
    if newest is None or newest.undone_at is None:
        return ""
    return wording.undone_words(newest.period, series.grain_of(alert.metric))


def _acted(record: acting.Record) -> str:
    """ "You acted on 2 of 5." """
    told = len(record.told)
    return f"You acted on {record.acted_on} of {told}." if told else ""
