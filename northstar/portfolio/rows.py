"""The rows of the portfolio: one for each bet, one for each team without."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from metrics import formatting
from metrics.models.funnel import AARRR
from metrics.picturing import BADGES
from northstar.home.focus import Card, card_of, open_card
from northstar.lib.policy import Subject, may
from northstar.portfolio.standing import Standing
from teams.models import Omtm, Team

#: Guardrails, the gravest first: (state of the mark, words for one, words for several).
GUARDS = (
    ("bad", "{} broken"),
    ("warn", "{} beyond its limit"),
    ("no_data", "{} without data"),
    ("good", "{} kept"),
)


@dataclass(frozen=True, slots=True)
class Row:
    """A line with all its texts; `card` says how the bet stands, `days` are those left, None outside it."""

    card: Card
    department: str = ""
    stage: str = ""
    stage_word: str = ""
    exception: bool = False
    spark: str = ""
    p: float | None = None
    likely: str = ""
    days: int | None = None
    window: str = ""
    ends: str = ""
    checked_days: int | None = None
    checked: str = ""
    guard: str = ""
    guard_words: str = ""
    data: str = ""
    as_of: str = ""
    doubt: str = ""
    doubt_tone: str = ""


def rows_of(standing: Standing, subject: Subject) -> list[Row]:
    """Every line, in no order yet."""
    found = []
    for team in standing.teams:
        bets = standing.of(team)
        excepted = any(bet.slot > 1 and bet.state == "active" for bet in bets)
        found += [_row(bet, team, standing, excepted=excepted) for bet in bets]
        if not bets:
            card = open_card(team, may_choose=may(subject, "omtm.create", team))
            found.append(Row(card, team.department, team.stage, AARRR.get(team.stage, "")))
    return found


def stage_of(bet: Omtm, team: Team) -> str:
    """The key of the stage that a bet works on: its own, else the one of its team, else none."""
    return bet.stage.aarrr if bet.stage else team.stage


def _row(bet: Omtm, team: Team, standing: Standing, *, excepted: bool) -> Row:
    drawn, today = standing.drawn(bet), standing.today
    facts, stage = drawn.facts, stage_of(bet, team)
    guard, guard_words = _guards(facts.get("guardrails", ()))
    said: date | None = bet.checked_in  # type: ignore[attr-defined]
    running = bet.state == "active"
    return Row(
        card=card_of(bet, drawn, today=today, country=standing.company.country),
        department=team.department,
        stage=stage,
        stage_word=AARRR.get(stage, ""),
        exception=excepted and bet.state == "active",
        spark=drawn.sketches.get("spark", ""),
        p=facts.get("p") if running else None,
        days=bet.days_left(today) if running else None,
        window=_window(bet, today),
        ends=bet.end.isoformat(),
        checked_days=None if said is None else (today - said).days,
        checked=_ago(said, today),
        guard=guard,
        guard_words=guard_words,
        likely=str(facts.get("likely_words", "")).removesuffix(" likely") if running else "",
        as_of=str(facts.get("as_of") or ""),
        data=_data(facts.get("as_of"), today),
        **_doubt(facts.get("trust", {})),
    )


def _window(bet: Omtm, today: date) -> str:
    """ "57 days", "last day", "starts 23 Nov", "ended 14 Nov"."""
    if today < bet.start:
        return f"starts {formatting.day_words(bet.start, today)}"
    if today > bet.end:
        return f"ended {formatting.day_words(bet.end, today)}"
    left = bet.days_left(today)
    return "last day" if left == 0 else f"{left} day{'' if left == 1 else 's'}"


def _ago(day: date | None, today: date) -> str:
    """ "today", "yesterday", "12 days ago", "none yet"."""
    if day is None:
        return "none yet"
    days = (today - day).days
    return {0: "today", 1: "yesterday"}.get(days, f"{days} days ago")


def _data(as_of: str | None, today: date) -> str:
    """ "to 22 Nov": the last day of the newest complete week, whose first day is `as_of`."""
    if not as_of:
        return ""
    return f"to {formatting.day_words(date.fromisoformat(as_of) + timedelta(days=6), today)}"


def _guards(guards: Iterable[dict[str, Any]]) -> tuple[str, str]:
    """(mark, words) of the gravest: ("warn", "1 beyond its limit")."""
    states = [str(each.get("state", "")) for each in guards]
    for state, words in GUARDS:
        if count := states.count(state):
            return state, words.format(count)
    return "", "none"


def _doubt(trust: dict[str, Any]) -> dict[str, str]:
    """Why the number is not to be relied on, or only with care."""
    badge = str(trust.get("badge", "trusted"))
    tone = "bad" if trust.get("blocks") else "warn"
    return {"doubt": BADGES[badge].lower(), "doubt_tone": tone} if badge in BADGES else {}
