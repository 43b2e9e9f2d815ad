"""How people score candidates: ICE or RICE, each person once a candidate."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from teams.models.omtm import Omtm

SCORE_METHODS = {
    "ice": "ICE: impact × confidence × ease",
    "rice": "RICE: reach × impact × confidence / effort",
}


class Score(models.Model):
    """What one person thinks of one candidate. ICE: 1 to 10 each; RICE: the steps of domain 5."""

    policy_team_path = "omtm__team_id"

    omtm = models.ForeignKey(Omtm, on_delete=models.CASCADE, related_name="scores")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="scores")
    method = models.CharField(max_length=4)
    impact = models.DecimalField(max_digits=4, decimal_places=2)
    confidence = models.DecimalField(max_digits=4, decimal_places=2)
    ease = models.PositiveSmallIntegerField(null=True, blank=True, help_text="ICE only, 1 to 10.")
    effort = models.DecimalField(
        max_digits=6, decimal_places=2, null=True, blank=True, help_text="RICE only, person-months."
    )
    scored_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["omtm", "person", "method"], name="one_score_a_person"),
            models.CheckConstraint(condition=Q(method__in=list(SCORE_METHODS)), name="score_method_known"),
            models.CheckConstraint(
                condition=Q(method="ice", ease__isnull=False, effort=None)
                | Q(method="rice", ease=None, effort__isnull=False),
                name="score_fits_its_method",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.omtm_id} by {self.person_id}"
