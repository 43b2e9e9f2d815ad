from __future__ import annotations

import pytest

from metrics.connectors import registry
from metrics.connectors.base import CODES, ConnectorError


def test_an_unknown_kind_stands_there_and_says_why() -> None:
    found = registry.connector_class("oracle")
    assert (found.kind, found.label) == ("oracle", "oracle, not installed")
    assert found.missing_driver() == (
        "There is no kind of source called 'oracle'. If a plug-in added it, install that again and "
        "start Northstar again; what is stored stays."
    )
    for refused in (found.clean_settings, found.clean_query, found.clean_secrets):
        with pytest.raises(ConnectorError) as error:
            refused({})
        assert (error.value.code, error.value.message) == ("config", found.missing_driver())


def test_the_codes_are_those_the_pages_know() -> None:
    assert {"auth", "config", "egress_denied", "role", "too_large", "unexpected"} <= CODES
