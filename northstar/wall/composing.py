"""What hangs on the wall: the North Star, all bets, each team; read from stored facts, never computed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from django.templatetags.static import static

from metrics import formatting
from metrics.charts.spec import WALL_NOTES
from metrics.models import Company, NorthStarVersion
from northstar.home import shelf
from northstar.home.focus import Card, card_of, counts_of, open_card, sorted_cards
from northstar.home.shelf import HERO, Drawing
from northstar.lib import periods
from northstar.lib.datewords import WEEKDAYS
from northstar.lib.policy import NOBODY
from northstar.portfolio import standing
from northstar.portfolio.standing import Standing
from northstar.ui.marks import WORDS
from teams.models import Omtm, Screen, Team

#: More bets on one page are not readable from the other end of a room.
ROWS = 14
LONG_FIGURE = 7


@dataclass(frozen=True, slots=True)
class Age:
    """How old the data of a view are: the period of its reading, and the moment they were read.

    The moment is for the script, which says it after `verb` as `words` do; `period` is "" for views of many.
    """

    moment: str
    words: str
    period: str = ""

    @property
    def verb(self) -> str:
        return "read" if self.period else "data from"


@dataclass(frozen=True, slots=True)
class View:
    """One page of the rotation; `kind` chooses its template."""

    key: str
    kind: str
    age: Age
    told: dict[str, Any]


def compose(company: Company, screen: Screen, *, now: datetime) -> dict[str, Any]:
    """The whole wall, in a number of queries that does not grow with teams, bets or years."""
    today = periods.local_day(now, company.zone)
    version = _version()
    seen = _of(standing.look(company, NOBODY, today=today), screen)
    hero = shelf.drawings([HERO]).get(HERO, Drawing()) if version else Drawing()
    views = []
    if version is not None:
        views.append(_star(version, hero, company, now=now))
    views += _portfolio(seen, now=now)
    for team in seen.teams:
        views += _team(team, seen, names=screen.shows_names, now=now)
    return {
        "company": company,
        "screen": screen,
        "views": views,
        "asset": asset(),
        "dims": f"{screen.dims_from:%H:%M}-{screen.dims_until:%H:%M}"
        if screen.dims_from and screen.dims_until
        else "",
    }


def asset() -> str:
    """Changes when a release brought another script or stylesheet: only then a screen loads anew."""
    names = "".join(static(name) for name in ("wall.js", "wall.css"))
    return hashlib.sha256(names.encode()).hexdigest()[:12]


def _version() -> NorthStarVersion | None:
    """The company's North Star as it is defined now."""
    rows = NorthStarVersion.objects.filter(
        effective_to=None, north_star__state="active", north_star__scope="company"
    )
    return rows.select_related("north_star", "metric__source").order_by("-version_no").first()


def _of(found: Standing, screen: Screen) -> Standing:
    """Only the teams of this screen; all of them where none was chosen, none where those chosen are gone."""
    if not screen.only_these:
        return found
    wanted = {team.pk for team in screen.teams.all()}
    teams = [team for team in found.teams if team.pk in wanted]
    bets = [bet for bet in found.bets if bet.team_id in wanted]
    return Standing(found.company, found.today, teams, bets, found.drawings)


def _star(version: NorthStarVersion, hero: Drawing, company: Company, *, now: datetime) -> View:
    facts = hero.facts
    told = {
        "name": version.north_star.name,
        "facts": facts,
        "word": WORDS.get(facts.get("state", ""), ""),
        "long": len(facts.get("figure", "")) > LONG_FIGURE,
        "chart": _chart(hero, "26w-small"),
        "notes": _notes(facts, "26w"),
    }
    age = _age([version.metric.last_ok_at], company, now=now, period=facts.get("period", ""))
    return View("star", "star", age, told)


def _portfolio(seen: Standing, *, now: datetime) -> list[View]:
    """Every bet, and the teams without one, on as many pages as are needed."""
    cards: list[Card] = []
    for team in seen.teams:
        own = seen.of(team)
        country = seen.company.country
        cards += [card_of(bet, seen.drawn(bet), today=seen.today, country=country) for bet in own]
        cards += [] if own else [open_card(team, may_choose=False)]
    cards = sorted_cards(cards)
    age = _age([bet.metric.last_ok_at for bet in seen.shown if bet.metric], seen.company, now=now)
    pages = [cards[place : place + ROWS] for place in range(0, len(cards), ROWS)]
    told = {"counts": counts_of(cards), "pages": len(pages)}
    return [
        View(f"bets-{place}", "portfolio", age, told | {"rows": [_row(card) for card in rows], "page": place})
        for place, rows in enumerate(pages, 1)
    ]


def _row(card: Card) -> dict[str, Any]:
    if not card.name:
        return {"card": card, "state": "neutral", "word": "No focus yet"}
    return {"card": card, "state": card.state, "word": _word(card)}


def _word(card: Card) -> str:
    return card.pill or card.word or WORDS.get(card.state, "No data")


def _team(team: Team, seen: Standing, *, names: bool, now: datetime) -> list[View]:
    lead = (getattr(team, "lead", None) or "") if names else ""
    own = seen.of(team)
    if not own:
        return [View(f"team-{team.pk}", "open", Age("", ""), {"team": team.name, "lead": lead})]
    return [_bet(bet, seen, lead=lead, now=now) for bet in own]


def _bet(bet: Omtm, seen: Standing, *, lead: str, now: datetime) -> View:
    drawn = seen.drawn(bet)
    card, facts = card_of(bet, drawn, today=seen.today, country=seen.company.country), drawn.facts
    told = {
        "card": card,
        "word": _word(card),
        "lead": lead,
        "plan": facts.get("pace_words", ""),
        "long": len(card.reading) > LONG_FIGURE,
        "left": _left(bet, seen.today),
        "chart": _chart(drawn, "card"),
        "notes": _notes(facts, "all"),
    }
    moments = [bet.metric.last_ok_at] if bet.metric else []
    age = _age(moments, seen.company, now=now, period=facts.get("as_of_words", ""))
    return View(f"bet-{bet.pk}", "bet", age, told)


def _left(bet: Omtm, today: date) -> str:
    """ "57 days left", "last day", "starts 23 Nov", "ended 14 Nov"."""
    if today < bet.start:
        return f"starts {formatting.day_words(bet.start, today)}"
    if today > bet.end:
        return f"ended {formatting.day_words(bet.end, today)}"
    left = bet.days_left(today)
    return "last day" if left == 0 else f"{left} day{'' if left == 1 else 's'} left"


def _chart(drawn: Drawing, otherwise: str) -> str:
    """The sketch for walls; a document from before there were any has another one until it is drawn again."""
    return drawn.sketches.get("wall") or drawn.sketches.get(otherwise, "")


def _notes(facts: dict[str, Any], shown: str) -> list[dict[str, Any]]:
    """The newest notes that are on the chart, oldest first."""
    found = [flag for flag in facts.get("flags", ()) if shown in flag.get("ranges", (shown,))]
    return found[-WALL_NOTES:]


def _age(moments: Iterable[datetime | None], company: Company, *, now: datetime, period: str = "") -> Age:
    """ "data from 06:10", of a reading "read 06:10" with its period; with the day where it was not today; of
    several the oldest."""
    known: Sequence[datetime] = [each for each in moments if each is not None]
    if not known:
        return Age("", "" if period else "no data yet", period)
    oldest = min(known)
    local, today = oldest.astimezone(company.tz), periods.local_day(now, company.zone)
    day = local.date()
    when = "" if day == today else f"{WEEKDAYS[day.weekday()][:3]} {formatting.day_words(day, today)}, "
    age = Age(oldest.isoformat(timespec="seconds"), "", period)
    return replace(age, words=f"{age.verb} {when}{local:%H:%M}")
