"""What the home page shows: a handful of queries, nothing computed that was stored when data changed."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Case, Count, Exists, F, OuterRef, Q, Subquery, TextField, Value, When
from django.utils.timesince import timesince

from metrics import formatting
from metrics.charts.spec import RANGES
from metrics.models import ChartDocument, Company, NorthStarVersion, Source
from northstar.home import coming
from northstar.home.focus import Card, card_of, counts_of, gaps_of, open_card, sorted_cards
from northstar.lib import periods
from northstar.lib.datewords import WEEKDAYS
from teams.models import Membership, Omtm, Review, Team
from teams.models.omtm import RUNNING

NORTH_STAR = "north-star"
DEFAULT_RANGE = "15m"
ARRIVES = {"hand": "typed", "push": "received"}
LATE_AFTER = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Drawing:
    """A chart document as far as a page needs it, in the shape that _chart.html reads."""

    facts: dict[str, Any] = field(default_factory=dict)
    figure: str = ""
    sketches: dict[str, str] = field(default_factory=dict)


def compose(company: Company, *, now: datetime, shown: str) -> dict[str, Any]:
    """The context of the home page in six queries, whatever the number of teams, metrics and years.

    `shown` is the range of the chart, a key of RANGES.
    """
    today = periods.local_day(now, company.zone)
    version = _version()
    teams, omtms = _teams(), _omtms()
    drawings = _drawings([NORTH_STAR, *(f"omtm:{omtm.pk}" for omtm in omtms)], shown)
    cards = _cards(teams, omtms, drawings, today=today)
    hero = drawings.get(NORTH_STAR, Drawing())
    return {
        "star": version.north_star if version else None,
        "version": version,
        "hero": hero,
        "notes": hero.facts.get("flags", [])[::-1],
        "pulled": _pulled(version.metric.last_ok_at, version.metric.source, company=company, today=today)
        if version
        else "",
        "trouble": _trouble(version.metric.source, company) if version else "",
        "range": shown,
        "ranges": [(key, *_range_words(key)) for key in RANGES],
        "cards": cards,
        "counts": counts_of(cards),
        "gaps": gaps_of(cards),
        "coming": coming.up(
            version.north_star if version else None, omtms, today=today, country=company.country
        ),
        "sources": _sources(now),
        "today": today,
    }


def _version() -> NorthStarVersion | None:
    """The newest version of the active North Star with its metric and source; one query."""
    active = NorthStarVersion.objects.filter(north_star__scope="company", north_star__state="active")
    joined = active.select_related("north_star", "north_star__owner", "metric__source")
    return joined.order_by("-version_no").first()


def _teams() -> list[Team]:
    leads = Membership.objects.filter(team=OuterRef("pk"), role="lead", user__is_active=True).order_by("id")
    return list(Team.objects.listed().annotate(lead=Subquery(leads.values("user__name")[:1])))


def _omtms() -> list[Omtm]:
    held = Review.objects.filter(omtm=OuterRef("pk"), kind="midpoint", held_at__isnull=False)
    shown = Omtm.objects.filter(state__in=(*RUNNING, "committed"), team__archived_at=None)
    return list(shown.annotate(midpoint_held=Exists(held)).select_related("team", "owner").order_by("start"))


def _drawings(keys: list[str], shown: str) -> dict[str, Drawing]:
    """The documents by key in one query; of OMTMs only the card's sketch, of the North Star one range."""
    whole = Case(When(key=NORTH_STAR, then=F("figure")), default=Value(""), output_field=TextField())
    rows = ChartDocument.objects.filter(key__in=keys).annotate(own_figure=whole)
    wanted = (f"sketches__{shown}", f"sketches__{shown}-small", "sketches__card")
    found = {}
    for key, facts, figure, wide, small, card in rows.values_list("key", "facts", "own_figure", *wanted):
        sketches = {shown: wide or "", f"{shown}-small": small or "", "card": card or ""}
        found[key] = Drawing(facts, figure, sketches)
    return found


def _cards(teams: list[Team], omtms: list[Omtm], drawings: dict[str, Drawing], *, today: date) -> list[Card]:
    by_team: dict[int, list[Omtm]] = {}
    for omtm in omtms:
        by_team.setdefault(omtm.team_id, []).append(omtm)
    cards = []
    for team in teams:
        own = by_team.get(team.pk, [])
        running = [omtm for omtm in own if omtm.state != "committed"] or own[:1]
        cards += [card_of(omtm, drawings.get(f"omtm:{omtm.pk}", Drawing()), today=today) for omtm in running]
        if not running:
            cards.append(open_card(team))
    return sorted_cards(cards)


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
    counted = Count("metrics", filter=Q(metrics__archived_at=None))
    rows = Source.objects.listed().annotate(measured=counted).defer("settings", "secrets")
    return [_source_row(source, now) for source in rows]


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
    if source.last_ok_at is None:
        return ("bad" if source.failures else "neutral", "no data yet")
    seconds = (now - source.last_ok_at).total_seconds()
    words = "just now" if seconds < 60 else f"{_span(source.last_ok_at, now)} ago"
    if source.state == "paused":
        return "neutral", words
    if source.state == "needs_sign_in" or (source.failures and now - source.last_ok_at > LATE_AFTER):
        return "bad", words
    return ("warn" if source.failures else "good"), words


def _span(since: datetime, now: datetime) -> str:
    words = timesince(since, now, depth=1).replace("\N{NO-BREAK SPACE}", " ")
    return words.replace(" minutes", " min").replace(" minute", " min")


def _range_words(key: str) -> tuple[str, str]:
    """(label, words) of a range: ("26 w", "26 weeks")."""
    if key == "all":
        return "All", "Everything"
    return f"{key[:-1]} {key[-1]}", f"{key[:-1]} {'weeks' if key[-1] == 'w' else 'months'}"
