"""Reviews of OMTMs and of the North Star."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from metrics.models import NorthStar
from teams.models.omtm import Omtm

REVIEW_KINDS = {
    "midpoint": "Half-way review",
    "closing": "Closing review",
    "meeting": "Review meeting",
    "north_star": "North Star review",
}


class Review(models.Model):
    """A look at a bet on a date; held once somebody recorded a decision.

    In a meeting a bet has one of each day, with what is to be done next, by whom and until when.
    """

    omtm = models.ForeignKey(Omtm, null=True, blank=True, on_delete=models.CASCADE, related_name="reviews")
    north_star = models.ForeignKey(
        NorthStar, null=True, blank=True, on_delete=models.CASCADE, related_name="reviews"
    )
    kind = models.CharField(max_length=12)
    due_on = models.DateField()
    opened_at = models.DateTimeField(auto_now_add=True)
    held_at = models.DateTimeField(null=True, blank=True)
    held_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL)
    decision = models.CharField(max_length=20, blank=True, default="")
    note = models.TextField(blank=True, default="")
    answers = models.JSONField(default=dict, blank=True, help_text="What was answered beside the note.")
    draft = models.JSONField(default=dict, blank=True, help_text="What was typed so far, saved by itself.")
    draft_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    draft_no = models.PositiveIntegerField(
        default=0, help_text="Counts up with every save, so that nobody types over another unknowingly."
    )
    draft_at = models.DateTimeField(null=True, blank=True)
    facts = models.JSONField(
        default=dict, blank=True, help_text="The figures as they stood when it was held."
    )
    minutes = models.TextField(blank=True, default="")
    next_on = models.DateField(null=True, blank=True, help_text="When people meet about it again.")
    action_owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    action_by = models.DateField(null=True, blank=True, help_text="Until when the next action is done.")
    is_demo = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["omtm", "kind"], condition=Q(kind="midpoint"), name="one_midpoint_review"
            ),
            models.UniqueConstraint(
                fields=["omtm", "kind"], condition=Q(kind="closing"), name="one_closing_review"
            ),
            models.UniqueConstraint(
                fields=["omtm", "due_on"], condition=Q(kind="meeting"), name="one_review_a_meeting"
            ),
            models.UniqueConstraint(
                fields=["north_star"],
                condition=Q(kind="north_star", held_at=None),
                name="one_open_north_star_review",
            ),
            models.CheckConstraint(condition=Q(kind__in=list(REVIEW_KINDS)), name="review_kind_known"),
            models.CheckConstraint(
                condition=Q(omtm=None, north_star__isnull=False) | Q(omtm__isnull=False, north_star=None),
                name="review_of_one_thing",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} due {self.due_on}"
