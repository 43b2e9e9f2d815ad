"""An independent Stripe server (localstripe, a development requirement), started empty on 127.0.0.1."""

from __future__ import annotations

import atexit
import functools
import importlib.util
import json
import shutil
import socket
import subprocess
import sys
import tempfile
from base64 import b64encode
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from urllib.request import Request, urlopen

from tests.services.processes import CannotProvide, free_port, start, wait_for

KEY = "sk_test_brindlewick"


@dataclass(frozen=True, slots=True)
class Server:
    """Where it listens; `process` ends with whoever started it."""

    port: int
    process: subprocess.Popen[bytes]

    def create(self, path: str, **fields: object) -> dict[str, Any]:
        """POST /v1/<path>, as Stripe's own libraries write it; the object that was made."""
        request = Request(
            f"http://127.0.0.1:{self.port}/v1/{path}",
            data=urlencode(_flat(fields)).encode(),
            headers={"Authorization": "Basic " + b64encode(f"{KEY}:".encode()).decode()},
        )
        with urlopen(request, timeout=10) as answer:
            found: dict[str, Any] = json.load(answer)
        return found


@functools.cache
def shared() -> Server:
    """The run's Stripe; CannotProvide with a sentence if it is not installed."""
    if importlib.util.find_spec("localstripe") is None:
        raise CannotProvide("The tests need localstripe: make bootstraps it with requirements/dev.txt.")
    folder = Path(tempfile.mkdtemp(prefix="northstar-stripe-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    port = free_port()
    program = Path(__file__).with_name("stripe_server.py")
    process = start([sys.executable, program, str(port)], log=folder / "server.log")
    wait_for(lambda: _listens(port), process=process, log=folder / "server.log", seconds=30)
    return Server(port, process)


def _listens(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1):
            return True
    except OSError:
        return False


def _flat(fields: dict[str, Any], prefix: str = "") -> dict[str, str]:
    """{"card": {"number": 1}} as {"card[number]": "1"}, lists by their index."""
    found: dict[str, str] = {}
    for key, value in fields.items():
        name = f"{prefix}[{key}]" if prefix else key
        if isinstance(value, list):
            value = {str(index): one for index, one in enumerate(value)}
        if isinstance(value, dict):
            found |= _flat(value, name)
        else:
            found[name] = str(value)
    return found
