"""The log never holds what opens something: every public address with a key in it is written without it."""

from __future__ import annotations

import logging
import re

import pytest

from northstar.lib import policy
from northstar.lib.redacting import Formatter
from tests.northstar.world import Route, routes

SECRET = "Zm9vYmFy.secret_of:somebody"
#: An argument of a route, as Django writes it and as a regular expression.
ARGUMENT = re.compile(r"<[^>?]+>|\(\?P<\w+>[^)]*\)")


def _is_public(route: Route) -> bool:
    action = getattr(route.callback, "policy_action", None) or policy.FOREIGN_ROUTES.get(route.name)
    return action == "public"


WITH_A_KEY = {route.name: route.pattern for route in routes() if route.arguments and _is_public(route)}


def test_the_addresses_in_mails_and_chats_are_among_them() -> None:
    assert WITH_A_KEY.keys() >= {
        "alert-quiet",
        "unsubscribe",
        "check-in-link",
        "calendar-feed",
        "shared-page",
    }


@pytest.mark.parametrize("name", WITH_A_KEY)
def test_the_key_of_a_public_address_does_not_reach_the_log(name: str) -> None:
    path = "/" + ARGUMENT.sub(SECRET, WITH_A_KEY[name]).replace("^", "").replace("$", "")
    assert SECRET in path
    record = logging.LogRecord("web", logging.INFO, "", 0, 'GET "%s" 404', (path,), None)
    assert SECRET not in Formatter("%(message)s").format(record)
