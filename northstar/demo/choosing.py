"""How Brindlewick chose its North Star, what guards it, and what its tests found."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from metrics import checklist, retesting, steering
from metrics.connectors import demo_growth
from metrics.models import FitnessTest, Metric, NorthStar, StarChoice, StarGuardrail
from metrics.models.audit import AuditRow
from northstar.demo import star as told
from northstar.demo.days import Days
from teams.models import User

OVERLAP = range(told.REDEFINED - 7, told.REDEFINED + 1)
#: What the old definition read, of which the new one is this share (domain 9).
SHARE = 0.930
HALF_A_YEAR_AGO = -25
GUARDS = (("support_contacts", "at_most", "9"), ("corrected_jobs", "at_most", "0.06"))

ANSWERS: dict[str, Any] = {
    "customer": "a field-service crew",
    "gains": "spends its day on jobs and not on the phone",
    "stayers": "Their dispatchers plan the whole week on Monday, and crews close each job in the app before "
    "they drive on.",
    "leavers": "They print the plan, or read it out on the phone, and type the jobs in on Friday.",
    "evidence": "Forty interviews with dispatchers; the renewals of two years by what crews did in week one.",
    "why_it_predicts_success": told.FIRST["why_it_predicts_success"],
    "link_to_strategy": told.FIRST["link_to_strategy"],
    "known_weaknesses": told.SECOND["known_weaknesses"],
    "how_it_could_be_gamed": told.SECOND["how_it_could_be_gamed"],
}
#: (name, definition, series, an answer and a sentence for each question in their order).
CANDIDATES: tuple[tuple[str, str, str, tuple[tuple[str, str], ...]], ...] = (
    (
        told.NAME,
        "Crews of paying accounts that completed a job in the app in an ISO week.",
        "wac_prior",
        (
            ("2", "A crew that completes jobs with it did not have to phone."),
            ("2", "“The plan that crews follow”: it would not fit a reporting tool."),
            ("1", "Renewals follow about a quarter later; we have seen it for two years only."),
            ("2", "Six teams named something at the table."),
            ("2", ""),
            ("2", "From the warehouse, every Monday at six."),
            ("2", "A fall would be followed up account by account."),
            ("1", "Jobs could be split; corrections by hand would rise."),
            ("2", ""),
            ("2", ""),
            ("2", ""),
        ),
    ),
    (
        "Jobs completed",
        "Jobs that crews completed in the app in an ISO week.",
        "",
        (
            ("1", "More jobs may mean smaller ones."),
            ("1", ""),
            ("1", ""),
            ("2", ""),
            ("2", ""),
            ("1", "Counted in two systems that do not agree."),
            ("1", "It follows the weather and the heating season."),
            ("0", "Splitting a job in three would triple it."),
            ("2", ""),
            ("1", ""),
            ("2", ""),
        ),
    ),
    (
        "Paying accounts",
        "Accounts with a running subscription at the end of the week.",
        "accounts",
        (
            ("0", "An account can pay for a year and never open the app."),
            ("1", ""),
            ("0", "It is the outcome: it moves last."),
            ("1", ""),
            ("2", ""),
            ("2", ""),
            ("1", ""),
            ("1", "Discounts would raise it."),
            ("1", "Core Scheduling and Platform do not find themselves in it."),
            ("0", "It moves once a year, at renewal."),
            ("2", ""),
        ),
    ),
)


def tell(star: NorthStar, metrics: Mapping[str, Metric], users: Mapping[str, User], days: Days) -> None:
    """The finished choice, the checklist and the overlap of the versions, and the guardrails."""
    lists = [_checklist(rows) for _, _, _, rows in CANDIDATES]
    candidates = [
        {
            "name": name,
            "definition": definition,
            "counted": "customer crew" if place == 0 else "",
            "action": "completed a job in the app" if place == 0 else "",
            "window": "ISO week",
            "metric": metrics[series].pk if series else None,
            "checklist": lists[place],
        }
        for place, (name, definition, series, _) in enumerate(CANDIDATES)
    ]
    guards = [{"metric": metrics[key].pk, "side": side, "limit": limit} for key, side, limit in GUARDS]
    at = days.moment(days.monday(told.FIRST_WEEK), "10:15")
    choice = StarChoice.objects.create(
        answers=ANSWERS | {"guardrails": guards, "owner": users["maren"].pk, "review_every_months": 6},
        candidates=candidates,
        chosen=0,
        started_by=users["maren"],
        changed_by=users["maren"],
        finished_at=at,
        north_star=star,
    )
    StarChoice.objects.filter(pk=choice.pk).update(started_at=at, changed_at=at)
    _versions(star, lists[0])
    StarGuardrail.objects.bulk_create(
        StarGuardrail(north_star=star, metric=metrics[key], side=side, limit=Decimal(limit))
        for key, side, limit in GUARDS
    )


def test(star: NorthStar, days: Days) -> None:
    """The test of half a year ago; today's comes with the review that opens."""
    at = days.moment(days.monday(HALF_A_YEAR_AGO), "07:00")
    retesting.retest(star, now=at)
    FitnessTest.objects.filter(north_star=star).update(tested_on=days.monday(HALF_A_YEAR_AGO))
    AuditRow.objects.filter(action="north_star.retested", is_demo=True).update(at=at)


def _versions(star: NorthStar, answers: dict[str, Any]) -> None:
    new = [demo_growth.week(week).wac for week in OVERLAP]
    old = [round(each / SHARE) for each in new]
    for version in star.versions.select_related("metric__source"):
        version.checklist, version.measured = answers, steering.asked(version.metric)
        if version.change_type == "redefinition":
            version.overlap_weeks, version.splice_ratio = len(new), sum(new) / sum(old)
        version.save(update_fields=["checklist", "measured", "overlap_weeks", "splice_ratio"])


def _checklist(rows: tuple[tuple[str, str], ...]) -> dict[str, Any]:
    return {
        question.name: {"answer": answer, "note": note}
        for question, (answer, note) in zip(checklist.QUESTIONS, rows, strict=True)
    }
