"""What the calendar asks about a North Star: its review, the day of its target (M12, M16)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

from metrics import drawing
from metrics.models import NorthStar, NorthStarTarget
from teams.reminders import addressing, days, people_words, rules, wording
from teams.reminders.rules import SHIFT
from teams.reminders.seen import Numbers
from teams.reminders.wanting import Scene, Wanted
from teams.reminders.wording import Words


def active() -> list[NorthStar]:
    """The company's and those of units, with their owners. One query."""
    rows = NorthStar.objects.filter(state="active").select_related(f"owner__{addressing.WANTED}")
    return list(rows.order_by("scope", "id"))


def wanted(stars: list[NorthStar], numbers: Numbers, scene: Scene) -> Iterator[Wanted]:
    """Every review that comes or waits, and every target whose day is near. One query."""
    for star in stars:
        if star.next_review_on is not None:
            for due in rules.of_north_star(star.next_review_on, today=scene.day + SHIFT):
                key = rules.key(due, "north_star", star.pk)
                yield Wanted(key, due, _review_words(star, scene), star=star)
    by_id = {star.pk: star for star in stars}
    rows = NorthStarTarget.objects.filter(
        north_star__in=stars,
        superseded_on=None,
        due_date__gt=scene.today - days.TARGET_STAYS,
        due_date__lte=scene.today - timedelta(days=days.TARGET_DAYS[0]),
    )
    for target in rows.order_by("due_date", "id"):
        target.north_star = by_id[target.north_star_id]
        yield from _target(target, numbers, scene)


def _target(target: NorthStarTarget, numbers: Numbers, scene: Scene) -> Iterator[Wanted]:
    star = target.north_star
    version = numbers.versions.get(star.pk)
    if version is None:
        return
    for due in days.of_target(target.due_date, today=scene.today):
        yield Wanted(
            rules.key(due, "target", target.pk),
            due,
            lambda: people_words.of_star_target(
                target,
                version.metric,
                now=str(numbers.facts.get(drawing.key_of(star), {}).get("value") or ""),
                today=scene.today,
            ),
            star=star,
            metric=version.metric,
            group=f"target:{target.pk}",
        )


def _review_words(star: NorthStar, scene: Scene) -> Callable[[], Words]:
    return lambda: wording.of_north_star(star, today=scene.today)
