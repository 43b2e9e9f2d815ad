"""Taking the demo company out again: all that is invented, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator

from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.text import slugify

from metrics import defining
from metrics.connectors.demo_series import SERIES
from metrics.models import (
    Annotation,
    AuditRow,
    ChartDocument,
    Company,
    Driver,
    ForecastRecord,
    Funnel,
    Metric,
    NorthStar,
    NorthStarVersion,
    Observation,
    Source,
    Stage,
    StarChoice,
    StarGuardrail,
)
from northstar.demo import funnel, measures
from northstar.demo.people import COMPANY, PEOPLE, TEAMS
from northstar.lib import clock
from teams import calibrating
from teams.models import Guardrail, Invitation, Omtm, Reminder, Review, Screen, Team, User, WeeklyReview


class Needed(Exception):
    """Something real depends on the demo; the sentence says what, and what to do first."""


def is_loaded() -> bool:
    """Whether the demo company is here."""
    return User.objects.filter(is_demo=True).exists() or Source.objects.filter(is_demo=True).exists()


def obstacle_to_load() -> str:
    """The sentence about what stands in the way, empty if nothing does."""
    star = NorthStar.current()
    if star is not None:
        return f"There is a North Star already: {star}. The demo company goes into a database without one."
    slugs = {slugify(series.label) for series in SERIES.values()} | {slugify(measures.VISITS_NAME)}
    slugs |= {slugify(step.metric) for step in funnel.STEPS if step.metric}
    taken = [
        *User.objects.filter(email__in=[person.email for person in PEOPLE]),
        *Team.objects.filter(slug__in=[group.slug for group in TEAMS]),
        *Source.objects.filter(slug__in=[origin.slug for origin in measures.SOURCES]),
        *Metric.objects.filter(slug__in=slugs),
        *Funnel.objects.filter(slug=slugify(funnel.NAME)),
    ]
    if not taken:
        return ""
    named = f"{taken[0]._meta.verbose_name} {taken[0]}"
    return (
        f"The name of the {named} is one that the demo company needs. Load the demo into an empty database."
    )


def demo_metrics() -> QuerySet[Metric]:
    """Metrics of the demo; one that somebody defined over invented numbers is among them."""
    return Metric.objects.filter(Q(is_demo=True) | Q(source__is_demo=True, source__kind="demo"))


def demo_omtms() -> QuerySet[Omtm]:
    """Bets of the demo; one that a visitor started in a demo team on a demo metric is among them."""
    # An idea in words is nobody's number: it goes with the demo team that had it.
    played = Q(team__is_demo=True, metric__in=demo_metrics()) | Q(team__is_demo=True, metric=None)
    return Omtm.objects.filter(Q(is_demo=True) | played)


def remove() -> bool:
    """Delete everything of the demo, False if there is none. Raises Needed if real rows depend on it."""
    with transaction.atomic():
        if not is_loaded():
            return False
        if needing := next(_needing(), ""):
            raise Needed(needing)
        _remove_bets()
        _remove_facts()
        _remove_people()
        _give_back_company()
    return True


def _needing() -> Iterator[str]:
    """A sentence for each real thing that would break."""
    metrics = demo_metrics()
    for omtm in Omtm.objects.exclude(pk__in=demo_omtms()).filter(
        Q(metric__in=metrics) | Q(team__is_demo=True)
    ):
        yield f"{omtm} of {omtm.team} is no demo, but its team or its metric is. It would lose its numbers."
    for guard in Guardrail.objects.exclude(omtm__in=demo_omtms()).filter(metric__in=metrics):
        yield f"{guard.omtm} of {guard.omtm.team} has the demo metric {guard.metric} as a guardrail."
    for driver in Driver.objects.filter(north_star__is_demo=False, metric__in=metrics):
        yield f"{driver} drives your North Star with demo numbers. Take it off the drivers first."
    for stage in Stage.objects.filter(funnel__is_demo=False, metric__in=metrics):
        yield f"{stage} of your funnel {stage.funnel} reads the demo metric {stage.metric}."
    for guard in StarGuardrail.objects.filter(north_star__is_demo=False, metric__in=metrics):
        yield f"Your North Star {guard.north_star} has the demo metric {guard.metric} as a guardrail."
    for version in NorthStarVersion.objects.filter(north_star__is_demo=False, metric__in=metrics):
        yield f"Your North Star {version.north_star} reads the demo metric {version.metric}."
    for version in NorthStarVersion.objects.filter(north_star__is_demo=True).exclude(metric__in=metrics):
        yield f"The demo's North Star now reads your metric {version.metric}; its history would go with it."


def _remove_bets() -> None:
    bets = demo_omtms()
    numbers = list(bets.values_list("pk", flat=True))
    Reminder.objects.filter(Q(is_demo=True) | Q(omtm__in=numbers)).delete()
    Review.objects.filter(is_demo=True).delete()
    WeeklyReview.objects.filter(is_demo=True).delete()
    _forget("omtm", numbers, model=Omtm)
    bets.delete()
    Team.objects.filter(is_demo=True).delete()


def _remove_facts() -> None:
    funnels = list(Funnel.objects.filter(is_demo=True).values_list("pk", flat=True))
    _forget("funnel", funnels, model=Funnel)
    Funnel.objects.filter(pk__in=funnels).delete()
    metrics = list(demo_metrics().values_list("pk", flat=True))
    Annotation.objects.filter(Q(is_demo=True) | Q(metric__in=metrics)).delete()
    StarChoice.objects.filter(Q(north_star__is_demo=True) | Q(started_by__is_demo=True)).delete()
    keys = [f"north-star:{pk}" for pk in NorthStar.objects.filter(is_demo=True).values_list("pk", flat=True)]
    if NorthStar.objects.filter(is_demo=True).delete()[0]:
        ChartDocument.objects.filter(key__in=("north-star", "why:north-star", *keys)).delete()
    _forget("metric", metrics, model=Metric)
    Metric.objects.filter(pk__in=metrics).delete()
    # What was scored of real metrics is counted again without the demo.
    ChartDocument.objects.filter(key=calibrating.KEY).delete()
    if ForecastRecord.objects.exclude(scored_at=None).exists():
        calibrating.draw(clock.now())
    Source.objects.filter(is_demo=True).delete()
    by_hand = Source.objects.filter(slug=defining.BY_HAND, metrics=None, tokens=None, owner=None)
    by_hand.delete()


def _forget(kind: str, numbers: list[int], *, model: type[Metric | Omtm | Funnel]) -> None:
    """Charts and deeds of things that go; the audit refuses to lose single rows, not a whole demo."""
    prefixes = (kind, "signals") if kind == "metric" else (kind,)
    keys = [f"{prefix}:{number}" for prefix in prefixes for number in numbers]
    ChartDocument.objects.filter(key__in=keys).delete()
    gone = {"object_type": model._meta.label_lower, "object_id__in": [str(number) for number in numbers]}
    AuditRow.objects.filter(**gone).delete()


def _remove_people() -> None:
    Screen.objects.filter(is_demo=True).delete()
    AuditRow.objects.filter(is_demo=True).delete()
    people = User.objects.filter(is_demo=True)
    Invitation.objects.filter(created_by__in=people).delete()
    keys = {str(number) for number in people.values_list("pk", flat=True)}
    ended = [
        each.pk for each in Session.objects.iterator() if each.get_decoded().get("_auth_user_id") in keys
    ]
    Session.objects.filter(pk__in=ended).delete()
    people.delete()


def _give_back_company() -> None:
    """An installation without anything of its own starts anew; else only name and badge go."""
    company = Company.current()
    if not Metric.objects.exists() and not Observation.objects.exists() and company.name == COMPANY:
        company.delete()
        return
    if company.name == COMPANY:
        company.name = Company._meta.get_field("name").default
    company.is_demo = False
    company.save()
