"""What the pages of an OMTM print beside its chart: worked out when its data changes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from metrics import formatting, signalling
from metrics.analysis.forecast import Forecast, Withheld
from metrics.analysis.health import NO_DATA, TOO_EARLY, likely_words, two_stories
from metrics.analysis.pace import inside, required_of_total, required_per_week
from metrics.analysis.points import Point
from metrics.charts.spec import Note
from metrics.signal_words import UNUSUAL, WANTED
from northstar.lib import periods
from teams import breaching, charting, judging
from teams.charting import Evaluated, newest, shown_as
from teams.models import HealthSnapshot, Omtm

Facts = dict[str, Any]
A_DAY, WEEK = timedelta(days=1), timedelta(weeks=1)
#: The reading has to be there twice before anybody is told so.
TWICE = 2
JUDGED = ("on_track", "at_risk", "off_track")


def facts_of(found: Evaluated) -> Facts:
    """What the pages print: shares as fractions, values both as numbers and as words."""
    omtm, health = found.omtm, found.health
    last = newest(found.points, omtm)
    shown = shown_as(omtm)
    done = [p for p in found.points if p.complete and omtm.start <= p.start <= omtm.end + A_DAY - WEEK]
    facts = {
        "state": health.state,
        "reason": health.reason,
        "reading": health.reading,
        "reading_words": formatting.show(health.reading, **shown),
        "reading_span": _span_words(omtm, last, len([p for p in done if p.value is not None])),
        "latest_words": formatting.show(last.value if last else None, **shown),
        "pace_words": formatting.show(health.pace, **shown),
        "progress": health.progress,
        "progress_words": formatting.show_share(health.progress),
        "expected": health.expected,
        "expected_words": formatting.show_share(health.expected),
        "gap": health.gap,
        "z": health.z,
        "needed_words": _needed(found, last),
        "weeks_done": len(done),
        "weeks": len(periods.weeks_within(omtm.start, omtm.end)),
        "as_of": last.start.isoformat() if last else None,
        "as_of_words": formatting.week_words(last.start, found.today) if last else "",
        "guardrails": [
            charting.guard_facts(each)
            | breaching.facts(each, start=omtm.start, end=omtm.end, alarms=charting.alarms(each))
            for each in found.guards
        ],
        **_foreseen(found),
        "goodhart": [each.as_json() for each in found.hints],
        **_doubts(found),
        **_reached(found),
        **_weeks(found),
        **_concluded(found),
        **_flags(found.notes, found.today),
        **charting.goal_words(omtm),
    }
    return facts | {"verdict": _verdict(facts, over=found.today > omtm.end)}


def _verdict(facts: Facts, *, over: bool) -> str:
    """How it stands, where it leads and whether the newest week stands out, in at most four sentences."""
    said = [facts["reason"]]
    if facts["forecast_words"]:
        said.append(f"{facts['forecast_words']}.")
    if facts["signal"].get("known") and not over and not facts["trust"]["blocks"]:
        said.append(facts["signal"]["sentence"])
    said.append(facts["reached_words"])
    return " ".join(each for each in said if each)


def _foreseen(found: Evaluated) -> Facts:
    """Where it leads: the range of the end, how likely the target is, the two stories, or why nothing."""
    health, shown = found.health, shown_as(found.omtm)
    speaks = health.state not in (NO_DATA, TOO_EARLY)
    forecast = health.forecast
    p = health.p if speaks else None
    facts = {
        "p": p,
        "attainment_ahead": health.attainment if speaks else None,
        "likely_words": "" if p is None else likely_words(p),
        "forecast_words": "",
        "forecast_end": "",
        "forecast_range": "",
        "stories": "",
        "withheld": forecast.reason if isinstance(forecast, Withheld) else "",
    }
    if not speaks or not isinstance(forecast, Forecast) or found.today > found.omtm.end:
        return facts
    mean, high = (formatting.show(each, **shown) for each in (forecast.mean, forecast.high80))
    low, bare = _bare(forecast.low80, found.omtm), _bare(forecast.high80, found.omtm)
    return facts | {
        "forecast_words": f"{mean} expected at the end, {low} to {bare}",
        "forecast_end": mean,
        "forecast_range": f"{low} to {high}",
        "stories": two_stories(forecast, lambda value: formatting.show(value, **shown)),
    }


def _doubts(found: Evaluated) -> Facts:
    """What the number is worth, and whether the newest week stands out."""
    trust = found.trust
    return {
        "trust": {
            "badge": trust.badge if trust else "trusted",
            "blocks": bool(trust and trust.blocks),
            "sentences": list(trust.sentences) if trust else [],
        },
        "signal": _signal(found),
    }


def _signal(found: Evaluated) -> Facts:
    """What the limits say of the newest week; on the side that the bet wants, its cause is no riddle."""
    seen = found.signal
    if seen is None:
        return {}
    facts = signalling.facts(seen)
    if found.terms.target is not None and signalling.welcome(seen, sign=found.terms.sign):
        facts["sentence"] = facts["sentence"].replace(UNUSUAL, WANTED, 1)
    return facts


def _reached(found: Evaluated) -> Facts:
    """Whether the reading has been at the target for two weeks, and what may follow from it."""
    rows = [row for row in _rows(found) if row.reading is not None and row.state != NO_DATA][-TWICE:]
    there = [_at_goal(row.reading, found) for row in rows]
    twice = found.health.state != NO_DATA and len(there) == TWICE and all(there)
    over = found.today > found.omtm.end
    words = "" if not twice or over else "The target is met two weeks running: hold it, or retire early."
    return {"reached_twice": twice, "reached_words": words}


def _at_goal(reading: float | None, found: Evaluated) -> bool:
    terms = found.terms
    if reading is None or terms.target is None:
        return False
    if terms.is_total and terms.sign < 0:
        return False
    return inside(reading, terms.target, None) if terms.sign > 0 else inside(reading, None, terms.target)


def _weeks(found: Evaluated) -> Facts:
    """How it was judged week by week, newest first, and how often the state changed."""
    rows = _rows(found)
    states = [row.state for row in rows if row.state in JUDGED]
    return {
        "judged": [_week(row, found) for row in reversed(rows) if row.raw or row.trust],
        "status_changes": sum(now != before for before, now in zip(states, states[1:], strict=False)),
    }


def _week(row: HealthSnapshot, found: Evaluated) -> Facts:
    shown = shown_as(found.omtm)
    return {
        "week": formatting.day_words(row.as_of_week + timedelta(days=6), found.today),
        "reading": formatting.show(row.reading, **shown),
        "plan": formatting.show(row.pace, **shown),
        "likely": "" if row.p is None else likely_words(row.p),
        "raw": row.raw,
        "state": row.state,
    }


def _rows(found: Evaluated) -> list[HealthSnapshot]:
    """The rows of health that count once the new ones are saved, oldest week first."""
    rows = dict(found.kept.newest) | {row.as_of_week: row for row, _ in found.new}
    return [rows[week] for week in sorted(rows)]


def _concluded(found: Evaluated) -> Facts:
    """What the outcome would be if it ended with the newest complete week."""
    asked = (found.omtm, found.points, found.terms.weights)
    now, first = judging.conclude(*asked), judging.at_original_end(*asked)
    shown = shown_as(found.omtm)
    return {
        "at_original_end": first
        and {
            "outcome": first.outcome,
            "attainment_words": formatting.show_share(first.attainment),
            "final_words": formatting.show(first.final_reading, **shown),
        },
        "outcome": now.outcome,
        "attainment": now.attainment,
        "attainment_words": formatting.show_share(now.attainment),
        "final_words": formatting.show(now.final_reading, **shown),
    }


def _flags(notes: Sequence[Note], today: date) -> Facts:
    return {
        "notes": [f"{note.number} · {formatting.day_words(note.day)} · {note.text}" for note in notes],
        "flags": [
            {
                "number": note.number,
                "when": formatting.span_words(note.day, note.until or note.day, today),
                "text": note.text,
                "kind": note.kind,
            }
            for note in notes
        ],
    }


def _needed(found: Evaluated, last: Point | None) -> str:
    """ "+0.4 pp" more each week from here; of a total what each week has to bring."""
    omtm, terms = found.omtm, found.terms
    if terms.target is None or last is None or found.today > omtm.end:
        return formatting.NOTHING
    since = max(last.start + timedelta(days=6), omtm.start - A_DAY)
    shown = dict(shown_as(omtm))
    if terms.is_total:
        rest = required_of_total(found.health.reading or 0.0, terms, last_day=since)
        return formatting.show(rest.per_day * 7, **shown) if rest else formatting.NOTHING
    rate = required_per_week(found.health.reading, terms.target, last_day=since, end=omtm.end)
    if rate is None:
        return formatting.NOTHING
    # A rate per week is smaller than a value: one more digit keeps it from reading as nothing.
    shown["decimals"] = shown["decimals"] + 1
    return formatting.show_change(rate, **shown)


def _span_words(omtm: Omtm, last: Point | None, weeks_known: int) -> str:
    if last is None:
        return ""
    day = formatting.day_words(last.start + timedelta(days=6))
    if omtm.outcome_rule == "total":
        return f"in all, to {day}"
    weeks = min(omtm.outcome_weeks, weeks_known) or omtm.outcome_weeks
    if omtm.metric.kind == "snapshot_stock" or weeks == 1:
        return formatting.week_words(last.start)
    return f"last {weeks} complete weeks, to {day}"


def _bare(value: float, omtm: Omtm) -> str:
    """A value beside another one of the same metric: a unit word is not said twice."""
    shown = shown_as(omtm)
    if formatting.is_percent(omtm.unit, omtm.metric.kind):
        return formatting.show(value, **shown).rstrip("%")
    if omtm.unit[:1] in formatting.CURRENCIES:
        return formatting.show(value, **shown)
    return formatting.show(value, decimals=omtm.metric.decimals)
