"""JMESPath within limits: exact numbers, short expressions, no bombs."""

from __future__ import annotations

from decimal import Decimal

import pytest

from metrics.connectors.base import ConnectorError
from metrics.connectors.http import expressions
from metrics.connectors.http.decoding import json_of
from metrics.connectors.http.expressions import Expression

ANSWER = json_of(
    b'{"rows": [{"day": "a", "n": 0.1, "tags": ["x"]}, {"day": "b", "n": 0.2}, {"day": "c", "n": 3}],'
    b' "text": "12.5", "none": null}'
)


@pytest.mark.parametrize(
    "text, found",
    [
        ("sum(rows[].n)", Decimal("3.3")),
        ("avg(rows[].n)", Decimal("1.1")),
        ("max_by(rows, &n).day", "c"),
        ("sort_by(rows, &n)[0].day", "a"),
        ("rows[?n > `0.15`].day", ["b", "c"]),
        ("rows[?n == `3`].day", ["c"]),
        ("to_number(text)", Decimal("12.5")),
        ("to_string(rows[0].n)", "0.1"),
        ("length(rows)", 3),
        ("none || text", "12.5"),
        ("type(rows[0].n)", "number"),
    ],
)
def test_functions_know_exact_numbers(text: str, found: object) -> None:
    assert Expression(text, name="value").find(ANSWER) == found


@pytest.mark.parametrize(
    "text, begins",
    [
        ("a" * 1001, "The expression for value has 1001 characters; at most 1000."),
        ("(" * 400, "The expression for value, "),
        ("|".join(["[@,@][]"] * 20), "The expression for value copies its input 1048576 times."),
    ],
)
def test_what_could_be_a_bomb_is_refused_before_it_is_used(text: str, begins: str) -> None:
    with pytest.raises(ConnectorError) as refused:
        Expression(text, name="value")
    assert refused.value.code == "config" and refused.value.message.startswith(begins)


def test_what_takes_too_many_steps_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(expressions, "MAX_STEPS", 100)
    expression = Expression("[].[@,@][].[@,@][]", name="rows")
    with pytest.raises(ConnectorError) as refused:
        expression.find(list(range(1000)))
    assert refused.value.code == "too_large"
    assert refused.value.message.startswith("The expression for rows takes too many steps")


@pytest.mark.parametrize(
    "text", ["sum(rows)", "to_string(rows)", "nothing(rows)", "rows[?day > n].day", "avg(text)"]
)
def test_what_does_not_fit_the_answer_is_told(text: str) -> None:
    with pytest.raises(ConnectorError) as refused:
        Expression(text, name="value").find(ANSWER)
    assert refused.value.code == "schema"
    assert refused.value.message.startswith("The expression for value does not fit the answer: ")


@pytest.mark.parametrize(
    "text, field",
    [
        ("a.b", "a"),
        ("a[0].b", "a"),
        ("a[].b", "a"),
        ("a[?x].b", "a"),
        ("@", ""),
        ("sum(a)", ""),
        ("a || b", ""),
    ],
)
def test_the_field_that_an_expression_begins_with(text: str, field: str) -> None:
    assert Expression(text, name="value").first_field() == field
