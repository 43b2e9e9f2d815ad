"""What the home page shows: a handful of queries, nothing computed that was stored when data changed."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, F, Max, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from metrics import ages, formatting
from metrics.charts.spec import RANGES
from metrics.models import Company, NorthStarVersion, Observation, Source
from northstar.home import coming, pieces, shelf, units
from northstar.home.focus import Card, card_of, counts_of, gaps_of, open_card, sorted_cards
from northstar.home.shelf import HERO, WHY, Drawing
from northstar.lib import periods
from northstar.lib.datewords import WEEKDAYS
from northstar.lib.policy import Subject, may
from northstar.portfolio import columns, finding, standing
from northstar.portfolio.standing import Standing
from teams.gaps import KINDS, by_kind

DEFAULT_RANGE = "15m"
#: One object, so that what is rendered of it is kept.
NOTHING = Drawing()
ARRIVES = {"hand": "typed", "push": "received"}
LATE_AFTER = timedelta(days=2)

# Building a query costs as much as running it here, so that they are built once; each is cloned before use.
_VERSIONS = (
    NorthStarVersion.objects.filter(effective_to=None, north_star__state="active")
    .select_related("north_star", "metric__source")
    .only(
        "plain_definition",
        "version_no",
        *(f"north_star__{name}" for name in ("name", "next_review_on", "scope", "unit", "relation")),
        *(f"metric__{name}" for name in ("slug", "direction", "last_ok_at", "unit", "kind", "decimals")),
        *(f"metric__source__{name}" for name in ("name", "kind", "paused_at", "failures", "failing_since")),
    )
    .order_by("-version_no")
)
_TEAMS = {
    answers: standing.listed_teams(answers=answers).only("name", "slug", "stage") for answers in (False, True)
}
_OMTMS = {
    answers: standing.decided_bets(answers=answers).only(
        *("name", "state", "start", "end", "direction", "metric_id", "driver_id", "commitment_round"),
        *("team__name", "team__slug", "stage__aarrr", "owner__name", "owner__email"),
    )
    for answers in (False, True)
}
_ARRIVED = (
    Observation.objects.filter(metric__source=OuterRef("pk"), metric__archived_at=None)
    .order_by()
    .values("metric__source")
    .annotate(newest=Max("received_at"))
    .values("newest")
)
_SOURCES = (
    Source.objects.listed()
    .annotate(
        measured=Count("metrics", filter=Q(metrics__archived_at=None)),
        newest_at=Coalesce(Max("metrics__last_ok_at"), Subquery(_ARRIVED), F("last_ok_at")),
    )
    .only("name", "slug", "paused_at", "failures", "last_ok_at", "last_error_code")
)


def compose(company: Company, subject: Subject, *, now: datetime, shown: str) -> dict[str, Any]:
    """The context of the home page in six queries, whatever the number of teams, metrics and years.

    `shown` is the range of the chart, a key of RANGES.
    """
    today, sees = periods.local_day(now, company.zone), standing.sees_answers(subject)
    version, of_units = units.newest(_VERSIONS.all())
    teams, omtms = list(_TEAMS[sees].all()), list(_OMTMS[sees].all())
    beside = [units.key_of(each) for each in of_units]
    drawings = shelf.drawings([HERO, WHY, *beside, *(f"omtm:{omtm.pk}" for omtm in omtms)])
    seen = Standing(company, today, teams, omtms, drawings)
    cards = _cards(seen, subject)
    hero = drawings.get(HERO, Drawing())
    return {
        "star": version.north_star if version else None,
        "hero": pieces.hero(hero, _head(version, company, subject, today=today, shown=shown))
        if version
        else "",
        "side": pieces.side(hero, may(subject, "north_star.edit")),
        "units": units.cards(of_units, drawings),
        "units_said": units.said(version, of_units, drawings),
        "why": pieces.why(drawings.get(WHY, NOTHING)),
        "cards": [pieces.card(card) for card in cards],
        "counts": counts_of(cards),
        "gaps": pieces.gaps(gaps_of(cards), _tally(seen, subject)),
        "coming": coming.up(
            version.north_star if version else None, omtms, today=today, country=company.country
        ),
        "sources": _sources(now),
    }


def _head(
    version: NorthStarVersion, company: Company, subject: Subject, *, today: date, shown: str
) -> pieces.Head:
    """What stands beside the chart of the North Star, as texts."""
    metric = version.metric
    return pieces.Head(
        name=version.north_star.name,
        star=version.north_star_id,
        version=version.version_no,
        definition=version.plain_definition,
        metric=metric.slug,
        lower=metric.direction == "down",
        typed=metric.source.kind == "hand",
        shown=shown,
        ranges=tuple((key, *_range_words(key)) for key in RANGES),
        pulled=_pulled(metric.last_ok_at, metric.source, company=company, today=today),
        trouble=_trouble(metric.source, company),
        today=today,
        can_edit=may(subject, "north_star.edit"),
        can_note=may(subject, "annotation.create"),
        can_remove=may(subject, "annotation.change"),
        can_type=may(subject, "metric.type_values"),
    )


def _cards(seen: Standing, subject: Subject) -> list[Card]:
    cards = []
    for team in seen.teams:
        own = seen.of(team)
        country = seen.company.country
        cards += [card_of(omtm, seen.drawn(omtm), today=seen.today, country=country) for omtm in own]
        if not own:
            cards.append(open_card(team, may_choose=may(subject, "omtm.create", team)))
    return sorted_cards(cards)


def _tally(seen: Standing, subject: Subject) -> tuple[tuple[str, str, int], ...]:
    """(kind, words, count) of the gaps there are, as the map counts them. One query."""
    boards = columns.boards(columns.owned(), seen.teams, seen.shown)
    counts = by_kind(finding.every_gap(seen, boards.values(), subject)) if seen.teams else {}
    return tuple((kind, KINDS[kind].lower(), count) for kind, count in counts.items() if count)


def _pulled(at: datetime | None, source: Source, *, company: Company, today: date) -> str:
    """ "pulled 06:10 CET", with the day where it was not today; the verb says how values arrive."""
    if at is None:
        return "nothing received yet"
    local = at.astimezone(company.tz)
    day = local.date()
    when = "" if day == today else f"{WEEKDAYS[day.weekday()][:3]} {formatting.day_words(day, today)} "
    return f"{ARRIVES.get(source.kind, 'pulled')} {when}{local:%H:%M} {local.tzname()}"


def _trouble(source: Source, company: Company) -> str:
    """What is wrong with the source of the North Star; empty while all is well."""
    if source.paused_at:
        return f"{source.name} is paused, so this number does not move until it is resumed."
    if source.failures and source.failing_since:
        since = source.failing_since.astimezone(company.tz)
        return (
            f"{source.name} has not answered since {formatting.day_words(since.date())}, {since:%H:%M} "
            f"{since.tzname()}. The last value stays until it works again."
        )
    return ""


def _sources(now: datetime) -> list[dict[str, Any]]:
    return [_source_row(source, now) for source in _SOURCES.all()]


def _source_row(source: Source, now: datetime) -> dict[str, Any]:
    count = source.measured  # type: ignore[attr-defined]
    tone, words = _age(source, now)
    detail = {"paused": "paused", "needs_sign_in": "needs a new sign-in"}.get(source.state, "")
    return {
        "name": source.name,
        "slug": source.slug,
        "measured": count,
        "sub": ", ".join(filter(None, (f"{count} metric{'' if count == 1 else 's'}", detail))),
        "tone": tone,
        "age": words,
    }


def _age(source: Source, now: datetime) -> tuple[str, str]:
    """(tone, words) of how long ago the source last delivered."""
    newest: datetime | None = source.newest_at  # type: ignore[attr-defined]
    if newest is None:
        return ("bad" if source.failures else "neutral", "no data yet")
    words = ages.ago_words(newest, now)
    if source.state == "paused":
        return "neutral", words
    if source.state == "needs_sign_in" or (source.failures and now - newest > LATE_AFTER):
        return "bad", words
    return ("warn" if source.failures else "good"), words


def _range_words(key: str) -> tuple[str, str]:
    """(label, words) of a range: ("26 w", "26 weeks")."""
    if key == "all":
        return "All", "Everything"
    return f"{key[:-1]} {key[-1]}", f"{key[:-1]} {'weeks' if key[-1] == 'w' else 'months'}"
