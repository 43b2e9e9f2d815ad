"""The address of a reminder in messages and in the inbox; teams.reminders.following leads on from there."""

from __future__ import annotations

from django.conf import settings
from django.urls import reverse

from teams.models import Reminder


def address(reminder: Reminder) -> str:
    """The whole address for the button of a message. It opens nothing: whoever follows it signs in."""
    return settings.SITE_URL + path(reminder)


def path(reminder: Reminder) -> str:
    """The same on the own pages."""
    return reverse("told", args=[reminder.pk])
