"""Choosing a North Star step by step, and testing later whether it is still the right one."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from metrics.models.northstar import NorthStar


class StarChoice(models.Model):
    """A guided choice on its way: what was answered at each step, and the candidates side by side."""

    scope = models.CharField(max_length=10, default="company")
    unit = models.CharField(max_length=80, blank=True, default="")
    answers = models.JSONField(default=dict, blank=True, help_text="By the names of the fields of the steps.")
    candidates = models.JSONField(
        default=list, blank=True, help_text="[{name, definition, metric, checklist, note}, …]"
    )
    chosen = models.PositiveSmallIntegerField(null=True, blank=True, help_text="Place in candidates, from 0.")
    started_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL)
    started_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(auto_now=True)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    finished_at = models.DateTimeField(null=True, blank=True)
    north_star = models.ForeignKey(
        NorthStar, null=True, blank=True, on_delete=models.SET_NULL, related_name="choices"
    )

    def __str__(self) -> str:
        return f"{self.unit or 'company'} {self.started_at:%Y-%m-%d}"


class FitnessTest(models.Model):
    """What the data said about a North Star on a day: does it still lead, does it still move?"""

    north_star = models.ForeignKey(NorthStar, on_delete=models.CASCADE, related_name="fitness_tests")
    tested_on = models.DateField()
    verdict = models.CharField(max_length=12, help_text="fit, doubtful or unknown")
    words = models.TextField()
    findings = models.JSONField(default=list, help_text="[{name, verdict, words, …}, …]")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["north_star", "tested_on"], name="one_fitness_test_a_day")
        ]

    def __str__(self) -> str:
        return f"{self.north_star_id} {self.tested_on}: {self.verdict}"
