"""The weekly review: composed and frozen once a week, never changed after; people add remarks to it.

The row is the job: whoever comes first after its moment makes it, and a week has one.
"""

from __future__ import annotations

import logging
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, time
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from metrics import auditing, definitions, signalling, trusting
from metrics.analysis.trust import TRUSTED, Trust
from metrics.connectors.registry import connector_class
from metrics.definitions import Former, Meaning
from metrics.looking_back import Look, is_asked_for, looks
from metrics.models import Company, Metric
from northstar.lib import periods
from northstar.lib.localtime import instant, local_day
from northstar.lib.periods import WEEK
from teams import evaluating, weekly_lines
from teams.digests import facts
from teams.models import HealthSnapshot, User, WeeklyRemark, WeeklyReview
from teams.weekly_content import Beside, line, unmade
from teams.weekly_lines import Wanted

log = logging.getLogger(__name__)

#: On the Monday after the week, on the clocks of the company.
EARLY, AT_LAST = time(7), time(12)
LONGEST_REMARK = 280
UNKNOWN = "Unknown, looking into it."


class WeeklyError(Exception):
    """It cannot be done; the sentence says why."""


def freeze_due(now: datetime) -> WeeklyReview | None:
    """Freeze the last week if its moment has come: at 07:00 when everything is in, at 12:00 in any case.

    After downtime the newest week that is due is made up for. None where there is nothing to do.
    """
    company = Company.current()
    week = due_week(now, company.zone)
    if WeeklyReview.objects.filter(week=week).exists():
        return None
    at_last = moment(week, AT_LAST, company.zone)
    wanted = weekly_lines.lines(week, now)
    # A company that began to measure after that Monday has nothing to look back on yet.
    if not any(each.metric.created_at <= at_last for each in wanted):
        return None
    read = (each.metric for each in wanted)
    if now < at_last and late_metrics(read, company=company, now=now):
        return None
    evaluating.evaluate(now)
    return _freeze(week, now, company=company)[0]


def freeze_now(now: datetime, *, actor: User) -> WeeklyReview:
    """Freeze the last week that is over, whatever is missing. Raises WeeklyError if it cannot."""
    company = Company.current()
    week = monday_before(local_day(now, company.zone))
    if not weekly_lines.lines(week, now):
        raise WeeklyError("There is nothing to review yet: no team has a focus, and there is no North Star.")
    evaluating.evaluate(now)
    review, made = _freeze(week, now, company=company)
    if not made:
        raise WeeklyError("This week is frozen already; what was shown stays as it was.")
    auditing.record("weekly.frozen", review, actor=actor, after={"week": week})
    return review


def due_week(now: datetime, zone: str) -> date:
    """The Monday of the newest week whose review should be there: from 07:00 of the Monday after it on."""
    week = monday_before(local_day(now, zone))
    return week if now >= moment(week, EARLY, zone) else week - WEEK


def next_moment(now: datetime, zone: str) -> datetime:
    """When the next review is frozen if everything is in."""
    return moment(due_week(now, zone) + WEEK, EARLY, zone)


def moment(week: date, at: time, zone: str) -> datetime:
    """That time of the Monday after the week, as an instant."""
    return instant(datetime.combine(week + WEEK, at), zone)


def monday_before(today: date) -> date:
    """The Monday of the last week that is over on that day."""
    return periods.period_start(today, "week") - WEEK


def late_metrics(metrics: Iterable[Metric], *, company: Company, now: datetime) -> list[Metric]:
    """The pulled ones that nobody has asked for since their newest complete period was to be there.

    Not those that were paused on purpose; one that is paused because it failed is late.
    """
    found = []
    for metric in {each.pk: each for each in metrics}.values():
        source, failed = metric.source, metric.failures or metric.source.failures
        paused = (metric.paused_at or source.paused_at) and not failed
        if not connector_class(source.kind).pulls or paused or source.archived_at:
            continue
        if not is_asked_for(metric, company=company, now=now):
            found.append(metric)
    return found


def compose(
    week: date, now: datetime, *, company: Company, replayed: bool = False
) -> tuple[dict[str, Any], list[str]]:
    """(content, names of late sources) of the review of `week`; a constant number of queries.

    `replayed`: worked out later from the values up to that week, without judging what pulls had done by then.
    """
    wanted = weekly_lines.lines(week, now)
    metrics = {each.metric.pk: each.metric for each in wanted}
    former = {each.metric.pk: definitions.former(each.versions) for each in wanted if each.versions}
    read = {old.metric.pk: old.metric for old in former.values() if old} | metrics
    found = looks(read.values(), week=week, company=company, now=now, replayed=replayed)
    points = {pk: look.points for pk, look in found.items()}
    trust, late = {}, []
    if not replayed:
        late = late_metrics(metrics.values(), company=company, now=now)
        trust = trusting.trust_of(metrics.values(), points=points, company=company, now=now)
    meant = _meanings(former, found, company)
    found |= {pk: replace(found[pk], points=each.points) for pk, each in meant.items()}
    points |= {pk: each.points for pk, each in meant.items()}
    snapshots, signals = _snapshots(wanted, week), signalling.look_many(metrics.values(), points)
    today, words = local_day(now, company.zone), _late_words(late, trust)
    made = []
    for each in wanted:
        pk = each.metric.pk
        beside = Beside(
            today=today,
            snapshot=snapshots.get(each.omtm.pk) if each.omtm else None,
            signal=signals[pk],
            trust=trust.get(pk, Trust(False, TRUSTED)),
            late=words.get(pk, ""),
            meant=meant.get(pk) if each.star else None,
        )
        made.append(_line(each, found[pk], beside))
    on_table = facts.Table(week, wanted, found, made, snapshots, trust, today, company.country, meant)
    return {"lines": made, "letter": facts.of(on_table)}, sorted({metric.source.name for metric in late})


def _meanings(
    former: Mapping[int, Former | None], found: Mapping[int, Look], company: Company
) -> dict[int, Meaning]:
    """By metric what a redefined North Star means now, and what it meant before."""
    points = {pk: look.points for pk, look in found.items()}
    return {
        pk: definitions.meaning(found[pk].metric, old, points, company=company)
        for pk, old in former.items()
        if old is not None
    }


def remark(review: WeeklyReview, key: str, text: str, *, author: User) -> WeeklyRemark:
    """What somebody says about a line; older remarks stay, and one that is sent twice is kept once.

    Raises WeeklyError with the sentence.
    """
    # PostgreSQL takes no null characters, and no others that control are meant to be read.
    shown = (each for each in text if each.isspace() or unicodedata.category(each) != "Cc")
    said = " ".join("".join(shown).split())
    if not has_line(review, key):
        raise WeeklyError("Choose the line that you write about; the one you meant is not on this page.")
    if not said:
        raise WeeklyError(f'Write one sentence. "{UNKNOWN}" is one.')
    if len(said) > LONGEST_REMARK:
        over = len(said) - LONGEST_REMARK
        raise WeeklyError(
            f"That is {over} character{'s' * (over > 1)} more than the {LONGEST_REMARK} there are."
        )
    with transaction.atomic():
        # Two presses of the button arrive at once: the second one sees what the first one wrote.
        WeeklyReview.objects.select_for_update().values("pk").get(pk=review.pk)
        newest = WeeklyRemark.objects.filter(review=review, line=key).first()
        if newest is not None and (newest.text, newest.author_id) == (said, author.pk):
            return newest
        return WeeklyRemark.objects.create(review=review, line=key, text=said, author=author)


def has_line(review: WeeklyReview, key: str) -> bool:
    return any(line["key"] == key for line in review.content.get("lines", []))


def _line(wanted: Wanted, look: Look, beside: Beside) -> dict[str, Any]:
    """One line that cannot be worked out must not keep the page of the week from everybody."""
    try:
        return line(wanted, look, beside)
    except Exception:
        log.exception("the line %s of the weekly review could not be worked out", wanted.key)
        return unmade(wanted, look)


def _freeze(week: date, now: datetime, *, company: Company) -> tuple[WeeklyReview, bool]:
    content, late = compose(week, now, company=company)
    shown = [line["metric"] for line in content["lines"]]
    # Of invented numbers alone: it goes with them.
    is_demo = not Metric.objects.filter(pk__in=shown, is_demo=False).exists()
    fields = {"frozen_at": now, "late_sources": late, "content": content, "is_demo": is_demo}
    return WeeklyReview.objects.get_or_create(week=week, defaults=fields)


def _late_words(late: Sequence[Metric], trust: Mapping[int, Trust]) -> dict[int, str]:
    found = {pk: " ".join(each.sentences) for pk, each in trust.items() if each.blocks}
    for metric in late:
        found.setdefault(metric.pk, f"{metric.source.name} had not delivered when this page was frozen.")
    return found


def _snapshots(wanted: Sequence[Wanted], week: date) -> dict[int, HealthSnapshot]:
    """How each bet stood in that week: the newest evaluation of it or of the week before it."""
    bets = [each.omtm.pk for each in wanted if each.omtm]
    rows: QuerySet[HealthSnapshot] = HealthSnapshot.objects.filter(omtm__in=bets, as_of_week__lte=week)
    return {row.omtm_id: row for row in rows.order_by("as_of_week", "id")}
