"""Keys are changed while everything runs; a lost one costs the sources that it sealed, no more (F61)."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.test import Client

from metrics import connecting, rotating, sourcing, trying
from metrics.models import AuditRow, Source, Trial
from northstar.lib import keys, vault
from teams.channels import sealing, sending
from teams.models import Channel, User
from tests.chats import make_chat, message
from tests.metrics.test_sourcing import MARKER, SETTINGS, wanted
from tests.services.receivers import Receivers

OLD, NEW = vault.new_key(), vault.new_key()


@pytest.fixture
def sources(maren: User, settings: Any) -> list[Source]:
    """Five sources whose passwords the old key sealed."""
    settings.DATA_KEYS = [OLD]
    made = [wanted(name=f"W{number}", secrets={"password": f"{MARKER}{number}"}) for number in range(5)]
    return [sourcing.create("postgresql", one, actor=maren) for one in made]


def rotate(**options: Any) -> str:
    said = io.StringIO()
    call_command("rotate_keys", stdout=said, **options)
    return said.getvalue()


def opened() -> list[str]:
    return [connecting.open_secrets(source)["password"] for source in Source.objects.order_by("pk")]


def test_everything_is_sealed_anew_and_the_old_key_may_go(sources: list[Source], settings: Any) -> None:
    settings.DATA_KEYS = [NEW, OLD]
    said = rotate()
    assert "5 secrets were sealed anew, 0 were already under the first key." in said
    assert "The other 1 of DATA_KEYS may go" in said
    settings.DATA_KEYS = [NEW]
    assert opened() == [f"{MARKER}{number}" for number in range(5)]
    assert AuditRow.objects.filter(action="source.resealed").count() == 5
    assert "0 secrets were sealed anew, 5 were" in rotate()


def test_who_was_stopped_goes_on_where_it_was(sources: list[Source], settings: Any) -> None:
    settings.DATA_KEYS = [NEW, OLD]

    def stop(found: rotating.Found) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        rotating.rotate(batch=2, after_batch=stop)
    assert (rotating.look().resealed, rotating.look().current) == (3, 2)
    found = rotating.rotate(batch=2)
    assert (found.resealed, found.current) == (3, 2)


def test_nobody_notices_while_it_goes_on(sources: list[Source], maren: User, settings: Any) -> None:
    """A form opened before and a test under way work on, with both keys in either order."""
    stored = sources[0]
    trial = trying.begin(
        kind="postgresql", settings_typed=SETTINGS, secrets={"password": MARKER}, actor=maren
    )
    settings.DATA_KEYS = [OLD, NEW]
    assert opened()[0] == f"{MARKER}0"
    settings.DATA_KEYS = [NEW, OLD]
    rotate()
    sourcing.update(stored, wanted(name="Shop"), version=1, actor=maren)
    settings.DATA_KEYS = [NEW]
    assert opened()[0] == f"{MARKER}0"
    trial.refresh_from_db()
    assert MARKER in vault.open_sealed(trial.sealed, place=trial.secret_place())


def test_every_place_of_a_secret_is_known_to_the_rotation() -> None:
    places = {model for model in apps.get_models() if hasattr(model, "secret_place")}
    assert places == {Source, Trial, Channel}
    assert set(rotating.keepers()) == {Source, Channel}


def test_chats_are_sealed_anew_with_the_sources(
    sources: list[Source], receivers: Receivers, idris: User, settings: Any
) -> None:
    chats = [make_chat(receivers, kind, owner=idris) for kind in ("slack", "webhook")]
    settings.DATA_KEYS = [NEW, OLD]
    assert "8 secrets were sealed anew" in rotate()
    settings.DATA_KEYS = [NEW]
    for chat in chats:
        chat.refresh_from_db()
        assert sealing.open_secrets(chat) == receivers.secrets(chat.kind)
        sending.send(chat, message())
    assert AuditRow.objects.filter(action="channel.resealed").count() == 2


def test_a_lost_key_costs_the_sources_it_sealed(
    sources: list[Source], maren: User, settings: Any, client: Client
) -> None:
    settings.DATA_KEYS = [NEW]
    sourcing.create("postgresql", wanted(name="Alive", secrets={"password": MARKER}), actor=maren)
    with pytest.raises(
        CommandError, match="No key opens secrets of: W0, W1, W2, W3, W4. Add the key"
    ) as caught:
        rotate()
    assert MARKER not in str(caught.value)
    assert connecting.open_secrets(Source.objects.get(name="Alive")) == {"password": MARKER}
    with pytest.raises(
        connecting.ConnectorError, match="The stored password cannot be opened .* Type it again."
    ):
        connecting.connector_for(sources[0])
    client.force_login(maren, backend="django.contrib.auth.backends.ModelBackend")
    for path in ("/", "/sources/", f"/sources/{sources[0].slug}/", f"/sources/{sources[0].slug}/edit/"):
        assert client.get(path, follow=True).status_code == 200
    sourcing.update(sources[0], wanted(secrets={"password": "new"}), version=1, actor=maren)
    assert connecting.open_secrets(sources[0]) == {"password": "new"}


def test_the_keys_of_a_data_folder_are_changed_by_two_commands(
    sources: list[Source], settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DATA_KEYS")
    settings.DATA_DIR = tmp_path
    (tmp_path / "keys.json").write_text(json.dumps({"secret_key": "s", "data_keys": [OLD]}))
    assert "keys.json holds 2 keys now. Restart Northstar" in rotate(new_key=True)
    settings.DATA_KEYS = keys.load(tmp_path).data_keys
    assert settings.DATA_KEYS[1] == OLD
    assert "1 older keys were taken out" in rotate(drop_old=True)
    settings.DATA_KEYS = keys.load(tmp_path).data_keys
    assert len(settings.DATA_KEYS) == 1
    assert (tmp_path / "keys.json").stat().st_mode & 0o777 == 0o600
    assert len(opened()) == 5


def test_keys_of_the_environment_are_changed_there(
    sources: list[Source], monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(CommandError, match="DATA_KEYS comes from the environment here: change it there"):
        rotate(new_key=True)
