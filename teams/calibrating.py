"""Forecasts and beliefs about bets, held against what came of them; the figures of the calibration page.

An outcome belongs to the bet. Nobody's forecasts are counted by person anywhere.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models import F, Q

from metrics import foreseeing, remembering
from metrics.analysis import health as judging
from metrics.analysis.forecast import Forecast
from metrics.models import ChartDocument, Company, ForecastRecord, NorthStar
from northstar.lib import periods
from northstar.lib.periods import WEEK
from teams import looking, reckoning
from teams.charting import key_of
from teams.judging import conclude
from teams.models import CheckIn, Omtm

KEY = "calibration"
ABOUT_BETS = "omtm:"
ALL = (ABOUT_BETS, "target:", "metric:")
#: Bets that ended without a judgement: nothing can be said about their forecasts.
NOT_JUDGED = ("abandoned", "not_measurable")
#: Bets that are read together.
AT_ONCE = 50
End = tuple[float | None, bool | None]
NOTHING: End = (None, None)


def score(now: datetime) -> int:
    """Score every forecast that is due, and work the figures out anew if any was; one query if none is."""
    if not foreseeing.due_record_ids(now, ALL):
        return 0
    done = foreseeing.score(now) + score_bets(now)
    if done:
        draw(now)
    return done


def score_bets(now: datetime) -> int:
    """Fill outcome and verdict of the forecasts of bets whose window is over; how many."""
    ids = foreseeing.due_record_ids(now, (ABOUT_BETS,))
    by_bet: dict[int, list[ForecastRecord]] = defaultdict(list)
    for record in ForecastRecord.objects.filter(pk__in=ids).select_related("metric"):
        by_bet[_number(record)].append(record)
    scored: list[ForecastRecord] = []
    bets = Omtm.objects.select_related("metric", "team").in_bulk(by_bet)
    gone = [number for number in by_bet if number not in bets or _given_up(bets[number])]
    company = Company.current()
    over = [bet for number, bet in bets.items() if number not in gone and not _is_open(bet, now, company)]
    ends = dict.fromkeys(gone, NOTHING) | _ends(over, company=company, now=now)
    for number, (outcome, reached) in ends.items():
        for record in by_bet[number]:
            record.outcome, record.reached, record.scored_at = outcome, reached, now
            scored.append(record)
    return foreseeing.keep_scores(scored)


def _ends(omtms: list[Omtm], *, company: Company, now: datetime) -> dict[int, End]:
    """What came of these bets: (final reading, whether it reached the target), many read at once.

    Without those whose values cannot be trusted or are missing, until it is time to give them up.
    """
    found: dict[int, End] = {}
    for first in range(0, len(omtms), AT_ONCE):
        part = omtms[first : first + AT_ONCE]
        seen = looking.see(part, company=company, now=now)
        for omtm in part:
            late = now.date() - omtm.end > foreseeing.GIVE_UP
            judged = looking.judged(omtm, seen)
            if not late and judged.trust is not None and judged.trust.blocks:
                continue
            conclusion = conclude(omtm, judged.points, judged.terms.weights)
            if conclusion.final_reading is not None:
                found[omtm.pk] = float(conclusion.final_reading), conclusion.outcome == "achieved"
            elif late:
                found[omtm.pk] = NOTHING
    return found


def _given_up(omtm: Omtm) -> bool:
    return omtm.state == "retired" and omtm.outcome_computed in NOT_JUDGED


def _is_open(omtm: Omtm, now: datetime, company: Company) -> bool:
    """Whether its last week, with the time that its source needs, is still to come.

    A level is read from whole weeks; a total has the days of a broken last one too.
    """
    last = periods.period_start(omtm.end + timedelta(days=1), "week") - WEEK
    if omtm.outcome_rule == "total":
        last = periods.period_start(omtm.end, "week")
    return not periods.is_complete(last, "week", now=now, zone=company.zone, latency=omtm.metric.latency)


def replay(omtms: Iterable[Omtm], *, now: datetime) -> int:
    """The forecasts of each week of these bets, from the weeks known then, marked as worked out later.

    Weeks that have a forecast are left out; returns how many were made.
    """
    company, made = Company.current(), []
    for omtm in omtms:
        key = key_of(omtm)
        known = set(ForecastRecord.objects.filter(subject=key).values_list("as_of_week", flat=True))
        found = looking.judged(omtm, looking.see([omtm], company=company, now=now))
        points = remembering.first_known(omtm.metric, company=company, now=now)
        for health in judging.weekly(points, found.terms, today=min(found.today, omtm.end)):
            week, forecast = health.week, health.forecast
            if week is None or week in known or not isinstance(forecast, Forecast):
                continue
            if week + WEEK <= forecast.due:
                digest = judging.digest(points, found.terms, week=week)[:16]
                target = found.terms.target
                made.append(foreseeing.Kept(key, omtm.metric, forecast, target, week, digest))
    foreseeing.keep_many(made, now=now, replayed=True)
    return len(made)


def replay_all(now: datetime) -> int:
    """Replay every bet that is over, and two years of routine forecasts; score them; how many were made."""
    company, star = Company.current(), NorthStar.current()
    over = Omtm.objects.filter(state__in=("in_review", "retired")).select_related("metric", "team")
    count = replay(over.order_by("pk"), now=now)
    wanted = {version.metric for version in star.versions.select_related("metric")} if star else set()
    wanted |= {driver.metric for driver in star.drivers.select_related("metric")} if star else set()
    today = periods.local_day(now, company.zone)
    for metric in sorted((each for each in wanted if each), key=lambda each: each.pk):
        points = remembering.first_known(metric, company=company, now=now)
        count += foreseeing.replay(metric, points, now=now, due_by=today)
    while score(now):
        pass
    return count


def draw(now: datetime) -> ChartDocument:
    """Work out the figures of the calibration page from all that was scored, and keep them."""
    company = Company.current()
    rows = ForecastRecord.objects.exclude(scored_at=None).exclude(outcome=None)
    records = list(rows.order_by("subject", "as_of_week", "id"))
    ended = {record.subject: bool(record.reached) for record in records if record.reached is not None}
    facts = reckoning.facts([reckoning.Scored.of(record) for record in records], _beliefs(ended))
    sketches = {
        f"{name}{size}": group.pop(kind)
        for name, group in facts.items()
        for kind, size in (("wide", ""), ("narrow", "-small"))
        if kind in group
    }
    document, _ = ChartDocument.objects.update_or_create(
        key=KEY,
        defaults={
            "version": foreseeing.fingerprint((facts, sketches)),
            "figure": "",
            "sketches": sketches,
            "facts": facts,
            "drawn_on": periods.local_day(now, company.zone),
        },
    )
    return document


def _beliefs(ended: dict[str, bool]) -> list[reckoning.Said]:
    """What people said, within the window, about bets that are over; without their names."""
    found = []
    over = CheckIn.objects.filter(Q(omtm__end__gte=F("day")), ~Q(omtm__outcome_computed__in=NOT_JUDGED))
    for omtm, chance, outcome in over.values_list("omtm_id", "chance", "omtm__outcome_computed"):
        key = f"{ABOUT_BETS}{omtm}"
        if key in ended or outcome:
            found.append(reckoning.Said(key, chance / 100, ended.get(key, outcome == "achieved")))
    return found


def _number(record: ForecastRecord) -> int:
    return int(record.subject.partition(":")[2])
