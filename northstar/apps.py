from __future__ import annotations

from django.apps import AppConfig


class NorthstarConfig(AppConfig):
    name = "northstar"

    def ready(self) -> None:
        from northstar import checks  # noqa: F401
