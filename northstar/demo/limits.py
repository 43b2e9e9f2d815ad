"""What was usual at Brindlewick before this summer: limits that people locked, with their reasons."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from metrics import series
from metrics.analysis import locking, xmr
from metrics.models import Company, LimitSegment, Metric
from northstar.demo.days import Days
from northstar.demo.deeds import done
from teams.models import User


@dataclass(frozen=True, slots=True)
class Lock:
    """Limits of a series from `weeks` weeks, the first of which is `first`."""

    series: str
    basis: str
    first: int
    weeks: int
    author: str
    reason: str


LOCKS = (
    Lock("wac", "changes", -29, 20, "maren", "Twenty weeks after the spring campaign, without a closure."),
    Lock("sync", "level", -19, 20, "yuki", "Twenty weeks, before and after the sync engine was rewritten."),
    Lock("jobs", "level", -25, 26, "teo", "Half a year without a change of how jobs are planned."),
)


def lock(metrics: Mapping[str, Metric], users: Mapping[str, User], *, company: Company, days: Days) -> None:
    """The limits of the story; those of other metrics are found when their charts are drawn."""
    points = series.weekly({metrics[each.series] for each in LOCKS}, company=company, now=days.now)
    for each in LOCKS:
        metric, start = metrics[each.series], days.monday(each.first)
        end = days.monday(each.first + each.weeks)
        rows = locking.judged(points[metric.pk], each.basis)
        found = xmr.limits([row.value for row in rows if start <= row.start < end])
        if found is None:
            continue
        at = days.moment(end, "09:40")
        segment = LimitSegment.objects.create(
            metric=metric,
            start=start,
            basis=each.basis,
            points=found.points,
            centre=found.centre,
            range_mean=found.range_mean,
            reason=each.reason,
            set_by=users[each.author],
            is_demo=True,
        )
        LimitSegment.objects.filter(pk=segment.pk).update(created_at=at)
        after = {"start": start, "basis": each.basis}
        done("limits.set", metric, at, actor=users[each.author], after=after, reason=each.reason)
