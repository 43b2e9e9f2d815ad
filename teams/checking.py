"""What stands against a bet before it starts: blocks, warnings, and what speaks for it (domain 3.5)."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal

from metrics import formatting, series
from metrics.analysis import noise
from metrics.analysis import reading as reading_of
from metrics.analysis.points import Point, complete_points
from metrics.models import Company, Driver, Metric, NorthStar
from northstar.lib import periods
from teams import charting
from teams.betting import BASELINE_WEEKS, Bet, derive_baseline, outcome_weeks
from teams.models import Omtm, Team

BLOCK, WARN, GOOD, INFO = "block", "warn", "good", "info"
SILENT_WEEKS = 2
YEAR = timedelta(weeks=52)
HISTORY = timedelta(weeks=60)
WEEK = timedelta(weeks=1)
DETECTABLE = 2.0
HOPELESS = 1.0
BEYOND_BEST = 0.5


@dataclass(frozen=True, slots=True)
class Check:
    """One finding: block, warn, good or info; `field` is the answer of the form that it is about."""

    level: str
    sentence: str
    field: str = ""


@dataclass(frozen=True, slots=True)
class Weighed:
    """A bet with what its data say: baseline with its weeks, today's reading, findings, blocks first."""

    bet: Bet
    outcome_weeks: int
    points: Sequence[Point] = ()
    baseline: Decimal | None = None
    baseline_from: date | None = None
    baseline_to: date | None = None
    current: float | None = None
    checks: list[Check] = field(default_factory=list)

    @property
    def blocks(self) -> list[Check]:
        return [check for check in self.checks if check.level == BLOCK]


def weigh(bet: Bet, *, today: date, now: datetime) -> Weighed:
    """Derive the baseline of a bet and check it; reads only, in a fixed number of queries."""
    company = Company.current()
    metrics = {metric.pk: metric for metric in (bet.metric, *(limit.metric for limit in bet.limits))}
    read = series.weekly(metrics.values(), company=company, now=now, since=today - HISTORY)
    points = read[bet.metric.pk]
    weeks = outcome_weeks(bet.start, bet.end)
    derived, first, last = derive_baseline(bet, points)
    weighed = Weighed(
        bet=bet,
        outcome_weeks=weeks,
        points=points,
        baseline=bet.baseline if bet.baseline is not None else derived,
        baseline_from=first,
        baseline_to=last,
        current=reading_of.reading(points, bet.metric.kind, weeks),
    )
    found = [*_window(bet, today), *_occupied(bet), *_data(bet, points, today), *_goal(weighed)]
    if not any(check.level == BLOCK for check in found):
        found += [*_reach(weighed), *_signal(weighed), *_links(bet), *_guards(bet, read), *_tried(bet)]
    weighed.checks.extend(sorted(found, key=lambda check: (BLOCK, GOOD, WARN, INFO).index(check.level)))
    return weighed


def already_pushes(team: Team, other: Omtm) -> str:
    """Why a team cannot start another one."""
    if other.state == "committed":
        when = f"from {formatting.day_words(other.start)} to {formatting.day_words(other.end)}"
        return f"{team} is already committed to {other.name} {when}. Withdraw it first."
    until = formatting.day_words(other.end)
    return f"{team} already pushes {other.name} until {until}. Retire it first."


def _window(bet: Bet, today: date) -> Iterator[Check]:
    try:
        periods.check_start(bet.start, today)
    except periods.WindowError as error:
        yield Check(BLOCK, str(error), "start")
    try:
        periods.check_window(bet.start, bet.end)
    except periods.WindowError as error:
        yield Check(BLOCK, str(error), "end")


def _occupied(bet: Bet) -> Iterator[Check]:
    # Ended and waiting for its review does not count: late reviews must not stop work (domain 3.4).
    others = bet.team.omtms.filter(state__in=("active", "committed"), start__lte=bet.end, end__gte=bet.start)
    for other in others.order_by("start")[:1]:
        yield Check(BLOCK, already_pushes(bet.team, other))


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


def _goal(weighed: Weighed) -> Iterator[Check]:
    bet = weighed.bet
    if bet.ranged:
        yield from _range(bet)
        return
    if bet.target is None:
        yield Check(BLOCK, "Type the value that you aim for.", "target")
        return
    baseline = weighed.baseline
    if baseline is None:
        sentence = (
            f"{bet.metric} has no complete week before the start, so there is no baseline to measure from."
        )
        yield Check(BLOCK, f"{sentence} Type a baseline, or start later.", "baseline")
        return
    stands = f"the baseline, {_show(bet.metric, baseline)}"
    if _show(bet.metric, baseline) == _show(bet.metric, bet.target):
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


def _reach(weighed: Weighed) -> Iterator[Check]:
    """Whether the target is met already, and how far it lies beyond what there was."""
    bet, baseline = weighed.bet, weighed.baseline
    if bet.target is None or baseline is None:
        return
    sign = 1 if bet.target > baseline else -1
    target = float(bet.target)
    if weighed.current is not None and sign * (weighed.current - target) >= 0:
        now = _show(bet.metric, weighed.current)
        yield Check(WARN, f"The target is met already: it stands at {now}. Aim further, or choose another.")
        return
    best = _best_four_weeks(weighed, sign)
    if best is not None and sign * (target - best) > BEYOND_BEST * abs(target - float(baseline)):
        word = "above" if sign > 0 else "below"
        was = _show(bet.metric, best)
        yield Check(
            WARN,
            f"{_show(bet.metric, bet.target)} is far {word} the best four weeks of the past year ({was}).",
        )


def _best_four_weeks(weighed: Weighed, sign: int) -> float | None:
    complete = complete_points(weighed.points)[-52:]
    means = [
        reading_of.reading(complete[i : i + 4], weighed.bet.metric.kind, 4) for i in range(len(complete) - 3)
    ]
    known = [mean for mean in means if mean is not None]
    return max(known, key=lambda mean: sign * mean) if known else None


def _signal(weighed: Weighed) -> Iterator[Check]:
    """Detectability: the change aimed for against the noise of the readings that will tell."""
    bet, baseline = weighed.bet, weighed.baseline
    if bet.target is None or baseline is None:
        return
    sigma = noise.sigma_w(weighed.points)
    if not sigma:
        return
    spread = sigma * math.sqrt(1 / weighed.outcome_weeks + 1 / BASELINE_WEEKS)
    times = abs(float(bet.target) - float(baseline)) / spread
    if times >= DETECTABLE:
        yield Check(GOOD, f"The change stands out from the noise: {times:.1f} times what chance does.")
        return
    words = "cannot be told" if times < HOPELESS else "is hard to tell"
    yield Check(
        WARN,
        f"The change you aim for {words} from noise ({times:.1f} times what chance does): aim higher, "
        "or choose a metric with more events.",
    )


def _links(bet: Bet) -> Iterator[Check]:
    metric = bet.metric
    others = Omtm.objects.filter(metric=metric, state__in=("active", "committed")).exclude(team=bet.team)
    for other in others.select_related("team").order_by("id")[:1]:
        yield Check(WARN, f"{other.team} pushes the same metric until {formatting.day_words(other.end)}.")
    star = NorthStar.current()
    if star is None:
        return
    driver = Driver.objects.filter(north_star=star, metric=metric).first()
    if driver is not None:
        yield Check(GOOD, f"It moves {driver.name}, a driver of {star.name}.")
    elif not star.versions.filter(metric=metric).exists():
        yield Check(WARN, f"{metric} is not linked to any driver of {star.name}.")


def _guards(bet: Bet, read: dict[int, list[Point]]) -> Iterator[Check]:
    """Few events behind a share, and guardrails that are broken before it begins."""
    recent = [p.denominator for p in complete_points(read[bet.metric.pk])[-4:] if p.denominator is not None]
    if bet.metric.kind == "ratio" and recent and sum(recent) / len(recent) < bet.metric.min_den:
        yield Check(
            WARN,
            f"Only about {sum(recent) / len(recent):.0f} cases a week stand behind this share, fewer than "
            f"{bet.metric.min_den}: single cases will move it.",
        )
    for limit in bet.limits:
        last = reading_of.latest(read[limit.metric.pk])
        if last is None or last.value is None:
            yield Check(WARN, f"{limit.metric} has no values yet, so nobody will see it get worse.")
        elif charting.beyond(last.value, limit.side, float(limit.limit)):
            words = charting.limit_words(limit.metric, limit.side, limit.limit)
            yield Check(
                WARN,
                f"{limit.metric} is beyond its limit already: {_show(limit.metric, last.value)}, {words}.",
            )


def _tried(bet: Bet) -> Iterator[Check]:
    for past in Omtm.objects.retired().filter(metric=bet.metric).select_related("team")[:1]:
        lesson = f" Lesson: {past.lesson}" if past.lesson else ""
        span = f"{formatting.day_words(past.start)} to {formatting.day_words(past.end)}"
        outcome = past.outcome.replace("_", " ")
        yield Check(INFO, f"Tried before by {past.team}, {span}, {outcome}.{lesson}")


def _show(metric: Metric, value: float | Decimal | None) -> str:
    return formatting.show(value, unit=metric.unit, decimals=metric.decimals, kind=metric.kind)
