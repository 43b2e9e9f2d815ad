"""Whether a bet's number may have been moved rather than what it stands for: calm questions to the team."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date

from metrics import formatting
from metrics.analysis import goodhart
from metrics.analysis.goodhart import Span
from metrics.analysis.points import RATIO, Point
from metrics.analysis.terms import Terms
from teams.models import GoalChange, Omtm

#: So few values say nothing about who typed them.
TYPED_LEAST = 3
#: (period, who typed it) of a metric.
Typed = Sequence[tuple[date, int | None]]


@dataclass(frozen=True, slots=True)
class Finding:
    """One sign: what was seen, and what to do about it."""

    kind: str
    sentence: str
    advice: str

    def as_json(self) -> dict[str, str]:
        """As the facts of a chart keep it."""
        return asdict(self)


def look(
    omtm: Omtm,
    points: Sequence[Point],
    terms: Terms,
    *,
    moves: Sequence[GoalChange] = (),
    segments: Mapping[str, Sequence[Point]] | None = None,
    typed: Typed = (),
) -> list[Finding]:
    """What a careful reader would ask about this bet, the gravest first; of an honest one nothing."""
    found = [_edited(moves), _typed(omtm, typed)]
    if terms.target is not None and not terms.is_total:
        span = Span(terms.start, terms.end, terms.k, terms.sign)
        found += [
            _shrunk(points, terms, span),
            _driven(points, segments or {}, terms, span),
            _only_rises(points, terms, span),
            _there_already(points, terms, span),
        ]
    return [each for each in found if each is not None]


def _edited(moves: Sequence[GoalChange]) -> Finding | None:
    count = sum(change.kind == "definition" for change in moves)
    if not count:
        return None
    often = "once" if count == 1 else f"{count} times"
    return Finding(
        "edited",
        f"What the metric means was edited {often} inside the window.",
        "Compare weeks before and after the edit before anything is concluded from the change.",
    )


def _typed(omtm: Omtm, typed: Typed) -> Finding | None:
    inside = {day: who for day, who in typed if omtm.start <= day <= omtm.end}
    own = {day for day, who in inside.items() if who is not None and who == omtm.owner_id}
    if not own:
        return None
    if omtm.metric.source.kind != "hand":
        count = formatting.count_word(len(own)).lower()
        value = "value was" if len(own) == 1 else "values were"
        return Finding(
            "typed",
            f"{count.capitalize()} {value} corrected by hand by the owner of this bet.",
            "Let somebody else look at the source, and say on the metric's page why it was wrong.",
        )
    if len(own) < len(inside) or len(own) < TYPED_LEAST:
        return None
    return Finding(
        "typed",
        "All values of the window were typed by the owner of this bet.",
        "Let somebody else type them, or connect the source, so that nobody has to wonder.",
    )


def _shrunk(points: Sequence[Point], terms: Terms, span: Span) -> Finding | None:
    found = goodhart.shrunk(points, span) if terms.kind == RATIO else None
    if found is None:
        return None
    (part0, part1), (whole0, whole1) = found.part, found.whole
    rose, grew = ("rose", "became smaller") if span.sign > 0 else ("fell", "grew")
    gone = "is no longer counted" if span.sign > 0 else "is counted now and was not before"
    return Finding(
        "denominator",
        f"The share {rose} because its whole {grew}: {whole0:,.0f} to {whole1:,.0f} a week, while the cases "
        f"counted went from {part0:,.0f} to {part1:,.0f}.",
        f"Look at who {gone}. If it is right, push the number of cases, not the share.",
    )


def _driven(
    points: Sequence[Point], segments: Mapping[str, Sequence[Point]], terms: Terms, span: Span
) -> Finding | None:
    name = goodhart.driven_by(points, segments, kind=terms.kind, span=span)
    if name is None:
        return None
    return Finding(
        "segment",
        f"One segment, {name}, explains more than 80% of the change; every other one got worse.",
        "Ask what was done for that segment alone, and whether it lasts for the others.",
    )


def _only_rises(points: Sequence[Point], terms: Terms, span: Span) -> Finding | None:
    if not goodhart.only_rises(points, terms.kind, span):
        return None
    return Finding(
        "cumulative",
        f"It has not fallen in any of the last {goodhart.NEVER_FELL} weeks: a count that can only rise "
        "reaches every target in the end.",
        "Push what is added in a week, or what is still in use, instead of what has piled up.",
    )


def _there_already(points: Sequence[Point], terms: Terms, span: Span) -> Finding | None:
    assert terms.target is not None
    if not goodhart.there_already(points, terms.kind, target=terms.target, span=span):
        return None
    return Finding(
        "already",
        "The weeks before the window were at the target already.",
        "Aim further, or say in the review that it was held rather than reached.",
    )
