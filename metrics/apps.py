from __future__ import annotations

from pathlib import Path

from django.apps import AppConfig
from django.conf import settings


class MetricsConfig(AppConfig):
    name = "metrics"
    verbose_name = "Metrics: what is measured"

    def ready(self) -> None:
        from metrics.connectors import preset_kinds

        preset_kinds.look_into(Path(settings.DATA_DIR) / "presets")
