"""Which part of a change came from where; the parts always add up to the change (domain 6.9)."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

Numbers = Mapping[str, float]
#: 2^6 states; more parts on one level are no explanation any more.
MOST_FACTORS = 6
SUM, PRODUCT = "sum", "product"


def sum_parts(before: Numbers, after: Numbers) -> dict[str, float]:
    """The change of every addend; a name on one side only was 0 on the other."""
    return {name: after.get(name, 0.0) - before.get(name, 0.0) for name in {**before, **after}}


@dataclass(frozen=True, slots=True)
class Growth:
    """What came (positive) and went (negative) by name, and the rest of the change that nobody counted."""

    parts: dict[str, float]
    rest: float


def growth_accounting(before: float, after: float, *, inflows: Numbers, outflows: Numbers) -> Growth:
    """Active now = active before + what came - what went; counts are given without sign.

    The rest is 0 where the counts are complete.
    """
    parts = dict(inflows) | {name: -value for name, value in outflows.items()}
    return Growth(parts, math.fsum([after, -before, *(-value for value in parts.values())]))


def quick_ratio(inflow: float, outflow: float) -> float | None:
    """What came for each one that went, such as (new + reactivated) / lapsed; None when none went."""
    return inflow / outflow if outflow > 0 else None


def log_mean(a: float, b: float) -> float:
    """The logarithmic mean of two positive numbers, (a - b) / (ln a - ln b); of equal ones the number."""
    growth = abs(math.log(a) - math.log(b))
    # expm1 keeps the digits of a small change, which the quotient of two differences loses.
    return max(a, b) * -math.expm1(-growth) / growth if growth else a


def lmdi(before: Numbers, after: Numbers) -> dict[str, float]:
    """The part of every factor in the change of their product (LMDI after Ang), in the unit of the product.

    Symmetric in time. Raises ValueError unless both have the same factors, all above 0.
    """
    return _weighted(_lmdi_weights(before, after), before, after)


def shapley(fn: Callable[[Numbers], float], before: Numbers, after: Numbers) -> dict[str, float]:
    """The mean change that each factor makes over all orders of changing them, in the unit of `fn`.

    Takes zeros and negative numbers. Raises ValueError for more than six factors or different ones.
    """
    names = _names(before, after)
    value = {chosen: fn(_mixed(before, after, chosen)) for chosen in _subsets(names)}
    return {
        name: math.fsum(
            _order_share(len(chosen), len(names)) * (value[chosen | {name}] - value[chosen])
            for chosen in _subsets(names)
            if name not in chosen
        )
        for name in names
    }


def product_parts(before: Numbers, after: Numbers) -> dict[str, float]:
    """The part of every factor in the change of their product: LMDI where all are above 0, else Shapley."""
    return _weighted(_product_weights(before, after), before, after)


@dataclass(frozen=True, slots=True)
class Branch:
    """A number in a tree: a leaf with its two values, or the sum or product of its children.

    `sign` -1 is for what is taken away in a sum. Names of leaves are unique in their tree.
    """

    name: str
    before: float = 0.0
    after: float = 0.0
    how: str = ""
    children: tuple[Branch, ...] = ()
    sign: int = 1

    @property
    def values(self) -> tuple[float, float]:
        """Before and after, of a leaf as given, else computed from the children."""
        if not self.children:
            return self.before, self.after
        pairs = [child.values for child in self.children]
        if self.how == PRODUCT:
            return math.prod(pair[0] for pair in pairs), math.prod(pair[1] for pair in pairs)
        signed = [(c.sign * pair[0], c.sign * pair[1]) for c, pair in zip(self.children, pairs, strict=True)]
        return math.fsum(pair[0] for pair in signed), math.fsum(pair[1] for pair in signed)


def tree_parts(root: Branch, *, weight: float = 1.0) -> dict[str, float]:
    """The part of every leaf in the change of the root, split level by level from the top.

    They add up to the change of the root as it is computed from its leaves.
    """
    if not root.children:
        before, after = root.values
        return {root.name: weight * (after - before)}
    parts: dict[str, float] = {}
    for child, share in zip(root.children, _weights(root), strict=True):
        parts |= tree_parts(child, weight=weight * share)
    return parts


@dataclass(frozen=True, slots=True)
class Segment:
    """A group with its weight (a count) and its rate (a fraction), before and after."""

    weight_before: float
    rate_before: float
    weight_after: float
    rate_after: float


@dataclass(frozen=True, slots=True)
class Mix:
    """What a group's own rate changed, and what its share among the groups did; fractions."""

    rate: float
    mix: float


def mix_effects(segments: Mapping[str, Segment]) -> dict[str, Mix]:
    """Rate and mix effect of every group in the change of the common rate; all of them add up to it.

    Raises ValueError when one of the two sides weighs nothing.
    """
    groups = segments.values()
    before, after = sum(s.weight_before for s in groups), sum(s.weight_after for s in groups)
    if before <= 0 or after <= 0:
        raise ValueError("A common rate needs at least one case before and after.")
    common_before = math.fsum(s.weight_before * s.rate_before for s in groups) / before
    common_after = math.fsum(s.weight_after * s.rate_after for s in groups) / after
    common = (common_before + common_after) / 2
    found = {}
    for name, each in segments.items():
        share_before, share_after = each.weight_before / before, each.weight_after / after
        rate = (share_before + share_after) / 2 * (each.rate_after - each.rate_before)
        mix = (share_after - share_before) * ((each.rate_before + each.rate_after) / 2 - common)
        found[name] = Mix(rate, mix)
    return found


def _weights(root: Branch) -> list[float]:
    if root.how != PRODUCT:
        return [float(child.sign) for child in root.children]
    pairs = {str(place): child.values for place, child in enumerate(root.children)}
    weights = _product_weights(
        {place: pair[0] for place, pair in pairs.items()}, {place: pair[1] for place, pair in pairs.items()}
    )
    return list(weights.values())


def _product_weights(before: Numbers, after: Numbers) -> dict[str, float]:
    """By how much the product changes for each unit of a factor, between the two states."""
    # Factors that are all but nothing have a product of exactly 0.
    if min([*before.values(), *after.values(), *map(_product, (before, after))]) > 0:
        return _lmdi_weights(before, after)
    return _shapley_weights(before, after)


def _lmdi_weights(before: Numbers, after: Numbers) -> dict[str, float]:
    names = _names(before, after)
    if min([*before.values(), *after.values()]) <= 0:
        raise ValueError("Logarithms need factors above 0. Use Shapley for zeros and negative numbers.")
    whole = log_mean(_product(after), _product(before))
    return {name: whole / log_mean(after[name], before[name]) for name in names}


def _shapley_weights(before: Numbers, after: Numbers) -> dict[str, float]:
    # A product is linear in each factor: its mean marginal change is its own change times these.
    names = _names(before, after)
    if len(names) > MOST_FACTORS:
        raise ValueError(f"At most {MOST_FACTORS} factors on one level. Group some of them.")
    weights = {}
    for name in names:
        others = [other for other in names if other != name]
        weights[name] = math.fsum(
            _order_share(len(chosen), len(names))
            * math.prod(after[other] if other in chosen else before[other] for other in others)
            for chosen in _subsets(others)
        )
    return weights


def _weighted(weights: Numbers, before: Numbers, after: Numbers) -> dict[str, float]:
    return {name: weight * (after[name] - before[name]) for name, weight in weights.items()}


def _product(factors: Numbers) -> float:
    return math.prod(factors.values())


def _names(before: Numbers, after: Numbers) -> list[str]:
    if set(before) != set(after) or not before:
        raise ValueError("Before and after need the same factors, at least one.")
    return list(before)


def _subsets(names: Sequence[str]) -> list[frozenset[str]]:
    if len(names) > MOST_FACTORS:
        raise ValueError(f"At most {MOST_FACTORS} factors on one level. Group some of them.")
    return [frozenset(chosen) for size in range(len(names) + 1) for chosen in combinations(names, size)]


def _mixed(before: Numbers, after: Numbers, changed: frozenset[str]) -> dict[str, float]:
    return {name: after[name] if name in changed else before[name] for name in before}


def _order_share(already: int, count: int) -> float:
    """The share of all orders in which exactly these `already` changed ones come first."""
    return math.factorial(already) * math.factorial(count - already - 1) / math.factorial(count)
