"""What people are to be told, and each telling: rows and keys, so that nobody is told twice."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from metrics.models import NorthStar
from teams.models.omtm import Omtm


class Reminder(models.Model):
    """A rule met on a date, about one thing; its key makes it happen once."""

    key = models.CharField(max_length=120, unique=True, help_text="rule, object, occurrence date")
    rule = models.CharField(max_length=24)
    omtm = models.ForeignKey(Omtm, null=True, blank=True, on_delete=models.CASCADE, related_name="reminders")
    north_star = models.ForeignKey(NorthStar, null=True, blank=True, on_delete=models.CASCADE)
    occurs_on = models.DateField()
    subject = models.CharField(max_length=200)
    text = models.TextField()
    path = models.CharField(max_length=200, help_text="The page with the one action that is asked for.")
    action = models.CharField(max_length=40, help_text="The words of the button.")
    closed_at = models.DateTimeField(null=True, blank=True, help_text="What it asks for was done.")
    created_at = models.DateTimeField(auto_now_add=True)
    is_demo = models.BooleanField(default=False)

    def __str__(self) -> str:
        return self.key


class Delivery(models.Model):
    """One telling of one reminder to one person over one channel."""

    reminder = models.ForeignKey(Reminder, on_delete=models.CASCADE, related_name="deliveries")
    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="deliveries"
    )
    channel = models.CharField(max_length=12, help_text="app or email")
    state = models.CharField(max_length=8, default="due")
    attempt = models.PositiveSmallIntegerField(default=0)
    next_due_at = models.DateTimeField(null=True, blank=True, db_index=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    lease_token = models.CharField(max_length=40, blank=True, default="")
    message_id = models.CharField(max_length=120, blank=True, default="")
    sent_at = models.DateTimeField(null=True, blank=True)
    seen_at = models.DateTimeField(null=True, blank=True)
    error = models.CharField(max_length=300, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["reminder", "recipient", "channel"], name="told_once_a_channel"),
            models.CheckConstraint(condition=Q(channel__in=("app", "email")), name="channel_known"),
        ]

    def __str__(self) -> str:
        return f"{self.reminder_id} to {self.recipient_id} by {self.channel}: {self.state}"
