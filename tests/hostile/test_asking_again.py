"""Whatever decides where a secret goes asks for it again when it changes: every kind, every way (S21)."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml
from django.test import Client

from metrics import source_files, sourcing, trying
from metrics.connectors.base import Field
from metrics.connectors.registry import connector_class, kinds
from metrics.models import Source, Trial
from metrics.sourcing import Wanted
from teams.models import User
from tests.hostile.addressing import LEADS, is_further_preset, split, typed
from tests.hostile.conftest import Ambush
from tests.hostile.targets import Target

PUBLIC = Target("", "public.example", answers=(("8.8.8.8",),))
#: As whom a secret signs in.
WHOM = re.compile(r"^(user|username|login|email|client_id|token_url|account)$")
#: Names that sound like a place and are none: what is counted there, not who is asked.
INNOCENT = {("matomo", "site"), ("plausible", "site")}
KINDS = [kind for kind in kinds() if connector_class(kind).secret_names()]
#: The short form leaves out presets that sign in like another one, and of other kinds all settings but
#: one: of the first kind its first, of the next its second.
PAIRS = [
    pytest.param(kind, name, marks=[pytest.mark.long] * further)
    for turn, kind in enumerate(KINDS)
    for names in [[field.name for field in connector_class(kind).settings_fields if field.identity]]
    for place, name in enumerate(names)
    for further in [place != turn % len(names) or is_further_preset(kind)]
]  # fmt: skip
OTHERS = {
    "url": "https://other.example", "address": "https://other.example", "host": "other.example",
    "sheet_link": "2nRrw4MxADcU1n1example1111111111", "token_url": "https://other.example/token",
}  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_every_setting_that_decides_where_a_secret_goes_is_known_as_such(kind: str) -> None:
    unmarked = [
        field.name
        for field in connector_class(kind).settings_fields
        if not (field.secret or field.identity or (kind, field.name) in INNOCENT)
        and (LEADS.search(field.name) or WHOM.search(field.name))
    ]
    assert unmarked == []


@pytest.fixture
def admin(client: Client, maren: User, monkeypatch: pytest.MonkeyPatch) -> Client:
    monkeypatch.setattr("metrics.waking._send", lambda task, args: None)
    client.force_login(maren, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.mark.one_database
@pytest.mark.parametrize(("kind", "name"), PAIRS)
def test_a_change_of_it_asks_for_the_secrets_again(
    ambush: Ambush, admin: Client, maren: User, kind: str, name: str
) -> None:
    ambush.lay(PUBLIC)
    ambush.names.known |= {"other.example": (("8.8.4.4",),)}
    cls = connector_class(kind)
    values = typed(kind, PUBLIC)
    settings, secrets = split(cls, values)
    settings = cls.clean_settings(settings)
    stored = sourcing.create(kind, Wanted("Warehouse", settings, secrets, {}), actor=maren)
    changed = settings | {
        name: _other(next(f for f in cls.settings_fields if f.name == name), settings[name])
    }
    assert cls.identity_changed(settings, changed)

    form = {f"set_{key}": str(value) for key, value in changed.items() if value not in (None, False)}
    form |= {"name": "Warehouse", "owner": "", "version": "1", "repeat": "daily", "at": "06:00"}
    answer = admin.post(f"/sources/{stored.slug}/edit/", form)
    assert answer.status_code == 422
    trial = trying.begin(
        kind=kind, settings_typed=changed, secrets={}, actor=maren, source=stored, kept=list(secrets)
    )
    trying.run(trial.pk)
    assert "Type it again" in Trial.objects.get().error_message
    entry = {"id": stored.slug, "kind": kind, "name": "Warehouse", "settings": changed}
    with pytest.raises(source_files.SourceFileError):
        source_files.apply(yaml.safe_dump({"format": 1, "sources": [entry]}))
    assert Source.objects.get().settings == settings

    sourcing.update(stored, Wanted("Warehouse", changed, {}, {}), version=1, actor=maren)
    assert Source.objects.get().secrets == {}
    assert ambush.visits() == 0


def _other(field: Field, value: Any) -> Any:
    if field.kind == "choice":
        return next(key for key, _ in field.choices if key != value)
    if field.kind == "integer":
        return int(value) + 1
    return OTHERS.get(field.name, "other")
