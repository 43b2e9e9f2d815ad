"""Which lines a weekly review has: inputs before outputs, each metric once (domain 7.2)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Prefetch, Q, QuerySet

from metrics.models import Driver, Metric, NorthStar, NorthStarTarget, NorthStarVersion
from teams.forms.teams import STAGES
from teams.models import Guardrail, Membership, Omtm, Team, User

DRIVERS, NORTH_STAR, GUARDRAILS, RESULTS = "Drivers", "North Star", "Guardrails", "Results"
NO_STAGE = "No stage"
SUNDAY = timedelta(days=6)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A line to be composed; exactly one of `omtm`, `star`, `guard` is set, or none for a bare metric.

    `versions` are the definitions of the star up to that week, newest first.
    """

    section: str
    metric: Metric
    name: str
    owner: User | None = None
    team: Team | None = None
    omtm: Omtm | None = None
    star: NorthStar | None = None
    target: NorthStarTarget | None = None
    guard: Guardrail | None = None
    versions: Sequence[NorthStarVersion] = ()

    @property
    def key(self) -> str:
        """ "omtm:3" for a bet, "metric:7" for everything else; remarks are kept under it."""
        return f"omtm:{self.omtm.pk}" if self.omtm else f"metric:{self.metric.pk}"


def lines(week: date, at: datetime) -> list[Wanted]:
    """The lines of the review of `week` as the company stood at `at`; a constant number of queries.

    1. OMTMs and the inputs that their teams type, by the stage of the team. 2. Drivers that are inputs.
    3. The North Star. 4. Guardrails of the OMTMs. 5. Results: outputs of the tree and of teams. A metric
    stands where it comes first; every bet stands, also a second one on the same metric.
    """
    teams, bets, star = list(_teams()), list(_bets(at)), NorthStar.current()
    drivers = list(_drivers(star)) if star else []
    found: list[Wanted] = []
    for stage, section in [*STAGES.items(), ("", NO_STAGE)]:
        inside = [team for team in teams if (team.stage if team.stage in STAGES else "") == stage]
        found += _of_bets(section, [bet for bet in bets if bet.team in inside])
        found += [_of_team(section, team, metric) for team in inside for metric in _typed(team, "input")]
    found += [_of_driver(DRIVERS, each, teams) for each in drivers if _role(each) == "input"]
    if star is not None:
        found += _of_star(star, week)
    found += [_of_guard(guard) for bet in bets for guard in bet.guardrails.all()]
    found += [_of_driver(RESULTS, each, teams) for each in drivers if _role(each) == "output"]
    found += [_of_team(RESULTS, team, metric) for team in teams for metric in _typed(team, "output")]
    return list(_once(found))


def _teams() -> QuerySet[Team]:
    leads = Membership.objects.filter(role="lead", user__is_active=True).select_related("user")
    return Team.objects.listed().prefetch_related(
        Prefetch("memberships", leads.order_by("id"), to_attr="leads"),
        Prefetch("metrics", Metric.objects.listed().select_related("source"), to_attr="typed"),
    )


def _bets(at: datetime) -> QuerySet[Omtm]:
    """The bets whose window was open at that moment."""
    begun = Q(activated_at=None) | Q(activated_at__lte=at)
    ended = Q(review_opened_at__gt=at) | Q(review_opened_at=None, retired_at__gt=at)
    guards = Guardrail.objects.select_related("metric__source").order_by("id")
    return (
        Omtm.objects.filter(begun, Q(state="active") | ended)
        .select_related("team", "metric__source", "owner")
        .prefetch_related(Prefetch("guardrails", guards))
        .order_by("team__name", "slot", "id")
    )


def _drivers(star: NorthStar) -> QuerySet[Driver]:
    measured = star.drivers.filter(metric__archived_at=None).exclude(metric=None)
    return measured.select_related("metric__source").prefetch_related("teams").order_by("sort", "id")


def _of_bets(section: str, bets: Iterable[Omtm]) -> list[Wanted]:
    return [Wanted(section, bet.metric, bet.name, owner=bet.owner, team=bet.team, omtm=bet) for bet in bets]


def _of_team(section: str, team: Team, metric: Metric) -> Wanted:
    return Wanted(section, metric, metric.name, owner=_lead(team), team=team)


def _of_driver(section: str, driver: Driver, teams: Sequence[Team]) -> Wanted:
    assert driver.metric is not None
    linked = {team.pk for team in driver.teams.all()}
    team = next((each for each in teams if each.pk in linked), None)
    return Wanted(section, driver.metric, driver.name or driver.metric.name, owner=_lead(team), team=team)


def _of_star(star: NorthStar, week: date) -> list[Wanted]:
    """The line of the North Star with the nearest target that was in force that week."""
    last = week + SUNDAY
    in_force = star.versions.filter(effective_from__lte=last).select_related("metric__source")
    versions = list(in_force.order_by("-version_no"))
    if not versions:
        return []
    targets = star.targets.filter(Q(superseded_on=None) | Q(superseded_on__gt=last), set_on__lte=last)
    known = list(targets.order_by("due_date", "-set_on"))
    target = next((each for each in known if each.due_date >= last), known[-1] if known else None)
    owner = User.objects.filter(pk=star.owner_id).first()
    metric = versions[0].metric
    return [
        Wanted(NORTH_STAR, metric, star.name, owner=owner, star=star, target=target, versions=tuple(versions))
    ]


def _of_guard(guard: Guardrail) -> Wanted:
    bet = guard.omtm
    return Wanted(GUARDRAILS, guard.metric, guard.metric.name, owner=bet.owner, team=bet.team, guard=guard)


def _once(found: Iterable[Wanted]) -> Iterator[Wanted]:
    seen: set[int] = set()
    for each in found:
        if each.omtm is not None or each.metric.pk not in seen:
            seen.add(each.metric.pk)
            yield each


def _typed(team: Team, role: str) -> list[Metric]:
    typed: list[Metric] = team.typed  # type: ignore[attr-defined]
    return sorted((metric for metric in typed if metric.role == role), key=lambda each: each.name)


def _lead(team: Team | None) -> User | None:
    leads: list[Membership] = team.leads if team is not None else []  # type: ignore[attr-defined]
    return leads[0].user if leads else None


def _role(driver: Driver) -> str:
    return driver.metric.role if driver.metric is not None else ""
