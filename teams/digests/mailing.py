"""The weekly letter as a mail: tables and inline styles for Outlook, pictures inside, text beside them.

It fails closed: where a picture cannot be drawn no letter leaves, and the status page says why.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.mime.image import MIMEImage
from functools import cache
from typing import Any
from urllib.parse import urlsplit

import css_inline
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string

from metrics.charts import stylesheet
from metrics.charts.picture import PictureError
from metrics.models import Company
from northstar.lib.localtime import local_day
from teams.channels import email
from teams.channels.email import MailError
from teams.digests import announcing, letter, pictures
from teams.digests.letter import Letter
from teams.digests.pictures import Pair
from teams.digests.reading import reader_of
from teams.models import User, WeeklyReview
from teams.reminders import told as followed
from teams.reminders import unsubscribing
from teams.reminders.rules import WEEKLY_READY
from teams.reminders.wording import one_line

#: Names of the page's colours that a letter has, by what they are in it.
COLOURS = {
    "ground": "--ground",
    "card": "--card",
    "line": "--hairline",
    "ink": "--ink",
    "muted": "--muted",
    "accent": "--accent",
    "link": "--accent-ink",
    "on_accent": "--on-accent",
    "good": "--good-ink",
    "warn": "--warn-ink",
    "bad": "--bad-ink",
    "warn_ground": "--warn-ground",
}
_INLINER = css_inline.CSSInliner(load_remote_stylesheets=False, keep_style_tags=False, keep_at_rules=True)


class WeeklyMail(EmailMultiAlternatives):
    """Text or HTML, with the pictures that belong to the HTML."""

    mixed_subtype = "related"


@dataclass(frozen=True, slots=True)
class Sources:
    """The addresses of a picture on a light and on a dark ground."""

    light: str
    dark: str


@dataclass(frozen=True, slots=True)
class Written:
    """A letter in both forms, with its pictures."""

    letter: Letter
    text: str
    html: str
    pairs: Mapping[str, Pair]


def compose(told: email.Letter, company: Company) -> EmailMultiAlternatives:
    """The mail of a reminder of the weekly review, for its recipient. Raises MailError."""
    week = announcing.week_of(told.reminders[0])
    review = WeeklyReview.objects.filter(week=week).first()
    if review is None:
        raise MailError("The weekly review was removed, so there is nothing to write about.", permanent=True)
    return of(review, told, company, page=followed.address(told.reminders[0]))


def of(review: WeeklyReview, told: email.Letter, company: Company, *, page: str) -> EmailMultiAlternatives:
    """The mail about a review; its button leads to `page`. Raises MailError."""
    try:
        written = write(review, told.recipient, company, page=page)
    except PictureError as error:
        raise MailError(f"A picture of the weekly letter could not be drawn: {error}") from error
    message = WeeklyMail(
        subject=one_line(written.letter.subject),
        body=written.text,
        to=[told.recipient.email],
        headers=email.headers(told, company),
    )
    message.attach_alternative(written.html, "text/html")
    for pair in written.pairs.values():
        for theme, body in (("light", pair.light), ("dark", pair.dark)):
            message.attach(_image(f"{pair.name}-{theme}", body, written.letter.code))
    return message


def write(
    review: WeeklyReview,
    user: User,
    company: Company,
    *,
    page: str = "",
    sources: Callable[[Pair, str], Sources] | None = None,
) -> Written:
    """The letter as text and HTML, its button leading to `page`, else to that of the review.

    `sources` gives the addresses of a picture, else they are those of parts of the mail. A constant number of
    queries. Raises PictureError.
    """
    shown, pairs = context(review, user, company, page=page, sources=sources)
    html = _INLINER.inline(render_to_string("emails/weekly.html", shown))
    return Written(shown["letter"], render_to_string("emails/weekly.txt", shown), html, pairs)


def context(
    review: WeeklyReview,
    user: User,
    company: Company,
    *,
    page: str = "",
    sources: Callable[[Pair, str], Sources] | None = None,
) -> tuple[dict[str, Any], dict[str, Pair]]:
    """What the templates of a letter are given, and its pictures. Raises PictureError."""
    found = letter.of(review, reader_of(user), local_day(review.frozen_at, company.zone))
    pairs = pictures.of(found)
    return {
        "letter": found,
        "company": company,
        "site": settings.SITE_URL,
        "page": page or settings.SITE_URL + found.path,
        "pictures": {key: (sources or _cids)(pair, found.code) for key, pair in pairs.items()},
        "stop": unsubscribing.address(user, WEEKLY_READY),
        "light": palette("light"),
        "dark": palette("dark"),
    }, pairs


@cache
def palette(theme: str) -> dict[str, str]:
    """The colours of a letter by name, from the page's own stylesheet."""
    return {name: stylesheet.token(token, theme) for name, token in COLOURS.items()}


def _cids(pair: Pair, code: str) -> Sources:
    return Sources(f"cid:{_cid(f'{pair.name}-light', code)}", f"cid:{_cid(f'{pair.name}-dark', code)}")


def _cid(name: str, code: str) -> str:
    return f"{name}.{code}@{urlsplit(settings.SITE_URL).hostname or 'localhost'}"


def _image(name: str, body: bytes, code: str) -> MIMEImage:
    image = MIMEImage(body, "png")
    image.add_header("Content-ID", f"<{_cid(name, code)}>")
    image.add_header("Content-Disposition", "inline", filename=f"{name}.png")
    return image
