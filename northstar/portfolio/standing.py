"""What both pages read: teams, bets with their charts, and when people last spoke of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import Exists, Max, OuterRef, Subquery

from metrics.models import Company
from northstar.home import shelf
from northstar.home.shelf import Drawing
from teams.models import CheckIn, Membership, Omtm, Review, Team
from teams.models.omtm import RUNNING

STATES = (*RUNNING, "committed")
_LEADS = Membership.objects.filter(team=OuterRef("pk"), role="lead", user__is_active=True).order_by("id")
_HELD = Review.objects.filter(omtm=OuterRef("pk"), kind="midpoint", held_at__isnull=False)
_SAID = CheckIn.objects.filter(omtm=OuterRef("pk")).order_by().values("omtm").annotate(newest=Max("day"))
_TEAMS = Team.objects.listed().annotate(lead=Subquery(_LEADS.values("user__name")[:1]))
_BETS = (
    Omtm.objects.filter(state__in=STATES, team__archived_at=None)
    .annotate(midpoint_held=Exists(_HELD), checked_in=Subquery(_SAID.values("newest")))
    .select_related("team", "owner", "stage", "driver")
    .defer("snapshot", "why", "retire_reason", "lesson", "milestones")
    .order_by("start", "pk")
)


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

    def drawn(self, bet: Omtm) -> Drawing:
        """What was stored with the chart of a bet."""
        return self.drawings.get(f"omtm:{bet.pk}", NOTHING)

    @property
    def departments(self) -> list[str]:
        """The names of departments, in the order of the alphabet."""
        return sorted({team.department for team in self.teams if team.department}, key=str.casefold)


#: One object, so that what is rendered of it is kept.
NOTHING = Drawing()


def look(company: Company, *, today: date) -> Standing:
    """Read it in three queries, four where a chart is new to this process."""
    teams, bets = list(_TEAMS.all()), list(_BETS.all())
    drawings = shelf.drawings(f"omtm:{bet.pk}" for bet in bets)
    return Standing(company, today, teams, bets, drawings)
