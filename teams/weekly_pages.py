"""What the page of a weekly review shows: its frozen content, remarks, and what was restated since."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.urls import reverse

from metrics import ages, formatting
from metrics.looking_back import stored_values
from metrics.models import Company, Metric
from northstar.lib.localtime import local_day
from teams import weekly
from teams.models import WeeklyRemark, WeeklyReview

SHOWN = 8
#: A change of a complete value under 1% is not worth a word (domain 6.7).
WORTH_A_WORD = 0.01
SUNDAY = timedelta(days=6)


@dataclass(frozen=True, slots=True)
class Drawing:
    """The sketches of a line, as the tags of charts want them."""

    sketches: dict[str, str]


def newest() -> WeeklyReview | None:
    """The newest frozen review with its content. One query."""
    return WeeklyReview.objects.order_by("-week").first()


def of_week(week: date) -> WeeklyReview | None:
    return WeeklyReview.objects.filter(week=week).first()


def empty(*, company: Company, now: datetime) -> dict[str, Any]:
    """The page before the first review: when it comes."""
    comes = weekly.next_moment(now, company.zone)
    return {"comes": ages.moment_words(comes, zone=company.zone, now=now), "zone": company.zone}


def page(review: WeeklyReview, *, company: Company, now: datetime, whole: bool) -> dict[str, Any]:
    """The frozen page; `whole` shows the lines without an exception as well. Five queries."""
    today = local_day(now, company.zone)
    remarks = _remarks(review, company=company, now=now)
    lines = [dict(line) for line in review.content.get("lines", [])]
    restated = _restated(lines)
    for line in lines:
        line["id"] = line["key"].replace(":", "-")
        line["file"] = f"weekly:{week_code(review.week)}:{line['id']}"
        line["drawing"] = Drawing({"wide": line["wide"], "wide-narrow": line["narrow"]})
        line["remarks"] = remarks.get(line["key"], [])
        line["older_words"] = _older(len(line["remarks"]) - 1)
        line["restated"] = restated.get(line["key"], "")
    exceptions = [line for line in lines if line["exception"]]
    others = [line for line in lines if not line["exception"]]
    return {
        "review": review,
        "code": week_code(review.week),
        "week_words": formatting.week_words(review.week, today),
        "frozen": ages.moment_words(review.frozen_at, zone=company.zone, now=now),
        "zone": company.zone,
        "late": _listed(review.late_sources),
        "lines": lines,
        "exceptions": exceptions,
        "others": others,
        "whole": whole,
        "summary": _summary(len(exceptions), len(others)),
        "calm": _calm(len(others), any_exception=bool(exceptions)),
        "strip": _strip(review, today),
        "comes": ages.moment_words(weekly.next_moment(now, company.zone), zone=company.zone, now=now),
        "today": today,
        "unknown": weekly.UNKNOWN,
        "longest": weekly.LONGEST_REMARK,
    }


def week_code(week: date) -> str:
    """The ISO name of the week that begins on that Monday: "2026-W47"."""
    year, number, _ = week.isocalendar()
    return f"{year}-W{number:02d}"


def week_of(code: str) -> date | None:
    """The Monday of an ISO week name; None for anything that is none."""
    year, mark, number = code.partition("-W")
    digits = year + number
    if not mark or (len(year), len(number)) != (4, 2) or not (digits.isascii() and digits.isdigit()):
        return None
    try:
        return date.fromisocalendar(int(year), int(number), 1)
    except ValueError:
        return None


def _remarks(review: WeeklyReview, *, company: Company, now: datetime) -> dict[str, list[dict[str, str]]]:
    """By line, newest first."""
    found: dict[str, list[dict[str, str]]] = {}
    rows = WeeklyRemark.objects.filter(review=review).select_related("author").order_by("-id")
    for row in rows:
        when = ages.moment_words(row.created_at, zone=company.zone, now=now)
        who = str(row.author) if row.author else "Somebody who has left"
        found.setdefault(row.line, []).append({"text": row.text, "author": who, "when": when})
    return found


def _restated(lines: Iterable[dict[str, Any]]) -> dict[str, str]:
    """By line: how much its value has changed since it was frozen, where that is worth a word."""
    frozen = {line["metric"]: line for line in lines if line["value"] is not None}
    metrics = Metric.objects.in_bulk(list(frozen))
    wanted = [(metric, date.fromisoformat(frozen[pk]["start"])) for pk, metric in metrics.items()]
    known = stored_values(wanted)
    found = {}
    for metric, start in wanted:
        now, then = known.get((metric.pk, start)), float(frozen[metric.pk]["value"])
        if now is not None and abs(now - then) > WORTH_A_WORD * abs(then):
            found[metric.pk] = _change_words(metric, then, now)
    return {line["key"]: found[line["metric"]] for line in lines if line["metric"] in found}


def _change_words(metric: Metric, then: float, now: float) -> str:
    shown = {"unit": metric.unit, "decimals": metric.decimals, "kind": metric.kind}
    if formatting.is_percent(metric.unit, metric.kind) or then == 0:
        change = formatting.show_change(now - then, **shown)
    else:
        change = formatting.show_share((now - then) / abs(then), sign=True)
    return f"Restated by {change} since: {formatting.show(now, **shown)} today."


def _strip(review: WeeklyReview, today: date) -> list[dict[str, Any]]:
    weeks = WeeklyReview.objects.order_by("-week").values_list("week", flat=True)[:SHOWN]
    return [
        {
            "url": reverse("weekly-past", args=[week_code(week)]),
            "words": formatting.day_words(week + SUNDAY, today),
            "current": week == review.week,
        }
        for week in sorted(weeks)
    ]


def _summary(exceptions: int, others: int) -> str:
    if not exceptions:
        return "Nothing to talk about: normal up and down everywhere."
    things = "1 line asks" if exceptions == 1 else f"{exceptions} lines ask"
    return f"{things} for a word, {others} {'does' if others == 1 else 'do'} not."


def _calm(others: int, *, any_exception: bool) -> str:
    if any_exception:
        return f"{others} other{'' if others == 1 else 's'}: normal up and down."
    return f"All {others}: normal up and down." if others > 1 else "Normal up and down."


def _older(count: int) -> str:
    return f"{formatting.count_word(count)} before it"


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}" if names else ""
