"""Where numbers come from, and when they are due next."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.conf import settings as django_settings
from django.db import models
from django.db.models import Q


class SourceQuerySet(models.QuerySet["Source"]):
    def due(self, now: datetime) -> SourceQuerySet:
        """Sources whose moment has come and that nobody holds."""
        free = Q(lease_until=None) | Q(lease_until__lt=now)
        return self.filter(free, next_due_at__lte=now, archived_at=None).order_by("next_due_at")

    def held(self, now: datetime) -> SourceQuerySet:
        """Sources that somebody pulls, or is about to."""
        return self.filter(lease_until__gte=now).exclude(lease_token="")

    def listed(self) -> SourceQuerySet:
        return self.filter(archived_at=None).order_by("name")


class Source(models.Model):
    """A connection to a system that holds numbers; the row is also the job of pulling it."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(max_length=120)
    slug = models.SlugField(max_length=80, unique=True)
    kind = models.CharField(max_length=40)
    settings = models.JSONField(default=dict, blank=True)
    secrets = models.JSONField(default=dict, blank=True, help_text="Sealed by lib.vault, field by field.")
    secret_hint = models.CharField(
        max_length=80, blank=True, default="", help_text="Which key it is, by its last four characters."
    )
    schedule = models.JSONField(default=dict, blank=True)
    owner = models.ForeignKey(
        django_settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="owned_sources",
    )
    backup_owner = models.ForeignKey(
        django_settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="backed_up_sources",
    )
    host_key = models.CharField(
        max_length=280, blank=True, default="", db_index=True, help_text="The host:port that it leads to."
    )
    breaker_key = models.CharField(
        max_length=64, blank=True, default="", help_text="Host and who signs in, hashed: see Breaker."
    )
    version = models.PositiveIntegerField(default=1)
    is_demo = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)
    archived_at = models.DateTimeField(null=True, blank=True)

    paused_at = models.DateTimeField(null=True, blank=True)
    paused_reason = models.CharField(max_length=300, blank=True, default="")
    next_due_at = models.DateTimeField(null=True, blank=True, db_index=True)
    next_scheduled_at = models.DateTimeField(null=True, blank=True)
    wait_until = models.DateTimeField(
        null=True, blank=True, help_text="The service asked not to be asked before."
    )
    lease_until = models.DateTimeField(null=True, blank=True)
    lease_token = models.CharField(max_length=40, blank=True, default="")
    attempt = models.PositiveIntegerField(
        default=0, help_text="Starts of the current pull, counted before work."
    )
    failures = models.PositiveIntegerField(default=0, help_text="Failed pulls in a row.")
    failing_since = models.DateTimeField(null=True, blank=True)
    renewing_until = models.DateTimeField(
        null=True, blank=True, help_text="Somebody exchanges a secret for its successor."
    )
    renewing_token = models.CharField(max_length=40, blank=True, default="")
    last_ok_at = models.DateTimeField(null=True, blank=True)
    last_error_code = models.CharField(max_length=40, blank=True, default="")
    last_error_message = models.TextField(blank=True, default="")

    objects = SourceQuerySet.as_manager()

    def __str__(self) -> str:
        return self.name

    @property
    def state(self) -> str:
        """active, failing, needs_sign_in or paused: the words of the sources page."""
        if self.paused_at:
            return "needs_sign_in" if self.last_error_code == "auth" else "paused"
        return "failing" if self.failures else "active"

    def secret_place(self, field: str) -> tuple[str, str, str]:
        """Where a secret of this source may be opened: nowhere else."""
        return ("metrics.source", str(self.uid), field)
