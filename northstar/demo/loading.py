"""Loading the demo company: everything or nothing, ending today."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

from django.db import transaction

from metrics import pulling, storing
from metrics.connectors import demo_growth, demo_series
from metrics.connectors.base import Ask, Row
from metrics.connectors.demo import DemoConnector
from metrics.models import Metric, ObservationRevision, Source
from northstar.demo import deeds, founding, measures, removing, story
from northstar.demo.days import Days
from teams import evaluating, reminding
from teams.models import User

CRM_DAYS = 2
CRM_FAILURES = 3
REFUSED = (
    "The demo partner system refuses the sign-in: its access token has expired. Type a new token. "
    "(This source fails on purpose, to show what that looks like.)"
)


class Unfit(Exception):
    """The demo cannot be loaded here; the sentence says why and what to do."""


def load(now: datetime, *, hashed: str) -> bool:
    """Load the demo company, False if it is there already. Raises Unfit where its names are taken.

    `hashed` is the password of all its people as it is stored.

    1. People, teams, sources, metrics, North Star, notes. 2. The first pulls, by the code that workers run.
    3. What was before today: typed values, a failing source, bets with their past. 4. Health, charts and
    reminders as of `now`. All in one transaction: a load that was killed leaves nothing.
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
        founding.notes(metrics, users, days)
        _first_reports(metrics["wac"], days)
        _pull(now)
        _type_visits(metrics["visits"], users["kaja"], days)
        _stop_crm(sources[measures.PARTNERS], metrics["partner_leads"], days)
        story.tell(metrics, users, company=company, days=days)
        deeds.record_company(star, sources, leader=users["maren"], days=days)
        evaluating.evaluate(now)
        reminding.remind(now)
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


def _pull(now: datetime) -> None:
    """The first pull of every demo source that works, at once instead of by the worker."""
    working = Source.objects.filter(
        slug__in=[origin.slug for origin in measures.SOURCES if not origin.broken]
    )
    for pull in pulling.claim_due(now, among=working):
        pulling.run(pull)


def _type_visits(visits: Metric, author: User, days: Days) -> None:
    first = 1 - len(measures.VISITS)
    rows = [
        Row(days.monday(first + place), value=Decimal(count)) for place, count in enumerate(measures.VISITS)
    ]
    storing.store(visits, rows, origin="typed", actor=author)


def _stop_crm(crm: Source, leads: Metric, days: Days) -> None:
    """Its values until two days ago by import, and the state that three refusals would have left."""
    stopped = days.moment(days.today - timedelta(days=CRM_DAYS), "06:00")
    series = demo_series.SERIES["partner_leads"]
    ask = Ask(
        metric=leads.slug,
        kind=series.kind,
        grain=series.grain,
        query=leads.query,
        start=days.monday(series.first_week),
        end=days.today - timedelta(days=CRM_DAYS),
        zone=days.zone,
        now=days.now,
    )
    rows = DemoConnector({}, {}, egress=_Nowhere()).fetch(ask).rows
    storing.store(leads, rows, origin="import", reason="Demo data", as_of=stopped)
    Metric.objects.filter(pk=leads.pk).update(last_ok_at=stopped)
    failing = stopped + timedelta(hours=1)
    Source.objects.filter(pk=crm.pk).update(
        failures=CRM_FAILURES,
        failing_since=failing,
        last_ok_at=stopped,
        last_error_code="auth",
        last_error_message=REFUSED,
        paused_at=failing + timedelta(minutes=2),
        paused_reason=f"Paused after {CRM_FAILURES} failures. {REFUSED}",
        next_due_at=None,
        next_scheduled_at=None,
    )


class _Nowhere:
    """The demo connector opens nothing."""

    def resolve(self, host: str, port: int, dbname: str | None = None) -> list[str]:
        return []
