"""What people are told when an alert begins to hold: number, unit, period, what is usual, where to look."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from django.urls import reverse

from metrics import formatting, series, signalling, telling
from metrics.analysis.alarms import Beginning, Seen, by_level
from metrics.models import Metric
from metrics.signal_words import Told
from northstar.lib.datewords import long_date_words
from teams import charting
from teams.alerts import conditions
from teams.alerts.gathering import Read
from teams.models import Alert, Omtm

MOST_SUBJECT, MOST_SENTENCE = 200, 300
#: Where it helps to know what is usual.
_USUAL = (conditions.ABOVE, conditions.BELOW, conditions.OUTSIDE_RANGE)
#: As many messages in a row that led to nothing, and the alert offers to go.
IGNORED = 5
OFFER = "Its last five messages led to nothing: if it does not help, remove it."


@dataclass(frozen=True, slots=True)
class Said:
    """One firing in words; `plain` holds no number."""

    subject: str
    sentence: str
    plain: str
    path: str
    action: str


def said(alert: Alert, begun: Beginning, found: Read, *, today: date) -> Said:
    """How a beginning is told."""
    event = _event(alert)
    lasting = _lasting(alert)
    plain = f"{_name(alert)} {event}{lasting}."
    figures = _figures(alert, begun.seen, found, today=today)
    sentence = f"{plain.removesuffix('.')}: {figures}." if figures else plain
    return Said(
        subject=f"{_name(alert)} {_event(alert, plainly=True)}"[:MOST_SUBJECT],
        sentence=_cut(sentence),
        plain=f"{_name(alert)} {_event(alert, plainly=True)}{lasting}.",
        path=path_of(alert),
        action=_action(alert),
    )


def path_of(alert: Alert) -> str:
    """The page that shows why."""
    if alert.omtm is not None and alert.condition in conditions.OF_BETS:
        return reverse("omtm", args=[alert.omtm.pk])
    name = "metric-signals" if alert.condition == conditions.OUTSIDE_RANGE else "metric"
    return reverse(name, args=[alert.metric.slug])


def standing(alert: Alert, found: Read, *, today: date) -> str:
    """The newest period that is known, in words: "26.1% in the week to 15 Nov, the plan says 27.7%"."""
    known = next((each for each in reversed(found.seen) if each.holds is not None), None)
    if known is None:
        return ""
    words = _figures(alert, known, found, today=today)
    return words[:1].upper() + words[1:] + "." if words else ""


def undone_words(period: date, grain: str) -> str:
    """What is noted beside a firing that a revised value took back."""
    return f"Revised since: by today's values it did not begin in the {period_words(period, grain)}."


def period_words(start: date, grain: str) -> str:
    """ "week of 9 November 2026", "month of Oct 2026"."""
    if grain == "month":
        return f"month of {formatting.period_words(start, 'month')}"
    return f"week of {long_date_words(start)}"


def _name(alert: Alert) -> str:
    return str(alert.omtm or alert.metric)


def _event(alert: Alert, *, plainly: bool = False) -> str:
    """What began: "fell below pace", "went below 24%", of several periods "has been below 24%"."""
    limit = "your limit" if plainly else conditions.limit_words(alert)
    lasted, state = alert.periods > 1, conditions.STATES.get(alert.state, alert.state)
    if alert.condition == conditions.BELOW_PACE:
        return "fell below pace" if "falls" in conditions.pace_words(alert.omtm) else "rose above pace"
    if alert.condition in (conditions.ABOVE, conditions.BELOW):
        return f"{'has been' if lasted else 'went'} {alert.condition} {limit}"
    if alert.condition == conditions.CHANGES_BY:
        amount = "more than you set" if plainly else f"more than {limit}"
        return f"{'has changed' if lasted else 'changed'} by {amount}"
    if alert.condition == conditions.OUTSIDE_RANGE:
        return "has been outside its usual range" if lasted else "left its usual range"
    if alert.condition == conditions.STATE_BECOMES:
        return f"has been {state}" if lasted else f"is now {state}"
    return "has had no value"


def _lasting(alert: Alert) -> str:
    """ " for two weeks" where more than one was asked for; of silence always."""
    if alert.periods == 1 and alert.condition != conditions.NO_DATA:
        return ""
    return f" for {conditions.spelled(alert.periods, series.grain_of(alert.metric))}"


def _figures(alert: Alert, seen: Seen, found: Read, *, today: date) -> str:
    """The numbers of one period: value, when, and what it is held against."""
    metric, grain = alert.metric, series.grain_of(alert.metric)
    when = f"in the {_when(seen.period, grain, today)}"
    if alert.condition in conditions.OF_BETS and alert.omtm is not None:
        return _of_bet(alert.omtm, seen, today=today)
    if alert.condition == conditions.NO_DATA:
        return _last_value(metric, found, grain=grain, today=today)
    words = f"{telling.show(seen.value, metric)} {when}"
    if seen.judged is not None and (alert.condition == conditions.CHANGES_BY or not _by_level(found)):
        share = alert.condition == conditions.CHANGES_BY
        words += f", {_change(seen, metric, share=share)} on the {grain} before"
    told = alert.condition == conditions.OUTSIDE_RANGE or _by_level(found)
    usual = _usual(metric, found.signal, seen.period) if told and alert.condition in _USUAL else ""
    return f"{words}, usual {usual}" if usual else words


def _by_level(found: Read) -> bool:
    return found.signal is None or by_level(found.signal.basis)


def _of_bet(omtm: Omtm, seen: Seen, *, today: date) -> str:
    """Reading and plan, and which weeks the reading is of."""
    shown = charting.shown_as(omtm)
    words = f"{formatting.show(seen.value, **shown)} {_span(omtm, seen.period, today)}"
    if omtm.target is None or seen.low is None:
        return words if seen.value is not None else ""
    return f"{words}, the plan says {formatting.show(seen.low, **shown)}"


def _span(omtm: Omtm, week: date, today: date) -> str:
    """The reading of a bet is a mean of weeks, or the sum of all so far."""
    if omtm.outcome_rule == "total":
        return f"in all by {formatting.day_words(week + timedelta(days=6), today)}"
    weeks = min(omtm.outcome_weeks, (week - omtm.start).days // 7 + 1)
    if omtm.metric is None or omtm.metric.kind == "snapshot_stock" or weeks <= 1:
        return f"in the {_when(week, 'week', today)}"
    return f"over the last {weeks} weeks to {formatting.day_words(week + timedelta(days=6), today)}"


def _last_value(metric: Metric, found: Read, *, grain: str, today: date) -> str:
    known = [point for point in found.points if point.complete and point.value is not None]
    if not known:
        return "none so far"
    return (
        f"the last one was {telling.show(known[-1].value, metric)} in the "
        f"{_when(known[-1].start, grain, today)}"
    )


def _change(seen: Seen, metric: Metric, *, share: bool = True) -> str:
    if share and not conditions.in_points(metric):
        return formatting.show_share(seen.judged, sign=True)
    return formatting.show_change(seen.judged, unit=metric.unit, decimals=metric.decimals, kind=metric.kind)


def _usual(metric: Metric, signal: signalling.Seen | None, period: date) -> str:
    """The natural limits of that time, of its values or of their changes."""
    if signal is None:
        return ""
    limits = next((each.limits for each in signal.segments if each.first <= period <= each.last), None)
    if limits is None:
        return ""
    words = Told(metric, signal.grain, signal.basis).usual(limits)
    return words if by_level(signal.basis) else f"{words} a {signal.grain}"


def _when(start: date, grain: str, today: date) -> str:
    words = telling.when(start, grain, today)
    return f"month of {words}" if grain == "month" else words


def _action(alert: Alert) -> str:
    if alert.condition in conditions.OF_BETS:
        return "Open the focus"
    return "See why it is unusual" if alert.condition == conditions.OUTSIDE_RANGE else "Open the chart"


def _cut(text: str) -> str:
    return text if len(text) <= MOST_SENTENCE else f"{text[: MOST_SENTENCE - 1]}…"
