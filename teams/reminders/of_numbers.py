"""What the numbers say to somebody: changed states, signals, guardrails, targets met (M8-M11).

Nothing of it is told while the number has stopped (M7); what still holds when it is back, is told then.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Any

from django.urls import reverse

from metrics import drawing, series
from metrics.models import Metric, NorthStar
from northstar.lib import periods
from teams import charting
from teams.models import HealthSnapshot, Omtm
from teams.reminders import days, number_words, rules
from teams.reminders.rules import LEAD, LEADERS, OWNER, TEAM, Due
from teams.reminders.seen import Numbers
from teams.reminders.wanting import Scene, Told, Wanted
from teams.reminders.wording import Words

JUDGED = ("on_track", "at_risk", "off_track")
#: Nothing to do but to know: it stands in the app so long, or until somebody wrote a note.
SIGNAL_STAYS, TARGET_STAYS, GOOD_NEWS_STAYS = timedelta(days=14), timedelta(days=28), timedelta(days=14)
#: Eight in a row on one side, or one beyond the limits; nearer ones are for who looks.
TOLD_RULES = (1, 2)


def wanted(omtms: Sequence[Omtm], numbers: Numbers, scene: Scene) -> Iterator[Wanted]:
    """Every occurrence that the numbers of these OMTMs, of the North Stars and their guardrails ask for."""
    for omtm in omtms:
        if omtm.state != "active":
            continue
        facts = numbers.facts.get(charting.key_of(omtm), {})
        held = omtm.metric_id in scene.stale or bool(facts.get("blocks"))
        yield from _change(omtm, numbers, scene, held=held)
        yield from _target(omtm, numbers, scene, reached=bool(facts.get("reached")), held=held)
        yield from _breaches(omtm, facts.get("guardrails") or (), numbers, scene)
    for star in numbers.stars:
        yield from _star_breaches(star, numbers, scene)
    yield from _signals(omtms, numbers, scene)


def changed(rows: Sequence[HealthSnapshot]) -> tuple[HealthSnapshot, HealthSnapshot, HealthSnapshot] | None:
    """(the newest row, the first of its state, the one before it) where the state has changed at all.

    Weeks without a state stand between; the newest has to have one.
    """
    judged = [row for row in rows if row.state in JUDGED]
    if not judged or rows[-1].state not in JUDGED:
        return None
    newest, first, before = judged[-1], judged[-1], None
    for row in reversed(judged[:-1]):
        if row.state != newest.state:
            before = row
            break
        first = row
    if before is None:
        return (newest, first, first) if newest.state != "on_track" and _was_early(rows, first) else None
    return newest, first, before


def _was_early(rows: Sequence[HealthSnapshot], first: HealthSnapshot) -> bool:
    """Whether it had a first state: before that it was too early to have one."""
    return any(row.as_of_week < first.as_of_week for row in rows)


def _change(omtm: Omtm, numbers: Numbers, scene: Scene, *, held: bool) -> Iterator[Wanted]:
    """M8. What was told last counts, not what came and went meanwhile."""
    last = _last(scene, rules.HEALTH_CHANGED, omtm=omtm)
    stands = last is not None and last.open and not _is_answered(omtm, last, numbers, scene)
    found = changed(numbers.health.get(omtm.pk, []))
    if last is not None and stands and (held or _is_unknown(omtm, numbers)):
        # What was told stands until the numbers are back and say something else.
        yield _still(last, Due(rules.HEALTH_CHANGED, last.day, scene.day, ()), omtm=omtm)
    if found is None:
        return
    newest, first, before = found
    to = (LEAD, LEADERS) if newest.state == "off_track" else (LEAD,)
    due = Due(rules.HEALTH_CHANGED, first.as_of_week, scene.day, to)
    if last is not None and last.key.endswith(f":{newest.state}"):
        # A revised week may have moved the day of the change: it is the state that people know.
        if stands:
            yield _still(last, due, omtm=omtm)
        return
    cools = last is not None and scene.day < last.day + days.QUIET_AFTER_CHANGE
    yield Wanted(
        f"{rules.key(due, 'omtm', omtm.pk)}:{newest.state}",
        due,
        lambda: number_words.of_change(omtm, newest, before),
        omtm=omtm,
        metric=omtm.metric,
        urgent=newest.state != "at_risk",
        last_day=first.as_of_week + timedelta(days=6) + days.NEWS_OF_CHANGE,
        held=held or (cools and newest.state != "off_track"),
    )


def _is_unknown(omtm: Omtm, numbers: Numbers) -> bool:
    """Whether nobody can say how it stands: its newest week has no state."""
    rows = numbers.health.get(omtm.pk, [])
    return not rows or rows[-1].state not in JUDGED


def _is_answered(omtm: Omtm, last: Told, numbers: Numbers, scene: Scene) -> bool:
    """Good news has been read; to the other the team has said something."""
    if last.key.endswith(":on_track"):
        return scene.day >= last.day + GOOD_NEWS_STAYS
    said = numbers.said.get(omtm.pk)
    return said is not None and said >= last.day


def _target(omtm: Omtm, numbers: Numbers, scene: Scene, *, reached: bool, held: bool) -> Iterator[Wanted]:
    """M11: once for each target; what was told stands while nobody can say whether it is met."""
    if omtm.target is None:
        return
    due = Due(rules.TARGET_REACHED, scene.day, scene.day, (TEAM,))
    key = f"{due.rule}:omtm:{omtm.pk}:{omtm.target:f}"
    last = _last(scene, due.rule, omtm=omtm)
    known = last is not None and last.key == key
    if last is not None and known and scene.day >= last.day + TARGET_STAYS:
        return
    if held or (not reached and _is_unknown(omtm, numbers)):
        if last is not None and known and last.open:
            yield _still(last, due, omtm=omtm)
        return
    if not reached:
        return
    rows = numbers.health.get(omtm.pk, [])
    reading = rows[-1].reading if rows else None
    yield Wanted(
        key,
        due,
        lambda: number_words.of_target(omtm, reading),
        omtm=omtm,
        metric=omtm.metric,
    )


def _breaches(omtm: Omtm, kept: Sequence[dict[str, Any]], numbers: Numbers, scene: Scene) -> Iterator[Wanted]:
    """M10 of a focus: while its last two weeks are beyond the limit, or one far out of the usual."""
    by_slug = {guard.metric.slug: guard.metric for guard in numbers.guards.get(omtm.pk, [])}
    for guard in kept:
        metric = by_slug.get(guard.get("slug", ""))
        if metric is None or guard.get("state") != "bad" or not guard.get("since"):
            continue
        due = Due(rules.GUARDRAIL_BROKEN, date.fromisoformat(guard["since"]), scene.day, (LEAD,))
        path = reverse("omtm", args=[omtm.pk])
        yield Wanted(
            f"{due.rule}:omtm:{omtm.pk}:{metric.pk}:{due.day.isoformat()}",
            due,
            _breach_words(omtm.name, guard, path),
            omtm=omtm,
            metric=metric,
            people=numbers.owners.get(metric.pk, ()),
            held=metric.pk in scene.stale,
        )


def _star_breaches(star: NorthStar, numbers: Numbers, scene: Scene) -> Iterator[Wanted]:
    """M10 of a North Star, to its owner and whoever answers for the guardrail."""
    kept = numbers.facts.get(drawing.key_of(star), {}).get("guardrails") or ()
    by_slug = {row.metric.slug: row.metric for row in numbers.star_guards if row.north_star_id == star.pk}
    for guard in kept:
        metric = by_slug.get(guard.get("slug", ""))
        if metric is None or guard.get("state") != "bad" or not guard.get("since"):
            continue
        due = Due(rules.GUARDRAIL_BROKEN, date.fromisoformat(guard["since"]), scene.day, (OWNER,))
        yield Wanted(
            f"{due.rule}:north_star:{star.pk}:{metric.pk}:{due.day.isoformat()}",
            due,
            _breach_words(star.name, guard, reverse("north-star", args=[star.pk])),
            star=star,
            metric=metric,
            people=numbers.owners.get(metric.pk, ()),
            held=metric.pk in scene.stale,
        )


def _signals(omtms: Sequence[Omtm], numbers: Numbers, scene: Scene) -> Iterator[Wanted]:
    """M9 of North Stars and of everything that guards something; once a metric, however much it guards."""
    for star in numbers.stars:
        version = numbers.versions.get(star.pk)
        if version is not None:
            yield from _signal(version.metric, star.name, numbers, scene, star=star)
    of_stars = {version.metric_id for version in numbers.versions.values()}
    guards = {row.metric_id: row.metric for each in numbers.guards.values() for row in each}
    guards |= {row.metric_id: row.metric for row in numbers.star_guards}
    for pk, metric in guards.items():
        if pk not in of_stars:
            yield from _signal(metric, metric.name, numbers, scene)


def _signal(
    metric: Metric, name: str, numbers: Numbers, scene: Scene, *, star: NorthStar | None = None
) -> Iterator[Wanted]:
    """To the owner, of a North Star to the leaders too; until somebody has noted the cause."""
    for told in scene.told_of(rules.SIGNAL, metric=metric.pk):
        began = date.fromisoformat(told.key.rpartition(":")[2])
        stays = told.day + SIGNAL_STAYS > scene.day and not _noted(metric, began, numbers)
        if told.open and stays:
            yield _still(told, Due(rules.SIGNAL, told.day, told.day, ()), metric=metric)
    facts = numbers.facts.get(f"metric:{metric.pk}", {})
    signal = facts.get("signal") or {}
    if not signal.get("unusual") or signal.get("rule") not in TOLD_RULES or "since" not in signal:
        return
    began = date.fromisoformat(signal["since"] if signal["rule"] == 2 else signal["week"])
    due = Due(rules.SIGNAL, began, scene.day, (OWNER, LEADERS) if star else ())
    yield Wanted(
        rules.key(due, "metric", metric.pk),
        due,
        lambda: number_words.of_signal(name, metric, signal, today=scene.today),
        star=star,
        metric=metric,
        people=() if star else numbers.owners.get(metric.pk, ()),
        held=metric.pk in scene.stale or bool(facts.get("blocks")) or _noted(metric, began, numbers),
    )


def _noted(metric: Metric, began: date, numbers: Numbers) -> bool:
    """Whether somebody wrote what happened: of this metric since then, or of the company in that period."""
    own = (note.until or note.day for note in numbers.notes.get(metric.pk, ()))
    end = periods.last_day(began, series.grain_of(metric))
    everybody = numbers.notes.get(0, ())
    return any(day >= began for day in own) or any(
        note.day <= end and (note.until or note.day) >= began for note in everybody
    )


def _breach_words(name: str, guard: dict[str, Any], path: str) -> Any:
    return lambda: number_words.of_breach(name, guard, path)


def _last(scene: Scene, rule: str, *, omtm: Omtm) -> Told | None:
    return next(reversed(scene.told_of(rule, omtm=omtm.pk)), None)


def _still(told: Told, due: Due, **about: Any) -> Wanted:
    """What was told and still asks for the same; nobody is told again."""
    return Wanted(told.key, due, _nothing, held=True, **about)


def _nothing() -> Words:
    raise AssertionError("It was told: nobody asks for its words.")
