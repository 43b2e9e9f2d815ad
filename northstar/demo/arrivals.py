"""When the values of the demo arrived: as if each had been pulled when its period was over."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from metrics.models import Metric, ObservationRevision
from northstar.demo import measures
from northstar.demo.days import Days
from northstar.lib import periods

#: Those of which a former day is shown; the others arrived when the demo was loaded.
DATED_BACK = ("wac", "activation", "new_paid", "trial_to_paid")
#: Phones without reception had synchronised by then.
RESTATED_AFTER = timedelta(days=9)


def date_back(metrics: Mapping[str, Metric], days: Days) -> None:
    """Let the pulled values have arrived on the morning after their period, one week once more."""
    for key in DATED_BACK:
        metric = metrics[key]
        rows = list(metric.revisions.filter(origin="pull"))
        for row in rows:
            over = periods.next_start(row.period_start, metric.grain)
            if key == "wac" and row.period_start == days.monday(measures.RESTATED_WEEK):
                over += RESTATED_AFTER
            row.received_at = min(days.moment(over, "06:00"), row.received_at)
        ObservationRevision.objects.bulk_update(rows, ["received_at"], batch_size=200)
