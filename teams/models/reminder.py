"""What people are to be told, and each telling: rows and keys, so that nobody is told twice."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from metrics.models import Metric, NorthStar
from teams.models.alert import Alert
from teams.models.channel import Channel
from teams.models.omtm import Omtm
from teams.models.team import Team

DELIVERY_CHANNELS = ("app", "email", "chat")


class Reminder(models.Model):
    """A rule met on a date, about one thing; its key makes it happen once."""

    key = models.CharField(max_length=120, unique=True, help_text="rule, object, occurrence date")
    rule = models.CharField(max_length=24)
    omtm = models.ForeignKey(Omtm, null=True, blank=True, on_delete=models.CASCADE, related_name="reminders")
    north_star = models.ForeignKey(NorthStar, null=True, blank=True, on_delete=models.CASCADE)
    team = models.ForeignKey(Team, null=True, blank=True, on_delete=models.CASCADE, related_name="reminders")
    metric = models.ForeignKey(
        Metric, null=True, blank=True, on_delete=models.CASCADE, related_name="reminders"
    )
    alert = models.ForeignKey(
        Alert, null=True, blank=True, on_delete=models.CASCADE, related_name="reminders"
    )
    urgent = models.BooleanField(
        default=True, help_text="A message of its own; else it goes with the next one or in the digest."
    )
    occurs_on = models.DateField()
    subject = models.CharField(max_length=200)
    text = models.TextField()
    plain_text = models.TextField(
        blank=True, default="", help_text="The same without a number, for chats that hide them."
    )
    plain_subject = models.CharField(
        max_length=200, blank=True, default="", help_text="Only where the subject holds a number."
    )
    path = models.CharField(max_length=200, help_text="The page with the one action that is asked for.")
    action = models.CharField(max_length=40, help_text="The words of the button.")
    closed_at = models.DateTimeField(null=True, blank=True, help_text="What it asks for was done.")
    created_at = models.DateTimeField(auto_now_add=True)
    is_demo = models.BooleanField(default=False)

    def __str__(self) -> str:
        return self.key


class Delivery(models.Model):
    """One telling of one reminder: to one person over one channel, or to the people of a shared chat."""

    reminder = models.ForeignKey(Reminder, on_delete=models.CASCADE, related_name="deliveries")
    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="deliveries",
        help_text="Nobody where a chat that several people read is told.",
    )
    channel = models.CharField(max_length=12, help_text="app, email or chat")
    via = models.ForeignKey(
        Channel, null=True, blank=True, on_delete=models.CASCADE, related_name="deliveries"
    )
    state = models.CharField(max_length=8, default="due")
    attempt = models.PositiveSmallIntegerField(default=0)
    next_due_at = models.DateTimeField(null=True, blank=True, db_index=True)
    is_ripe = models.BooleanField(
        default=False, help_text="It was to leave already: it leaves as soon as it may, not with a digest."
    )
    lease_until = models.DateTimeField(null=True, blank=True)
    lease_token = models.CharField(max_length=40, blank=True, default="")
    message_id = models.CharField(max_length=120, blank=True, default="", db_index=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    seen_at = models.DateTimeField(null=True, blank=True)
    acted_at = models.DateTimeField(null=True, blank=True, help_text="Its link was followed, or it was done.")
    error = models.CharField(max_length=300, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["reminder", "recipient", "channel"], name="told_once_a_channel"),
            models.UniqueConstraint(
                fields=["reminder", "via"], condition=Q(recipient=None), name="told_once_a_shared_chat"
            ),
            models.CheckConstraint(condition=Q(channel__in=DELIVERY_CHANNELS), name="channel_known"),
            models.CheckConstraint(
                condition=Q(recipient__isnull=False) | Q(via__isnull=False), name="told_to_somebody"
            ),
        ]
        # The bell of every page asks for these, and there are few of them.
        indexes = [
            models.Index(
                fields=["recipient"], condition=Q(channel="app", seen_at=None), name="unseen_in_the_app"
            )
        ]

    def __str__(self) -> str:
        return f"{self.reminder_id} to {self.recipient_id or self.via} by {self.channel}: {self.state}"


class Snooze(models.Model):
    """A review put off, with the reason; twice at most, and never by whom an escalation is about."""

    omtm = models.ForeignKey(Omtm, on_delete=models.CASCADE, related_name="snoozes")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL)
    until = models.DateField(help_text="Nothing is asked before this day.")
    reason = models.CharField(max_length=200)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(reason=""), name="snooze_says_why")]

    def __str__(self) -> str:
        return f"{self.omtm_id} until {self.until}"
