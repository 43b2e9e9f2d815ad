"""How gunicorn serves Northstar; used by `manage.py up` and in the container."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
from typing import Any

wsgi_app = "northstar.wsgi:application"
bind = f"{os.environ.get('WEB_BIND', '127.0.0.1')}:{os.environ.get('PORT', '8000')}"
worker_class = "gthread"
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
threads = 8
preload_app = True  # imported once, then forked: a killed worker is back within milliseconds
timeout = 60
graceful_timeout = 10
keepalive = 5
max_requests = 20_000
max_requests_jitter = 2_000
accesslog = None
errorlog = "-"
loglevel = "warning"
control_socket_disable = True


def post_fork(server: Any, worker: Any) -> None:
    """A worker must not outlive a master that was killed: the port would stay taken."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)
