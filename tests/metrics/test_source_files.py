"""Sources as a file: exported without secrets, applied through the same checks, all or none."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.core.management import CommandError, call_command

from metrics import connecting, source_files, sourcing
from metrics.models import AuditRow, Source
from metrics.source_files import SourceFileError
from teams.models import User
from tests.metrics.test_sourcing import MARKER, SETTINGS, wanted

PG = "format: 1\nsources: [{id: x, kind: postgresql, name: X"


@pytest.fixture
def exported(maren: User) -> str:
    """Two sources as a file; then they are gone, as on another installation."""
    sourcing.create("postgresql", wanted(secrets={"password": MARKER}, owner=maren), actor=maren)
    sourcing.create("push", sourcing.Wanted("Jobs", {}, {}, {}), actor=maren)
    text = source_files.export()
    Source.objects.all().delete()
    AuditRow.objects.all().delete()
    return text


@pytest.fixture(autouse=True)
def no_password(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("WAREHOUSE_PASSWORD", "WAREHOUSE_PASSWORD_FILE"):
        monkeypatch.delenv(name, raising=False)


def words(text: str, **options: Any) -> list[str]:
    return [change.words for change in source_files.apply(text, **options)]


def changed(text: str, **settings: Any) -> str:
    """The file with other settings of the warehouse."""
    found = yaml.safe_load(text)
    warehouse = next(entry for entry in found["sources"] if entry["id"] == "warehouse")
    warehouse["settings"] |= settings
    return yaml.safe_dump(found)


def test_the_file_names_where_the_secret_comes_from_and_holds_none(exported: str) -> None:
    assert MARKER not in exported
    found = yaml.safe_load(exported)["sources"]
    assert [entry["id"] for entry in found] == ["jobs", "warehouse"]
    assert found[1]["secrets"] == {"password": "WAREHOUSE_PASSWORD"}
    assert found[1]["settings"] == SETTINGS
    assert found[1]["owner"] == "maren@example.com"


def test_what_was_exported_is_made_again_with_the_secret_of_the_environment(
    exported: str, maren: User, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "password").write_text(f"{MARKER}\n")
    monkeypatch.setenv("WAREHOUSE_PASSWORD_FILE", str(tmp_path / "password"))
    assert words(exported, actor=maren) == ["+ jobs: new, Push", "+ warehouse: new, PostgreSQL"]
    source = Source.objects.get(slug="warehouse")
    assert (source.settings, source.owner) == (SETTINGS, maren)
    assert connecting.open_secrets(source) == {"password": MARKER}
    assert source_files.export() == exported
    count = AuditRow.objects.count()
    assert words(exported) == ["= jobs", "= warehouse"]
    assert AuditRow.objects.count() == count


def test_a_dry_run_tells_the_difference_and_changes_nothing(exported: str, maren: User) -> None:
    source_files.apply(exported)
    text = changed(exported, sslmode="require")
    assert words(text, dry_run=True) == ["= jobs", "~ warehouse: sslmode prefer → require"]
    assert Source.objects.get(slug="warehouse").settings["sslmode"] == "prefer"
    source_files.apply(text, actor=maren)
    assert Source.objects.get(slug="warehouse").settings["sslmode"] == "require"
    assert AuditRow.objects.latest("pk").actor == maren


def test_a_stored_secret_never_goes_to_another_host(exported: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WAREHOUSE_PASSWORD", MARKER)
    source_files.apply(exported)
    monkeypatch.delenv("WAREHOUSE_PASSWORD")
    text = changed(exported, host="10.6.6.6")
    with pytest.raises(SourceFileError, match="warehouse: Password: Type it again: one of host, port"):
        source_files.apply(text)
    monkeypatch.setenv("WAREHOUSE_PASSWORD", MARKER)
    assert words(text)[1] == "~ warehouse: host 10.0.0.5 → 10.6.6.6; password given anew"
    assert connecting.open_secrets(Source.objects.get(slug="warehouse")) == {"password": MARKER}


def test_all_faults_are_told_and_nothing_is_made(exported: str) -> None:
    found = yaml.safe_load(changed(exported, host="169.254.169.254"))
    found["sources"][0] |= {"kind": "oracle"}
    found["sources"] += [found["sources"][1]] * 2
    with pytest.raises(SourceFileError) as caught:
        source_files.apply(yaml.safe_dump(found))
    said = str(caught.value)
    assert "jobs: there is no kind of source called 'oracle'." in said
    assert "warehouse: Host: Blocked: 169.254.169.254 is not a public address (cloud metadata)." in said
    assert not Source.objects.exists()


def test_somebody_elses_change_at_the_same_moment_undoes_the_whole_file(
    exported: str, maren: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    source_files.apply(exported)
    text = changed(exported, sslmode="require").replace("name: Jobs", "name: Nightly")
    planned = source_files.plan(text)
    monkeypatch.setattr(source_files, "plan", lambda text: planned)
    sourcing.update(Source.objects.get(slug="warehouse"), wanted(name="Mine"), version=1, actor=maren)
    with pytest.raises(SourceFileError, match="changed by Maren Tolk"):
        source_files.apply(text)
    assert set(Source.objects.values_list("name", flat=True)) == {"Jobs", "Mine"}


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("a: [", "is not YAML"),
        ("!!python/object/apply:os.system ['true']", "is not YAML"),
        ("sources: []", "has to begin with 'format: 1'"),
        ("format: 1\nsources: [{id: ../x}]", "'id' has to be small letters"),
        ("format: 1\nsources: [{id: x, kind: push, name: X, token: y}]", "there is no 'token' of a source"),
        ("format: 1\nsources: [{id: x, kind: push, name: X, owner: q@example.com}]", "nobody here has"),
        (PG + ", settings: {dsn: y}}]", "no setting called 'dsn'"),
        (PG + ", secrets: {password: s3cret!}}]", "X_PASSWORD"),
        (PG + ", schedule: {kind: 7}}]", "schedule cannot be"),
        (PG + "}]", "x: Host: Host is required."),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_applied_says_why(company: Any, text: str, sentence: str) -> None:
    with pytest.raises(SourceFileError) as caught:
        source_files.apply(text)
    assert sentence.replace("X_PASSWORD", "such as SHOP_PASSWORD") in str(caught.value)
    assert "s3cret" not in str(caught.value)


def test_an_id_of_an_archived_source_is_not_taken_over(exported: str, maren: User) -> None:
    source_files.apply(exported)
    sourcing.archive(Source.objects.get(slug="jobs"), actor=maren)
    with pytest.raises(SourceFileError, match="jobs: a source of this id was archived. Choose another id."):
        source_files.apply(exported)


def test_the_commands_print_the_file_and_the_changes(exported: str, maren: User, tmp_path: Path) -> None:
    (tmp_path / "sources.yaml").write_text(exported)
    said = io.StringIO()
    apply = ("sources", "apply", str(tmp_path / "sources.yaml"))
    call_command(*apply, "--dry-run", stdout=said)
    assert said.getvalue().splitlines()[-1] == "Nothing was changed (--dry-run)."
    call_command(*apply, "--as", "maren@example.com", stdout=said)
    assert AuditRow.objects.latest("pk").actor == maren
    said = io.StringIO()
    call_command("sources", "export", stdout=said)
    assert said.getvalue() == source_files.export()
    with pytest.raises(CommandError, match="Nobody here has the address"):
        call_command(*apply, "--as", "nobody@example.com")
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("sources", "apply", str(tmp_path / "gone"))
