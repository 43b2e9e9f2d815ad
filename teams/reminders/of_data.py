"""Numbers that have stopped arriving: whom to tell, without telling one cause twice (M7).

Of a source with several such metrics there is one reminder. Who was told that the source itself fails hears
nothing more while that stands: it is the cause, and the one thing to mend.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta

from metrics.connectors.registry import connector_class
from metrics.models import Source
from teams.models import Grant, Omtm, Team, User
from teams.reminders import addressing, alerting, days, number_words, rules
from teams.reminders.rules import LEAD
from teams.reminders.stale import Stale
from teams.reminders.wanting import Scene, Wanted
from teams.reminders.wording import Words

#: After that it is known, or nobody reads it.
NEWS = timedelta(days=21)


def wanted(omtms: Sequence[Omtm], scene: Scene) -> Iterator[Wanted]:
    """Every occurrence about metrics that are stale. Three queries where there are any, else none."""
    if not scene.stale:
        return
    by_source: dict[int, list[Stale]] = defaultdict(list)
    for each in scene.stale.values():
        by_source[each.source.pk].append(each)
    heard = alerting.heard(by_source)
    answering = _answering(by_source)
    for source_id, found in by_source.items():
        if not _is_typed(found[0].source):
            people = () if source_id in heard else answering[source_id]
            yield from _of_source(found, people, scene)
        else:
            yield from _of_typed(found, omtms, answering, scene)
    for omtm in omtms:
        stale = scene.stale.get(omtm.metric_id or 0)
        if omtm.state == "active" and stale is not None:
            yield from _of_focus(omtm, stale, answering[stale.source.pk], scene)


def _of_source(found: list[Stale], people: tuple[User, ...], scene: Scene) -> Iterator[Wanted]:
    """To whoever answers for the source, from the day on which its first metric became stale."""
    first = min(found, key=lambda each: (each.on, each.metric.pk))
    for due in days.of_stale(first.on, today=scene.today):
        yield Wanted(
            rules.key(due, "source", first.source.pk),
            due,
            lambda: number_words.of_stale(found, for_lead=False),
            metric=first.metric,
            people=people,
            last_day=first.on + NEWS,
            held=not people,
            group=f"stale:source:{first.source.pk}",
        )


def _of_typed(
    found: list[Stale], omtms: Sequence[Omtm], answering: dict[int, tuple[User, ...]], scene: Scene
) -> Iterator[Wanted]:
    """What people type: to the leads of the teams that do, and of the focus that reads it, at once."""
    typing = _typing(found)
    for stale in found:
        reads = [omtm for omtm in omtms if omtm.metric_id == stale.metric.pk and omtm.state == "active"]
        people = typing.get(stale.metric.pk, ()) or answering[stale.source.pk]
        for due in days.of_stale(stale.on, today=scene.today):
            yield Wanted(
                rules.key(due, "metric", stale.metric.pk),
                rules.addressed(due, (LEAD,) if reads else ()),
                _words(stale),
                omtm=reads[0] if reads else None,
                metric=stale.metric,
                people=people,
                last_day=stale.on + NEWS,
                held=not people and not reads,
                group=f"stale:metric:{stale.metric.pk}",
            )


def _of_focus(omtm: Omtm, stale: Stale, told: tuple[User, ...], scene: Scene) -> Iterator[Wanted]:
    """To its lead on the third day, unless it is who was told already."""
    due = days.of_stale_focus(stale.on)
    if not _is_typed(stale.source) and due.day <= scene.today:
        yield Wanted(
            rules.key(due, "omtm", omtm.pk),
            due,
            _words(stale),
            omtm=omtm,
            metric=stale.metric,
            but=told,
            last_day=stale.on + NEWS,
        )


def _words(stale: Stale) -> Callable[[], Words]:
    return lambda: number_words.of_stale([stale], for_lead=True)


def _answering(by_source: dict[int, list[Stale]]) -> dict[int, tuple[User, ...]]:
    """By source its owners; of what is pulled and has none, the admins."""
    granted = Grant.objects.filter(name="admin", user__is_active=True).select_related(
        f"user__{addressing.WANTED}"
    )
    admins = tuple(row.user for row in granted.order_by("id"))
    found = {}
    for source_id, stale in by_source.items():
        source: Source = stale[0].source
        found[source_id] = tuple(alerting.owners(source)) or (() if _is_typed(source) else admins)
    return found


def _is_typed(source: Source) -> bool:
    """Whether people bring its values, whom nobody can ask but by asking them."""
    return source.kind != "push" and not connector_class(source.kind).pulls


def _typing(found: list[Stale]) -> dict[int, tuple[User, ...]]:
    """By metric the leads of the teams that type it."""
    metrics = [stale.metric.pk for stale in found]
    teams = Team.objects.listed().filter(metrics__in=metrics, memberships__role="lead")
    rows = teams.filter(memberships__user__is_active=True).values_list("metrics", "memberships__user")
    pairs = [(metric, user) for metric, user in rows if metric in metrics]
    users = User.objects.select_related(addressing.WANTED).in_bulk([user for _, user in pairs])
    people: dict[int, tuple[User, ...]] = {}
    for metric, user in pairs:
        people[metric] = (*people.get(metric, ()), users[user])
    return people
