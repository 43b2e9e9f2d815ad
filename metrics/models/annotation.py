"""Something that happened, for the people who read the charts."""

from __future__ import annotations

from collections.abc import Iterable

from django.conf import settings
from django.db import models

from metrics.models.metric import Metric
from metrics.models.token import EventToken

ANNOTATION_KINDS = {
    "release": "Release",
    "campaign": "Campaign",
    "incident": "Incident",
    "market": "Market",
    "data": "Data",
    "definition": "Definition",
    "decision": "Decision",
}


class AnnotationQuerySet(models.QuerySet["Annotation"]):
    def on(self, metrics: Iterable[Metric | int | None]) -> AnnotationQuerySet:
        """Those on the charts of these metrics: their own and the company's, oldest first."""
        company = models.Q(metric=None, of_team=False)
        return self.filter(company | models.Q(metric__in=list(metrics))).order_by("day", "id")


class Annotation(models.Model):
    """A dated note: for the whole company, for one metric, or (teams.Team.annotations) for one team."""

    policy_creator_path = "author_id"

    day = models.DateField()
    until = models.DateField(null=True, blank=True)
    text = models.CharField(max_length=140)
    kind = models.CharField(max_length=12, default="decision")
    metric = models.ForeignKey(
        Metric, null=True, blank=True, on_delete=models.CASCADE, related_name="annotations"
    )
    of_team = models.BooleanField(default=False, help_text="On the charts of its team only.")
    link = models.URLField(blank=True, default="")
    external_id = models.CharField(
        max_length=120,
        null=True,
        blank=True,
        unique=True,
        help_text="The name that a program gave it.",
    )
    token = models.ForeignKey(
        EventToken, null=True, blank=True, on_delete=models.SET_NULL, related_name="annotations"
    )
    author = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL)
    is_demo = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = AnnotationQuerySet.as_manager()

    class Meta:
        ordering = ["-day", "-id"]
        constraints = [
            models.CheckConstraint(condition=models.Q(kind__in=list(ANNOTATION_KINDS)), name="note_kind"),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.text}"
