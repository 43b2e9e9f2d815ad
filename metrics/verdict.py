"""The verdict in words: at most three short sentences, and only what the data supports (domain 7.1). Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date

from metrics import formatting
from metrics.analysis.forecast import Forecast, Withheld

NO_VALUE = "There is no complete value yet."
ENDED = "It is not asked for any more."
WAITS = "Status and forecast wait until it can be relied on."
MOST = 3
SHORT_UNIT = 3


@dataclass(frozen=True, slots=True)
class Measure:
    """How a value of the metric is written; `name` is what the page calls it."""

    name: str
    unit: str
    decimals: int
    kind: str
    direction: str = "up"

    def show(self, value: float | None) -> str:
        """A value with its unit."""
        return formatting.show(value, unit=self.unit, decimals=self.decimals, kind=self.kind)

    def bare(self, value: float) -> str:
        """A value beside another one of the same metric: a long unit word is not said again."""
        tied = formatting.is_percent(self.unit, self.kind) or self.unit[:1] in formatting.CURRENCIES
        tied = tied or 0 < len(self.unit) <= SHORT_UNIT
        return self.show(value) if tied else formatting.show(value, decimals=self.decimals)


@dataclass(frozen=True, slots=True)
class Signal:
    """What the process limits say of the newest period; `sentence` speaks for an unusual one."""

    unusual: bool
    sentence: str = ""


@dataclass(frozen=True, slots=True)
class Aim:
    """The nearest target; `progress` as a fraction of the way, `plan` says how it stands against the plan."""

    target: float
    due: date
    progress: float | None = None
    likely: str = ""
    plan: str = ""


@dataclass(frozen=True, slots=True)
class Known:
    """All that a verdict may speak of; what is not known stays empty.

    `period` is "the week to 15 November", `against` the change on the period before, `doubt` why the newest
    period cannot be relied on, `ended` that nobody asks for the metric any more, `young` why there is no
    status yet, `driver` what moved it ("engaged share costs 92 crews in 13 weeks").
    """

    measure: Measure
    today: date
    value: float | None = None
    period: str = ""
    against: str = ""
    doubt: str = ""
    ended: bool = False
    signal: Signal | None = None
    forecast: Forecast | Withheld | None = None
    aim: Aim | None = None
    young: str = ""
    driver: str = ""
    grain: str = "week"


def verdict(known: Known) -> str:
    """One to three sentences: how usual the newest period is, where it leads, what moved it."""
    if known.value is None:
        return f"{NO_VALUE} {known.doubt}".strip()
    if known.ended:
        return f"{_plain(known)}. {ENDED}"
    if known.doubt:
        return f"{_plain(known)}. {known.doubt} {WAITS}"
    lead, rest = _outlook(known), known.young or (known.driver and _closed(known.driver))
    told = [each for each in dict.fromkeys((_opening(known), lead, rest)) if each]
    return " ".join(told[:MOST])


def about(forecast: Forecast, measure: Measure) -> float:
    """The middle of a forecast, rounded to what its range lets one say: two digits of half its width."""
    scale = formatting.shown_scale(measure.unit, measure.kind)
    finest: float = 10.0**-measure.decimals
    half = (forecast.high80 - forecast.low80) / 2 * scale
    step = max(10.0 ** (math.floor(math.log10(half)) - 1), finest) if half > 0 else finest
    return round(forecast.mean * scale / step) * step / scale


def expected_words(forecast: Forecast, measure: Measure, today: date) -> str:
    """ "4,951 expected by 16 May, 4,525 to 5,377": the range holds four times out of five."""
    day = formatting.day_words(forecast.due, today)
    mean, low, high = (measure.bare(each) for each in (forecast.mean, forecast.low80, forecast.high80))
    return f"{mean} expected by {day}, {low} to {high}"


def _opening(known: Known) -> str:
    if known.signal is None:
        return f"{_plain(known)}{known.against and ', ' + known.against}."
    if known.signal.unusual:
        return f"{_subject(known)}. {_closed(known.signal.sentence)}"
    return f"{_subject(known)}, a normal {known.grain}."


def _plain(known: Known) -> str:
    return f"{known.measure.show(known.value)} in {known.period}" if known.period else _subject(known)


def _subject(known: Known) -> str:
    """ "4,871 weekly active crews" where the name ends with the unit, else the value with its unit."""
    measure = known.measure
    name = measure.name[:1].lower() + measure.name[1:]
    if known.value is not None and measure.unit and name.lower().split()[-1:] == [measure.unit.lower()]:
        return f"{measure.bare(known.value)} {name}"
    return measure.show(known.value)


def _outlook(known: Known) -> str:
    aim, cone = known.aim, _cone(known)
    if aim is not None and aim.due < known.today:
        return _over(known, aim)
    if aim is not None and aim.progress is not None and aim.progress >= 1:
        goal = f"The target of {known.measure.bare(aim.target)} by {_day(aim.due, known)} is reached"
        return f"{goal}; to stand there that day is {aim.likely}." if aim.likely and cone else f"{goal}."
    if cone is None:
        return aim.plan if aim else ""
    goes = f"If it goes on as usual it stands at {_about(known, cone)} by {_day(cone.due, known)}"
    if aim is None:
        return f"{goes}."
    odds = f" ({aim.likely})" if aim.likely else ""
    return f"{goes}, {_against(known, cone, aim)}{odds}."


def _about(known: Known, cone: Forecast) -> str:
    near = known.measure.bare(about(cone, known.measure))
    return f"about {near}" if cone.high80 > cone.low80 else near


def _against(known: Known, cone: Forecast, aim: Aim) -> str:
    """Where the middle of the forecast lies to the target."""
    down, goal = known.measure.direction == "down", known.measure.bare(aim.target)
    if known.measure.bare(about(cone, known.measure)) == goal:
        return "right at the target"
    if (cone.mean <= aim.target) if down else (cone.mean >= aim.target):
        return f"{'under' if down else 'past'} {goal}"
    return f"still above {goal}" if down else f"short of {goal}"


def _over(known: Known, aim: Aim) -> str:
    goal = f"The target of {known.measure.bare(aim.target)}"
    if aim.progress is not None and aim.progress >= 1:
        return f"{goal} is reached; it was due on {_day(aim.due, known)}."
    return f"{goal} was due on {_day(aim.due, known)} and is not reached."


def _cone(known: Known) -> Forecast | None:
    return known.forecast if isinstance(known.forecast, Forecast) else None


def _day(day: date, known: Known) -> str:
    return formatting.day_words(day, known.today)


def _closed(words: str) -> str:
    """Words as a sentence of their own."""
    whole = words[:1].upper() + words[1:]
    return whole if whole.endswith((".", "?", "!")) else f"{whole}."
