"""Signs of life of worker and beat."""

from __future__ import annotations

from datetime import datetime

from django.db import models


class Heartbeat(models.Model):
    """When a part of the product was last heard of."""

    name = models.CharField(max_length=40, primary_key=True)
    at = models.DateTimeField()
    version = models.CharField(max_length=20, blank=True, default="")
    detail = models.CharField(max_length=200, blank=True, default="")

    def __str__(self) -> str:
        return f"{self.name} {self.at}"

    @classmethod
    def beat(cls, name: str, now: datetime, *, version: str = "", detail: str = "") -> None:
        cls.objects.update_or_create(
            name=name, defaults={"at": now, "version": version, "detail": detail[:200]}
        )
