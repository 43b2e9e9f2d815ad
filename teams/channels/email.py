"""E-mail: one letter to one person, in text and HTML."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from smtplib import (
    SMTPDataError,
    SMTPException,
    SMTPRecipientsRefused,
    SMTPSenderRefused,
    SMTPServerDisconnected,
)
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string

from metrics.models import Company
from teams.alerts import quieting
from teams.channels.base import ChannelError
from teams.channels.reaching import reaches as reaches
from teams.models import Reminder, User
from teams.reminders import linking, rules, snoozing, told, unsubscribing
from teams.reminders.wording import after_heading, one_line

#: Answers of a mail server about us, not about the letter: signing in failed, or is asked for.
_ABOUT_US = range(530, 540)
#: The sizes of letters are answered where the sender is named.
_TOO_LARGE = 552
_ABOUT_THE_LETTER = (SMTPRecipientsRefused, SMTPDataError)
_ONE_LINE = 76
_MOST_ERROR = 300


@dataclass(frozen=True, slots=True)
class Letter:
    """What one person is to read. `name` makes the Message-ID, so that a repeat is known as one."""

    recipient: User
    reminders: Sequence[Reminder]
    name: str


class MailError(ChannelError):
    """It did not leave. `untouched`: nobody was even asked to take it, so it surely was not taken."""

    def __init__(self, sentence: str, *, untouched: bool = False, **flags: bool) -> None:
        super().__init__(sentence, **flags)
        self.untouched = untouched


def send(letter: Letter, company: Company) -> None:
    """Hand the letter to the mail server. Raises MailError."""
    hand_over(compose(letter, company))


def hand_over(message: EmailMultiAlternatives) -> None:
    """The same with a message that is written already. Raises MailError."""
    try:
        message.send()
    except OSError as error:
        # smtplib's errors are OSErrors too, told apart by what they carry.
        raise _read(error) from error
    except ValueError as error:
        # An address or a header that no mail can hold.
        raise MailError(one_line(str(error), _MOST_ERROR), permanent=True) from error


def compose(letter: Letter, company: Company) -> EmailMultiAlternatives:
    """The message with its headers. Raises MailError where it cannot be written."""
    first = letter.reminders[0]
    if first.rule == rules.WEEKLY_READY and first.team_id is None:
        # A letter of its own, which is written on top of this module.
        from teams.digests import mailing

        return mailing.compose(letter, company)
    several = len(letter.reminders) > 1
    context = {
        "told": [_told(each, letter.recipient) for each in letter.reminders],
        "several": several,
        "company": company,
        "site": settings.SITE_URL,
        "subject": f"{len(letter.reminders)} things wait in Northstar" if several else first.subject,
        "because": _because(letter),
    }
    message = EmailMultiAlternatives(
        subject=one_line(render_to_string("emails/reminder_subject.txt", context)),
        body=render_to_string("emails/reminder.txt", context),
        to=[letter.recipient.email],
        headers=headers(letter, company),
    )
    message.attach_alternative(render_to_string("emails/reminder.html", context), "text/html")
    return message


def headers(letter: Letter, company: Company) -> dict[str, str]:
    """What mail programs read: the name, the list and how to leave it (RFC 2919, RFC 8058), the thread.

    Who leaves by one click turns off the first rule of the letter that can be turned off.
    """
    found = {
        "Message-ID": message_id(letter.name),
        "Auto-Submitted": "auto-generated",
        "List-Id": f"<reminders.{_host()}>",
    }
    rules_of = (each.rule for each in letter.reminders)
    off = next((rule for rule in rules_of if rule in rules.RULES and not rules.RULES[rule].always), None)
    if off is not None:
        found["List-Unsubscribe"] = f"<{unsubscribing.address(letter.recipient, off)}>"
        found["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    focuses = {each.omtm_id for each in letter.reminders}
    if len(focuses) == 1 and None not in focuses:
        found["References"] = message_id(f"focus.{focuses.pop()}")
    return found


def _told(reminder: Reminder, recipient: User) -> dict[str, object]:
    """One thing in a letter: the heading, what follows it, and the one action."""
    return {
        "heading": reminder.subject,
        "text": after_heading(reminder.subject, reminder.text),
        "address": told.address(reminder),
        "action": reminder.action,
        "link": linking.addresses(reminder, recipient),
        "later": snoozing.address(reminder.omtm_id) if snoozing.can_wait(reminder) else "",
        "mute": quieting.address(reminder, recipient),
    }


def _because(letter: Letter) -> list[tuple[str, str]]:
    """(words of the rule, address that turns it off, empty where it is told always), each rule once."""
    found = {}
    for rule in dict.fromkeys(each.rule for each in letter.reminders):
        if rule in rules.RULES:
            known = rules.RULES[rule]
            off = "" if known.always else unsubscribing.address(letter.recipient, rule)
            found[known.words] = off
    return list(found.items())


def message_id(name: str) -> str:
    """The Message-ID of a letter: the same for the same name on the same site."""
    local = "".join(sign if sign.isalnum() or sign in "-_" else "." for sign in name)
    host = _host()
    if len(f"Message-ID: <{local}@{host}>") > _ONE_LINE:
        # A header that is folded over two lines is mangled by some mail servers on its way.
        local = hashlib.sha256(name.encode()).hexdigest()[:32]
    return f"<{local}@{host}>"


def _host() -> str:
    return urlsplit(settings.SITE_URL).hostname or "localhost"


def _read(error: OSError) -> MailError:
    refused = getattr(error, "recipients", None)
    if isinstance(refused, dict) and refused:
        code, words = next(iter(refused.values()))
    else:
        code, words = getattr(error, "smtp_code", None), getattr(error, "smtp_error", "")
    if code is None:
        return _without_answer(error)
    said = words.decode("utf-8", "replace") if isinstance(words, bytes) else str(words)
    sentence = one_line(f"The mail server said {code} {said}", _MOST_ERROR)
    if _is_about_us(error, code):
        return MailError(sentence, unreachable=True, untouched=True)
    return MailError(sentence, permanent=code >= 500, unreachable=code == 421)


def _without_answer(error: OSError) -> MailError:
    # smtplib's word for a connection that ended on the way has no number: the letter may have been taken.
    cut = isinstance(error, SMTPServerDisconnected)
    known = error.errno is not None or isinstance(error, (TimeoutError, SMTPException))
    sentence = one_line(f"The mail server did not answer: {error}", _MOST_ERROR)
    return MailError(sentence, unreachable=True, untouched=known and not cut)


def _is_about_us(error: OSError, code: int) -> bool:
    """Whether it refused to talk to us at all; what it says of a recipient or a letter is about that one."""
    if isinstance(error, SMTPSenderRefused) and code == _TOO_LARGE:
        return False
    return code in _ABOUT_US or not isinstance(error, _ABOUT_THE_LETTER)
