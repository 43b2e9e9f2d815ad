"""How the columns of an answer differ from those of the answer before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

#: From this likeness of two names on, one column probably is the other under a new name.
ALIKE = 0.6
#: More columns than this are not compared by their names.
MOST_COMPARED = 100
_NAMED = 5


@dataclass(frozen=True, slots=True)
class Drift:
    """Columns by name. A likely rename stands in `renamed` as (before, now), and in `gone` and `new` too."""

    gone: tuple[str, ...] = ()
    new: tuple[str, ...] = ()
    renamed: tuple[tuple[str, str], ...] = ()

    def __bool__(self) -> bool:
        return bool(self.gone or self.new)


def between(before: Sequence[str], now: Sequence[str]) -> Drift:
    """What is gone, new and probably renamed; another order of the same columns is no difference."""
    gone = tuple(name for name in dict.fromkeys(before) if name not in set(now))
    new = tuple(name for name in dict.fromkeys(now) if name not in set(before))
    return Drift(gone, new, _renames(gone, new))


def _renames(gone: Sequence[str], new: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """Pairs of names that are alike, the most alike first taken, each name once."""
    if max(len(gone), len(new)) > MOST_COMPARED:
        return ()
    scored = sorted(
        ((likeness(old, name), old, name) for old in gone for name in new), key=lambda one: (-one[0], one[1:])
    )
    found: dict[str, str] = {}
    for score, old, name in scored:
        if score >= ALIKE and old not in found and name not in found.values():
            found[old] = name
    return tuple((old, found[old]) for old in gone if old in found)


def likeness(one: str, other: str) -> float:
    """0 for names with nothing in common, 1 for the same but for case; a name within the other counts 0.8."""
    left, right = one.lower()[:80], other.lower()[:80]
    inside = len(left) > 2 and len(right) > 2 and (left in right or right in left)
    return max(SequenceMatcher(None, left, right, autojunk=False).ratio(), 0.8 if inside else 0.0)


def words(drift: Drift) -> str:
    """ "The column amount is gone; amount_eur is new. Did somebody rename it?" Empty without a difference."""
    parts = []
    if drift.gone:
        parts.append(f"The column{_plural(drift.gone)} {_listed(drift.gone)} {_be(drift.gone)} gone")
    if drift.new:
        start = f"The column{_plural(drift.new)} " if not drift.gone else ""
        parts.append(f"{start}{_listed(drift.new)} {_be(drift.new)} new")
    if not parts:
        return ""
    return "; ".join(parts) + "." + _question(drift)


def _question(drift: Drift) -> str:
    if not drift.renamed:
        return ""
    if len(drift.renamed) == 1 == len(drift.gone) == len(drift.new):
        return " Did somebody rename it?"
    pairs = [f"{old} to {new}" for old, new in drift.renamed[:_NAMED]]
    return f" Did somebody rename {', '.join(pairs)}?"


def _listed(names: Sequence[str]) -> str:
    shown = [name[:63] for name in names[:_NAMED]]
    rest = len(names) - len(shown)
    return ", ".join(shown) + (f" and {rest} more" if rest else "")


def _plural(names: Sequence[str]) -> str:
    return "" if len(names) == 1 else "s"


def _be(names: Sequence[str]) -> str:
    return "is" if len(names) == 1 else "are"
