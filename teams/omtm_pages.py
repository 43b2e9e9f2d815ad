"""What the pages of an OMTM show: documents as they were drawn, and the preview of one to come."""

from __future__ import annotations

from datetime import date
from typing import Any

from metrics import formatting
from metrics.models import ChartDocument, Company, Driver
from northstar.lib import datewords, periods
from teams import activity, charting, concluding, loop_pages, room
from teams.betting import BASELINE_WEEKS
from teams.cautions import usual_total
from teams.findings import BLOCK, Check, Weighed
from teams.forms.fields import unit_of
from teams.forms.omtms import OTHER, OmtmForm
from teams.models import Omtm
from teams.models.omtm import OUTCOMES, RUNNING, STOP_REASONS
from teams.reminders import rules

EARLIER = 5
NUMBER_FIELDS = ("target", "low", "high", "baseline", "start", "end")
BETTER = {"up": "Up is better.", "down": "Lower is better.", "range": "Best within a range."}


def detail(omtm: Omtm, *, company: Company, today: date) -> dict[str, Any]:
    """The page of one OMTM, in a fixed number of queries; nothing is computed that was drawn before."""
    document = concluding.document_of(omtm)
    facts = document.facts if document else {}
    driver = Driver.objects.filter(metric=omtm.metric, north_star__state="active")
    retired_on = periods.local_day(omtm.retired_at, company.zone) if omtm.retired_at else None
    return {
        "omtm": omtm,
        "team": omtm.team,
        "lead": omtm.team.memberships.filter(role="lead", user__is_active=True)
        .select_related("user")
        .first(),
        "chart": document,
        "facts": facts,
        "goal": charting.goal_words(omtm),
        "sentence": charting.goal_sentence(omtm, today),
        "state": facts.get("state", "no_data") if omtm.state in ("active", "in_review") else "",
        "outcome": outcome_of(omtm),
        "driver": driver.select_related("north_star").first(),
        "week": week_words(omtm, today, retired_on=retired_on),
        "retired_on": retired_on,
        "days_left": omtm.days_left(today),
        "day_number": omtm.day_number(today),
        "next_review": next_review(omtm, today, company.country),
        "earlier": earlier(omtm),
        "exception": room.shared_by(omtm.team, today) if omtm.state in ("committed", "active") else None,
        "events": activity.of(omtm, company=company),
        "loop": loop_pages.about(omtm, today=today),
        "today": today,
    }


def preview(form: OmtmForm, *, asks: bool = False) -> dict[str, Any]:
    """What follows from the answers so far: unit, baseline words, end of the window, sketch and checks.

    `asks` where a leader approves it before it starts.
    """
    metric, weighed = form.chosen, form.weighed
    found: dict[str, Any] = {
        "metric": metric,
        "unit": unit_of(metric),
        "ranged": metric is not None and metric.direction == "range",
        "checks": _checks(form),
        "drawing": None,
        "stands": "",
        "aside": "",
    } | _dates(form, asks=asks)
    if metric is None or weighed is None:
        return found
    found["stands"] = _stands(weighed)
    bet, baseline = weighed.bet, weighed.baseline
    shown = {"unit": metric.unit, "decimals": metric.decimals, "kind": metric.kind}
    usual = usual_total(weighed) if bet.plan.is_total else None
    if bet.target is not None and usual is not None:
        found["aside"] = f"{formatting.show_change(float(bet.target) - usual, **shown)} on usual weeks"
    elif bet.target is not None and baseline is not None:
        found["aside"] = f"{formatting.show_change(bet.target - baseline, **shown)} on the baseline"
    found["drawing"] = ChartDocument(sketches=_sketches(weighed, form.today))
    return found


def earlier(omtm: Omtm) -> list[dict[str, Any]]:
    """The team's last retired bets other than this one."""
    return past(omtm.team.omtms.retired().exclude(pk=omtm.pk)[:EARLIER])


def past(rows: Any) -> list[dict[str, Any]]:
    """Retired bets as lines: their outcome, when, and how far they came."""
    return [{"omtm": row, "span": span_words(row), **outcome_of(row)} for row in rows]


def outcome_of(omtm: Omtm) -> dict[str, Any]:
    """Pill state and words of an outcome, and what the numbers said where people saw it otherwise."""
    if not omtm.outcome:
        return {}
    share = formatting.show_share(omtm.attainment) if omtm.attainment is not None else ""
    differs = omtm.outcome != omtm.outcome_computed
    return {
        "pill": omtm.outcome_pill,
        "word": omtm.outcome_words,
        "reached": f"{share} of weeks in range"
        if share and omtm.target is None
        else f"reached {share}"
        if share
        else "",
        "computed": OUTCOMES.get(omtm.outcome_computed, "") if differs else "",
        "stopped": STOP_REASONS.get(omtm.stop_reason, ""),
        "final_words": formatting.show(omtm.final_reading, **charting.shown_as(omtm)),
    }


def span_words(omtm: Omtm) -> str:
    """ "Jan to Apr 2026"."""
    start, end = omtm.start, omtm.end
    first = f"{start:%b}" if start.year == end.year else f"{start:%b %Y}"
    return f"{first} to {end:%b %Y}"


def week_words(omtm: Omtm, today: date, *, retired_on: date | None = None) -> str:
    """ "week 13 of 18", "starts 23 Nov", "ended 14 Nov", "retired 12 Nov" by the company's clocks."""
    if omtm.state == "retired":
        return f"retired {formatting.day_words(retired_on, today)}" if retired_on else "retired"
    if today < omtm.start:
        return f"starts {formatting.day_words(omtm.start, today)}"
    if today > omtm.end:
        return f"ended {formatting.day_words(omtm.end, today)}"
    return f"week {-(-omtm.day_number(today) // 7)} of {-(-omtm.total_days // 7)}"


def next_review(omtm: Omtm, today: date, country: str) -> dict[str, Any]:
    """The next review: its name, its day, how far off it is; empty where nothing is to come."""
    if omtm.state not in ("active", "in_review"):
        return {}
    middle = rules.half_way_day(omtm.start, omtm.end, country)
    closing = omtm.state == "in_review" or any(
        review.kind == "midpoint" and review.held_at for review in omtm.reviews.all()
    )
    day = omtm.review_due_on if closing else middle
    return {
        "closing": closing,
        "name": "Closing review" if closing else "Half-way review",
        "open": omtm.state == "in_review" if closing else today >= middle,
        "day": formatting.day_words(day, today),
        "away": _away((day - today).days),
        "late": day < today,
    }


def is_early(omtm: Omtm, today: date) -> bool:
    """Whether its window is still open."""
    return omtm.state in RUNNING and today <= omtm.end


def _away(days: int) -> str:
    if days == 0:
        return "today"
    words = f"{abs(days)} day{'' if abs(days) == 1 else 's'}"
    return f"in {words}" if days > 0 else f"{words} late"


def _checks(form: OmtmForm) -> list[Check]:
    """Wrong numbers first, then what the data say; an answer that is still empty is not held against it."""
    given = form.data
    wrong = [
        Check(BLOCK, str(error), name)
        for name in NUMBER_FIELDS
        if str(given.get(name, "")).strip() and not form.weighed
        for error in form.errors.get(name, [])
    ]
    if form.weighed is None:
        return wrong
    empty = {name for name in ("target", "low") if not str(given.get(name, "")).strip()}
    if form.bet is not None and form.bet.ranged and str(given.get("high", "")).strip():
        empty.discard("low")
    return wrong + [check for check in form.weighed.checks if check.field not in empty]


def _stands(weighed: Weighed) -> str:
    metric = weighed.bet.metric
    better = BETTER[metric.direction]
    if weighed.baseline is None:
        return f"It has no complete weeks yet. {better}"
    shown = {"unit": metric.unit, "decimals": metric.decimals, "kind": metric.kind}
    usual = usual_total(weighed) if weighed.bet.plan.is_total else None
    if usual is not None:
        brings = formatting.show(usual, **shown)
        return f"Counted from nothing; {weighed.bet.weeks} usual weeks bring {brings}. {better}"
    words = formatting.show(weighed.baseline, **shown)
    if weighed.bet.baseline is not None:
        return f"It starts from {words}, as you say. {better}"
    weeks = BASELINE_WEEKS
    if weighed.baseline_from and weighed.baseline_to:
        weeks = min(weeks, ((weighed.baseline_to - weighed.baseline_from).days + 1) // 7)
    return f"It stands at {words} (last {weeks} complete weeks). {better}"


def _dates(form: OmtmForm, *, asks: bool) -> dict[str, Any]:
    """The window in words, for the form's own texts."""
    bet, today = form.bet, form.today
    start = bet.start if bet else form["start"].initial
    words = f"{datewords.WEEKDAYS[start.weekday()]} {start.day} {datewords.MONTHS[start.month - 1]}"
    earliest, latest = periods.window_bounds(start)
    chosen = str(form["months"].value() or "")
    # Whatever was posted: a number of months that the form does not offer gives the usual window.
    months = int(chosen) if chosen in {"2", "3", "4", "5", "6"} else 3
    end = bet.end if bet else None if chosen == OTHER else periods.window_end(start, months)
    begins = "Starts today" if start == today else f"{'Started' if start < today else 'Starts'} {words}"
    return {
        "start_words": f"Two to six months. {begins}.",
        "button": "Ask for approval"
        if asks
        else "Start today"
        if start <= today
        else f"Start on {start.day} {datewords.MONTHS[start.month - 1]}",
        "end": end,
        "end_words": formatting.day_words(end) if end else "",
        "earliest": earliest,
        "latest": latest,
    }


def _sketches(weighed: Weighed, today: date) -> dict[str, str]:
    from metrics.charts import sketch

    bet = weighed.bet
    unsaved = Omtm(
        name=bet.metric.name,
        metric=bet.metric,
        direction=bet.metric.direction,
        unit=bet.metric.unit,
        baseline=weighed.baseline,
        target=None if bet.ranged else bet.target,
        low=bet.low,
        high=bet.high,
        start=bet.start,
        end=bet.end,
        outcome_weeks=weighed.outcome_weeks,
        **bet.plan.fields(),
    )
    spec = charting.spec_of(unsaved, weighed.points, today=today)
    return {"preview": sketch.line(spec, width=420, height=315, today=today)}
