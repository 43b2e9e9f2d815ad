"""What the repository itself promises: locks, container files, settings that are documented."""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from northstar import __version__
from tests.test_architecture import ROOT, tracked

SETTING = re.compile(r"[A-Z][A-Z_]+")
OURS = ("web", "worker", "beat", "migrate")


def read(name: str) -> str:
    return (ROOT / name).read_text()


def settings_read_by_the_source() -> set[str]:
    """Every NAME that the product reads by lib.env or, in gunicorn's file, from the environment."""
    found: set[str] = set()
    for path in tracked("northstar/*.py", "metrics/*.py", "teams/*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args):
                continue
            of_env = isinstance(node.func.value, ast.Name) and node.func.value.id == "env"
            of_environ = ast.unparse(node.func.value) in ("os.environ", "values") and node.func.attr == "get"
            first = node.args[0]
            if (of_env or of_environ) and isinstance(first, ast.Constant) and isinstance(first.value, str):
                found.add(first.value)
    return {name for name in found if SETTING.fullmatch(name)} - {"PYTHONPATH"}


def test_every_setting_is_documented_and_every_documented_one_exists() -> None:
    documented = set(re.findall(r"^\| `([A-Z_]+)`", read("docs/configuration.md"), re.MULTILINE))
    assert settings_read_by_the_source() | {"DEMO_PASSWORD"} == documented


@pytest.mark.parametrize("name", ["core", "dev", "duckdb", "mssql", "node", "servers"])
def test_a_lock_has_hashes_and_no_addresses(name: str) -> None:
    lock = read(f"requirements/{name}.txt")
    assert "://" not in lock
    pinned = re.findall(r"^[a-z0-9][^=\n]*==\S+.*$", lock, re.MULTILINE | re.IGNORECASE)
    assert pinned
    assert all(line.endswith("\\") for line in pinned), "every pin is followed by its hashes"


def test_the_node_lock_has_no_addresses_and_whole_checksums() -> None:
    packages = json.loads(read("package-lock.json"))["packages"]
    assert "resolved" not in read("package-lock.json")
    assert all("integrity" in facts for path, facts in packages.items() if path)
    assert "omit-lockfile-registry-resolved=true" in read(".npmrc")


def test_the_check_of_a_submission_is_executable_and_strict() -> None:
    assert os.access(ROOT / ".ci/run", os.X_OK)
    assert "set -euo pipefail" in read(".ci/run")


def test_the_changelog_begins_with_this_version() -> None:
    newest = re.search(r"^## (\S+)", read("CHANGELOG.md"), re.MULTILINE)
    assert newest is not None
    assert newest.group(1) == __version__


def test_nothing_built_or_secret_is_committed() -> None:
    done = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True)
    bad = re.compile(
        r"(^|/)(\.env|keys\.json|node_modules/.*|.*\.sqlite3|.*\.min\.(js|css)|.*\.(woff2?|ttf|otf))$|^static/(vendor|collected)/"
    )
    assert [name for name in done.stdout.splitlines() if bad.search(name)] == []


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    return yaml.safe_load(read("docker-compose.yml"))


def test_compose_has_the_five_services(compose: dict[str, Any]) -> None:
    assert {"web", "worker", "beat", "db", "redis"} <= set(compose["services"])


def test_compose_publishes_the_web_port_on_loopback_only(compose: dict[str, Any]) -> None:
    published = {
        name: service["ports"] for name, service in compose["services"].items() if "ports" in service
    }
    assert list(published) == ["web"]
    assert all(port.startswith("127.0.0.1:") for port in published["web"])
    assert compose["networks"]["inside"]["internal"] is True
    assert compose["services"]["db"]["networks"] == compose["services"]["redis"]["networks"] == ["inside"]


def test_compose_gives_every_service_the_least(compose: dict[str, Any]) -> None:
    for name, service in compose["services"].items():
        assert service["cap_drop"] == ["ALL"], name
        assert "no-new-privileges:true" in service["security_opt"], name
        assert service["user"] not in ("root", "0"), name
        assert "healthcheck" in service, name
        assert "privileged" not in service, name
        if name in OURS:
            assert service["read_only"] is True, name


def test_compose_has_no_default_for_a_secret(compose: dict[str, Any]) -> None:
    for service in compose["services"].values():
        for key, value in service.get("environment", {}).items():
            if re.search(r"SECRET|KEYS|PASSWORD|DATABASE_URL", key):
                names = re.findall(r"\$\{([A-Z_]+)(:\?|:-|-|\})", value)
                assert names, f"{key} is written out"
                assert all(how == ":?" for _, how in names), f"{key} has a default"
    for line in read(".env.example").splitlines():
        if re.match(r"(SECRET_KEY|DATA_KEYS|POSTGRES_PASSWORD)=", line):
            assert line.endswith("="), line


def test_the_image_does_not_run_as_root_and_looks_after_itself() -> None:
    lines = read("Dockerfile").splitlines()
    users = [line.split()[1] for line in lines if line.startswith("USER ")]
    assert users[-1:] == ["10001:10001"]
    assert any(line.startswith("HEALTHCHECK") for line in lines)
    assert "--require-hashes" in read("Dockerfile")
    assert not re.search(r"^(ENV|ARG)\b.*(SECRET|KEYS|PASSWORD)", read("Dockerfile"), re.MULTILINE)


def test_the_image_copies_only_what_exists() -> None:
    assert read(".dockerignore").startswith("*\n")
    for line in read("Dockerfile").splitlines():
        if line.startswith("COPY ") and "--from=" not in line:
            for source in line.split()[1:-1]:
                assert (ROOT / source).exists(), source
                assert f"!{source}" in read(".dockerignore").splitlines(), f"{source} is ignored"


def test_the_licence_is_the_whole_apache_licence() -> None:
    assert "Apache License" in read("LICENSE")
    assert "END OF TERMS AND CONDITIONS" in read("LICENSE")


def test_every_make_target_is_explained() -> None:
    makefile = read("Makefile")
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
    explained = set(re.findall(r"^([a-z-]+):.*##", makefile, re.MULTILINE))
    assert targets == explained
    assert {
        "run",
        "test",
        "test-fast",
        "check",
        "bench",
        "lock",
        "assets",
        "faults",
        "clean",
        "driver",
    } <= targets


def test_links_between_documents_lead_somewhere() -> None:
    broken = []
    for page in [path for path in tracked("*.md", "docs/*.md") if path.exists()]:
        for target in re.findall(r"\]\((?!https?:|#|mailto:)([^)#\s]+)", page.read_text()):
            if not (page.parent / target).exists():
                broken.append(f"{page.relative_to(ROOT)} → {target}")
    assert broken == []


def test_no_committed_text_names_a_place_outside_the_repository() -> None:
    here = Path(__file__)
    places = re.compile(r"(?<![\w.])/(work|opt/wheels)/|/tmp/(ns|infra)\b")
    texts = [path for path in tracked() if path != here and path.suffix not in (".png", ".woff2", ".ico")]
    assert [
        str(path.relative_to(ROOT)) for path in texts if places.search(path.read_text(errors="ignore"))
    ] == []
