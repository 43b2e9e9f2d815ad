"""A host that does not answer is left alone for a while, by all sources that lead there (R28)."""

from __future__ import annotations

from django.db import models


class Breaker(models.Model):
    """The circuit breaker of one host and credential: open until `open_until`, then one probe."""

    key = models.CharField(max_length=64, unique=True, help_text="A hash of host, port and who signs in.")
    host = models.CharField(max_length=280)
    failures = models.PositiveIntegerField(default=0, help_text="Passing failures in a row.")
    opened_at = models.DateTimeField(null=True, blank=True)
    open_until = models.DateTimeField(null=True, blank=True)
    probe_token = models.CharField(max_length=40, blank=True, default="")

    def __str__(self) -> str:
        return f"{self.host}: {self.failures}"
