"""The company: one row, its zone frozen once there are observations."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import models

#: Who may share a page by a link that needs no account (northstar/sharing).
SHARERS = {
    "everybody": "Everybody who may see a page",
    "leaders": "Leaders and admins",
    "nobody": "Nobody",
}


class Company(models.Model):
    """The one company that this installation serves."""

    name = models.CharField(max_length=120, default="Your company")
    zone = models.CharField(max_length=64, default="UTC")
    country = models.CharField(max_length=2, blank=True, default="", help_text="For public holidays.")
    two_key_commit = models.BooleanField(default=False, help_text="A leader approves each commitment.")
    commitment_quorum = models.BooleanField(default=False, help_text="Most of the team must have answered.")
    blind_scoring = models.BooleanField(default=False, help_text="Scores are seen once everybody scored.")
    score_method = models.CharField(max_length=4, default="ice", help_text="ice or rice")
    check_in_days = models.PositiveSmallIntegerField(default=7, help_text="7 or 14")
    hide_numbers = models.BooleanField(default=False, help_text="No values in chats and webhooks.")
    share_links = models.CharField(
        max_length=10, default="everybody", help_text="Who may share a page by a link."
    )
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
