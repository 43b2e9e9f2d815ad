"""ICE, RICE, medians and the order of candidates: the numbers of domain 5."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.analysis.priority import ICE, RICE, Contender, Opinion, Standing, ice, order, rice, stand


def opinions(names: str, *rows: tuple[float, ...]) -> list[Opinion]:
    return [dict(zip(names.split(), (Decimal(str(value)) for value in row), strict=True)) for row in rows]


def by_ice(*rows: tuple[int, int, int]) -> Standing:
    found = stand(opinions("impact confidence ease", *rows), method=ICE)
    assert found is not None
    return found


def by_rice(*rows: tuple[float, float, float], reach: str | None) -> Standing:
    given = opinions("impact confidence effort", *rows)
    found = stand(given, method=RICE, reach=Decimal(reach) if reach else None)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("answers", "score", "mean"),
    [((9, 7, 6), 378, "7.33"), ((5, 8, 9), 360, "7.33"), ((4, 4, 5), 80, "4.33")],
)
def test_ice_is_a_product_and_the_mean_hides_differences(
    answers: tuple[int, int, int], score: int, mean: str
) -> None:
    found = by_ice(answers)
    assert found.score == score == ice(*map(Decimal, answers))
    assert f"{found.mean:.2f}" == mean


@pytest.mark.parametrize(
    ("reach", "impact", "confidence", "effort", "score"),
    [("420", "2", "0.8", "3", "224"), ("14000", "0.25", "0.8", "1", "2800"), ("38", "1", "0.5", "2", "9.5")],
)
def test_rice_divides_by_effort(reach: str, impact: str, confidence: str, effort: str, score: str) -> None:
    values = [Decimal(text) for text in (reach, impact, confidence, effort)]
    assert rice(*values) == Decimal(score)


def test_less_than_half_a_month_counts_as_half_a_month() -> None:
    assert rice(Decimal(100), Decimal(1), Decimal(1), Decimal("0.1")) == 200


def test_each_component_is_read_by_its_median() -> None:
    found = by_ice((9, 7, 6), (8, 5, 6), (9, 8, 3), (6, 7, 6))
    assert [component.median for component in found.components] == [Decimal("8.5"), 7, 6]
    assert found.score == 357
    assert [component.spread for component in found.components] == [3, 3, 3]
    assert found.to_talk_about == []
    assert (found.low, found.high, found.people) == (216, 378, 4)


def test_four_points_apart_ask_for_a_talk_and_three_do_not() -> None:
    assert by_ice((9, 7, 6), (5, 4, 6)).to_talk_about == ["impact"]


def test_in_rice_four_times_apart_asks_for_a_talk() -> None:
    assert by_rice((2, 1, 1), (0.5, 0.5, 3), reach="10").to_talk_about == ["impact"]


def test_confidence_below_a_half_is_a_moonshot() -> None:
    assert by_rice((1, 0.2, 1), reach="10").moonshot
    assert not by_rice((1, 0.5, 1), reach="10").moonshot
    assert by_rice((1, 0.5, 1), (1, 0.2, 1), reach="10").moonshot


def test_rice_without_a_reach_has_no_score() -> None:
    found = by_rice((1, 0.5, 1), reach=None)
    assert (found.score, found.low, found.high) == (None, None, None)


def test_nobody_scored_is_no_standing() -> None:
    assert stand([], method=ICE) is None


def candidate(key: str, effect: float | None = None, score: float | None = None) -> Contender:
    known = [None if value is None else Decimal(str(value)) for value in (effect, score)]
    return Contender(key, *known)


def test_where_all_have_an_effect_it_decides_and_the_score_breaks_ties() -> None:
    found = order([candidate("a", 90, 800), candidate("b", 120, 10), candidate("c", 90, 900)])
    assert (found.keys, found.by) == (("b", "c", "a"), "effect")
    assert found.places == {"b": 1, "c": 2, "a": 3}


def test_where_one_has_no_effect_the_score_decides() -> None:
    found = order([candidate("a", 90, 100), candidate("b", None, 300), candidate("c", 500)])
    assert (found.keys, found.by) == (("b", "a", "c"), "score")
    assert found.places == {"b": 1, "a": 2}


def test_a_bare_idea_changes_nothing_and_stands_last() -> None:
    found = order([candidate("idea"), candidate("a", 90), candidate("b", 120)])
    assert (found.keys, found.by, found.places) == (("b", "a", "idea"), "effect", {"b": 1, "a": 2})


def test_equals_share_a_place() -> None:
    assert order([candidate("a", None, 5), candidate("b", None, 5), candidate("c", None, 4)]).places == {
        "a": 1, "b": 1, "c": 3,
    }  # fmt: skip


def test_nothing_known_is_no_order() -> None:
    found = order([candidate("a"), candidate("b")])
    assert (found.keys, found.places, found.by) == (("a", "b"), {}, "")


some = st.one_of(st.none(), st.integers(-3, 3).map(Decimal))
contenders = st.lists(st.tuples(some, st.one_of(st.none(), st.integers(0, 3).map(Decimal))), max_size=6)


@given(contenders)
def test_everybody_is_in_the_order_once_and_the_ranked_stand_first(
    rows: list[tuple[Decimal | None, Decimal | None]],
) -> None:
    found = order([Contender(place, *row) for place, row in enumerate(rows)])
    assert sorted(found.keys) == list(range(len(rows)))  # type: ignore[type-var]
    assert set(found.keys[: len(found.places)]) == set(found.places)
    numbers = [found.places[key] for key in found.keys[: len(found.places)]]
    assert numbers == sorted(numbers) and (not numbers or numbers[0] == 1)
