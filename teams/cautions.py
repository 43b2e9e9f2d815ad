"""What speaks for a bet and what against it, short of forbidding it (domain 3.5)."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence

from metrics import formatting, telling
from metrics.analysis import noise
from metrics.analysis import reading as reading_of
from metrics.analysis.forecast import Withheld, foresee
from metrics.analysis.points import Point, complete_points
from metrics.analysis.trust import Trust
from metrics.analysis.wording import likely_words
from metrics.models import Driver, NorthStar
from metrics.models.driver import EVIDENCE
from teams import charting, judging, predicting
from teams.betting import BASELINE_WEEKS, Bet
from teams.findings import GOOD, INFO, WARN, Check, Weighed
from teams.models import Omtm

DETECTABLE = 2.0
HOPELESS = 1.0
BEYOND_BEST = 0.5
#: From this chance on the target would be reached without anybody's doing.
SELF_REACHING = 0.5
LEAST_RISES = 20


def about(weighed: Weighed, read: Mapping[int, Sequence[Point]], *, trust: Trust) -> Iterator[Check]:
    """Every caution and every good word about a bet that nothing forbids; `read` has points by metric id."""
    if trust.blocks:
        yield Check(WARN, " ".join(trust.sentences))
    yield from _reach(weighed)
    yield from _signal(weighed)
    yield from _outlook(weighed)
    yield from _only_rises(weighed)
    yield from _slow(weighed)
    yield from _links(weighed)
    yield from _guards(weighed.bet, read)
    yield from _tried(weighed.bet)


def _reach(weighed: Weighed) -> Iterator[Check]:
    """Whether the target is met already, and how far it lies beyond what there was."""
    bet, baseline = weighed.bet, weighed.baseline
    if bet.target is None or baseline is None:
        return
    if bet.plan.is_total:
        yield from _usual_total(weighed)
        return
    sign = 1 if bet.target > baseline else -1
    target = float(bet.target)
    if weighed.current is not None and sign * (weighed.current - target) >= 0:
        now = telling.show(weighed.current, bet.metric)
        yield Check(WARN, f"The target is met already: it stands at {now}. Aim further, or choose another.")
        return
    best = _best_four_weeks(weighed, sign)
    if best is not None and sign * (target - best) > BEYOND_BEST * abs(target - float(baseline)):
        word = "above" if sign > 0 else "below"
        was = telling.show(best, bet.metric)
        yield Check(
            WARN,
            f"{telling.show(bet.target, bet.metric)} is far {word} the best four weeks of the past year "
            f"({was}).",
        )


def usual_total(weighed: Weighed) -> float | None:
    """What as many weeks as the window has bring, each like the mean of the last ones; None without any."""
    a_week = reading_of.reading(weighed.points, weighed.bet.metric.kind, BASELINE_WEEKS)
    return None if a_week is None else a_week * weighed.bet.weeks


def _usual_total(weighed: Weighed) -> Iterator[Check]:
    """A total against what as many usual weeks bring."""
    bet, usual = weighed.bet, usual_total(weighed)
    if usual is None or bet.target is None:
        return
    weeks = f"{bet.weeks} usual weeks"
    if usual >= float(bet.target):
        words = f"{weeks.capitalize()} bring {telling.show(usual, bet.metric)} already: aim further."
        yield Check(WARN, words)
    else:
        more = formatting.show_share(float(bet.target) / usual - 1) if usual > 0 else ""
        words = f"{weeks.capitalize()} bring {telling.show(usual, bet.metric)}"
        yield Check(INFO, f"{words}; the target asks for {more} more." if more else f"{words}.")


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
    change, spread = _change(weighed, float(bet.target) - float(baseline), sigma)
    if bet.plan.is_total and change <= 0:
        return  # usual weeks reach it: there is no change to tell
    times = abs(change) / spread
    if times >= DETECTABLE:
        yield Check(GOOD, f"The change stands out from the noise: {times:.1f} times what chance does.")
        return
    words = "cannot be told" if times < HOPELESS else "is hard to tell"
    yield Check(
        WARN,
        f"The change you aim for {words} from noise ({times:.1f} times what chance does): aim higher, "
        "or choose a metric with more events.",
    )


def _change(weighed: Weighed, way: float, sigma: float) -> tuple[float, float]:
    """The change aimed for and the noise of what will tell it, both in the unit of the target."""
    if not weighed.bet.plan.is_total:
        return way, sigma * math.sqrt(1 / weighed.outcome_weeks + 1 / BASELINE_WEEKS)
    weeks, usual = weighed.bet.weeks, usual_total(weighed) or 0.0
    return way - usual, sigma * math.sqrt(weeks + weeks * weeks / BASELINE_WEEKS)


def _outlook(weighed: Weighed) -> Iterator[Check]:
    """Where it would stand in the end without the bet, as such series usually go."""
    bet = weighed.bet
    if bet.target is None or weighed.baseline is None or bet.plan.is_total:
        return
    target, baseline = float(bet.target), float(weighed.baseline)
    found = foresee(
        weighed.points,
        kind=bet.metric.kind,
        due=bet.end,
        k=weighed.outcome_weeks,
        target=target,
        sign=1 if target > baseline else -1,
    )
    if isinstance(found, Withheld) or found.p is None:
        return
    low, high = (telling.show(value, bet.metric) for value in (found.low80, found.high80))
    stands = f"Left alone it would stand at about {telling.show(found.mean, bet.metric)} in the end"
    words = f"{stands} ({low} to {high}); reaching the target by itself is {likely_words(found.p)}."
    yield Check(INFO if found.p < SELF_REACHING else WARN, words)


def _only_rises(weighed: Weighed) -> Iterator[Check]:
    """A number that can only grow would change no decision."""
    known = [point.value for point in complete_points(weighed.points)[-52:] if point.value is not None]
    pairs = list(zip(known, known[1:], strict=False))
    if weighed.bet.metric.kind not in ("snapshot_stock", "unique") or len(pairs) < LEAST_RISES:
        return
    if all(after >= before for before, after in pairs) and known[-1] > known[0]:
        yield Check(
            WARN,
            f"{weighed.bet.metric} has not fallen once in {len(pairs)} weeks. A count that can only grow "
            "tells little: follow what is new each week instead.",
        )


def _slow(weighed: Weighed) -> Iterator[Check]:
    """A metric that answers late cannot steer a short window."""
    bet = weighed.bet
    driver = Driver.objects.filter(metric=bet.metric, north_star__state="active").first()
    if driver is not None and driver.expected_lag_weeks * 2 >= bet.weeks > 0:
        yield Check(
            WARN,
            f"{driver.name} moves {driver.expected_lag_weeks} weeks ahead of the North Star, and the window "
            f"has {bet.weeks}: what you do late in it will not show there.",
        )


def _links(weighed: Weighed) -> Iterator[Check]:
    bet, metric = weighed.bet, weighed.bet.metric
    others = Omtm.objects.filter(metric=metric, state__in=("active", "committed")).exclude(team=bet.team)
    for other in others.select_related("team").order_by("id")[:1]:
        yield Check(WARN, f"{other.team} pushes the same metric until {formatting.day_words(other.end)}.")
    star = NorthStar.current()
    if star is None:
        return
    driver = Driver.objects.filter(north_star=star, metric=metric).first()
    if driver is not None:
        yield Check(
            GOOD, f"It moves {driver.name}, a driver of {star.name}.{_promise(weighed, driver, star)}"
        )
    elif not star.versions.filter(metric=metric).exists():
        yield Check(WARN, f"{metric} is not linked to any driver of {star.name}.")


def _promise(weighed: Weighed, driver: Driver, star: NorthStar) -> str:
    """What the metric tree says that the target does, for who writes down what to expect."""
    bet = weighed.bet
    found = predicting.suggestion(bet.metric, driver, baseline=weighed.baseline, target=bet.target)
    version = star.versions.order_by("version_no").select_related("metric").last()
    if found is None or version is None or bet.plan.is_total:
        return ""
    star_metric = version.metric
    shown = {"unit": star_metric.unit, "decimals": star_metric.decimals, "kind": star_metric.kind}
    effect = formatting.show_change(found.effect, **shown)
    return (
        f" At the target the tree expects about {effect} of it within {found.weeks} weeks "
        f"({EVIDENCE[found.evidence].lower()})."
    )


def _guards(bet: Bet, read: Mapping[int, Sequence[Point]]) -> Iterator[Check]:
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
        elif judging.beyond(last.value, limit.side, float(limit.limit)):
            words = charting.limit_words(limit.metric, limit.side, limit.limit)
            yield Check(
                WARN,
                f"{limit.metric} is beyond its limit already: "
                f"{telling.show(last.value, limit.metric)}, {words}.",
            )


def _tried(bet: Bet) -> Iterator[Check]:
    for past in Omtm.objects.retired().filter(metric=bet.metric).select_related("team")[:1]:
        lesson = f" Lesson: {past.lesson}" if past.lesson else ""
        span = f"{formatting.day_words(past.start)} to {formatting.day_words(past.end)}"
        outcome = past.outcome.replace("_", " ")
        yield Check(INFO, f"Tried before by {past.team}, {span}, {outcome}.{lesson}")
