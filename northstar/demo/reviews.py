"""The weekly reviews of the demo company: three frozen Mondays with what people said about them.

Worked out today from the values up to each week, as the worker would have frozen them at 07:00.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from metrics.models import Company, Metric
from northstar.demo.days import Days
from teams import weekly
from teams.models import User, WeeklyRemark, WeeklyReview

WEEKS = (-2, -1, 0)
A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Said:
    """What somebody wrote about the line of a series in the review of a week, on the Monday after it."""

    week: int
    series: str
    author: str
    at: str
    text: str


SAID = ()


def freeze(metrics: Mapping[str, Metric], users: Mapping[str, User], *, company: Company, days: Days) -> None:
    """The reviews of the newest weeks, and the remarks on what was an exception in them."""
    for week in WEEKS:
        at = days.moment(days.monday(week + 1), "07:00")
        content, late = weekly.compose(days.monday(week), at, company=company, replayed=True)
        review = WeeklyReview.objects.create(
            week=days.monday(week), frozen_at=at, late_sources=late, content=content, is_demo=True
        )
        asked = {line["metric"]: line["key"] for line in content["lines"] if line["exception"]}
        for said in SAID:
            if said.week == week and (key := asked.get(metrics[said.series].pk)):
                _say(review, key, said, author=users[said.author], days=days)


def _say(review: WeeklyReview, key: str, said: Said, *, author: User, days: Days) -> None:
    row = WeeklyRemark.objects.create(review=review, line=key, text=said.text, author=author)
    at = days.moment(days.monday(said.week + 1), said.at)
    WeeklyRemark.objects.filter(pk=row.pk).update(created_at=at)
