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
        assert field.secret == (field.kind == "password")
        assert bool(field.choices) == (field.kind == "choice")


def test_an_unknown_kind_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ConnectorError) as refused:
        registry.connector_class("oracle")
    assert refused.value.code == "config"
    assert "postgresql" in refused.value.message


def test_the_codes_are_those_the_pages_know() -> None:
    assert {"auth", "config", "egress_denied", "role", "too_large", "unexpected"} <= CODES
