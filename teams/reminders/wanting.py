"""An occurrence that has come and still asks for something: what the rules find, and what of it is told."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from metrics.models import Company, Metric, NorthStar
from teams.models import Omtm, Team, User
from teams.reminders.rules import Due
from teams.reminders.stale import Stale
from teams.reminders.wording import Words


@dataclass(frozen=True, slots=True)
class Wanted:
    """An occurrence of one thing, with what will be said about it; while it is found it stays open.

    `people` are told beside those that `due.to` names, those of `but` never. After `last_day` it is not told
    any more, while `held` not yet. Of a `group` that nobody was told of, the newest alone is told, to the
    people of all.
    """

    key: str
    due: Due
    words: Callable[[], Words]
    omtm: Omtm | None = None
    star: NorthStar | None = None
    team: Team | None = None
    metric: Metric | None = None
    people: tuple[User, ...] = ()
    but: tuple[User, ...] = ()
    urgent: bool | None = None
    last_day: date | None = None
    held: bool = False
    group: str = ""

    @property
    def thing(self) -> Omtm | NorthStar | Team | Metric | None:
        """What it is about, the most telling of what it names."""
        return self.omtm or self.star or self.team or self.metric

    @property
    def of_team(self) -> Team | None:
        """Whose chat hears of it; None: the company's."""
        return self.omtm.team if self.omtm else self.team


@dataclass(frozen=True, slots=True)
class Told:
    """A reminder that was written: when, and whether it still stands."""

    key: str
    day: date
    open: bool


@dataclass(frozen=True, slots=True)
class Scene:
    """The day on which the rules are asked. `day` is the newest whose 07:00 has passed, at most `today`.

    `stale` are the metrics that have stopped by their id, `told` what was told lately, oldest first, by its
    rule and "omtm" or "metric" with the id; `snoozed` is by OMTM the day before which its leads hear nothing.
    """

    company: Company
    now: datetime
    today: date
    day: date
    stale: Mapping[int, Stale] = field(default_factory=dict)
    told: Mapping[tuple[str, str, int], list[Told]] = field(default_factory=dict)
    snoozed: Mapping[int, date] = field(default_factory=dict)

    def told_of(self, rule: str, *, omtm: int = 0, metric: int = 0) -> list[Told]:
        """What was told of this rule about an OMTM, or about a metric; oldest first."""
        return self.told.get((rule, "omtm", omtm) if omtm else (rule, "metric", metric), [])


def to_be_told(found: Iterable[Wanted], known: Collection[str], *, day: date) -> list[Wanted]:
    """What is to be written on `day`: nothing that is known, too old, still to come or held back.

    Of each group only what is newer than all that is known of it, and of that the newest.
    """
    found = list(found)
    newest: dict[str, date] = {}
    for each in found:
        if each.group and each.key in known:
            newest[each.group] = max(each.due.day, newest.get(each.group, each.due.day))
    kept, grouped = list[Wanted](), dict[str, Wanted]()
    for each in sorted(found, key=lambda one: one.due.day):
        if each.key in known or each.held or each.due.occurs_on > day:
            continue
        if each.last_day is not None and day > each.last_day:
            continue
        if not each.group:
            kept.append(each)
        elif each.group not in newest or each.due.day > newest[each.group]:
            grouped[each.group] = _with_people(each, grouped.get(each.group))
    return [*kept, *grouped.values()]


def _with_people(newer: Wanted, older: Wanted | None) -> Wanted:
    if older is None:
        return newer
    to = tuple(dict.fromkeys(older.due.to + newer.due.to))
    people = {user.pk: user for user in older.people + newer.people}
    return replace(newer, due=replace(newer.due, to=to), people=tuple(people.values()))
