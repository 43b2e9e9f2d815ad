"""A real graphite-web for tests, reading whisper files that were written before it starts.

It is Debian's package under Debian's own Python, with settings of a scratch folder. Its clock begins at the
moment that the samples are for, because whisper keeps nothing of the future or of long ago.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from tests.services import debian
from tests.services.processes import CannotProvide, free_port, install_debian
from tests.services.prometheus import Server
from tests.services.samples import Sample

PYTHON = Path("/usr/bin/python3")
STEP = 3600
DAYS_KEPT = 60
_SETTINGS = """
SECRET_KEY = "for tests only"
STORAGE_DIR = CONF_DIR = LOG_DIR = {folder!r}
WHISPER_DIR = {folder!r} + "/whisper"
INDEX_FILE = {folder!r} + "/index"
STANDARD_DIRS = [WHISPER_DIR]
CARBONLINK_HOSTS = []
ALLOWED_HOSTS = ["127.0.0.1"]
TIME_ZONE = "UTC"
DATABASES = {{"default": {{"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}}}
CACHES = {{"default": {{"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}}}
"""
_PROGRAM = """
import json, os, sys, time
began, real, now = time.time(), time.time, {now}
time.time = lambda: now + real() - began
import whisper
for name, points in json.load(open("samples.json")).items():
    path = os.path.join("whisper", *name.split(".")) + ".wsp"
    os.makedirs(os.path.dirname(path), exist_ok=True)
    whisper.create(path, [({step}, {days} * 86400 // {step})], xFilesFactor=0)
    whisper.update_many(path, points)
from wsgiref.simple_server import WSGIRequestHandler, make_server
os.environ["DJANGO_SETTINGS_MODULE"] = "graphite.settings"
os.environ["GRAPHITE_SETTINGS_MODULE"] = "settings_of_this_server"
from graphite.wsgi import application
WSGIRequestHandler.log_message = lambda *arguments: None
make_server("127.0.0.1", {port}, application).serve_forever()
"""


def version() -> tuple[str, str]:
    """The version, and in words where it comes from; installs Debian's package where it is missing."""
    origin = f"found for {PYTHON}"
    if not _asked() and install_debian("graphite-web"):
        origin = "installed from Debian's package graphite-web"
    if not (found := _asked()):
        raise CannotProvide("The tests need graphite-web. Install it: apt install graphite-web")
    return found, origin


def start_server(samples: Iterable[Sample], *, now: datetime) -> Server:
    """A graphite-web whose clock begins at `now`, with a series name.label for each name and label."""
    origin = version()[1]
    folder, port = debian.scratch("graphite"), free_port()
    points: dict[str, list[tuple[int, float]]] = {}
    for one in samples:
        name = ".".join([one.name, *one.labels.values()])
        points.setdefault(name, []).append((one.milliseconds // 1000, one.value))
    (folder / "samples.json").write_text(json.dumps(points))
    (folder / "settings_of_this_server.py").write_text(_SETTINGS.format(folder=str(folder)))
    program = _PROGRAM.format(now=now.timestamp(), step=STEP, days=DAYS_KEPT, port=port)
    (folder / "server.py").write_text(program)
    url = f"http://127.0.0.1:{port}"
    debian.run([PYTHON, folder / "server.py"], folder=folder, url=f"{url}/version/")
    return Server(url, origin)


def _asked() -> str:
    if not PYTHON.exists():
        return ""
    script = "import whisper, graphite.settings as found; print(found.WEBAPP_VERSION)"
    done = subprocess.run([PYTHON, "-W", "ignore", "-c", script], capture_output=True, text=True)
    return done.stdout.strip() if done.returncode == 0 else ""
