from __future__ import annotations

from typing import Any, ClassVar

import pytest

from metrics.connectors.base import Answer, Ask, Connector, ConnectorError, Field
from metrics.connectors.cleaning import clean


class _Example(Connector):
    kind: ClassVar[str] = "example"
    settings_fields: ClassVar[tuple[Field, ...]] = (
        Field("host", "Host", identity=True),
        Field("port", "Port", "integer", default=5432, low=1, high=65535),
        Field("mode", "Mode", "choice", default="a", choices=(("a", "A"), ("b", "B"))),
        Field("note", "Note", required=False),
        Field("bold", "Bold", "flag", required=False),
        Field("password", "Password", "password", secret=True),
    )
    query_fields: ClassVar[tuple[Field, ...]] = (Field("sql", "Query", "sql"),)

    def check(self) -> tuple[str, ...]:
        return ()

    def fetch(self, ask: Ask) -> Answer:
        return Answer(())


def test_settings_are_typed_with_defaults_and_without_secrets() -> None:
    cleaned = _Example.clean_settings({"host": " db ", "port": "5433", "bold": "on", "password": "s"})
    assert cleaned == {"host": "db", "port": 5433, "mode": "a", "note": "", "bold": True}


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({}, "Host is required."),
        ({"host": "db", "port": "0"}, "Port has to lie between 1 and 65535."),
        ({"host": "db", "port": "54.3"}, "Port has to be a whole number, such as 5432."),
        ({"host": "db", "port": True}, "Port has to be a whole number, such as 5432."),
        ({"host": "db", "port": "٣"}, "Port has to be a whole number, such as 5432."),
        ({"host": "db", "mode": "c"}, "Mode has to be one of: a, b."),
        ({"host": "db", "bold": "maybe"}, "Bold has to be yes or no."),
        ({"host": 5}, "Host has to be text."),
        ({"host": "d" * 256}, "Host is too long: at most 255 characters."),
        ({"host": "a\nb"}, "Host holds a line break or control character: remove it."),
        ({"host": "a\x00b"}, "Host holds a line break or control character: remove it."),
        ({"host": "db", "dsn": "x"}, "There is no setting called 'dsn'."),
    ],
)
def test_a_wrong_setting_is_named_in_a_sentence(values: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ConnectorError) as refused:
        _Example.clean_settings(values)
    assert (refused.value.code, refused.value.message, refused.value.permanent) == ("config", sentence, True)


def test_a_query_keeps_its_lines_but_no_null_character() -> None:
    assert _Example.clean_query({"sql": "select 1\n  -- ä\n"}) == {"sql": "select 1\n  -- ä"}
    with pytest.raises(ConnectorError):
        _Example.clean_query({"sql": "select 1\x00"})


def test_a_secret_is_required_unless_it_is_kept() -> None:
    assert _Example.clean_secrets({"password": " p "}) == {"password": " p "}
    assert _Example.clean_secrets({"password": ""}, kept={"password"}) == {}
    with pytest.raises(ConnectorError) as refused:
        _Example.clean_secrets({})
    assert refused.value.field == "password"


def test_another_host_asks_for_the_secret_again() -> None:
    assert _Example.identity_changed({"host": "a", "note": "x"}, {"host": "b", "note": "x"})
    assert not _Example.identity_changed({"host": "a", "note": "x"}, {"host": "a", "note": "y"})


def test_a_connector_never_shows_its_secret() -> None:
    assert "hush" not in repr(_Example({"host": "db"}, {"password": "hush"}, egress=None))  # type: ignore[arg-type]


def test_an_error_has_one_of_the_known_codes() -> None:
    with pytest.raises(ValueError, match="unknown connector error code"):
        ConnectorError("oops", "x")


def test_what_depends_on_a_choice_left_empty_follows_its_default() -> None:
    choice = Field("how", "How", "choice", default="a", choices=(("a", "A"), ("b", "B")))
    fields = (choice, Field("only_b", "Only b", when=("how", "b")))
    assert clean(fields, {}) == {"how": "a", "only_b": ""}
    with pytest.raises(ConnectorError):
        clean(fields, {"how": "b"})
