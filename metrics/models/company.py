"""The company: one row, its zone frozen once there are observations."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import models


class Company(models.Model):
    """The one company that this installation serves."""

    name = models.CharField(max_length=120, default="Your company")
    zone = models.CharField(max_length=64, default="UTC")
    country = models.CharField(max_length=2, blank=True, default="", help_text="For public holidays.")
    is_demo = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="one_company")]

    def __str__(self) -> str:
        return self.name

    @classmethod
    def current(cls) -> Company:
        """The company, made from TIME_ZONE at first use."""
        company = cls.objects.filter(id=1).first()
        if company is None:
            company, _ = cls.objects.get_or_create(id=1, defaults={"zone": settings.COMPANY_TIME_ZONE})
        return company

    @property
    def tz(self) -> ZoneInfo:
        return ZoneInfo(self.zone)
