"""What happened to a source that its owners have to hear once: it fails, it was paused, it works again."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from metrics.models.source import Source


class SourceEvent(models.Model):
    """`kind` is failing, paused, or healed; told once, by whoever tells people (`told_at`)."""

    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="events")
    kind = models.CharField(max_length=12)
    at = models.DateTimeField()
    code = models.CharField(max_length=40, blank=True, default="")
    message = models.TextField(blank=True, default="")
    told_at = models.DateTimeField(null=True, blank=True)
    quiet = models.BooleanField(default=False, help_text="Over before anybody was told.")

    class Meta:
        indexes = [
            models.Index(fields=["source", "-id"], name="events_of_a_source"),
            models.Index(fields=["at"], name="source_events_untold", condition=Q(told_at=None)),
        ]

    def __str__(self) -> str:
        return f"{self.source_id} {self.kind}"
