"""The worked example of docs/plugins.md, installed as anybody would and used in a process of its own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

from tests.metrics.connectors.plugin_packages import HEAD, lay_out
from tests.services.counterpart import serving

ROOT = Path(__file__).resolve().parents[3]
EXAMPLE = ROOT / "examples" / "northstar-statuspage"
PROGRAM = """
import json, sys
import django
django.setup()
from datetime import UTC, date, datetime
from metrics.connectors import plugins, registry
from metrics.connectors.base import Ask
from northstar.lib.egress import Egress
found = registry.connector_class("statuspage")
ask = Ask("m", "flow_sum", "week", {}, date(2026, 10, 26), date(2026, 11, 9), "Europe/Berlin",
          datetime(2026, 11, 18, tzinfo=UTC))
with found(found.clean_settings({"url": sys.argv[1]}), {}, egress=Egress("admin", loopback=True)) as source:
    rows = [[str(row.period_start), str(row.value)] for row in source.fetch(ask).rows]
said = {"kinds": registry.kinds(), "problems": plugins.problems(), "rows": rows, "file": found.__module__}
print(json.dumps(said))
"""


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the example installed, and a package beside it that cannot be loaded."""
    folder = tmp_path_factory.mktemp("plugins")
    installed = folder / "installed"
    installed.mkdir()
    install(wheel_of(EXAMPLE, folder), installed)
    lay_out(installed, "northstar-broken", {"broken": "Ours"}, f"{HEAD}\nraise RuntimeError('out of order')")
    return installed


def install(wheel: Path, target: Path) -> None:
    """By pip, without any network."""
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-index"]
    done = subprocess.run([*pip, "--no-deps", "--target", target, wheel], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def wheel_of(source: Path, folder: Path) -> Path:
    """The wheel of the pyproject.toml; made by hand, because not every Python brings setuptools."""
    facts = tomllib.loads((source / "pyproject.toml").read_text())
    project = facts["project"]
    name = f"{project['name'].replace('-', '_')}-{project['version']}"
    entries = "".join(
        f"[{group}]\n" + "".join(f"{kind} = {at}\n" for kind, at in kinds.items())
        for group, kinds in project["entry-points"].items()
    )
    files = {
        f"{module}.py": (source / f"{module}.py").read_text()
        for module in facts["tool"]["setuptools"]["py-modules"]
    }
    files |= {
        f"{name}.dist-info/METADATA":
            f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {project['version']}\n",
        f"{name}.dist-info/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{name}.dist-info/entry_points.txt": entries,
    }  # fmt: skip
    record = "".join(f"{file},,\n" for file in (*files, f"{name}.dist-info/RECORD"))
    made = folder / f"{name}-py3-none-any.whl"
    with zipfile.ZipFile(made, "w") as archive:
        for file, text in {**files, f"{name}.dist-info/RECORD": record}.items():
            archive.writestr(file, text)
    return made


def environment(target: Path) -> dict[str, str]:
    return {
        **os.environ,
        "PYTHONPATH": f"{target}{os.pathsep}{ROOT}",
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
    }


def test_it_works_beside_one_that_is_broken(target: Path) -> None:
    listed = json.dumps({"incidents": [{"created_at": "2026-10-28T08:00:00Z", "impact": "major"}]})
    with serving(lambda asked: listed) as page:
        command = [sys.executable, "-c", PROGRAM, page.url]
        done = subprocess.run(command, cwd=target, env=environment(target), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert said["kinds"][-1] == "statuspage" and "postgresql" in said["kinds"]
    assert said["problems"] == [
        "Plug-in broken (package northstar-broken) could not be loaded: RuntimeError: out of order."
    ]
    assert said["rows"] == [["2026-10-26", "1"], ["2026-11-02", "0"]]
    assert said["file"] == "northstar_statuspage"


def test_its_own_tests_inherit_the_contract_and_pass(target: Path) -> None:
    tests = shutil.copytree(EXAMPLE / "tests", target.parent / "tests")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(tests)]
    plain = {name: value for name, value in environment(target).items() if not name.startswith("DJANGO_")}
    done = subprocess.run(command, cwd=tests, env=plain, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-3000:]
    assert int(done.stdout.rsplit("\n", 2)[-2].split()[0]) > 25
