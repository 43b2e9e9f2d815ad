"""The columns of the map: stages of the customer's way, or drivers of the North Star, and whose they are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import BooleanField, CharField, Exists, F, IntegerField, OuterRef, Value
from django.db.models.functions import Cast, Concat

from metrics.models import Driver, Stage, StageCount
from metrics.models.funnel import AARRR
from teams.gaps import Column
from teams.models import Omtm, Team

STAGES, DRIVERS, TYPED = "stages", "drivers", "typed"


class Owned(NamedTuple):
    """A stage or a driver with one of its owners, as it comes from the database; the key names its view."""

    view: str
    key: str
    name: str
    metric_id: int | None
    counted: bool
    owner: int | None
    group: int
    place: int
    number: int


def _rows(found: Any, view: str, *, key: Any, counted: Any, group: str, place: str) -> Any:
    """The same columns in the same order from both tables, so that one query asks for both."""
    return (
        found.order_by()
        .annotate(
            view=Value(view, CharField()),
            key=Concat(Value(f"{view}:"), Cast(key, CharField()), output_field=CharField()),
            counted=counted,
            owner=F("teams__id"),
            group=F(group),
            place=F(place),
        )
        .values_list("view", "key", "name", "metric_id", "counted", "owner", "group", "place", "pk")
    )


_COUNTS = StageCount.objects.filter(stage=OuterRef("pk"))
_STAGES = _rows(
    Stage.objects.filter(funnel__archived_at=None),
    STAGES,
    key=F("aarrr"),
    counted=Exists(_COUNTS),
    group="funnel_id",
    place="position",
)
_DRIVERS = _rows(
    Driver.objects.filter(north_star__scope="company", north_star__state="active"),
    DRIVERS,
    key=F("pk"),
    counted=Value(False, BooleanField()),
    group="north_star_id",
    place="sort",
)


#: What a team types itself is measured too, whatever it is.
_TYPED = Team.metrics.through.objects.order_by().values_list(
    Value(TYPED, CharField()),
    Value("", CharField()),
    Value("", CharField()),
    "metric_id",
    Value(True, BooleanField()),
    "team_id",
    Value(0, IntegerField()),
    Value(0, IntegerField()),
    "pk",
)


@dataclass(frozen=True, slots=True)
class Board:
    """The columns of one view, and the column of each bet (by its id) that stands in one.

    `drawn` is False for stages that no funnel has: then they are the five, by the words of the teams. `used`
    is False where not even these say anything, so that nothing is missing there.
    """

    view: str
    columns: tuple[Column, ...]
    places: dict[int, str]
    drawn: bool
    used: bool


def owned() -> list[Owned]:
    """Every stage, every driver and what teams type, once for each owner. One query."""
    with connection.cursor() as cursor:
        cursor.execute(*_sql())
        found = [Owned(*row) for row in cursor.fetchall()]
    return sorted(found, key=lambda row: (row.group, row.place, row.number))


@lru_cache(maxsize=1)
def _sql() -> tuple[str, Any]:
    """The query as text: on the home page putting it together would cost more than running it."""
    found: tuple[str, Any] = _STAGES.union(_DRIVERS, _TYPED, all=True).query.sql_with_params()
    return found


def boards(rows: Iterable[Owned], teams: Sequence[Team], bets: Sequence[Omtm]) -> dict[str, Board]:
    """Both views."""
    rows = list(rows)
    return {view: _board(view, rows, teams, bets) for view in (STAGES, DRIVERS)}


def usual(found: dict[str, Board]) -> str:
    """Which view is shown first: stages where the company uses them, else drivers where there are any."""
    return STAGES if found[STAGES].used or not found[DRIVERS].columns else DRIVERS


def _board(view: str, rows: Iterable[Owned], teams: Sequence[Team], bets: Sequence[Omtm]) -> Board:
    rows = list(rows)
    own = [row for row in rows if row.view == view]
    measuring = {row.owner for row in rows if row.view != STAGES and row.metric_id is not None and row.owner}
    places = {bet.pk: key for bet in bets if (key := _place(bet, view, own, teams))}
    if view == DRIVERS:
        return Board(view, tuple(_drivers(own, teams, bets, places)), places, drawn=True, used=True)
    used = bool(own) or any(team.stage for team in teams)
    return Board(view, tuple(_stages(own, teams, bets, places, measuring)), places, bool(own), used)


def _place(bet: Omtm, view: str, own: Sequence[Owned], teams: Iterable[Team]) -> str:
    """The column of a bet: what it names itself, else what its metric measures, else its team's stage."""
    by_metric = next((row.key for row in own if row.metric_id == bet.metric_id), "")
    if view == DRIVERS:
        named = f"{DRIVERS}:{bet.driver_id}"
        return named if any(row.key == named for row in own) else by_metric
    word = next((team.stage for team in teams if team.pk == bet.team_id), "")
    named = f"{STAGES}:{bet.stage.aarrr}" if bet.stage else ""
    return named or by_metric or (f"{STAGES}:{word}" if word else "")


def _drivers(
    own: Iterable[Owned], teams: Iterable[Team], bets: Iterable[Omtm], places: dict[int, str]
) -> Iterable[Column]:
    listed, names = {team.pk for team in teams}, {row.key: row.name for row in own}
    owners, measured = _owners(own, listed), _with_bets(bets, places)
    for row in own:
        if row.metric_id is not None:
            measured[row.key] |= owners[row.key]
    for key, name in names.items():
        yield Column(key, name, frozenset(owners[key]), frozenset(measured[key]))


def _stages(
    own: Sequence[Owned],
    teams: Iterable[Team],
    bets: Iterable[Omtm],
    places: dict[int, str],
    measuring: set[int],
) -> Iterable[Column]:
    """In the order of the funnel, without one all five; `measuring` are the teams that own any number."""
    listed = {team.pk for team in teams}
    owners, measured = _owners(own, listed), _with_bets(bets, places)
    for team in teams:
        if team.stage:
            owners[f"{STAGES}:{team.stage}"].add(team.pk)
        if team.pk in measuring and team.stage:
            measured[f"{STAGES}:{team.stage}"].add(team.pk)
    for row in own:
        if row.metric_id is not None or row.counted:
            measured[row.key] |= owners[row.key] if row.owner is None else {row.owner}
    words = [f"{STAGES}:{team.stage}" for team in teams if team.stage]
    seen = dict.fromkeys([*(row.key for row in own), *places.values(), *words])
    names = {f"{STAGES}:{key}": name for key, name in AARRR.items()}
    for key in [key for key in seen if key in names] if own else list(names):
        yield Column(key, names[key], frozenset(owners[key]), frozenset(measured[key]))


def _owners(own: Iterable[Owned], listed: set[int]) -> dict[str, set[int]]:
    found: dict[str, set[int]] = defaultdict(set)
    for row in own:
        if row.owner in listed:
            found[row.key].add(row.owner)
    return found


def _with_bets(bets: Iterable[Omtm], places: dict[int, str]) -> dict[str, set[int]]:
    """The teams that push something in a column: there something is measured."""
    found: dict[str, set[int]] = defaultdict(set)
    for bet in bets:
        if bet.pk in places:
            found[places[bet.pk]].add(bet.team_id)
    return found
