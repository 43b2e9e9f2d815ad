"""The letter with an invitation. Sent at once and never stored: it holds the link."""

from __future__ import annotations

import logging

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string

from metrics.models import Company
from teams.models import Invitation

log = logging.getLogger(__name__)


def send(invitation: Invitation, link: str) -> str:
    """Hand the letter to the mail server; what went wrong in a sentence, empty if it left."""
    if not settings.EMAIL_CONFIGURED:
        return "E-mail is not set up here, so nothing was sent. Copy the link and pass it on yourself."
    try:
        compose(invitation, link).send()
    except (OSError, ValueError):
        log.exception("an invitation could not be mailed")
        return "The mail could not be sent; the log says why. Copy the link and pass it on yourself."
    return ""


def compose(invitation: Invitation, link: str) -> EmailMultiAlternatives:
    """The letter as text and HTML; `link` stands in full in both."""
    context = {"invitation": invitation, "link": link, "company": Company.current()}
    subject = render_to_string("emails/invitation_subject.txt", context)
    message = EmailMultiAlternatives(
        subject=" ".join(subject.split()),
        body=render_to_string("emails/invitation_body.txt", context),
        to=[invitation.email],
        headers={"Auto-Submitted": "auto-generated"},
    )
    message.attach_alternative(render_to_string("emails/invitation_body.html", context), "text/html")
    return message
