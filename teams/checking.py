"""What stands against a bet before it starts (domain 3.5): the blocks here, the cautions in `cautions`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal

from metrics import formatting, series, telling, trusting
from metrics.analysis import reading as reading_of
from metrics.analysis.points import Point
from metrics.models import Company
from northstar.lib import periods
from northstar.lib.periods import WEEK
from teams import cautions
from teams.betting import Bet, derive_baseline, outcome_weeks
from teams.findings import BLOCK, GOOD, INFO, WARN, Check, Weighed
from teams.room import room_for

SILENT_WEEKS = 2
#: As much as a forecast reads.
HISTORY = timedelta(weeks=104)


def weigh(bet: Bet, *, today: date, now: datetime) -> Weighed:
    """Derive the baseline of a bet and check it; reads only, in a fixed number of queries."""
    company = Company.current()
    metrics = {metric.pk: metric for metric in (bet.metric, *(limit.metric for limit in bet.limits))}
    read = series.weekly(metrics.values(), company=company, now=now, since=today - HISTORY)
    points = read[bet.metric.pk]
    weeks = outcome_weeks(bet.start, bet.end)
    weighed = Weighed(
        bet=bet,
        outcome_weeks=weeks,
        points=points,
        **_baseline(bet, points),
        current=reading_of.reading(points, bet.metric.kind, weeks),
    )
    found = [*_window(bet, today), *_occupied(bet, today), *_data(bet, points, today), *goal(weighed)]
    found += [*_plan(bet), *_sign(bet)]
    if not any(check.level == BLOCK for check in found):
        trust = trusting.trust_of([bet.metric], points={bet.metric.pk: points}, company=company, now=now)
        found += cautions.about(weighed, read, trust=trust[bet.metric.pk])
    weighed.checks.extend(sorted(found, key=lambda check: (BLOCK, GOOD, WARN, INFO).index(check.level)))
    return weighed


def _baseline(bet: Bet, points: Sequence[Point]) -> dict[str, Decimal | date | None]:
    """Baseline and the days it was read from; a total is counted from nothing."""
    if bet.plan.is_total:
        return {"baseline": Decimal(0), "baseline_from": None, "baseline_to": None}
    derived, first, last = derive_baseline(bet, points)
    value = bet.baseline if bet.baseline is not None else derived
    return {"baseline": value, "baseline_from": first, "baseline_to": last}


def _window(bet: Bet, today: date) -> Iterator[Check]:
    try:
        periods.check_start(bet.start, today)
    except periods.WindowError as error:
        yield Check(BLOCK, str(error), "start")
    try:
        periods.check_window(bet.start, bet.end)
    except periods.WindowError as error:
        yield Check(BLOCK, str(error), "end")


def _occupied(bet: Bet, today: date) -> Iterator[Check]:
    room = room_for(bet.team, start=bet.start, end=bet.end, today=today)
    if room.refusal:
        yield Check(BLOCK, room.refusal)
    elif room.beside is not None:
        grant = room.exception or room.beside.exception
        until = f" until {formatting.day_words(grant.until)}" if grant else ""
        yield Check(INFO, f"It runs beside {room.beside.name}, by an exception{until}.")


def _data(bet: Bet, points: Sequence[Point], today: date) -> Iterator[Check]:
    metric = bet.metric
    if metric.grain == "month":
        yield Check(
            BLOCK,
            f"{metric} comes once a month, too seldom to steer by within a window. "
            "Choose a metric that comes by the week or by the day.",
            "metric",
        )
        return
    # Two weeks, and one of grace while the newest still waits for its source.
    since = today - timedelta(days=today.weekday()) - (SILENT_WEEKS + 1) * WEEK
    if not any(point.complete and point.value is not None and point.start >= since for point in points):
        yield Check(
            BLOCK,
            f"{metric} has no value for the last two complete weeks. Get its data going first, "
            "or choose another metric.",
            "metric",
        )


def goal(weighed: Weighed) -> Iterator[Check]:
    """What stands against the target or the range itself, given the baseline."""
    bet = weighed.bet
    if bet.ranged:
        yield from _range(bet)
        return
    if bet.target is None:
        yield Check(BLOCK, "Type the value that you aim for.", "target")
        return
    baseline = weighed.baseline
    if bet.plan.is_total:
        if bet.target <= 0:
            yield Check(BLOCK, "A total is counted from nothing: type a target above zero.", "target")
        return
    if baseline is None:
        sentence = (
            f"{bet.metric} has no complete week before the start, so there is no baseline to measure from."
        )
        yield Check(BLOCK, f"{sentence} Type a baseline, or start later.", "baseline")
        return
    stands = f"the baseline, {telling.show(baseline, bet.metric)}"
    if telling.show(baseline, bet.metric) == telling.show(bet.target, bet.metric):
        yield Check(BLOCK, f"The target is equal to {stands}. Choose a value that differs from it.", "target")
    elif (bet.target > baseline) != (bet.metric.direction == "up"):
        better, side = ("Lower", "below") if bet.metric.lower_is_better else ("Higher", "above")
        yield Check(
            BLOCK,
            f"{better} is better for {bet.metric}: the target must be {side} {stands}.",
            "target",
        )


def _range(bet: Bet) -> Iterator[Check]:
    if bet.low is None and bet.high is None:
        yield Check(BLOCK, "Type the lower or the upper end of the range, or both.", "low")
    elif bet.low is not None and bet.high is not None and bet.low >= bet.high:
        yield Check(BLOCK, "The lower end must be below the upper end.", "high")


def _sign(bet: Bet) -> Iterator[Check]:
    """By when it would show that the bet is wrong: while there is time to act on it."""
    middle = periods.half_way(bet.start, bet.end)
    if bet.wrong_by is not None and not bet.start <= bet.wrong_by <= middle:
        yield Check(
            BLOCK,
            "The sign that you are wrong has to show by half-time: between "
            f"{formatting.day_words(bet.start)} and {formatting.day_words(middle)}.",
            "wrong_by",
        )


def _plan(bet: Bet) -> Iterator[Check]:
    """Whether the chosen way there fits the metric and the window."""
    plan = bet.plan
    if plan.is_total and (bet.metric.kind != "flow_sum" or bet.ranged or bet.metric.lower_is_better):
        yield Check(
            BLOCK,
            f"{bet.metric} cannot be added up towards a target: choose the mean of the last weeks.",
            "rule",
        )
    if plan.shape == "seasonal" and not plan.is_total:
        yield Check(BLOCK, "The rhythm of weekdays and holidays is for totals: choose another plan.", "shape")
    days = (bet.end - bet.start).days + 1
    if plan.shape == "delayed" and not 0 < plan.lag_days < days:
        yield Check(BLOCK, f"Type after how many days it begins to move, 1 to {days - 1}.", "lag_days")
    if plan.shape == "milestones":
        yield from _milestones(bet)


def _milestones(bet: Bet) -> Iterator[Check]:
    steps = bet.plan.milestones
    if not steps:
        yield Check(BLOCK, "Type at least one milestone: a day of the window and a value.", "milestones")
    elif any(not bet.start <= day < bet.end for day, _ in steps):
        yield Check(BLOCK, "Milestones lie inside the window, before its last day.", "milestones")
    elif len({day for day, _ in steps}) < len(steps):
        yield Check(BLOCK, "Two milestones stand on the same day. Keep one of them.", "milestones")
