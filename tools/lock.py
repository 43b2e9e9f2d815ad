"""Compile requirements/*.in into hash-locked files that carry no addresses."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
OPTIONS = ["--generate-hashes", "--python-version", "3.11", "--universal"]
NO_ADDRESSES = ["--no-emit-index-url", "--no-emit-find-links"]


def main() -> None:
    """Compile core first: dev and servers are constrained by it."""
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "uv"]
    subprocess.run([*pip, "--root-user-action=ignore"], check=True)
    for name in ("core", "dev", "duckdb", "mssql", "apprise", "bench", "node", "servers"):
        source, target = f"requirements/{name}.in", f"requirements/{name}.txt"
        command = [
            sys.executable,
            "-m",
            "uv",
            "pip",
            "compile",
            "--quiet",
            *OPTIONS,
            *NO_ADDRESSES,
            *sys.argv[1:],
        ]
        subprocess.run([*command, source, "-o", target], check=True, cwd=ROOT)
        if "://" in (ROOT / target).read_text():
            raise SystemExit(f"{target} carries an address; it must not.")
        print(f"{target} is up to date with {source}")


if __name__ == "__main__":
    main()
