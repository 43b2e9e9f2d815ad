"""One's own weekly letter before Monday: to be seen on a page, and to be sent at once."""

from __future__ import annotations

import base64
import logging
import secrets
from datetime import datetime

from django.conf import settings

from metrics.charts.picture import PictureError
from metrics.models import Company
from metrics.waking import wake
from teams.channels import email
from teams.channels.base import ChannelError
from teams.digests import announcing, mailing
from teams.digests.mailing import Sources
from teams.digests.pictures import Pair
from teams.models import Reminder, User, WeeklyReview
from teams.reminders.rules import WEEKLY_READY

log = logging.getLogger(__name__)
NOT_SET_UP = "E-mail is not set up here, so nothing can be sent. An admin sets EMAIL_URL."
NOBODY = "There is no address to send it to."


class PreviewError(Exception):
    """It cannot be shown or sent; the sentence says why."""


def newest() -> WeeklyReview | None:
    """The review that a letter would be about now. One query."""
    return WeeklyReview.objects.order_by("-week").first()


def html(review: WeeklyReview, user: User, company: Company) -> str:
    """The letter with its pictures inside, for a browser. Raises PreviewError."""
    try:
        return mailing.write(review, user, company, sources=_inside).html
    except PictureError as error:
        raise PreviewError(f"The letter cannot be drawn: {error}") from error


def ask(review: WeeklyReview, user: User) -> None:
    """Have the worker send the letter at once: it was asked for, so no quiet time holds it. PreviewError."""
    if not settings.EMAIL_CONFIGURED:
        raise PreviewError(NOT_SET_UP)
    if not email.reaches(user):
        raise PreviewError(NOBODY)
    wake("teams.tasks.send_weekly_letter", review.pk, user.pk)


def run(review_id: int, user_id: int, *, now: datetime) -> None:
    """In the worker: send it, if both are still there. What goes wrong stands in the log."""
    review = WeeklyReview.objects.filter(pk=review_id).first()
    user = User.objects.filter(pk=user_id, is_active=True).first()
    if review is None or user is None:
        return
    try:
        send(review, user, Company.current(), now=now)
    except PreviewError as error:
        log.error("the weekly letter that was asked for could not be sent: %s", error)


def send(review: WeeklyReview, user: User, company: Company, *, now: datetime) -> None:
    """Send the letter. Raises PreviewError."""
    # Not stored: it is no telling, and each time it is asked for it is another letter.
    shown = Reminder(key=announcing.key_of(review.week), rule=WEEKLY_READY)
    asked = email.Letter(user, [shown], f"asked.{review.week}.{user.pk}.{now:%H%M%S}.{secrets.token_hex(4)}")
    try:
        email.hand_over(mailing.of(review, asked, company, page=""))
    except ChannelError as error:
        raise PreviewError(str(error)) from error


def _inside(pair: Pair, code: str) -> Sources:
    return Sources(
        *(f"data:image/png;base64,{base64.b64encode(body).decode()}" for body in (pair.light, pair.dark))
    )
