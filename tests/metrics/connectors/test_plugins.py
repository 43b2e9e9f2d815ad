"""Kinds that other packages add: found, judged, and never in the way of the others."""

from __future__ import annotations

import os

import pytest

from metrics.connectors import plugins, registry
from tests.metrics.connectors.plugin_packages import Install, install

__all__ = ["install"]


def test_a_package_adds_a_kind_after_those_of_the_product(install: Install) -> None:
    install("shop-ours", {"ours": "Ours"})
    assert registry.kinds()[-1] == "ours"
    found = registry.connector_class("ours")
    assert (found.label, found.missing_driver(), found.__name__) == ("Ours", "", "Ours")
    assert plugins.problems() == ()


def test_a_kind_is_not_loaded_for_another_ones_sake(install: Install) -> None:
    install("loud", {"loud": "X"}, "raise RuntimeError('was loaded')")
    install("shop-ours", {"ours": "Ours"})
    assert registry.connector_class("ours").label == "Ours"
    assert plugins._tried.cache_info().currsize == 1


@pytest.mark.parametrize(
    "code, sentence",
    [
        ("import no_such_library", "ModuleNotFoundError: No module named 'no_such_library'"),
        ("raise SystemExit('bye')", "SystemExit: bye"),
        ("def (", "SyntaxError"),
        ("class Ours(Connector):\n    x = 1 / 0", "ZeroDivisionError: division by zero"),
        ("Ours = 5", "what it names is not a Connector class"),
        ("del Ours", "AttributeError: module"),
        ("Ours.kind = 'other'", "the class says kind = 'other' instead of 'ours'"),
        ("Ours.label = ''", "the class does not say its label"),
        ("del Ours.initials", "the class does not say its initials"),
        ("Ours.group = 'Best'", "group is 'Best', which is none of: Databases"),
        ("Ours.docs = '../secrets'", "docs has to name a page or a heading of docs/"),
        ("Ours.restate_days = 0", "restate_days has to be a whole number from 1 to 400"),
        ("Ours.settings_fields = None", "settings_fields has to be a tuple of Field"),
        ("Ours.settings_fields = (Field('a', 'A'), Field('a', 'B'))", "has two fields called a"),
        ("Ours.settings_fields = (Field('a-b', 'A'),)", "a field with the name 'a-b'"),
        ("Ours.settings_fields = (Field('a', 'A', 'colour'),)", "'a' is of the unknown kind 'colour'"),
        ("Ours.settings_fields = (Field('a', 'A', 'password'),)", "'a' is a password and has to be secret"),
        ("Ours.query_fields = (Field('a', 'A', 'password', secret=True),)", "a secret in a metric"),
        ("Ours.query_fields = (Field('a', 'A', 'choice', choices=('x',)),)", "not pairs of texts"),
        ("Ours.query_fields = (Field('a', 'A', help=5),)", "a help or a when that is not text"),
        ("Ours.needs_setting = 5", "the class does not say its needs_setting"),
        ("Ours.suggestions = (5,)", "suggestions has to be a tuple of Suggestion"),
        ("from metrics.connectors.base import Suggestion\n"
         "Ours.suggestions = (Suggestion('k', 'N', 'D.', 'level', 'week', {}),)", "'k' is no metric"),
        ("class Ours(Ours):\n    pass\nfrom abc import abstractmethod\n"
         "class Ours(Ours):\n    @abstractmethod\n    def fetch(self, ask): ...", "does not define fetch"),
    ],
)  # fmt: skip
def test_a_broken_plugin_is_told_of_and_stops_nothing(install: Install, code: str, sentence: str) -> None:
    install("broken", {"ours": "Ours"}, code)
    install("shop-fine", {"fine": "Fine"}, "class Fine(Ours):\n    kind = 'fine'")
    assert registry.kinds() == (*registry.own_kinds(), "fine")
    (problem,) = plugins.problems()
    assert problem.startswith("Plug-in ours (package broken) could not be loaded: ")
    assert sentence in problem
    assert registry.connector_class("ours").missing_driver() == problem


def test_the_products_own_kinds_are_never_replaced(install: Install) -> None:
    install("sly", {"postgresql": "Ours"}, "raise RuntimeError('was loaded')")
    assert registry.connector_class("postgresql").label == "PostgreSQL"
    assert plugins.problems() == (
        "Plug-in postgresql (package sly) could not be loaded: there is a kind 'postgresql' already, and "
        "none is replaced. Its author has to choose another name.",
    )


def test_of_two_packages_for_one_kind_neither_is_taken(install: Install) -> None:
    """A secret typed for the one must not go to the other."""
    install("shop-ours", {"ours": "Ours"})
    install("shop-theirs", {"ours": "Ours"})
    assert "ours" not in registry.kinds()
    (problem,) = plugins.problems()
    assert "2 packages offer it: shop-" in problem and problem.endswith("Keep one of them.")


@pytest.mark.parametrize("name", ["Weather", "we ather", "9lives", "x" * 31, "émoi", "a"])
def test_a_malformed_name_is_refused(install: Install, name: str) -> None:
    install("odd", {name: "Ours"})
    (problem,) = plugins.problems()
    assert "is not well-formed: 2 to 30 lower-case letters" in problem


def test_what_is_installed_and_cannot_be_read_is_no_plugin(
    install: Install, monkeypatch: pytest.MonkeyPatch
) -> None:
    def torn(**selected: str) -> None:
        raise UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid")

    plugins.forget()
    monkeypatch.setattr(plugins.metadata, "entry_points", torn)
    assert registry.kinds() == registry.own_kinds()


def test_the_workers_time_limit_while_loading_is_not_the_plugins_fault(install: Install) -> None:
    from celery.exceptions import SoftTimeLimitExceeded

    late = "import os\nfrom celery.exceptions import SoftTimeLimitExceeded as S\n"
    install("slow", {"ours": "Ours"}, f"{late}if os.environ.pop('SLOW_ONCE', ''):\n    raise S()")
    os.environ["SLOW_ONCE"] = "1"
    with pytest.raises(SoftTimeLimitExceeded):
        registry.connector_class("ours")
    assert registry.connector_class("ours").label == "Ours"
