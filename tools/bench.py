"""Run every script of benchmarks/, one after the other."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def main() -> None:
    """Exit code 1 if one fails, or if there is none."""
    scripts = sorted((ROOT / "benchmarks").glob("[a-z]*.py"))
    if not scripts:
        raise SystemExit("There is no script in benchmarks/ yet.")
    environment = dict(os.environ, LONG="1", PYTHONPATH=str(ROOT))
    for script in scripts:
        print(f"── {script.stem}", flush=True)
        subprocess.run([sys.executable, str(script)], check=True, cwd=ROOT, env=environment)


if __name__ == "__main__":
    main()
