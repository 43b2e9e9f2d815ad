"""The asset step: what it writes, that it is quick the second time, and that it says what is missing."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

from tools import build_assets

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def workshop(tmp_path: Path) -> Path:
    """A copy of our own sources beside stand-ins for the three packages, so that nothing is fetched."""
    for folder in ("css", "js", "wall", "img"):
        shutil.copytree(ROOT / "static" / folder, tmp_path / "static" / folder)
    shutil.copy(ROOT / "package-lock.json", tmp_path)
    modules = tmp_path / "node_modules"
    for name in (*build_assets.COPIES.values(), build_assets.HTMX, *build_assets.LICENCES):
        (modules / name).parent.mkdir(parents=True, exist_ok=True)
        (modules / name).write_bytes(b"body();\n//# sourceMappingURL=" + Path(name).name.encode() + b".map\n")
    lock = build_assets.hashlib.sha256((ROOT / "package-lock.json").read_bytes()).hexdigest()
    (modules / ".northstar-lock").write_text(lock)
    return tmp_path


def test_the_lock_carries_no_download_addresses() -> None:
    lock = (ROOT / "package-lock.json").read_text()
    assert '"resolved"' not in lock
    assert all("integrity" in entry for name, entry in json.loads(lock)["packages"].items() if name)
    assert "omit-lockfile-registry-resolved=true" in (ROOT / ".npmrc").read_text()


def test_building_writes_the_files_that_pages_ask_for(workshop: Path) -> None:
    assert build_assets.build(workshop)
    pages = "".join((ROOT / "templates" / name).read_text() for name in ("base.html", "500.html"))
    asked = set(re.findall(r"\{% static '([^']+)' %\}", pages))
    assert asked and all((workshop / "static" / "vendor" / name).exists() for name in asked)


def test_a_second_build_does_nothing_and_an_edit_builds_again(workshop: Path) -> None:
    build_assets.build(workshop)
    assert not build_assets.build(workshop)
    sheet = workshop / "static" / "css" / "card.css"
    sheet.write_text(sheet.read_text() + "\n.brand-new { color: red }\n")
    assert build_assets.build(workshop)
    assert "brand-new" in (workshop / "static" / "vendor" / "northstar.css").read_text()


def test_no_built_file_points_to_a_source_map(workshop: Path) -> None:
    built = build_assets.outputs(workshop)
    assert all(
        b"sourceMappingURL" not in body
        for name, body in built.items()
        if not name.endswith((".woff2", ".ttf"))
    )


def test_the_wall_gets_the_dark_half_of_the_palette(workshop: Path) -> None:
    sheet = build_assets.outputs(workshop)["wall.css"].decode()
    rules = re.sub(r"/\*.*?\*/", "", sheet, flags=re.DOTALL)
    assert "light-dark" not in rules
    assert "--ground: #0c111d;" in rules and "--chart-band: rgb(141 162 251 / 16%);" in rules


def test_a_wall_screen_needs_no_younger_browser_to_be_connected() -> None:
    assert "AbortSignal.timeout(" not in (ROOT / "static" / "wall" / "wall.js").read_text()


def test_tokens_come_first_and_print_last() -> None:
    names = [path.name for path in build_assets.sheets(ROOT / "static" / "css")]
    assert names[:3] == ["tokens.css", "base.css", "layout.css"]
    assert names[-1] == "print.css"
    assert len(names) == len(list((ROOT / "static" / "css").glob("*.css")))


def test_scripts_do_not_see_each_others_names(workshop: Path) -> None:
    script = build_assets.outputs(workshop)["northstar.js"].decode()
    ours = [path for path in (ROOT / "static" / "js").glob("*.js") if path.name != build_assets.HEAD_SCRIPT]
    assert script.count("((northstar) => {") == len(ours)


def test_without_node_the_error_says_what_to_do(workshop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (workshop / "node_modules" / ".northstar-lock").unlink()
    monkeypatch.setattr(build_assets.shutil, "which", lambda *_, **__: None)
    with pytest.raises(build_assets.AssetError, match="Install Node .* requirements/node.txt"):
        build_assets.build(workshop)


@pytest.mark.parametrize(
    "names, most",
    [
        (("northstar.css", "northstar.js"), 30_000),
        # What only wall screens load is counted by itself: nobody who reads a page pays for it.
        (("wall.css", "wall.js"), 9_000),
    ],
)
def test_our_own_styles_and_scripts_stay_small(names: tuple[str, ...], most: int, workshop: Path) -> None:
    import brotli

    build_assets.build(workshop)
    sizes = [len(brotli.compress((workshop / "static/vendor" / name).read_bytes())) for name in names]
    assert sum(sizes) < most


def test_our_styles_ask_nothing_of_other_hosts() -> None:
    for path in [*(ROOT / "static").glob("[cj]s*/*"), *(ROOT / "static" / "wall").glob("*")]:
        text = path.read_text().replace("http://www.w3.org/2000/svg", "")
        assert not re.search(r"(https?:)?//[\w-]+\.\w", text), path.name
