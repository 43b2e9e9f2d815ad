"""A marker in every secret of every kind is found nowhere: pages, rows, logs, errors, messages (S22)."""

from __future__ import annotations

import base64
import logging
import re
import socket
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.core import serializers
from django.test import Client
from django.views.debug import ExceptionReporter

from metrics import connecting, pulling, sourcing, trying
from metrics.connectors.http.exchange import Exchange
from metrics.connectors.registry import connector_class, kinds
from metrics.models import Metric, Source, Trial
from northstar.lib import clock as our_clock
from teams.models import User
from tests.hostile.addressing import query_of, sampled, typed
from tests.hostile.echoing import Echo
from tests.hostile.targets import NameServer, Target

PUBLIC = Target("", "public.example", answers=(("8.8.8.8",),))
KINDS = sampled(kind for kind in kinds() if connector_class(kind).secret_names())
#: The others are heard to send their secrets: what was never sent could not come back.
SENDS_NO_SECRET = {
    *("postgresql", "redshift", "mysql", "sqlserver"),  # speak no HTTP
    *("google_analytics", "google_sheets", "bigquery", "snowflake"),  # sign with a key, which stays here
}
#: What is looked for is the middle; around it stand signs that addresses, JSON and pages write differently.
CORE = "Mk81qZr7Xw"
MARKER = f"a+b/%{CORE}\"'&<="
FORM = {"name": "Warehouse", "owner": "", "version": "1", "repeat": "daily", "at": "06:00"}


def forms(core: str) -> set[str]:
    """The middle as text and, wherever it may begin in a group of three bytes, in base64."""
    found = {core.lower()}
    for before in range(3):
        packed = base64.b64encode(b"x" * before + core.encode() + b"x" * 3).decode()
        found.add(packed[4 if before else 0 : (before + len(core)) * 8 // 6].lower())
    return found


@dataclass
class Traces:
    """Everything that was said, by where; `leaks` are the places that hold the marker."""

    said: list[tuple[str, str]] = field(default_factory=list)

    def add(self, where: str, text: object) -> None:
        self.said.append((where, str(text)))

    def rows(self, when: str) -> None:
        """The whole database, as a backup without keys holds it."""
        for model in apps.get_models():
            if model._meta.managed:
                rows = serializers.serialize("json", model.objects.all())
                self.add(f"table {model._meta.label} {when}", rows)

    def leaks(self) -> list[tuple[str, str]]:
        return [
            (where, text[max(0, place - 60) : place + 40])
            for where, text in self.said
            for form in forms(CORE)
            if (place := text.lower().find(form)) >= 0
        ]


@pytest.fixture
def echo(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Echo]:
    names = NameServer()
    names.expect(PUBLIC)
    # Whoever is asked for lives at a public address; the connection is led to the echo.
    monkeypatch.setattr(names, "known", _Everybody())
    monkeypatch.setattr(socket, "getaddrinfo", names.look_up)
    monkeypatch.setattr(Exchange, "_keep_pace", lambda self, request: None)
    server = Echo(monkeypatch, tmp_path)
    yield server
    server.shutdown()
    server.server_close()


class _Everybody(dict[str, Any]):
    def get(self, name: str, default: Any = None) -> Any:
        return (("8.8.8.8",),)


@pytest.fixture
def admin(client: Client, maren: User, monkeypatch: pytest.MonkeyPatch) -> Client:
    client.force_login(maren, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def traces(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, capfd: Any) -> Iterator[Traces]:
    """What is said; at its end everything logged and printed, and every message, is looked at too."""
    found = Traces()
    monkeypatch.setattr("metrics.waking._send", lambda task, args: found.add("message", (task, args)))
    caplog.set_level(logging.DEBUG)
    yield found
    formatter = logging.Formatter("%(name)s %(message)s")
    for record in caplog.get_records("call"):
        found.add("log", formatter.format(record))
    found.add("output", capfd.readouterr())
    assert found.leaks() == []


def settings_of(kind: str, secret: str = MARKER) -> dict[str, str]:
    # A table that echoes it is cut at the signs that separate columns before anybody could know it again.
    secret = f"{CORE}{CORE}" if secret and kind == "file_url" else secret
    return FORM | {f"set_{name}": text for name, text in typed(kind, PUBLIC, secret=secret).items()}


def leads_to_marker(text: str) -> bool:
    return any(form in text.lower() for form in forms(CORE))


@pytest.fixture
def source(request: Any, admin: Client, traces: Traces, echo: Echo) -> Source:
    """A source of this kind, added by the form after a wrong try that showed the form again."""
    kind = request.param
    again = admin.post(f"/sources/new/{kind}/", settings_of(kind) | {"name": ""})
    traces.add("form again", again.text)
    added = admin.post(f"/sources/new/{kind}/", settings_of(kind))
    traces.add("added", added.text)
    assert added.status_code == 302, re.findall(r"<li>.*?</li>", added.text)
    return Source.objects.get()


@pytest.mark.one_database
@pytest.mark.parametrize("source", KINDS, indirect=True)
def test_a_marker_is_found_nowhere(source: Source, admin: Client, traces: Traces, echo: Echo) -> None:
    cls = connector_class(source.kind)
    secrets = connecting.open_secrets(source)
    assert set(secrets) == set(cls.secret_names())
    Metric.objects.create(
        name="Orders", slug="orders", source=source, kind="flow_sum", grain="week", definition="x",
        query=query_of(cls),
    )  # fmt: skip
    for status in (200, 401, 400):
        echo.status = status
        traces.add(f"trial {status}", tried(admin, source))
        pulled(source)
    traces.rows("in the end")
    for path in ("", "edit/"):
        traces.add(path, admin.get(f"/sources/{source.slug}/{path}").text)
    traces.add("list", admin.get("/sources/").text)
    assert source.kind in SENDS_NO_SECRET or any(map(leads_to_marker, echo.heard))
    moved = settings_of(source.kind, secret="")
    moved |= {"set_host": "other.example", "set_url": "https://other.example"}
    traces.add("moved", admin.post(f"/sources/{source.slug}/edit/", moved).text)
    with connecting.connector_for(source) as connector:
        traces.add("repr", [connector, source, vars(source), sourcing.Wanted("W", {}, secrets, {})])


@pytest.mark.one_database
@pytest.mark.parametrize("source", ["postgresql", "http_json", "stripe"], indirect=True)
def test_a_crash_tells_its_story_without_the_marker(
    source: Source, admin: Client, traces: Traces, monkeypatch: pytest.MonkeyPatch
) -> None:
    cls = connector_class(source.kind)

    def crash(self: Any, *_: Any) -> Any:
        secret = next(iter(self.secrets.values()))
        packed = base64.b64encode(f"user:{secret}".encode()).decode()
        raise RuntimeError(f"https://user:{secret}@db.example failed with {packed}") from ValueError(secret)

    for name in ("check", "fetch"):
        monkeypatch.setattr(cls, name, crash)
    traces.add("trial", tried(admin, source))
    pulled(source)
    traces.rows("after the crash")
    assert Source.objects.get().last_error_code == "unexpected"


@pytest.mark.parametrize("debug", [False, True])
@pytest.mark.parametrize("where", ["northstar.lib.vault.seal", "metrics.connecting.check_reach"])
@pytest.mark.parametrize("path", ["/sources/new/postgresql/", "/trials/?kind=postgresql"])
def test_a_report_of_an_error_holds_no_secret(
    admin: Client, traces: Traces, echo: Echo, settings: Any, monkeypatch: pytest.MonkeyPatch,
    path: str, where: str, debug: bool,
) -> None:  # fmt: skip
    """What Django mails to administrators, and shows where DEBUG is on, has local variables and the form."""
    settings.DEBUG = debug

    def crash(*args: Any, **more: Any) -> Any:
        raise RuntimeError("out of order")

    monkeypatch.setattr(where, crash)
    admin.raise_request_exception = False
    answer = admin.post(path, settings_of("postgresql"))
    assert answer.status_code == 500
    traces.add("page", answer.text)
    assert answer.exc_info is not None
    reporter = ExceptionReporter(answer.wsgi_request, *answer.exc_info, is_email=True)
    traces.add("mail", reporter.get_traceback_html() + reporter.get_traceback_text())
    assert "out of order" in reporter.get_traceback_text()


def tried(admin: Client, source: Source) -> str:
    """The page of a test of the stored source, after the worker did it."""
    begun = admin.post(f"/trials/?kind={source.kind}&source={source.slug}", settings_of(source.kind))
    trial = Trial.objects.latest("pk")
    trying.run(trial.pk)
    return begun.text + admin.get(f"/trials/{trial.uid}/").text


def pulled(source: Source) -> None:
    """Pull it now, whatever it failed at before."""
    Source.objects.update(paused_at=None, failures=0, lease_until=None)
    Metric.objects.update(paused_at=None, failures=0)
    pulling.request(source)
    from metrics import claiming

    for pull in claiming.claim_due(our_clock.now()):
        pulling.run(pull)
