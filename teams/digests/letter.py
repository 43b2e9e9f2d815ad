"""The letter of one reader as plain parts, from what was frozen: nothing is worked out again."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.urls import reverse

from metrics import formatting
from northstar.ui.marks import WORDS
from teams.digests import lacking
from teams.digests.facts import NO_FOCUS
from teams.models import WeeklyReview
from teams.weekly_lines import NORTH_STAR
from teams.weekly_pages import week_code

#: Exceptions first, as in the portfolio; what stands in no list comes last.
ORDER = ("off_track", "at_risk", "no_data", "", "too_early", "on_track")
#: Shapes that differ without colour, in letters that every mail program has.
MARKS = {"on_track": "●", "at_risk": "▲", "off_track": "■", "too_early": "◔", "no_data": "○", "": "○"}
#: A letter stays under 150 KB however large the company: the rest stands on the page.
MOST_OWN, MOST_OTHERS, MOST_WAITING, MOST_BETS, MOST_EVENTS = 6, 24, 5, 3, 12
LONGEST_NAME = 90
NOTHING_TO_DRAW = "There is no complete week of it to draw yet."
UNMADE = "Its chart could not be worked out that Monday."


@dataclass(frozen=True, slots=True)
class Bet:
    """How one focus stands. `key` names its drawing `spark`; without one `silent` says why."""

    key: str
    name: str
    path: str
    state: str
    words: str
    reading: str
    plan: str
    likely: str
    goal: str
    sentence: str
    spark: str
    silent: str = ""

    @property
    def mark(self) -> str:
        return MARKS.get(self.state, "○")


@dataclass(frozen=True, slots=True)
class TeamPart:
    """A team with its focuses, or the sentence that it has none; `more` are those that do not fit."""

    pk: int
    name: str
    path: str
    bets: Sequence[Bet]
    none: str = ""
    word: str = NO_FOCUS
    more: int = 0

    @property
    def state(self) -> str:
        """The state that asks first for a word."""
        return min((bet.state for bet in self.bets), key=_place, default="")

    @property
    def words(self) -> str:
        return self.worst.words if self.worst else self.word

    @property
    def mark(self) -> str:
        return MARKS.get(self.state, "○")

    @property
    def worst(self) -> Bet | None:
        return min(self.bets, key=lambda bet: _place(bet.state), default=None)


@dataclass(frozen=True, slots=True)
class Waiting:
    """Something that is asked of the reader."""

    subject: str
    path: str
    action: str


@dataclass(frozen=True, slots=True)
class Reader:
    """Whose letter it is: their teams, teams they follow besides, and what waits for them."""

    own: Collection[int] = ()
    followed: Collection[int] = ()
    waiting: Sequence[Waiting] = ()


@dataclass(frozen=True, slots=True)
class Letter:
    """Everything a letter says, in its order. Sentences are plain text, paths begin at the site."""

    code: str
    week_words: str
    subject: str
    verdict: str
    sentence: str
    late: str
    lacks: str
    star_state: str
    star_words: str
    star_chart: str
    star_path: str
    notes: Sequence[Mapping[str, Any]]
    moved: str
    own: Sequence[TeamPart]
    followed: Sequence[TeamPart]
    others: Sequence[TeamPart]
    cut: str
    events: Sequence[Mapping[str, Any]]
    more_events: int
    waiting: Sequence[Waiting]
    more_waiting: int
    coming: Sequence[Mapping[str, Any]]
    path: str

    @property
    def star_mark(self) -> str:
        return MARKS.get(self.star_state, "○")


def of(review: WeeklyReview, reader: Reader, today: date) -> Letter:
    """The letter about a frozen review for one reader. No query."""
    told = review.content.get("letter")
    known = told or {}
    lines = {line["key"]: line for line in review.content.get("lines", [])}
    teams = sorted(_parts(known, lines), key=lambda part: (_place(part.state), part.name.lower()))
    own = [part for part in teams if part.pk in reader.own]
    followed = [part for part in teams if part.pk in reader.followed and part not in own]
    whole = {part.pk for part in [*own, *followed][:MOST_OWN]}
    others = [part for part in teams if part.pk not in whole]
    head = _head(known.get("star") or {}, lines)
    near = set(reader.own) | set(reader.followed)
    events = [each for each in known.get("events", []) if not each["teams"] or near & set(each["teams"])]
    return Letter(
        code=week_code(review.week),
        week_words=formatting.week_words(review.week, today),
        late=lacking.late(review.late_sources),
        lacks=lacking.words(told),
        own=[part for part in own if part.pk in whole],
        followed=[part for part in followed if part.pk in whole],
        others=others[:MOST_OTHERS],
        cut=_cut(others[MOST_OTHERS:]),
        events=events[:MOST_EVENTS],
        more_events=max(0, len(events) - MOST_EVENTS),
        waiting=reader.waiting[:MOST_WAITING],
        more_waiting=max(0, len(reader.waiting) - MOST_WAITING),
        coming=_coming(known.get("next", []), near),
        notes=(known.get("star") or {}).get("notes", []),
        path=reverse("weekly-past", args=[week_code(review.week)]),
        **head,
    )


def team_words(part: TeamPart) -> str:
    """The part of one team as lines of text, for a chat; empty where it has nothing to say."""
    if not part.bets:
        return f"{part.name}: {part.none}"
    return "\n".join(f"{bet.mark} {_bet_words(bet)}" for bet in part.bets)


def parts_of(review: WeeklyReview) -> list[TeamPart]:
    """Every team of a frozen review, in no certain order. No query."""
    lines = {line["key"]: line for line in review.content.get("lines", [])}
    return _parts(review.content.get("letter") or {}, lines)


def headline(review: WeeklyReview, today: date) -> tuple[str, str]:
    """(subject, verdict) of a review: the same in everybody's letter."""
    whole = of(review, Reader(), today)
    return whole.subject, whole.verdict


def _bet_words(bet: Bet) -> str:
    plan = f", the plan says {bet.plan}" if bet.plan else ""
    reading = f" {bet.reading}{plan}." if bet.reading else f" {bet.silent}"
    return f"{bet.name}: {bet.words.lower()}.{reading}".strip()


def _parts(known: Mapping[str, Any], lines: Mapping[str, Mapping[str, Any]]) -> list[TeamPart]:
    bets = known.get("bets", {})
    found = []
    for team in known.get("teams", []):
        keys = [key for key in team["bets"] if key in lines and key in bets]
        own = sorted((_bet(lines[key], bets[key]) for key in keys), key=lambda bet: _place(bet.state))
        shown = _short(team["name"])
        word = team.get("word") or NO_FOCUS
        found.append(
            TeamPart(
                team["id"],
                shown,
                team["path"],
                own[:MOST_BETS],
                team["none"],
                word,
                len(own) - len(own[:MOST_BETS]),
            )
        )
    return found


def _bet(line: Mapping[str, Any], more: Mapping[str, Any]) -> Bet:
    state = line["state"] or "no_data"
    return Bet(
        key=line["key"],
        name=_short(line["name"]),
        path=line["path"],
        state=state,
        words=line["state_words"] or WORDS.get(state, "No data"),
        reading=more["reading"] or ("" if line["value"] is None else line["figure"]),
        plan=more["plan"],
        likely=more["likely"],
        goal=line["goal"],
        sentence=line["late"] or line["signal"] or line["sentence"],
        spark=more["spark"],
        silent="" if more["spark"] else UNMADE if more.get("unmade") else NOTHING_TO_DRAW,
    )


def _head(star: Mapping[str, Any], lines: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    line = next((each for each in lines.values() if each["section"] == NORTH_STAR), None)
    state = line["state"] if line else ""
    found = {
        "star_state": state,
        "star_words": (line["state_words"] or WORDS.get(state, "")) if line else "",
        "star_chart": star.get("chart", ""),
        "star_path": line["path"] if line else reverse("home"),
        "moved": star.get("moved", ""),
        "sentence": star.get("sentence", ""),
    }
    if star:
        return found | {"verdict": star["verdict"], "subject": star["subject"]}
    if line is not None:
        said = line["late"] or line["sentence"]
        subject = (
            f"{line['name']} {line['figure']}" if line["value"] is not None else f"{line['name']}: no value"
        )
        return found | {"verdict": f"{line['name']}: {said[:1].lower()}{said[1:]}", "subject": subject}
    focuses = _focuses(
        [line.get("state", "no_data") for key, line in lines.items() if key.startswith("omtm:")]
    )
    return found | {"verdict": f"There is no North Star yet. {focuses}", "subject": focuses.rstrip(".")}


def _focuses(states: Sequence[str]) -> str:
    """ "3 of 5 focus metrics are on track." """
    if not states:
        return "No team has a focus metric."
    noun = "focus metric is" if len(states) == 1 else "focus metrics are"
    return f"{states.count('on_track')} of {len(states)} {noun} on track."


def _coming(found: Sequence[Mapping[str, Any]], near: Collection[int]) -> list[Mapping[str, Any]]:
    """What comes for the reader's teams and the company; for who has no team, of everybody."""
    mine = [each for each in found if each["team"] is None or each["team"] in near or not near]
    return mine[:MOST_OTHERS]


def _cut(rest: Sequence[TeamPart]) -> str:
    if not rest:
        return ""
    teams = "1 more team stands" if len(rest) == 1 else f"{len(rest)} more teams stand"
    states = list(dict.fromkeys(part.words.lower() for part in rest))
    which = f", all {states[0]}" if len(states) == 1 and len(rest) > 1 else ""
    return f"{teams} on the page of the week{which}."


def _short(name: str) -> str:
    return name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1].rstrip()}…"


def _place(state: str) -> int:
    return ORDER.index(state) if state in ORDER else len(ORDER)
