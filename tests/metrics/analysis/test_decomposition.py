from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.analysis.decomposition import (
    PRODUCT,
    SUM,
    Branch,
    Segment,
    growth_accounting,
    lmdi,
    log_mean,
    mix_effects,
    product_parts,
    quick_ratio,
    shapley,
    sum_parts,
    tree_parts,
)

BEFORE = {"accounts": 800, "crews": 1.5, "engaged": 0.60}
AFTER = {"accounts": 880, "crews": 1.56, "engaged": 0.58}

positive = st.floats(0.01, 1000)
signed = st.floats(-1000, 1000, allow_subnormal=False)


def product(numbers):
    return math.prod(numbers.values())


def adds_up(parts, before, after):
    scale = max(1.0, abs(before), abs(after), *(abs(part) for part in parts))
    return math.fsum(parts) == pytest.approx(after - before, abs=1e-9 * scale)


def both_sides(numbers, *, most=6):
    """Pairs of dictionaries with the same names."""
    pairs = st.lists(st.tuples(numbers, numbers), min_size=1, max_size=most)
    return pairs.map(
        lambda rows: (
            {str(i): b for i, (b, _) in enumerate(rows)},
            {str(i): a for i, (_, a) in enumerate(rows)},
        )
    )


def test_lmdi_of_the_vector():
    parts = lmdi(BEFORE, AFTER)
    assert log_mean(796.224, 720) == pytest.approx(757.472910, abs=1e-6)
    assert parts == pytest.approx(
        {"accounts": 72.194879, "crews": 29.708628, "engaged": -25.679507}, abs=1e-6
    )


def test_shapley_of_the_vector():
    assert shapley(product, BEFORE, AFTER) == pytest.approx(
        {"accounts": 72.208, "crews": 29.728, "engaged": -25.712}, abs=1e-6
    )


def test_shapley_takes_zeros():
    before, after = {"a": 0, "b": 5}, {"a": 3, "b": 6}
    assert shapley(product, before, after) == pytest.approx({"a": 16.5, "b": 1.5})
    assert product_parts(before, after) == pytest.approx({"a": 16.5, "b": 1.5})


def test_logarithms_refuse_zeros_and_different_factors():
    with pytest.raises(ValueError, match="above 0"):
        lmdi({"a": 0, "b": 5}, {"a": 3, "b": 6})
    with pytest.raises(ValueError, match="same factors"):
        lmdi({"a": 1}, {"b": 1})


def test_more_than_six_factors_are_refused():
    seven = {str(i): 1.0 for i in range(7)}
    with pytest.raises(ValueError, match="At most 6"):
        shapley(product, seven, seven)
    with pytest.raises(ValueError, match="At most 6"):
        product_parts(seven | {"0": 0.0}, seven)


def test_addends_change_one_by_one():
    assert sum_parts({"a": 5, "b": 2}, {"a": 7, "c": 1}) == {"a": 2, "b": -2, "c": 1}


def test_growth_accounting_of_thirteen_weeks_is_exact():
    # domain 9: new 992 + reactivated 494 - lapsed 1299 = +187
    found = growth_accounting(4684, 4871, inflows={"new": 992, "reactivated": 494}, outflows={"lapsed": 1299})
    assert found.parts == {"new": 992, "reactivated": 494, "lapsed": -1299}
    assert found.rest == 0
    assert quick_ratio(992 + 494, 1299) == pytest.approx(1.143957, abs=1e-6)


def test_what_nobody_counted_is_the_rest():
    assert growth_accounting(100, 110, inflows={"new": 15}, outflows={"lapsed": 4}).rest == -1


def test_without_losses_there_is_no_quick_ratio():
    assert quick_ratio(5, 0) is None


def test_rate_and_mix_of_the_vector():
    found = mix_effects({"SMB": Segment(400, 0.50, 600, 0.52), "Mid": Segment(200, 0.70, 210, 0.72)})
    assert [found["SMB"].rate, found["Mid"].rate] == pytest.approx([0.014074, 0.005926], abs=1e-6)
    assert [found["SMB"].mix, found["Mid"].mix] == pytest.approx([-0.004390, -0.010425], abs=1e-6)
    total = sum(each.rate + each.mix for each in found.values())
    assert total == pytest.approx(0.005185, abs=1e-6)


def test_a_common_rate_needs_cases_on_both_sides():
    with pytest.raises(ValueError, match="at least one case"):
        mix_effects({"SMB": Segment(0, 0.5, 10, 0.5)})


def crews_tree():
    active = Branch("active", how=SUM, children=(Branch("new", 70, 90), Branch("lapsed", 20, 35, sign=-1)))
    return Branch("jobs", how=PRODUCT, children=(active, Branch("jobs a crew", 14, 15)))


def test_a_nested_tree_is_split_from_the_top():
    # 50 · 14 = 700 to 55 · 15 = 825; the crews' part is halved among +20 and -15 by their shares of +5.
    tree = crews_tree()
    assert tree.values == ((70 - 20) * 14, (90 - 35) * 15)
    parts = tree_parts(tree)
    crews = lmdi({"crews": 50, "jobs": 14}, {"crews": 55, "jobs": 15})["crews"]
    assert parts["new"] + parts["lapsed"] == pytest.approx(crews)
    assert parts["new"] == pytest.approx(crews * 20 / 5)
    assert parts["lapsed"] == pytest.approx(crews * -15 / 5)


def test_children_that_cancel_each_other_out_keep_their_parts():
    inner = Branch("crews", how=SUM, children=(Branch("new", 10, 20), Branch("old", 20, 10)))
    parts = tree_parts(Branch("jobs", how=PRODUCT, children=(inner, Branch("jobs a crew", 2, 2))))
    assert parts == pytest.approx({"new": 20, "old": -20, "jobs a crew": 0})


@given(both_sides(positive))
def test_lmdi_adds_up_and_is_symmetric_in_time(sides):
    before, after = sides
    parts, back = lmdi(before, after), lmdi(after, before)
    assert adds_up(parts.values(), product(before), product(after))
    scale = max(product(before), product(after))
    assert [-back[name] for name in parts] == pytest.approx(list(parts.values()), abs=1e-9 * scale)


@given(both_sides(signed, most=4))
def test_shapley_adds_up_with_zeros_and_negative_numbers(sides):
    before, after = sides
    parts = shapley(product, before, after)
    assert adds_up(parts.values(), product(before), product(after))
    scale = max(1.0, *(abs(part) for part in parts.values()))
    assert product_parts(before, {**after, "0": 0.0}) == pytest.approx(
        shapley(product, before, {**after, "0": 0.0}), abs=1e-9 * scale
    )


@given(both_sides(signed))
def test_sums_add_up(sides):
    before, after = sides
    assert adds_up(sum_parts(before, after).values(), sum(before.values()), sum(after.values()))


leaves = st.tuples(signed, signed).map(lambda pair: Branch("leaf", *pair))
trees = st.recursive(
    leaves,
    lambda inner: st.builds(
        lambda how, children: Branch("node", how=how, children=tuple(children)),
        st.sampled_from([SUM, PRODUCT]),
        st.lists(inner, min_size=1, max_size=3),
    ),
    max_leaves=6,
)


def named(branch, path="0"):
    """The same tree with a name of its own for every leaf."""
    children = tuple(named(child, f"{path}.{place}") for place, child in enumerate(branch.children))
    return Branch(path, branch.before, branch.after, branch.how, children)


@given(trees)
def test_parts_of_a_tree_add_up_to_the_change_of_its_root(tree):
    tree = named(tree)
    assert adds_up(tree_parts(tree).values(), *tree.values)


shares = st.floats(0, 1)
counts = st.floats(1, 1e6)


@given(st.lists(st.builds(Segment, counts, shares, counts, shares), min_size=1, max_size=6))
def test_rate_and_mix_add_up_to_the_change_of_the_common_rate(groups):
    parts = mix_effects({str(place): each for place, each in enumerate(groups)})
    before = sum(g.weight_before * g.rate_before for g in groups) / sum(g.weight_before for g in groups)
    after = sum(g.weight_after * g.rate_after for g in groups) / sum(g.weight_after for g in groups)
    assert adds_up([part for each in parts.values() for part in (each.rate, each.mix)], before, after)
