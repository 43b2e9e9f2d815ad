"""What both pages and the home page's cards read: teams, bets with their charts, when people last spoke."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Exists, F, Max, OuterRef, QuerySet, Subquery

from metrics.models import Company
from northstar.home import shelf
from northstar.home.shelf import Drawing
from northstar.lib.policy import Subject, may
from teams.models import CheckIn, Commitment, Membership, Omtm, Review, Team
from teams.models.omtm import RUNNING

STATES = (*RUNNING, "committed")
#: One object, so that what is rendered of it is kept.
NOTHING = Drawing()
_LEADS = Membership.objects.filter(team=OuterRef("pk"), role="lead", user__is_active=True).order_by("id")
_PEOPLE = (
    Membership.objects.filter(team=OuterRef("pk"), user__is_active=True)
    .order_by()
    .values("team")
    .annotate(count=Count("pk"))
)
_HELD = Review.objects.filter(omtm=OuterRef("pk"), kind="midpoint", held_at__isnull=False)
#: Answers of the present round, by people who have been in the team ever since they gave them.
_ANSWERS = Commitment.objects.filter(
    omtm=OuterRef("pk"),
    asked_in=OuterRef("commitment_round"),
    person__is_active=True,
    person__memberships__team=OuterRef("team"),
    person__memberships__since__lte=F("answered_at"),
).order_by()
_SAID = CheckIn.objects.filter(omtm=OuterRef("pk")).order_by().values("omtm").annotate(newest=Max("day"))


@dataclass(frozen=True, slots=True)
class Standing:
    """All teams that are listed, their bets that are decided and not retired, and the charts of these."""

    company: Company
    today: date
    teams: list[Team]
    bets: list[Omtm]
    drawings: dict[str, Drawing]

    def of(self, team: Team) -> list[Omtm]:
        """The bets of a team, oldest first; one that has not begun only where nothing else runs."""
        own = [bet for bet in self.bets if bet.team_id == team.pk]
        return [bet for bet in own if bet.state != "committed"] or own[:1]

    @property
    def shown(self) -> list[Omtm]:
        """The bets of all teams, as `of` gives them."""
        return [bet for team in self.teams for bet in self.of(team)]

    def drawn(self, bet: Omtm) -> Drawing:
        """What was stored with the chart of a bet."""
        return self.drawings.get(f"omtm:{bet.pk}", NOTHING)

    @property
    def departments(self) -> list[str]:
        """The names of departments, in the order of the alphabet."""
        return sorted({team.department for team in self.teams if team.department}, key=str.casefold)


def listed_teams(*, answers: bool) -> QuerySet[Team]:
    """The teams with `lead`, the name of one; with `people`, their number, for those who see answers."""
    found = Team.objects.listed().annotate(lead=Subquery(_LEADS.values("user__name")[:1]))
    return found.annotate(people=Subquery(_PEOPLE.values("count"))) if answers else found


def decided_bets(*, answers: bool) -> QuerySet[Omtm]:
    """Bets from commitment to retirement, with `midpoint_held` and `checked_in`, the day of the last one.

    With `answers` also how many `answered`, how many concerns and refusals wait for a reply; None is none.
    """
    found = Omtm.objects.filter(state__in=STATES, team__archived_at=None).annotate(
        midpoint_held=Exists(_HELD), checked_in=Subquery(_SAID.values("newest"))
    )
    if answers:
        found = found.annotate(
            answered=_count(_ANSWERS),
            open_concerns=_count(_ANSWERS.filter(answer="in_with_concern", reply="")),
            open_refusals=_count(_ANSWERS.filter(answer="not_in", reply="")),
        )
    return found.select_related("team", "owner", "stage").order_by("start", "pk")


def sees_answers(subject: Subject) -> bool:
    """Whether somebody may know how many of any team are in; if not, nobody counts them."""
    return may(subject, "commitment.view")


def _count(found: QuerySet[Commitment]) -> Subquery:
    return Subquery(found.values("omtm").annotate(count=Count("pk")).values("count"))


#: By whether answers are counted; built once, because that costs as much as running them.
_TEAMS = {answers: listed_teams(answers=answers) for answers in (False, True)}
_BETS = {
    answers: decided_bets(answers=answers)
    .select_related("metric__source")
    .defer("snapshot", "why", "retire_reason", "lesson", "milestones")
    for answers in (False, True)
}


def look(company: Company, subject: Subject, *, today: date) -> Standing:
    """Read it in three queries, four where a chart is new to this process."""
    sees = sees_answers(subject)
    teams, bets = list(_TEAMS[sees].all()), list(_BETS[sees].all())
    drawings = shelf.drawings(f"omtm:{bet.pk}" for bet in bets)
    return Standing(company, today, teams, bets, drawings)
