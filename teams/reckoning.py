"""How good forecasts were, in figures and sentences; no database.

The weekly forecasts of one bet share one outcome: they are not independent. So a bet counts once: in a row of
the table with the mean of what was said about it there, in the score with the mean over its forecasts. Of the
weekly forecasts of a metric every thirteenth counts.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence, Sized
from dataclasses import dataclass
from datetime import date
from typing import Any

from metrics.analysis import scoring
from metrics.charts import reliability
from metrics.models import ForecastRecord

#: With fewer ended bets than this a share says more about luck than about forecasts.
ENOUGH = 20
#: Forecasts of a metric look 13 weeks ahead: those 13 weeks apart share no week.
EVERY = 13
BINS = 5
FIFTY = 0.25
WIDE, NARROW = (420, 340), (320, 280)


@dataclass(frozen=True, slots=True)
class Said:
    """A chance (0 to 1) that was given to one subject, and whether it came true."""

    subject: str
    chance: float
    happened: bool


@dataclass(frozen=True, slots=True)
class Scored:
    """A forecast of the machine with its outcome, in the unit of its metric."""

    subject: str
    replayed: bool
    p: float | None
    reached: bool | None
    outcome: float
    band80: tuple[float, float]
    band50: tuple[float, float]
    week: date = date(2024, 1, 1)

    @classmethod
    def of(cls, record: ForecastRecord) -> Scored:
        assert record.outcome is not None
        return cls(
            record.subject,
            record.replayed,
            record.p,
            record.reached,
            record.outcome,
            (record.low80, record.high80),
            (record.low50, record.high50),
            record.as_of_week,
        )


def facts(scored: Sequence[Scored], said: Sequence[Said]) -> dict[str, Any]:
    """All that the page prints: groups of bets and of metrics, as said at the time and as replayed."""
    found: dict[str, Any] = {}
    for name, replayed in (("live", False), ("replayed", True)):
        bets = [each for each in scored if each.replayed is replayed and each.subject.startswith("omtm:")]
        rest = [each for each in scored if each.replayed is replayed and not each.subject.startswith("omtm:")]
        found[f"bets_{name}"] = _machine(bets, one="bet", many="bets")
        found[f"metrics_{name}"] = _machine(rest, one="forecast", many="forecasts", apart=True)
    found["people"] = _chances(said, one="bet", many="bets", noun="answer")
    return found


def _machine(scored: Sequence[Scored], *, one: str, many: str, apart: bool = False) -> dict[str, Any]:
    """`apart`: every thirteenth weekly forecast of a metric counts, by itself: no two see the same weeks."""
    counted = [each for each in scored if not apart or each.week.toordinal() // 7 % EVERY == 0]
    said = [
        Said(f"{each.subject} {each.week}" if apart else each.subject, each.p, each.reached)
        for each in counted
        if each.p is not None and each.reached is not None
    ]
    nouns = ("metric", "metrics and targets") if apart else (one, many)
    bands = {
        "80": _coverage(scored, lambda each: each.band80, level=80, nouns=nouns),
        "50": _coverage(scored, lambda each: each.band50, level=50, nouns=nouns),
    }
    return _chances(said, one=one, many=many) | {
        "bands": bands,
        "forecasts": len(scored),
        "subjects": len({each.subject for each in scored}),
    }


def _chances(said: Sequence[Said], *, one: str, many: str, noun: str = "forecast") -> dict[str, Any]:
    """The reliability table, its picture, and the score in words."""
    by_subject: dict[str, list[Said]] = defaultdict(list)
    for each in said:
        by_subject[each.subject].append(each)
    count = len(by_subject)
    told: dict[str, Any] = {
        "forecasts": len(said),
        "subjects": count,
        "few": _few(len(said), count, one=one, many=many, noun=noun),
        "rows": [],
    }
    if not count:
        return told
    once = _once_a_bin(by_subject)
    bins = scoring.reliability_bins([p for p, _ in once], [came for _, came in once], bins=BINS)
    drawn = [reliability.Bin(each.said, each.happened, each.count) for each in bins]
    return told | {
        "rows": [_row(each, one=one, many=many) for each in bins],
        "score": _score_words(by_subject, many=many),
        "wide": reliability.sketch(drawn, width=WIDE[0], height=WIDE[1]),
        "narrow": reliability.sketch(drawn, width=NARROW[0], height=NARROW[1]),
    }


def _once_a_bin(by_subject: dict[str, list[Said]]) -> list[tuple[float, bool]]:
    """(mean chance, whether it came true): one for each subject in each fifth of the scale."""
    found = []
    for told in by_subject.values():
        fifths: dict[int, list[float]] = defaultdict(list)
        for each in told:
            fifths[min(int(each.chance * BINS + 1e-9), BINS - 1)].append(each.chance)
        found += [(sum(group) / len(group), told[0].happened) for group in fifths.values()]
    return found


def _row(found: scoring.Bin, *, one: str, many: str) -> dict[str, Any]:
    hits = round(found.happened * found.count)
    said = f"about {_percent(found.said)}"
    noun = one if found.count == 1 else many
    return {
        "said": said,
        "hits": hits,
        "count": found.count,
        "happened": _percent(found.happened),
        "words": f"When we said {said}, it happened {hits} of {found.count} {noun}.",
    }


def _score_words(by_subject: dict[str, list[Said]], *, many: str) -> dict[str, Any]:
    """Brier score: the mean over each subject's forecasts, then over subjects; and what to compare it to."""
    scores = [
        scoring.brier([each.chance for each in told], [each.happened for each in told])
        for told in by_subject.values()
    ]
    mine = sum(each for each in scores if each is not None) / len(scores)
    share = sum(told[0].happened for told in by_subject.values()) / len(by_subject)
    base = share * (1 - share)
    words = (
        f"Brier score {mine:.2f}: 0 is perfect, {FIFTY} is what a coin gets, and {base:.2f} is what always "
        f"saying {_percent(share)}, the share of {many} that came true, would have got."
    )
    if len(by_subject) >= ENOUGH:
        beaten = (mine < FIFTY) + (mine < base)
        words += f" So far they are better than {('neither', 'one of them', 'both')[beaten]}."
    return {"brier": mine, "base": base, "words": words}


def _coverage(
    scored: Sequence[Scored],
    band: Callable[[Scored], tuple[float, float]],
    *,
    level: int,
    nouns: tuple[str, str],
) -> dict[str, Any]:
    """How often the outcome lay in the range, each subject counted once."""
    by_subject: dict[str, list[Scored]] = defaultdict(list)
    for each in scored:
        by_subject[each.subject].append(each)
    if not by_subject:
        return {"share": None, "words": ""}
    shares = [
        scoring.coverage([band(each) for each in told], [each.outcome for each in told])
        for told in by_subject.values()
    ]
    share = sum(each for each in shares if each is not None) / len(shares)
    inside = sum(band(each)[0] <= each.outcome <= band(each)[1] for each in scored)
    words = (
        f"The {level}% range held the outcome in {_percent(share)} of {_count(by_subject, nouns)} "
        f"({inside} of {len(scored)} forecasts)."
    )
    return {"share": share, "words": words}


def _count(subjects: Sized, nouns: tuple[str, str]) -> str:
    return f"{len(subjects)} {nouns[len(subjects) != 1]}"


def _few(said: int, count: int, *, one: str, many: str, noun: str) -> str:
    """The sentence while there is too little; "" once there is enough."""
    if count >= ENOUGH:
        return ""
    if not count:
        return "None was scored so far."
    told = f"{said} {noun}{'' if said == 1 else 's'}"
    if one != noun:
        told += f" about {count} {one if count == 1 else many}"
    return f"{told} so far: too few to judge. From {ENOUGH} {many} on, the figures mean something."


def _percent(share: float) -> str:
    return f"{100 * share:.0f}%"
