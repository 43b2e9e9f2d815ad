"""Which idea first: ICE and RICE over what several people think, and the order of candidates (domain 5).

People answer by component. Each component is read by its median, and the medians are multiplied: one loud
answer moves a median little, and the mean of products would let it.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from statistics import median

ICE, RICE = "ice", "rice"
#: What each person answers; reach is counted, not guessed, so it belongs to the candidate.
COMPONENTS = {ICE: ("impact", "confidence", "ease"), RICE: ("impact", "confidence", "effort")}
IMPACTS = tuple(map(Decimal, ("3", "2", "1", "0.5", "0.25")))
CONFIDENCES = tuple(map(Decimal, ("1", "0.8", "0.5", "0.2")))
LEAST_EFFORT = Decimal("0.5")
#: Below it a RICE confidence is a moonshot.
SURE_ENOUGH = Decimal("0.5")
#: ICE: this many points between two answers ask for a talk; RICE: this many times one of them.
APART = 4

Opinion = Mapping[str, Decimal]


@dataclass(frozen=True, slots=True)
class Component:
    """What people said of one component; `apart` where they should talk about it."""

    name: str
    median: Decimal
    low: Decimal
    high: Decimal
    apart: bool

    @property
    def spread(self) -> Decimal:
        return self.high - self.low


@dataclass(frozen=True, slots=True)
class Standing:
    """What several people together think of one candidate.

    `score` is None where RICE lacks a reach, `mean` is of ICE alone; `low` and `high` are the lowest and the
    highest score of a single person.
    """

    method: str
    people: int
    components: tuple[Component, ...]
    score: Decimal | None
    mean: Decimal | None
    low: Decimal | None
    high: Decimal | None
    moonshot: bool

    @property
    def to_talk_about(self) -> list[str]:
        """The components in which answers lie far apart."""
        return [component.name for component in self.components if component.apart]


@dataclass(frozen=True, slots=True)
class Contender:
    """A candidate as the order sees it; `effect` on the North Star counts up as better."""

    key: Hashable
    effect: Decimal | None = None
    score: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Order:
    """Keys, best first; `places` of those that are ranked, from 1, ties alike; `by` effect, score or ""."""

    keys: tuple[Hashable, ...]
    places: Mapping[Hashable, int]
    by: str


def ice(impact: Decimal, confidence: Decimal, ease: Decimal) -> Decimal:
    """The product, 1 to 1000 (domain 5)."""
    return impact * confidence * ease


def rice(reach: Decimal, impact: Decimal, confidence: Decimal, effort: Decimal) -> Decimal:
    """Reach × impact × confidence by person-months, of which at least a half is counted (domain 5)."""
    return reach * impact * confidence / max(LEAST_EFFORT, effort)


def stand(opinions: Sequence[Opinion], *, method: str, reach: Decimal | None = None) -> Standing | None:
    """The standing of a candidate by the medians of its components; None without an opinion."""
    if not opinions:
        return None
    names = COMPONENTS[method]
    components = tuple(_component(name, [each[name] for each in opinions], method) for name in names)
    middle = {component.name: component.median for component in components}
    single = [_score(each, method, reach) for each in opinions]
    known = [score for score in single if score is not None]
    return Standing(
        method=method,
        people=len(opinions),
        components=components,
        score=_score(middle, method, reach),
        mean=sum(middle.values(), Decimal(0)) / len(names) if method == ICE else None,
        low=min(known, default=None),
        high=max(known, default=None),
        moonshot=method == RICE and middle["confidence"] < SURE_ENOUGH,
    )


def order(contenders: Sequence[Contender]) -> Order:
    """The candidates, best first: by effect where every ranked one has it, the score breaking ties; else by
    score. One with neither is not ranked and stands last, in the order in which it came.
    """
    considered = [each for each in contenders if each.effect is not None or each.score is not None]
    by_effect = bool(considered) and all(each.effect is not None for each in considered)
    ranked = considered if by_effect else [each for each in considered if each.score is not None]
    merits = {each.key: _merit(each, by_effect) for each in ranked}
    ranked = sorted(ranked, key=lambda each: merits[each.key], reverse=True)
    levels = list(merits.values())
    places = {key: 1 + sum(other > merit for other in levels) for key, merit in merits.items()}
    rest = [each.key for each in contenders if each.key not in merits]
    by = "effect" if by_effect else "score" if ranked else ""
    return Order((*(each.key for each in ranked), *rest), places, by)


def _component(name: str, answers: Sequence[Decimal], method: str) -> Component:
    low, high = min(answers), max(answers)
    apart = high - low >= APART if method == ICE else low > 0 and high >= APART * low
    return Component(name, median(answers), low, high, apart)


def _score(answers: Opinion, method: str, reach: Decimal | None) -> Decimal | None:
    if method == ICE:
        return ice(answers["impact"], answers["confidence"], answers["ease"])
    if reach is None:
        return None
    return rice(reach, answers["impact"], answers["confidence"], answers["effort"])


def _merit(contender: Contender, by_effect: bool) -> tuple[Decimal, ...]:
    # A score is never negative: an unscored candidate loses a tie against a scored one.
    score = contender.score if contender.score is not None else Decimal(-1)
    if by_effect and contender.effect is not None:
        return contender.effect, score
    return (score,)
