"""Keys with which programs push values: stored as a hash, shown once."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime

from django.conf import settings
from django.db import models

from metrics.models.source import Source

PREFIX = "nsm_"
EVENT_PREFIX = "nse_"


class PushToken(models.Model):
    """May push observations of the metrics of one push source; expires, can be revoked."""

    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="tokens")
    label = models.CharField(max_length=80)
    hint = models.CharField(max_length=12)
    digest = models.CharField(max_length=64, unique=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.label} ({self.hint})"

    @classmethod
    def issue(
        cls, source: Source, label: str, *, created_by: object, expires_at: datetime
    ) -> tuple[PushToken, str]:
        """A new token and its text, which is kept nowhere."""
        text = PREFIX + secrets.token_urlsafe(32)
        token = cls.objects.create(
            source=source,
            label=label,
            hint=f"…{text[-4:]}",
            digest=digest_of(text),
            created_by=created_by,
            expires_at=expires_at,
        )
        return token, text

    @classmethod
    def usable(cls, text: str, now: datetime) -> PushToken | None:
        """The token of this text if it may still be used. 256 random bits need no slow hash."""
        found = cls.objects.filter(digest=digest_of(text), revoked_at=None, expires_at__gt=now)
        return found.select_related("source").first()


class EventToken(models.Model):
    """May send events (releases, campaigns, incidents), nothing else; expires, can be revoked."""

    label = models.CharField(max_length=80)
    hint = models.CharField(max_length=12)
    digest = models.CharField(max_length=64, unique=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.label} ({self.hint})"

    @classmethod
    def issue(cls, label: str, *, created_by: object, expires_at: datetime) -> tuple[EventToken, str]:
        """A new token and its text, which is kept nowhere."""
        text = EVENT_PREFIX + secrets.token_urlsafe(32)
        token = cls.objects.create(
            label=label,
            hint=f"…{text[-4:]}",
            digest=digest_of(text),
            created_by=created_by,
            expires_at=expires_at,
        )
        return token, text

    @classmethod
    def usable(cls, text: str, now: datetime) -> EventToken | None:
        """The token of this text if it may still be used."""
        return cls.objects.filter(digest=digest_of(text), revoked_at=None, expires_at__gt=now).first()


def digest_of(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
