"""From a fresh machine to a running command: virtual environment, packages, assets. Standard library only.

    python3 tools/bootstrap.py run                   the product (make run)
    python3 tools/bootstrap.py dev tools/check.py …  a script, with what development needs
    python3 tools/bootstrap.py bench tools/bench.py  the same, with real series to measure on
    python3 tools/bootstrap.py driver duckdb         an optional driver, requirements/duckdb.txt
    python3 tools/bootstrap.py assets                rebuild static/vendor

A step whose inputs have not changed since its last success is skipped; its stamp is a hash of them.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
OLDEST = (3, 11)
OLDEST_NODE = 18
NEEDED = {"run": ["core"], "bench": ["core", "dev", "bench"]}
DRIVERS = ("duckdb", "mssql", "apprise")
DEBIAN_LINE = "On Debian and Ubuntu: apt install python3-venv make"


def main() -> None:
    """Do what the first argument says; ends in exec, so the caller's process becomes the command."""
    use_new_enough_python()
    os.chdir(ROOT)
    action, rest = (sys.argv[1:2] or ["run"])[0], sys.argv[2:]
    if action == "driver":
        add_driver(rest)
        return
    show = Steps(total=4 if action == "run" else 3)
    make_environment(show)
    install(show, NEEDED.get(action, ["core", "dev"]))
    build_assets(show, force=action == "assets")
    if action == "run":
        show.start("starting Northstar")
        become([str(PYTHON), "manage.py", "up", *rest])
    if action in ("dev", "bench"):
        become([str(PYTHON), *rest])


def add_driver(names: list[str]) -> None:
    """Install an optional driver beside the product's own packages, or end with the list of them."""
    if len(names) != 1 or names[0] not in DRIVERS:
        end(f"Name one driver: make driver NAME=duckdb. There are: {', '.join(DRIVERS)}.")
    show = Steps(total=3)
    make_environment(show)
    install(show, ["core", names[0]])
    print(f"The driver {names[0]} is installed. Start Northstar again, and what needs it can be used.")


class Steps:
    """Progress lines; nothing at all is printed for a step that has nothing to do."""

    def __init__(self, total: int) -> None:
        self.total, self.number, self.began = total, 0, 0.0

    def start(self, what: str, *, at: int = 0) -> None:
        """Say what begins; `at` is the step's fixed number, the last one by default."""
        self.number, self.began = at or self.total, time.monotonic()
        print(f"{self.number}/{self.total}  {what} …", flush=True)

    def done(self) -> None:
        """Say how long it took."""
        print(f"     done in {time.monotonic() - self.began:.0f} s", flush=True)


def use_new_enough_python() -> None:
    """Go on under a newer Python of this machine if this one is too old, or end with a sentence."""
    if sys.version_info >= OLDEST:
        return
    for minor in range(19, OLDEST[1] - 1, -1):
        newer = shutil.which(f"python3.{minor}")
        if newer:
            os.execv(newer, [newer, *sys.argv])
    have = ".".join(str(part) for part in sys.version_info[:3])
    end(f"Northstar needs Python 3.11 or newer; this machine's python3 is {have}. {DEBIAN_LINE}")


def make_environment(show: Steps) -> None:
    """Create .venv unless it is there and its Python runs."""
    if PYTHON.exists():
        return
    try:
        import ensurepip  # noqa: F401
        import venv  # noqa: F401
    except ImportError:
        end(f"Northstar needs Python's venv module, which this Python lacks. {DEBIAN_LINE}")
    show.start("making the virtual environment .venv", at=1)
    command = [sys.executable, "-m", "venv", "--clear", str(VENV)]
    attempt(command, f"The virtual environment could not be made. {DEBIAN_LINE}")
    show.done()


def install(show: Steps, names: list[str]) -> None:
    """Install the hash-locked packages of requirements/<name>.txt where they changed."""
    files = [ROOT / "requirements" / f"{name}.txt" for name in names]
    stale = [file for file in files if read(stamp_of(file)) != digest_of(file)]
    if not stale:
        return
    show.start(f"installing Python packages ({', '.join(file.stem for file in stale)})", at=2)
    for file in stale:
        pip_install(file)
    show.done()


def pip_install(file: Path) -> None:
    """Install one locked file into .venv and stamp it; quiet, but an error is shown whole."""
    quiet = ["--quiet", "--disable-pip-version-check", "--no-input", "--root-user-action=ignore"]
    command = [str(PYTHON), "-m", "pip", "install", *quiet, "--require-hashes", "-r", str(file)]
    attempt(command, "The Python packages could not be installed; pip's own words are above.")
    stamp_of(file).write_text(digest_of(file))


def build_assets(show: Steps, *, force: bool) -> None:
    """Build static/vendor with Node where its inputs changed."""
    script = ROOT / "tools" / "build_assets.py"
    stamp = ROOT / "static" / "vendor" / ".built-from"
    wanted = digest_of_assets()
    if not script.exists() or (read(stamp) == wanted and not force):
        return
    show.start("building styles, scripts and charts", at=3)
    environment = dict(os.environ, PATH=f"{VENV / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}")
    if not os.access(Path.home(), os.W_OK):  # a service account: npm wants a place for its cache
        environment["npm_config_cache"] = str(VENV / "npm-cache")
    if not node_is_new_enough():
        print("     this machine has no Node 18 or newer; installing it into .venv", flush=True)
        pip_install(ROOT / "requirements" / "node.txt")
    attempt([str(PYTHON), str(script)], "The assets could not be built.", environment=environment)
    stamp.parent.mkdir(parents=True, exist_ok=True)
    stamp.write_text(wanted)
    show.done()


def node_is_new_enough() -> bool:
    """Whether node and npm are on this machine's path, node at least version 18."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if not node or not npm:
        return False
    said = subprocess.run([node, "--version"], capture_output=True, text=True).stdout
    major = said.strip().lstrip("v").split(".")[0]
    return major.isdigit() and int(major) >= OLDEST_NODE


def digest_of_assets() -> str:
    """A hash over what the assets are built from: names, sizes, times (it runs at each start)."""
    static = ROOT / "static"
    built = {static / "vendor", static / "collected"}
    files = [ROOT / "package.json", ROOT / "package-lock.json", ROOT / "tools" / "build_assets.py"]
    for folder, folders, names in os.walk(static):
        folders[:] = [name for name in folders if Path(folder, name) not in built]
        files += [Path(folder, name) for name in names]
    sums = hashlib.sha256()
    for file in sorted(files):
        if file.exists():
            facts = file.stat()
            sums.update(f"{file.relative_to(ROOT)} {facts.st_size} {facts.st_mtime_ns}\n".encode())
    return sums.hexdigest()


def digest_of(file: Path) -> str:
    """A hash of a requirements file and of the Python that it was installed for."""
    version = ".".join(str(part) for part in sys.version_info[:2])
    return hashlib.sha256(file.read_bytes() + version.encode()).hexdigest()


def stamp_of(file: Path) -> Path:
    """Where the hash of an installed requirements file is kept."""
    return VENV / f".northstar-{file.stem}"


def read(path: Path) -> str:
    """The text of a file, empty if there is none."""
    return path.read_text() if path.exists() else ""


def attempt(command: list[str], sentence: str, *, environment: dict[str, str] | None = None) -> None:
    """Run a command; if it fails, show what it said and end with the sentence."""
    done = subprocess.run(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    if done.returncode:
        print(done.stdout, file=sys.stderr)
        end(sentence)


def become(command: list[str]) -> None:
    """Replace this process, so that signals reach the command itself."""
    sys.stdout.flush()
    os.execv(command[0], command)


def end(sentence: str) -> None:
    """Say what is wrong and what to do, and stop."""
    print(f"\n{sentence}", file=sys.stderr)
    raise SystemExit(1)


if __name__ == "__main__":
    main()
