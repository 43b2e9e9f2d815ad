"""Lint, layout, types, migrations, architecture: all are run, every failure is shown."""

from __future__ import annotations

import base64
import os
import secrets
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DATA_KEY = base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()
CHECKS = {
    "ruff": ["-m", "ruff", "check", "--quiet", "."],
    "layout (make format)": ["-m", "ruff", "format", "--quiet", "--check", "."],
    "types": ["-m", "mypy"],
    "settings": ["manage.py", "check", "--fail-level", "WARNING"],
    "migrations": ["manage.py", "makemigrations", "--check", "--dry-run"],
    "architecture": ["-m", "pytest", "-q", "tests/test_architecture.py", "tests/test_repository.py"],
}


def main() -> None:
    """Exit code 1 if any check fails."""
    failed = []
    with tempfile.TemporaryDirectory() as scratch:
        environment = dict(os.environ, DATA_DIR=scratch, SECRET_KEY=secrets.token_hex(32), DATA_KEYS=DATA_KEY)
        environment.pop("DATABASE_URL", None)
        for name, command in CHECKS.items():
            done = subprocess.run(
                [sys.executable, *command], cwd=ROOT, env=environment, capture_output=True, text=True
            )
            print(f"{'ok    ' if done.returncode == 0 else 'FAILED'}  {name}", flush=True)
            if done.returncode:
                failed.append(name)
                print(done.stdout + done.stderr, flush=True)
    raise SystemExit(f"failed: {', '.join(failed)}" if failed else 0)


if __name__ == "__main__":
    main()
