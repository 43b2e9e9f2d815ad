"""What is done about a gap, and where: a link for those who may, nothing for the others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.urls import reverse

from northstar.lib.policy import Subject, may
from northstar.portfolio.columns import DRIVERS, Board
from teams.gaps import Gap
from teams.models import Omtm, Team


@dataclass(frozen=True, slots=True)
class Step:
    """The next action: the words of the link and its address."""

    words: str
    url: str


def next_step(
    gap: Gap, *, subject: Subject, team: Team | None, bet: Omtm | None, boards: Mapping[str, Board]
) -> Step | None:
    """The one action that closes a gap or comes nearer to it; None for those who may not do it."""
    if bet is not None:
        return _about_bet(gap, bet, subject)
    if gap.what == "no_focus" and team is not None:
        return _first_focus(team, subject)
    return _about_column(gap, boards, subject)


def _about_bet(gap: Gap, bet: Omtm, subject: Subject) -> Step | None:
    page = reverse("omtm", args=[bet.pk])
    if gap.what == "review_overdue":
        action, route, words = (
            ("omtm.review", "omtm-midpoint", "Hold the half-way review")
            if gap.half_way
            else ("omtm.retire", "omtm-retire", "Write the closing review")
        )
        return Step(words, reverse(route, args=[bet.pk])) if may(subject, action, bet) else None
    if gap.what == "no_check_in":
        return Step("Check in", f"{page}#check-in") if may(subject, "omtm.check_in", bet) else None
    if gap.what in ("not_in", "concern"):
        return Step("Answer it", f"{page}#commitment") if may(subject, "commitment.reply", bet) else None
    if gap.what == "few_answers":
        return Step("Ask the team", f"{page}#commitment") if may(subject, "omtm.review", bet) else None
    if gap.kind == "data" and bet.metric is not None:
        if may(subject, "source.run"):
            return Step("Look at the source", reverse("source", args=[bet.metric.source.slug]))
        return Step("Look at the metric", reverse("metric", args=[bet.metric.slug]))
    return Step("Look at the focus", page)


def _first_focus(team: Team, subject: Subject) -> Step | None:
    lead = getattr(team, "lead", "")
    if not lead and may(subject, "team.edit", team):
        return Step("Name a lead", reverse("team-edit", args=[team.slug]))
    if may(subject, "omtm.create", team):
        return Step("Choose a focus", reverse("omtm-new", args=[team.slug]))
    return None


def _about_column(gap: Gap, boards: Mapping[str, Board], subject: Subject) -> Step | None:
    lost = gap.what == "no_owner"
    view, _, key = gap.column.partition(":")
    if view == DRIVERS:
        if not may(subject, "north_star.edit"):
            return None
        page = reverse("north-star-driver", args=[int(key)])
        return Step("Name an owner" if lost else "Link a metric", page)
    if boards[view].drawn and may(subject, "funnel.edit"):
        return Step("Name an owner" if lost else "Count it in the funnel", reverse("funnel"))
    if lost:
        return Step("Give it to a team", reverse("team-list")) if may(subject, "team.create") else None
    return Step("Define a metric", reverse("metric-new")) if may(subject, "metric.define_typed") else None
