"""Charts as they were drawn when their data last changed; pages only embed them."""

from __future__ import annotations

from django.db import models


class ChartDocument(models.Model):
    """A Plotly figure, SVG sketches and a few facts, under a content version."""

    key = models.CharField(max_length=60, unique=True)
    version = models.CharField(max_length=16)
    figure = models.TextField()
    sketches = models.JSONField(default=dict)
    facts = models.JSONField(default=dict)
    drawn_on = models.DateField(help_text="The company's day for which the today line was drawn.")
    updated_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return f"{self.key} {self.version}"
