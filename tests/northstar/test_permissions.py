"""Every address × everybody × GET and POST: who may is written here by hand, not taken from the policy.

A new route joins by itself. It fails here until it names an action, its action has a row in
tests/northstar/expected.py, and tests/northstar/world.py knows an object for its arguments.
"""

from __future__ import annotations

import contextlib
import copy
import logging
import os
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

import pytest
from django.db import connection, transaction
from django.test import Client, override_settings

from northstar.lib import policy
from tests.northstar import brindlewick
from tests.northstar.expected import ADMINS, EXPECTED, EXPECTED_AT, FOREIGN, SUBJECTS
from tests.northstar.world import NAME, Route, World, as_somebody, everybody_and_everything, routes

ROUTES = routes()
OWN = [route for route in ROUTES if route.name not in FOREIGN]
READING = ("SELECT", "SAVEPOINT", "RELEASE SAVEPOINT", "ROLLBACK TO")
WRITING = ("PUT", "PATCH", "DELETE")


def action_of(route: Route) -> str | None:
    """The action that the view itself names."""
    view = getattr(route.callback, "view_class", None) or getattr(route.callback, "cls", None)
    found: str | None = getattr(route.callback, "policy_action", None) or getattr(view, "policy_action", None)
    return found


def allowed(route: Route, method: str) -> set[str]:
    """Who may, by the tables above."""
    if (route.name, method) in EXPECTED_AT:
        return EXPECTED_AT[route.name, method]
    return FOREIGN[route.name] if route.name in FOREIGN else EXPECTED[str(action_of(route))]


@pytest.fixture(autouse=True)
def _silent(caplog: pytest.LogCaptureFixture) -> None:
    """Thousands of refusals are what is wanted here; nobody reads a line for each."""
    caplog.set_level(logging.CRITICAL, logger="django.request")
    caplog.set_level(logging.CRITICAL, logger="django.security")


@pytest.fixture(scope="module")
def made(django_db_setup: None, django_db_blocker: Any) -> Iterator[tuple[dict[str, Any], World]]:
    """The people and the objects, made once: what a test does to them is undone by its own transaction."""
    cheap = override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"])
    with django_db_blocker.unblock(), cheap, brindlewick.undone():
        yield everybody_and_everything()


@pytest.fixture(scope="module")
def browsers(made: tuple[dict[str, Any], World], django_db_blocker: Any) -> dict[str, tuple[Client, Any]]:
    """Each one's client and what it carried when it had just signed in."""
    with django_db_blocker.unblock():
        clients = {name: as_somebody(made[0][name]) for name in SUBJECTS}
    return {name: (client, copy.deepcopy(client.cookies)) for name, client in clients.items()}


@pytest.fixture
def world(made: tuple[dict[str, Any], World], db: None) -> World:
    return made[1]


@pytest.fixture
def cast(made: tuple[dict[str, Any], World], db: None) -> dict[str, Any]:
    return made[0]


@pytest.fixture
def clients(browsers: dict[str, tuple[Client, Any]], db: None) -> dict[str, Client]:
    """Everybody's client, as it was after signing in: the last test may have signed it out."""
    for client, cookies in browsers.values():
        client.cookies = copy.deepcopy(cookies)
    return {name: client for name, (client, _) in browsers.items()}


@contextlib.contextmanager
def writes() -> Iterator[list[str]]:
    """The statements inside that may change a row: a refusal has none."""
    found: list[str] = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if not sql.lstrip(" (\n").upper().startswith(READING):
            found.append(sql[:200])
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        yield found


def attempt(client: Client, method: str, path: str, **headers: Any) -> Any:
    """The answer; whatever it changed is taken back."""
    with transaction.atomic():
        answer = client.generic(method, path, **headers)
        transaction.set_rollback(True)
    return answer


def refused(answer: Any, who: str) -> bool:
    """Whether the answer is a refusal, of the kind that befits whoever asked."""
    if answer.status_code == 302:
        return who in ("anonymous", "bruno") and answer["Location"].startswith("/accounts/login/")
    return answer.status_code in (401, 403, 404, 405)


def test_every_route_has_a_name_and_an_action() -> None:
    nameless = [route.pattern for route in ROUTES if not route.name]
    without = [route.name for route in OWN if action_of(route) is None]
    unknown = [route.name for route in OWN if action_of(route) not in policy.ACTIONS]
    assert not (nameless or without or unknown), (nameless, without, unknown)


def test_foreign_routes_are_those_of_the_policy_and_all_exist() -> None:
    assert set(FOREIGN) == set(policy.FOREIGN_ROUTES)
    assert set(FOREIGN) <= {route.name for route in ROUTES}
    assert set(policy.FOREIGN_ROUTES.values()) <= {"public", "account.own"}


def test_every_action_has_a_row_of_expectations_and_the_other_way_round() -> None:
    assert set(EXPECTED) == set(policy.ACTIONS)


def test_names_of_routes_are_unique() -> None:
    names = [route.name for route in ROUTES]
    assert len(names) == len(set(names))


# Who may is decided before any database is asked; test_every_page.py reads every page on both.
@pytest.mark.one_database
@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.name)
def test_everybody_gets_what_the_table_says(route: Route, world: World, clients: dict[str, Client]) -> None:
    path, wrong = world.path(route), []
    for who, client in clients.items():
        for method in ("GET", "POST"):
            client.cookies.pop("messages", None)
            may = who in allowed(route, method)
            if not may and method == "POST":
                with writes() as written:
                    answer = client.post(path)
                wrong += [f"{who} {method}: refused, but it wrote: {sql}" for sql in written]
            else:
                answer = attempt(client, method, path)
            if answer.status_code >= 500:
                wrong.append(f"{who} {method}: {answer.status_code}")
            elif may and _is_refusal_of_allowed(answer, route, method):
                wrong.append(
                    f"{who} {method}: may, but got {answer.status_code} {answer.headers.get('Location', '')}"
                )
            elif not may and not refused(answer, who):
                wrong.append(f"{who} {method}: may not, but got {answer.status_code}")
            elif not may and NAME.lower() in _text(answer):
                wrong.append(f"{who} {method}: the refusal tells of the object")
    assert not wrong, f"{route.name} {path}\n" + "\n".join(wrong)


@pytest.mark.one_database
@pytest.mark.parametrize("route", OWN, ids=lambda route: route.name)
def test_no_trick_with_the_path_or_the_method_opens_a_door(
    route: Route, world: World, clients: dict[str, Client]
) -> None:
    path, wrong = world.path(route), []
    # Each trick meets every fourth route, all of them with LONG=1; every method meets every route.
    turn = slice(None) if os.environ.get("LONG") else slice(OWN.index(route) % 4, None, 4)
    for who in ("anonymous", "vera"):
        if who in allowed(route, "GET"):
            continue
        for method, trick, headers in [*_methods(path), *_tricks(path)[turn]]:
            with writes() as written:
                answer = clients[who].generic(method, trick, **_raw(trick), **headers)
            wrong += [f"{who} {method} {trick}: it wrote: {sql}" for sql in written]
            if answer.status_code < 300 or answer.status_code >= 500 or NAME.lower() in _text(answer):
                wrong.append(f"{who} {method} {trick} {headers}: {answer.status_code}")
            if answer.status_code in (301, 302) and "//" in answer["Location"].split("?")[0]:
                wrong.append(f"{who} {method} {trick}: leads to {answer['Location']}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("name", ["metric-values", "metric-import", "metric-edit"])
def test_a_pulled_metric_is_for_admins(name: str, world: World, clients: dict[str, Client]) -> None:
    path = world.path(next(route for route in ROUTES if route.name == name))
    path = path.replace(world.metric.slug, world.pulled.slug)
    got = {who: attempt(client, "GET", path).status_code for who, client in clients.items()}
    assert {who for who, status in got.items() if status == 200} == ADMINS, got


def test_a_member_of_the_team_loses_its_rights_with_the_membership(
    world: World, cast: dict[str, Any], clients: dict[str, Client]
) -> None:
    path = f"/teams/{world.team.slug}/edit/"
    assert clients["idris"].get(path).status_code == 200
    cast["idris"].memberships.all().delete()
    assert clients["idris"].get(path).status_code == 403


def test_an_object_that_does_not_exist_answers_like_one_that_is_hidden(
    world: World, clients: dict[str, Client]
) -> None:
    for path in ("/settings/people/987654/", "/sources/there-is-none/"):
        assert clients["vera"].get(path).status_code == 403
        assert clients["maren"].get(path).status_code == 404


@pytest.mark.parametrize("way", ["pages", "expired", "revoked", "other metric", "garbage"])
def test_a_key_for_pushing_opens_only_its_own_metrics(
    world: World, clients: dict[str, Client], way: str
) -> None:
    from northstar.lib import clock

    headers = {"HTTP_AUTHORIZATION": f"Bearer {world.key_text}"}
    slug = "sent"
    if way == "expired":
        type(world.key).objects.update(expires_at=clock.now())
    if way == "revoked":
        type(world.key).objects.update(revoked_at=clock.now())
    if way == "other metric":
        slug = world.metric.slug
    if way == "garbage":
        headers = {"HTTP_AUTHORIZATION": f"Bearer {world.key_text}x"}
    paths = (
        ["/sources/", "/settings/people/", "/"]
        if way == "pages"
        else [f"/api/v1/metrics/{slug}/observations/"]
    )
    for path in paths:
        with writes() as written:
            answer = clients["anonymous"].post(path, b'{"observations": []}', "application/json", **headers)
        assert answer.status_code in (302, 401, 403, 404), (way, path)
        assert all("metrics_pushtoken" in sql for sql in written), written


def test_the_matrix_is_as_large_as_the_product() -> None:
    assert len(ROUTES) * len(SUBJECTS) * 2 >= 1000


def _methods(path: str) -> list[tuple[str, str, dict[str, str]]]:
    """(method, path, headers) of every method but those that the table is about."""
    return [(method, path, {}) for method in ("HEAD", "OPTIONS", "TRACE", *WRITING)]


def _tricks(path: str) -> list[tuple[str, str, dict[str, str]]]:
    """(method, path, headers) that have opened doors elsewhere."""
    bare = path.rstrip("/")
    odd = [f"/{path}", f"//{path}", bare, f"{path}/", f"{path}//", f"{path}%2f", f"{path}.", f"{path}..;/"]
    odd += [
        f"{bare};x/",
        f"{bare}.json",
        f"{path}?format=json",
        f"/.{path}",
        f"/x/..{path}",
        f"/x/%2e%2e{path}",
    ]
    odd += [
        path.replace("/", "%2f")[3:],
        path.upper(),
        f"{path}%00",
        f"{path}%20",
        f"{path}#x",
        f"/static/..{path}",
    ]
    tried: list[tuple[str, str, dict[str, str]]] = [("GET", trick, {}) for trick in odd]
    tried += [("GET", path, {"HTTP_X_HTTP_METHOD_OVERRIDE": method}) for method in ("POST", "DELETE")]
    tried += [("POST", f"{path}?_method=GET", {}), ("GET", path, {"HTTP_X_REQUESTED_WITH": "XMLHttpRequest"})]
    tried += [
        ("GET", path, {"HTTP_HX_REQUEST": "true"}),
        ("GET", path, {"HTTP_X_FORWARDED_FOR": "127.0.0.1"}),
    ]
    tried += [("GET", path, {"HTTP_X_REMOTE_USER": "maren@example.com", "REMOTE_USER": "maren@example.com"})]
    return tried


def _raw(path: str) -> dict[str, str]:
    """The path as a server hands it over; the test client would read //host/ as an address."""
    return {} if "?" in path else {"PATH_INFO": unquote(path)}


def _is_refusal_of_allowed(answer: Any, route: Route, method: str) -> bool:
    """Whether somebody who may was turned away. A wrong form (422) or another method (405) is no refusal."""
    if answer.status_code == 302:
        return bool(answer["Location"].startswith("/accounts/login/?next")) and route.name != "account_logout"
    return answer.status_code in (401, 403, 404)


def _text(answer: Any) -> str:
    if answer.streaming:
        return b"".join(answer.streaming_content).decode(errors="replace").lower()
    return str(answer.content.decode(errors="replace")).lower()
