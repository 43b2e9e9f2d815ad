"""Pulling: what was claimed is run and stored. The row is the job; a message only wakes somebody up."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from time import monotonic

from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings
from django.db.models import Exists, F, OuterRef, Prefetch, Subquery

from metrics import batching, breakers, connecting, finishing
from metrics.batching import Answered
from metrics.claiming import claim_due, request
from metrics.connectors.base import Ask, Connector, ConnectorError
from metrics.holding import StaleLease
from metrics.keeping import Keeper
from metrics.models import Company, Metric, ObservationRevision, Pull, Source
from northstar.lib import clock, periods

__all__ = ["MOST_STARTS", "StaleLease", "ask_for", "claim_due", "request", "round_of", "run"]

log = logging.getLogger(__name__)

MOST_STARTS = 3
#: Quick answers wait for others at most so long, and until they have so many rows, to be stored together.
WAITS_SECONDS, MOST_ROWS = 1.0, 2000
DEFAULT_HISTORY = timedelta(weeks=104)


def run(pull_id: int, *, company: Company | None = None) -> None:
    """Run one pull from start to end; a second message for the same pull does nothing."""
    with round_of([pull_id], company=company) as ours:
        ours.run(pull_id)


@contextmanager
def round_of(ids: Sequence[int], *, company: Company | None = None) -> Iterator[Round]:
    """What runs these pulls one after the other; at its end everything is stored."""
    ours = Round(ids, company or Company.current())
    try:
        yield ours
    finally:
        ours.keep()


class Round:
    """Pulls that one worker runs one after the other. Each of them:

    1. start: counted before any work, so that a pull which kills its worker is found out;
    2. ask the source for each metric, outside of any transaction;
    3. store each metric, fenced by the lease, and with the last one the result, the next due moment and the
       release of the lease. Quick answers of several sources wait for each other and are stored together.
    """

    def __init__(self, ids: Sequence[int], company: Company) -> None:
        self.company, self.several = company, len(ids) > 1
        self.pulls = _waiting(ids)
        self.answered: list[Answered] = []
        self.since = 0.0

    def run(self, pull_id: int) -> None:
        pull = self.pulls.get(pull_id)
        if pull is not None and _begun(pull):
            self._run(pull)
        rows = sum(len(each.answer.rows) for each in self.answered)
        if self.answered and (rows > MOST_ROWS or monotonic() - self.since > WAITS_SECONDS):
            self.keep()

    def keep(self) -> None:
        """Store what waits."""
        waiting, self.answered = self.answered, []
        for each in batching.keep(waiting, company=self.company) if waiting else ():
            self._end(
                each.pull,
                lambda keeper, each=each: keeper.store(each.metric, each.ask, each.answer, last=True),
            )

    def _run(self, pull: Pull) -> None:
        if pull.attempt > MOST_STARTS:
            finishing.dead(pull)
            return

        def ask_and_keep(keeper: Keeper) -> None:
            with _opened(pull.source) as connector:
                self._ask(pull, connector, keeper)

        self._end(pull, ask_and_keep)

    def _end(self, pull: Pull, work: Callable[[Keeper], None]) -> None:
        """Do it, and write how the pull ended unless that was done, or is done together with others."""
        keeper, failure = Keeper(pull, self.company), None
        try:
            with _told(pull.source):
                work(keeper)
        except ConnectorError as error:
            failure = error
        except StaleLease:
            finishing.stale(pull)
            return
        waits = bool(self.answered) and self.answered[-1].pull is pull
        if not keeper.concluded and not (waits and failure is None):
            self.answered = [each for each in self.answered if each.pull is not pull]
            finishing.finish(pull, failure, company=self.company)

    def _ask(self, pull: Pull, connector: Connector, keeper: Keeper) -> None:
        """Every metric in turn, until an error concerns the whole source."""
        wanted = _wanted(pull)
        if not wanted:
            connector.check()  # nothing to ask for yet, but whether it can be asked is worth knowing
        for place, metric in enumerate(wanted, start=1):
            last = place == len(wanted)
            try:
                ask = ask_for(metric, company=self.company, now=clock.now(), span=_span(pull))
                answer = connector.fetch(ask)
            except ConnectorError as error:
                whole = error.code in finishing.SOURCE_CODES or error.retry_after is not None
                keeper.fail(metric, error, failure=error if whole else None, last=last or whole)
                if whole:
                    return
            else:
                if self.several and len(wanted) == 1:
                    self.since = self.since if self.answered else monotonic()
                    self.answered.append(Answered(pull, metric, ask, answer))
                else:
                    keeper.store(metric, ask, answer, last=last)


def _waiting(ids: Sequence[int]) -> dict[int, Pull]:
    """The pulls that wait, by id, with their sources and what those are asked for."""
    asked = Metric.objects.pulled().annotate(newest_pulled=_newest_pulled()).order_by("id")
    rows = Pull.objects.filter(pk__in=ids, state="waiting").exclude(token="")
    rows = rows.select_related("source", "metric")
    return {
        pull.pk: pull for pull in rows.prefetch_related(Prefetch("source__metrics", asked, to_attr="asked"))
    }


def _start(pull_id: int) -> Pull | None:
    """The pull, now running; None if it runs already or another one holds the source."""
    pull = _waiting([pull_id]).get(pull_id)
    return pull if pull is not None and _begun(pull) else None


def _begun(pull: Pull) -> bool:
    """Count the start, unless it runs already or another one holds the source; a lease outlives the work."""
    now = clock.now()
    held = Source.objects.filter(pk=pull.source_id, lease_token=pull.token)
    until = pull.source.lease_until
    if until is None or until < now + timedelta(seconds=settings.PULL_HARD_LIMIT_SECONDS):
        held.update(lease_until=now + timedelta(seconds=settings.PULL_LEASE_SECONDS))
    waits = Pull.objects.filter(Exists(held), pk=pull.pk, state="waiting", token=pull.token)
    if not waits.update(state="running", attempt=F("attempt") + 1, started_at=now, as_of=now):
        return False
    pull.state, pull.attempt, pull.started_at, pull.as_of = "running", pull.attempt + 1, now, now
    return True


def _wanted(pull: Pull) -> list[Metric]:
    return [pull.metric] if pull.metric else list(pull.source.asked)


@contextmanager
def _opened(source: Source) -> Iterator[Connector]:
    """The open connector, and with it the key by which its host is left alone."""
    with connecting.connector_for(source) as connector:
        source.breaker_key = source.breaker_key or breakers.key_of(
            type(connector), source.settings, connector.secrets
        )
        yield connector


@contextmanager
def _told(source: Source) -> Iterator[None]:
    """Whatever goes wrong inside becomes a ConnectorError, but for a lost lease."""
    try:
        yield
    except (ConnectorError, StaleLease):
        raise
    except SoftTimeLimitExceeded:
        seconds = settings.PULL_SOFT_LIMIT_SECONDS
        raise ConnectorError(
            "timeout", f"The pull took longer than {seconds} seconds and was stopped."
        ) from None
    except Exception:
        log.exception("source %s: unexpected error", source.pk)
        raise ConnectorError(
            "unexpected", "Unexpected error. The log of the worker has the details."
        ) from None


def _span(pull: Pull) -> tuple[date, date] | None:
    return (pull.start, pull.end) if pull.start and pull.end else None


def ask_for(metric: Metric, *, company: Company, now: datetime, span: tuple[date, date] | None = None) -> Ask:
    """What to ask: the span, or everything since the newest value and no less than the restatement window."""
    today = periods.local_day(now, company.zone)
    end = periods.next_start(periods.period_start(today, metric.grain), metric.grain)
    if span:
        # Whole periods only: half a week would be stored as if it were the week.
        last = periods.period_start(span[1] - timedelta(days=1), metric.grain)
        start, end = span[0], min(periods.next_start(last, metric.grain), end)
    else:
        start = _since(metric, today)
    return Ask(
        metric=metric.slug,
        kind=metric.kind,
        grain=metric.grain,
        query=metric.query,
        start=periods.period_start(start, metric.grain),
        end=end,
        zone=company.zone,
        now=now,
    )


def _since(metric: Metric, today: date) -> date:
    if hasattr(metric, "newest_pulled"):
        newest = metric.newest_pulled
    else:
        newest = (
            Metric.objects.annotate(newest=_newest_pulled())
            .values_list("newest", flat=True)
            .get(pk=metric.pk)
        )
    if newest is None:
        return metric.history_from or today - DEFAULT_HISTORY
    return min(newest, today - timedelta(days=metric.restate_days))


def _newest_pulled() -> Subquery:
    # Not the newest value: one that was typed, or fetched by a backfill, says nothing of the time before it.
    pulled = ObservationRevision.objects.filter(metric=OuterRef("pk"), origin="pull")
    pulled = pulled.exclude(pull__kind="backfill").order_by("-period_start")
    return Subquery(pulled.values("period_start")[:1])
