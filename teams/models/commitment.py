"""Who puts a bet first: a statement to the team, never used to rate a person (domain 5)."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from teams.models.omtm import Omtm

ANSWERS = {
    "in": "I am in: I will put this first",
    "in_with_concern": "I am in, with a concern",
    "not_in": "I am not in",
}


class Commitment(models.Model):
    """One person's answer in one round of asking; a concern stays until the lead answered it."""

    policy_team_path = "omtm__team_id"

    omtm = models.ForeignKey(Omtm, on_delete=models.CASCADE, related_name="commitments")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="commitments")
    asked_in = models.PositiveSmallIntegerField(help_text="The round: Omtm.commitment_round at that time.")
    answer = models.CharField(max_length=16)
    note = models.CharField(max_length=500, blank=True, default="")
    answered_at = models.DateTimeField(auto_now=True)
    reply = models.CharField(max_length=500, blank=True, default="")
    replied_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    replied_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["omtm", "person", "asked_in"], name="one_answer_a_round"),
            models.CheckConstraint(condition=Q(answer__in=list(ANSWERS)), name="commitment_known"),
            models.CheckConstraint(condition=Q(answer="in") | ~Q(note=""), name="concern_says_what_it_is"),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} on {self.omtm_id}: {self.answer}"
