"""What the team list and a team's page show, in a fixed number of queries."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Prefetch

from metrics.models import ChartDocument, Company
from northstar.lib.policy import Subject, may
from teams import charting, concluding, omtm_pages
from teams.forms.teams import STAGES
from teams.models import ExceptionGrant, Membership, Omtm, Team

#: What needs help comes first.
ORDER = ("off_track", "at_risk", "in_review", "none", "no_data", "too_early", "committed", "on_track")
PAST = 12


@dataclass(frozen=True, slots=True)
class Row:
    """A team with its present focus; `omtm` None is a gap."""

    team: Team
    leads: list[str]
    stage: str
    omtm: Omtm | None = None
    state: str = "none"
    goal: dict[str, str] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)
    week: str = ""
    late: bool = False
    may_choose: bool = False


def rows(today: date, subject: Subject) -> list[Row]:
    """Every team, in four queries: what needs help first, then by name."""
    teams = Team.objects.listed().prefetch_related(
        Prefetch(
            "memberships", Membership.objects.filter(role="lead", user__is_active=True).select_related("user")
        )
    )
    shown = Omtm.objects.filter(state__in=("active", "in_review", "committed")).select_related("metric")
    by_team: dict[int, list[Omtm]] = {}
    for omtm in shown.defer("snapshot"):
        by_team.setdefault(omtm.team_id, []).append(omtm)
    documents = ChartDocument.objects.filter(key__startswith="omtm:")
    facts = dict(documents.values_list("key", "facts"))
    found = [
        _row(
            team,
            current(by_team.get(team.pk, [])),
            facts,
            today=today,
            may_choose=may(subject, "omtm.create", team),
        )
        for team in teams
    ]
    return sorted(found, key=lambda row: (ORDER.index(row.state), row.team.name.lower()))


def detail(team: Team, *, company: Company, today: date) -> dict[str, Any]:
    """The page of a team: present focus with its chart, what comes next, people, past bets."""
    mine = team.omtms.filter(state__in=("active", "in_review", "committed"))
    running = list(
        mine.select_related("metric", "owner", "team").prefetch_related("reviews").order_by("start")
    )
    now = current(running)
    document = concluding.document_of(now) if now else None
    busy = [omtm for omtm in running if omtm.state != "in_review" or omtm.end >= today]
    exception = ExceptionGrant.objects.open_on(today).filter(team=team).select_related("granted_by").first()
    return {
        "team": team,
        "stage": STAGES.get(team.stage, team.stage),
        "people": list(team.memberships.select_related("user").order_by("role", "user__name")),
        "leads": [
            str(m.user)
            for m in team.memberships.select_related("user").filter(role="lead", user__is_active=True)
        ],
        "omtm": now,
        "others": [omtm for omtm in running if omtm is not now],
        "exception": exception,
        "by_exception": any(omtm.exception_id and exception for omtm in running),
        "free": len(busy) < (2 if exception else 1),
        "chart": document,
        "facts": document.facts if document else {},
        "state": state_of(now, document.facts if document else {}) if now else "",
        "sentence": charting.goal_sentence(now, today) if now else "",
        "week": omtm_pages.week_words(now, today) if now else "",
        "day_number": now.day_number(today) if now else 0,
        "days_left": now.days_left(today) if now else 0,
        "next_review": omtm_pages.next_review(now, today, company.country) if now else {},
        "past": omtm_pages.past(team.omtms.retired().select_related("metric")[:PAST]),
        "drivers": list(team.drivers.select_related("metric")),
        "today": today,
    }


def current(omtms: Iterable[Omtm]) -> Omtm | None:
    """The one that the team works on: active, else the next one, else one that waits for its review."""
    order = ("active", "committed", "in_review")
    return min(omtms, key=lambda omtm: (order.index(omtm.state), omtm.start), default=None)


def state_of(omtm: Omtm, facts: dict[str, Any]) -> str:
    """The health of an active OMTM, else its own state."""
    return str(facts.get("state", "no_data")) if omtm.state == "active" else omtm.state


def _row(team: Team, omtm: Omtm | None, facts: dict[str, Any], *, today: date, may_choose: bool) -> Row:
    leads = [str(membership.user) for membership in team.memberships.all()]
    stage = STAGES.get(team.stage, team.stage)
    if omtm is None:
        return Row(team, leads, stage, may_choose=may_choose)
    known = facts.get(charting.key_of(omtm), {})
    return Row(
        team=team,
        leads=leads,
        stage=stage,
        omtm=omtm,
        state=state_of(omtm, known),
        goal=charting.goal_words(omtm),
        facts=known,
        week=omtm_pages.week_words(omtm, today),
        late=omtm.state == "in_review" and today > omtm.review_due_on,
    )
