"""A test and preview of settings that are not saved yet; the worker fills it, the page polls it."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models

from metrics.models.source import Source


class Trial(models.Model):
    """Settings and query to try, sealed as a whole; gone after 15 minutes."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(max_length=40)
    source = models.ForeignKey(Source, null=True, blank=True, on_delete=models.CASCADE)
    sealed = models.TextField(help_text="Settings, secrets and query as JSON, sealed by lib.vault.")
    state = models.CharField(max_length=10, default="waiting")
    result = models.JSONField(default=dict, blank=True)
    error_code = models.CharField(max_length=40, blank=True, default="")
    error_message = models.TextField(blank=True, default="")
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.kind} {self.state}"

    def secret_place(self) -> tuple[str, str, str]:
        return ("metrics.trial", str(self.uid), "sealed")
