"""The words about numbers (domain.md §8): states, signals, guardrails, targets met, data that stopped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from django.urls import reverse

from metrics import formatting, remedies
from metrics.models import Metric, Source
from metrics.signal_words import UNUSUAL
from northstar.lib.datewords import MONTHS
from teams import charting
from teams.models import HealthSnapshot, Omtm
from teams.reminders.stale import Stale
from teams.reminders.wording import Words, day_of, weekday_of, words

WORSE = {"on_track": 0, "at_risk": 1, "off_track": 2}
STATE_WORDS = {"on_track": "on track", "at_risk": "at risk", "off_track": "off track"}
#: What a metric is looked at for when its cause is sought: one note on its chart answers it.
FIND = "Worth finding the cause; one note is enough."
MOST_NAMED = 3
#: Value and limit in words, as a focus keeps them and as a North Star does.
GUARD_FACTS = (("value_words", "value"), ("limit_short", "limit"))


def of_change(omtm: Omtm, now: HealthSnapshot, before: HealthSnapshot) -> Words:
    """M8: "Crew lapse rate is now off track, confirmed over two weeks: 2.06% against a planned 1.75%. …" """
    path, state = reverse("omtm", args=[omtm.pk]), STATE_WORDS[now.state]
    if now.state == "on_track":
        subject = f"{omtm} is back on track"
        return words(subject, f"{subject} two weeks running.", path, "Open the focus")
    better = WORSE[now.state] < WORSE[before.state]
    subject = f"{omtm} is {'back up to' if better else 'now'} {state}"
    sure = ", confirmed over two weeks" if before.raw != "on_track" or better else ""
    plain = f"{subject}{sure}. Anything you need from others?"
    text = f"{subject}{sure}: {_against(omtm, now)}. Anything you need from others?"
    return words(subject, text, f"{path}#check-in", "Check in", plain=plain)


def of_signal(name: str, metric: Metric, signal: Mapping[str, Any], *, today: date) -> Words:
    """M9: "Weekly active crews fell outside its normal range last week (−12, usual −10 to +46). …" """
    path = f"{reverse('annotation-new')}?metric={metric.slug}"
    if signal["rule"] == 1:
        shown, _, usual = signal["words"].partition(", usual ")
        verb = "fell" if signal["side"] == "low" else "rose"
        when = _when(date.fromisoformat(signal["week"]), signal["grain"], today)
        plain = f"{name} {verb} outside its normal range {when}"
        text = f"{plain} ({shown.split(' in ')[0]}, usual {usual}). {FIND}"
        return words(
            f"{name} {verb} outside its normal range", text, path, "Annotate", plain=f"{plain}. {FIND}"
        )
    subject = f"{name} has moved to another level"
    figure = signal["sentence"].removeprefix(UNUSUAL).strip().split(". ")[0].rstrip(".")
    text = f"{subject}: {figure[:1].lower()}{figure[1:]}. {FIND}"
    return words(subject, text, path, "Annotate", plain=f"{subject}. {FIND}")


def of_breach(name: str, guard: Mapping[str, Any], path: str) -> Words:
    """M10: "A guardrail of Activation rate is broken: Support contacts 9.4, at most 9 was agreed. …" """
    subject = f"A guardrail of {name} is broken: {guard['name']}"
    asks = "Ease off until it is back, or say why it may stay."
    value, limit = (guard.get(each, guard.get(other, "")) for each, other in GUARD_FACTS)
    text = f"{subject} {value}, {limit} was agreed. {asks}"
    return words(subject, text, path, "Look at it", plain=f"{subject}. {asks}")


def of_target(omtm: Omtm, reading: float | None) -> Words:
    """M11: "Target met two weeks in a row: Qualified trials 574 trials (aim 560 trials). …" """
    subject = f"Target met two weeks in a row: {omtm}"
    asks = "Hold it, or close early and take the next bottleneck?"
    shown = formatting.show(reading, **charting.shown_as(omtm))
    text = f"{subject} {shown} (aim {charting.goal_words(omtm)['to_words']}). {asks}"
    return words(subject, text, reverse("omtm", args=[omtm.pk]), "Decide", plain=f"{subject}. {asks}")


def of_stale(stale: Sequence[Stale], *, for_lead: bool) -> Words:
    """M7: "No new values for Weekly active crews since Sunday 8 November (expected daily by 06:00). …" """
    first = min(stale, key=lambda each: each.until)
    source, names = first.source, _listed([each.metric.name for each in stale])
    subject = f"No new values for {names}"
    error = _error(source)
    last = f" Last error: {error}." if error else ""
    expected = _expected(source, first.metric)
    text = (
        f"{subject} since {weekday_of(first.until)} (expected {expected}).{last} "
        "Charts keep the last good values."
    )
    path, action = reverse("source", args=[source.slug]), "Check the source"
    if for_lead:
        path, action = reverse("metric", args=[first.metric.slug]), "Open the metric"
    return words(subject, text, path, action)


def _against(omtm: Omtm, now: HealthSnapshot) -> str:
    shown = charting.shown_as(omtm)
    reading = formatting.show(now.reading, **shown)
    if omtm.target is None:
        return f"{reading}, to be kept {charting.goal_words(omtm)['range_words']}"
    if now.pace is None:
        return reading
    return f"{reading} against a planned {formatting.show(now.pace, **shown)}"


def _when(start: date, grain: str, today: date) -> str:
    if grain == "month":
        return f"in {MONTHS[start.month - 1]}"
    newest = today - timedelta(days=today.weekday() + 7)
    return "last week" if start == newest else f"in the week to {day_of(start + timedelta(days=6))}"


def _listed(names: Sequence[str]) -> str:
    """ "Leads", "Leads and Visits", "Leads, Visits, Trials and 2 more"."""
    if len(names) == 1:
        return names[0]
    shown = (
        [*names[:MOST_NAMED], f"{len(names) - MOST_NAMED} more"] if len(names) > MOST_NAMED else list(names)
    )
    return f"{', '.join(shown[:-1])} and {shown[-1]}"


def _expected(source: Source, metric: Metric) -> str:
    schedule = source.schedule or {}
    if schedule.get("kind") == "daily":
        return f"daily by {schedule['at']}" if schedule.get("at") else "daily"
    if schedule.get("kind") in ("weekly", "monthly"):
        return str(schedule["kind"])
    return f"every {metric.grain}"


def _error(source: Source) -> str:
    if not source.last_error_code or not (source.failures or source.paused_at):
        return ""
    if source.last_error_code == "auth":
        return "login refused"
    pill = remedies.of(source.last_error_code).pill
    return pill.removeprefix("Failing: ").lower()
