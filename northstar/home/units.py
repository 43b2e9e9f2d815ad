"""The North Stars of business units on the home page: a card each, and a sum only where they are parts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from metrics import formatting
from metrics.beginning import TOO_MANY_UNITS
from metrics.models import NorthStarVersion
from northstar.home.shelf import Drawing

#: Kinds of numbers that may be added up; a share or a mean never is.
ADDED = ("flow_sum", "snapshot_stock", "unique")


@dataclass(frozen=True, slots=True)
class UnitCard:
    """A business unit's North Star in texts."""

    pk: int
    unit: str
    name: str
    figure: str
    unit_words: str
    period: str
    state: str
    sentence: str
    sketch: str


def newest(rows: Iterable[NorthStarVersion]) -> tuple[NorthStarVersion | None, list[NorthStarVersion]]:
    """(the company's version, those of the units by name) of versions that come newest first."""
    found: dict[int, NorthStarVersion] = {}
    for row in rows:
        found.setdefault(row.north_star_id, row)
    company = next((row for row in found.values() if row.north_star.scope == "company"), None)
    units = [row for row in found.values() if row.north_star.scope == "unit"]
    return company, sorted(units, key=lambda row: row.north_star.unit)


def key_of(version: NorthStarVersion) -> str:
    return f"north-star:{version.north_star_id}"


def cards(versions: Sequence[NorthStarVersion], drawings: Mapping[str, Drawing]) -> list[UnitCard]:
    """One for each unit, by name."""
    return [_card(each, drawings.get(key_of(each), Drawing())) for each in versions]


def said(
    company: NorthStarVersion | None, versions: Sequence[NorthStarVersion], drawings: Mapping[str, Drawing]
) -> list[str]:
    """What is to be said below the cards: whether the parts add up, and whether there are too many stars."""
    told = []
    parts = [each for each in versions if each.north_star.relation == "addend"]
    if company is not None and parts:
        told.append(_sum(company, parts, drawings))
    if len(versions) > TOO_MANY_UNITS:
        told.append(f"{formatting.count_word(len(versions))} units: more stars than one can steer by.")
    return [each for each in told if each]


def _card(version: NorthStarVersion, drawing: Drawing) -> UnitCard:
    facts, star = drawing.facts, version.north_star
    texts = (str(facts.get(name) or "") for name in ("figure", "unit_words", "period", "state", "sentence"))
    return UnitCard(star.pk, star.unit, star.name, *texts, drawing.sketches.get("card", ""))


def _sum(
    company: NorthStarVersion, parts: Sequence[NorthStarVersion], drawings: Mapping[str, Drawing]
) -> str:
    """The parts beside the company's number, of the same week; never of unlike units."""
    metric = company.metric
    if any(each.metric.unit != metric.unit or each.metric.kind not in ADDED for each in (company, *parts)):
        return "The units are counted in other units than the company: their numbers are not added up."
    whole = drawings.get("north-star", Drawing()).facts
    facts = [drawings.get(key_of(each), Drawing()).facts for each in parts]
    values = [each.get("raw") for each in facts]
    total = whole.get("raw")
    same = {each.get("raw_start") for each in (whole, *facts)}
    if total is None or None in values or len(same) != 1:
        return ""
    added = sum(values)
    shown = formatting.show(added, unit=metric.unit, decimals=metric.decimals, kind=metric.kind)
    of = formatting.show(total, unit=metric.unit, decimals=metric.decimals, kind=metric.kind)
    if shown == of:
        return f"The parts add up to the company's {of}."
    share = formatting.show_share(added / total, decimals=1) if total else ""
    return f"The parts add up to {shown} of {of}" + (f" ({share})." if share else ".")
