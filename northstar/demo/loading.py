"""Loading the demo company: everything or nothing, ending today."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

from django.db import transaction

from metrics import backfilling, pulling, storing
from metrics.connectors import demo_growth
from metrics.connectors.base import Row
from metrics.models import Metric, ObservationRevision, Source
from northstar.demo import (
    alerting,
    arrivals,
    beliefs,
    candidates,
    check_ins,
    choosing,
    deeds,
    deliveries,
    failing,
    founding,
    funnel,
    hanging,
    limits,
    measures,
    meetings,
    promises,
    removing,
    reviews,
    story,
    tellings,
)
from northstar.demo import star as told
from northstar.demo.days import Days
from northstar.lib import clock
from teams import calibrating, evaluating
from teams.models import User
from teams.reminders import reminding


class Unfit(Exception):
    """The demo cannot be loaded here; the sentence says why and what to do."""


def load(now: datetime, *, hashed: str) -> bool:
    """Load the demo company, False if it is there already. Raises Unfit where its names are taken.

    `hashed` is the password of all its people as it is stored.

    1. People, teams, sources, metrics, North Star, notes. 2. The first pulls, by the code that workers run.
    3. What was before today: typed values, a failing source, bets with their past. 4. Health, charts,
    weekly reviews and reminders as of `now`. All in one transaction: a load that was killed leaves nothing.
    """
    with transaction.atomic():
        if removing.is_loaded():
            return False
        if obstacle := removing.obstacle_to_load():
            raise Unfit(obstacle)
        company = founding.company()
        days = Days(now, company.zone)
        users = founding.people(hashed)
        sources = founding.sources(users, days)
        metrics = founding.metrics(sources, days)
        star = founding.north_star(metrics, users, days)
        choosing.tell(star, metrics, users, days)
        founding.notes(metrics, users, days)
        failing.stop(sources[measures.PARTNERS], metrics["partner_leads"], days)
        deliveries.earlier_pulls([sources[slug] for slug in measures.WORKING], days)
        _first_reports(metrics["wac"], days)
        _ask_once(metrics["wac_prior"], days)
        _pull()
        arrivals.date_back(metrics, days)
        _type_visits(metrics["visits"], users["kaja"], days)
        bets = story.tell(metrics, users, company=company, days=days)
        limits.lock(metrics, users, company=company, days=days)
        deeds.record_company(star, sources, leader=users["maren"], days=days)
        candidates.tell(metrics, users, days)
        funnel.tell(star, users, days)
        promises.put_on_stages(bets)
        evaluating.evaluate(now)
        beliefs.tell(metrics, users, days)
        check_ins.tell(metrics, users, days)
        calibrating.replay_all(now)
        meetings.hold(users, days)
        reviews.freeze(metrics, users, company=company, days=days)
        reviews.send_letter(days=days)
        choosing.test(star, days)
        check_ins.ask(days)
        alerting.tell(metrics, users, days)
        hanging.connect(users["maren"], days)
        reminding.remind(now)
        tellings.tell(days)
    return True


def refresh(now: datetime, *, hashed: str) -> bool:
    """Take the demo company out and load it again as of `now`; False if there is none.

    Without a new password the people keep theirs. Raises Unfit or removing.Needed.
    """
    with transaction.atomic():
        kept = User.objects.filter(is_demo=True).values_list("password", flat=True).first()
        return removing.remove() and load(now, hashed=hashed or kept or "")


def _first_reports(wac: Metric, days: Days) -> None:
    """One week as it was first reported, before the pull brings what the source says today."""
    start = days.monday(measures.RESTATED_WEEK)
    seen = days.moment(days.sunday(measures.RESTATED_WEEK) + timedelta(days=1), "06:00")
    ObservationRevision.objects.create(
        metric=wac,
        grain=wac.grain,
        period_start=start,
        value=demo_growth.week(measures.RESTATED_WEEK).wac + measures.FIRST_REPORTED,
        as_of=seen,
        received_at=seen,
        origin="import",
        reason=measures.RESTATED_REASON,
    )


def _ask_once(prior: Metric, days: Days) -> None:
    """The old definition ended with the new one: its past is fetched, and it is not asked for again."""
    Metric.objects.filter(pk=prior.pk).update(
        paused_at=days.moment(days.monday(told.REDEFINED + 1)), paused_reason=told.REPLACED
    )
    end = days.monday(told.REDEFINED + 1)
    backfilling.ask(prior, [(days.monday(told.FIRST_WEEK), end)])


def _pull() -> None:
    """The first pulls of every demo source that works, at once instead of by the worker."""
    working = Source.objects.filter(slug__in=measures.WORKING)
    while pulls := pulling.claim_due(clock.now(), among=working):
        for pull in pulls:
            pulling.run(pull)


def _type_visits(visits: Metric, author: User, days: Days) -> None:
    first = 1 - len(measures.VISITS)
    rows = [
        Row(days.monday(first + place), value=Decimal(count)) for place, count in enumerate(measures.VISITS)
    ]
    storing.store(visits, rows, origin="typed", actor=author)
