"""The weekly business review: what was on the table that Monday, and what people said about it."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q


class WeeklyReview(models.Model):
    """The frozen page of one week; it never changes after `frozen_at`, only remarks are added."""

    week = models.DateField(unique=True, help_text="Monday of the week that it looks back on.")
    frozen_at = models.DateTimeField()
    late_sources = models.JSONField(default=list, help_text="Names of sources that had not delivered.")
    content = models.JSONField(help_text="Sections with their charts and figures, as they were shown.")
    is_demo = models.BooleanField(default=False)

    class Meta:
        ordering = ["-week"]

    def __str__(self) -> str:
        return f"Week of {self.week}"


class WeeklyRemark(models.Model):
    """One sentence about one exception; the newest of a metric counts, older ones stay."""

    review = models.ForeignKey(WeeklyReview, on_delete=models.CASCADE, related_name="remarks")
    line = models.CharField(max_length=60, help_text='"metric:<id>" or "omtm:<id>" of the content.')
    text = models.CharField(max_length=280)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-id"]
        constraints = [models.CheckConstraint(condition=~Q(text=""), name="remark_says_something")]

    def __str__(self) -> str:
        return f"{self.review_id} {self.line}"
