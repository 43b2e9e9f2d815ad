"""Every way by which an address comes in: form, change, test, pull, a row written behind the form's back.

Every group of the corpus for every kind, shared out among the ways; all of it by every way in the long form
(make faults), but for presets, which are one engine.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from unittest.mock import patch

import pytest
import yaml
from django.test import Client

from metrics import pulling, source_files, sourcing, trying
from metrics.connectors.preset_kinds import presets
from metrics.connectors.registry import connector_class
from metrics.models import AuditRow, Pull, Source, Trial
from metrics.sourcing import Wanted
from northstar.lib import clock as our_clock
from teams.models import User
from tests.hostile.addressing import kinds_with_an_address, sampled, split, typed
from tests.hostile.conftest import Ambush
from tests.hostile.targets import Target, corpus, one_of_each_group

KINDS = kinds_with_an_address()
PUBLIC = Target("", "public.example", answers=(("8.8.8.8",),))
REFUSED = {"egress_denied", "config", "connection"}
SCHEDULE = {"name": "Warehouse", "owner": "", "version": "1", "repeat": "daily", "at": "06:00"}

Way = Callable[["Walk", Target], None]


class Walk:
    """One admin who tries to lead one kind of source to a target; each way ends in a refusal."""

    def __init__(self, ambush: Ambush, kind: str, admin: Client, user: User) -> None:
        self.ambush, self.kind, self.admin, self.user = ambush, kind, admin, user
        self.cls = connector_class(kind)

    def form(self, target: Target) -> dict[str, str]:
        return SCHEDULE | {f"set_{name}": text for name, text in typed(self.kind, target).items()}

    def source(self, target: Target) -> Source:
        """A stored source that leads to the target, without anybody having checked it."""
        settings, secrets = split(self.cls, typed(self.kind, target))
        return sourcing.create(self.kind, Wanted("Warehouse", settings, secrets, {}), actor=self.user)

    def create(self, target: Target) -> None:
        answer = self.admin.post(f"/sources/new/{self.kind}/", self.form(target))
        if answer.status_code == 302 and len(target.answers) > 1:
            self.pull(Source.objects.get())
            return
        assert answer.status_code == 422, target
        assert not Source.objects.exists()
        assert not AuditRow.objects.exists()

    def update(self, target: Target) -> None:
        stored = self.source(PUBLIC)
        before = Source.objects.values().get()
        answer = self.admin.post(f"/sources/{stored.slug}/edit/", self.form(target))
        if answer.status_code == 302 and len(target.answers) > 1:
            self.pull(Source.objects.get())
            return
        assert answer.status_code == 422, target
        assert Source.objects.values().get() == before

    def import_(self, target: Target) -> None:
        settings, secrets = split(self.cls, typed(self.kind, target))
        entry = {"id": "w", "kind": self.kind, "name": "Warehouse", "settings": settings}
        entry["secrets"] = {name: f"T_{name.upper()}" for name in secrets}
        given = {f"T_{name.upper()}": text for name, text in secrets.items()}
        text = yaml.safe_dump({"format": 1, "sources": [entry]})
        try:
            with patch.dict(os.environ, given):
                source_files.apply(text)
        except source_files.SourceFileError:
            assert not Source.objects.exists()
            assert not AuditRow.objects.exists()
        else:
            assert len(target.answers) > 1
            self.pull(Source.objects.get())

    def try_(self, target: Target) -> None:
        answer = self.admin.post(
            f"/trials/?kind={self.kind}", self.form(target), headers={"HX-Request": "true"}
        )
        if answer.status_code == 200 and len(target.answers) > 1:
            self.tried(Trial.objects.get())
            return
        assert answer.status_code == 422, target
        assert not Trial.objects.exists()

    def try_behind_the_form(self, target: Target) -> None:
        self.ambush.names.turn = 1
        settings, secrets = split(self.cls, typed(self.kind, target))
        self.tried(trying.begin(kind=self.kind, settings_typed=settings, secrets=secrets, actor=self.user))

    def run(self, target: Target) -> None:
        self.ambush.names.turn = 1
        self.pull(self.source(target))

    def tried(self, trial: Trial) -> None:
        self.ambush.names.turn = 1
        trying.run(trial.pk)
        trial.refresh_from_db()
        assert (trial.state, trial.error_code in REFUSED) == ("failed", True), trial.error_message

    def pull(self, source: Source) -> None:
        self.ambush.names.turn = 1
        pulling.request(source)
        for pull in pulling.claim_due(our_clock.now()):
            pulling.run(pull)
        done = Pull.objects.get(source=source)
        assert done.error_code in REFUSED, done.error_message
        source.refresh_from_db()
        assert source.last_error_message == done.error_message


WAYS: dict[str, Way] = {
    name: getattr(Walk, name)
    for name in ("create", "update", "import_", "try_", "try_behind_the_form", "run")
}


@pytest.fixture
def admin(client: Client, maren: User, monkeypatch: pytest.MonkeyPatch) -> Client:
    monkeypatch.setattr("metrics.waking._send", lambda task, args: None)
    client.force_login(maren, backend="django.contrib.auth.backends.ModelBackend")
    return client


def walk(walker: Walk, way: str, targets: list[Target]) -> None:
    for target in targets:
        walker.ambush.lay(target)
        Trial.objects.all().delete()
        Source.objects.all().delete()
        AuditRow.objects.all().delete()
        WAYS[way](walker, target)
        assert (str(target), walker.ambush.meant) == (str(target), [])
    assert walker.ambush.visits() == 0


@pytest.mark.one_database
@pytest.mark.parametrize("kind", sampled(KINDS))
@pytest.mark.parametrize("way", WAYS)
def test_no_way_leads_to_a_hostile_address(
    ambush: Ambush, admin: Client, maren: User, kind: str, way: str
) -> None:
    turn = KINDS.index(kind) + list(WAYS).index(way)
    walk(Walk(ambush, kind, admin, maren), way, one_of_each_group(turn)[turn % len(WAYS) :: len(WAYS)])


@pytest.mark.long
@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in presets()])
@pytest.mark.parametrize("way", WAYS)
def test_no_way_leads_to_any_hostile_address(
    ambush: Ambush, admin: Client, maren: User, kind: str, way: str
) -> None:
    walk(Walk(ambush, kind, admin, maren), way, list(corpus()))
