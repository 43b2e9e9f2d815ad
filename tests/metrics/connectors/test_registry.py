from __future__ import annotations

import pytest

from metrics.connectors import registry
from metrics.connectors.base import CODES, Connector, ConnectorError

FIELD_KINDS = {"text", "integer", "password", "choice", "sql", "textarea", "flag"}


@pytest.mark.parametrize("kind", registry.kinds())
def test_every_kind_keeps_the_contract(kind: str) -> None:
    found = registry.connector_class(kind)
    assert issubclass(found, Connector)
    assert found.kind == kind
    assert found.label and found.description.endswith(".") and 1 <= len(found.initials) <= 2
    assert found.restate_days >= 1
    for field in (*found.settings_fields, *found.query_fields):
        assert field.kind in FIELD_KINDS
        # A key file is a secret of many lines.
        assert field.secret == (field.kind == "password") or (field.secret and field.kind == "textarea")
        assert bool(field.choices) == (field.kind == "choice")


def test_an_unknown_kind_stands_there_and_says_which_are_known() -> None:
    found = registry.connector_class("oracle")
    assert (found.kind, found.label) == ("oracle", "oracle")
    assert "'oracle'" in found.missing_driver() and "postgresql" in found.missing_driver()
    for refused in (found.clean_settings, found.clean_query, found.clean_secrets):
        with pytest.raises(ConnectorError) as error:
            refused({})
        assert (error.value.code, error.value.message) == ("config", found.missing_driver())


def test_the_codes_are_those_the_pages_know() -> None:
    assert {"auth", "config", "egress_denied", "role", "too_large", "unexpected"} <= CODES
