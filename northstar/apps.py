from __future__ import annotations

from django.apps import AppConfig


class NorthstarConfig(AppConfig):
    name = "northstar"

    def ready(self) -> None:
        # The web process sends tasks too: without its app, Celery would look for a broker that nobody runs.
        from northstar import (
            celery,  # noqa: F401
            checks,  # noqa: F401
        )
