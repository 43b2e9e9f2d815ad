"""What alerts read, for many of them at once: a fixed number of queries, however many alerts or metrics."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from metrics import series, signalling, trusting
from metrics.analysis import alarms
from metrics.analysis.alarms import Seen, Week
from metrics.analysis.health_rule import NO_DATA, TOO_EARLY
from metrics.analysis.points import Point
from metrics.analysis.trust import BACKFILLING, Trust
from metrics.models import Company
from teams import recording
from teams.alerts import conditions
from teams.models import Alert, HealthSnapshot


@dataclass(frozen=True, slots=True)
class Read:
    """What an alert sees: its condition period by period, the series, and why it may not be relied on.

    `doubt` is a sentence: as long as it stands, nothing is judged.
    """

    seen: list[Seen]
    points: Sequence[Point]
    signal: signalling.Seen | None
    doubt: str = ""


def read(alerts: Iterable[Alert], *, company: Company, now: datetime) -> dict[int, Read]:
    """By the place of each alert in the list (they may be unsaved); their metrics and bets are loaded."""
    wanted = list(alerts)
    metrics = {alert.metric_id: alert.metric for alert in wanted}
    points = series.weekly(metrics.values(), company=company, now=now)
    signals = signalling.look_many(metrics.values(), points)
    trust = trusting.trust_of(metrics.values(), points=points, company=company, now=now)
    bets = {alert.omtm.pk: alert.omtm for alert in wanted if alert.omtm is not None}
    kept = recording.kept_of(bets.values())
    found = {}
    for place, alert in enumerate(wanted):
        own, signal = points[alert.metric_id], signals[alert.metric_id]
        weeks = kept[alert.omtm_id].weeks if alert.omtm_id in kept else []
        seen = _seen(alert, own, signal, weeks=weeks)
        found[place] = Read(seen, own, signal, _doubt(alert, trust))
    return found


def _seen(
    alert: Alert, points: Sequence[Point], signal: signalling.Seen, *, weeks: Sequence[HealthSnapshot]
) -> list[Seen]:
    metric, limit = alert.metric, float(alert.limit or 0)
    enough = {"kind": metric.kind, "min_den": metric.min_den}
    if alert.condition == conditions.NO_DATA:
        return alarms.silent(points)
    if alert.condition == conditions.OUTSIDE_RANGE:
        return alarms.out_of_range(points, signal.rows, signal.segments)
    if alert.condition == conditions.CHANGES_BY:
        in_points, grain = conditions.in_points(metric), series.grain_of(metric)
        return alarms.changed(points, by=limit, points_of_percent=in_points, grain=grain, **enough)  # type: ignore[arg-type]
    if alert.condition in conditions.OF_BETS:
        judged = [_week(row) for row in weeks]
        if alert.condition == conditions.STATE_BECOMES:
            return alarms.in_state(judged, state=alert.state)
        falls = alert.omtm is not None and conditions.falls(alert.omtm)
        return alarms.behind(judged, sign=-1 if falls else 1)
    return alarms.past_limit(points, side=alert.condition, limit=limit, **enough)  # type: ignore[arg-type]


def _week(row: HealthSnapshot) -> Week:
    judged = not row.trust and row.state not in (NO_DATA, "") and row.raw not in (TOO_EARLY, "")
    return Week(row.as_of_week, row.reading, row.pace, row.state, judged)


def _doubt(alert: Alert, trust: Mapping[int, Trust]) -> str:
    """Why nothing is judged now; that nothing comes is what an alert of silence is for."""
    found = trust[alert.metric_id]
    if not found.blocks:
        return ""
    if alert.condition == conditions.NO_DATA and found.badge != BACKFILLING:
        return ""
    return found.sentences[0] if found.sentences else "The newest numbers cannot be relied on."
