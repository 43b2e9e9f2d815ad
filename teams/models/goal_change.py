"""The ledger of moved goal-posts: what was changed of a bet after it was committed, and why."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from teams.models.omtm import Omtm

GOAL_CHANGES = {"target": "Target", "window": "Window", "definition": "Definition", "baseline": "Baseline"}


class GoalChange(models.Model):
    """One change of target, window, definition or baseline; append only."""

    policy_team_path = "omtm__team_id"

    omtm = models.ForeignKey(Omtm, on_delete=models.CASCADE, related_name="goal_changes")
    kind = models.CharField(max_length=12)
    day = models.DateField(help_text="The company's day on which it was changed.")
    before = models.JSONField(help_text='As text: {"target": "0.34"}, {"end": "2026-12-31"}, …')
    after = models.JSONField()
    reason = models.CharField(max_length=500)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=list(GOAL_CHANGES)), name="goal_change_known"),
            models.CheckConstraint(condition=~Q(reason=""), name="goal_change_has_a_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.omtm_id} {self.kind} {self.day}"
