"""Quick answers of several sources are stored together: in as many statements for many as for one.

Only what went well goes this way. Whatever has something special (an error, a row that is wrong, a source
that failed before, a lease that was lost) is left to the usual way, alone.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import DatabaseError, transaction

from metrics import drifting, finishing, storing
from metrics.connectors.base import Answer, Ask
from metrics.holding import fence_all
from metrics.keeping import entry_of, item_of, standing, write_items
from metrics.models import Company, Metric, Pull, Source

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Answered:
    """The answer for the only metric of a pull, not stored yet."""

    pull: Pull
    metric: Metric
    ask: Ask
    answer: Answer

    def fits(self, source: Source | None) -> bool:
        """Whether nothing about it is special; `source` is its locked row, None where the lease was lost."""
        if source is None or source.paused_at or source.failures or source.failing_since or source.shaky:
            return False
        return not self.metric.failures and self.pull.kind != "backfill"


def keep(answered: Sequence[Answered], *, company: Company) -> list[Answered]:
    """Store them and end their pulls, in one transaction; those that are left have to go alone."""
    try:
        with transaction.atomic():
            return _keep(answered, company)
    except storing.StoreError:
        return list(answered)
    except DatabaseError:
        log.exception("%s answers could not be stored together; each is stored alone", len(answered))
        return list(answered)


def _keep(answered: Sequence[Answered], company: Company) -> list[Answered]:
    sources = fence_all([each.pull for each in answered])
    stands = standing([each.metric for each in answered])
    fit = [each for each in answered if each.metric.pk in stands and each.fits(sources.get(each.pull.pk))]
    entries = [entry_of(each.pull, each.metric, each.ask, each.answer) for each in fit]
    done = storing.store_held(entries, company=company)
    write_items(
        item_of(
            each.pull,
            each.metric,
            each.answer,
            stored,
            drift=drifting.remember(each.metric, each.answer.columns),
        )
        for each, stored in zip(fit, done, strict=True)
    )
    finishing.note_successes([each.metric for each in fit], company=company)
    finishing.conclude_well([(each.pull, sources[each.pull.pk]) for each in fit], company=company)
    kept = {each.pull.pk for each in fit}
    return [each for each in answered if each.pull.pk not in kept]
