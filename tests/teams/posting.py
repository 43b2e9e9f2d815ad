"""A real mail server in the test's own process, which answers as it is told."""

from __future__ import annotations

import asyncio
import email
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, time
from email.message import Message
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP

from teams.reminders import quiet

#: Seconds; a test that is "slow" waits for less.
TOO_LATE = 0.5


class PostOffice:
    """Keeps what it accepted. `answers` are given in order; when they are used up it accepts.

    An answer is a line of SMTP ("451 later"), "reset" (the connection is cut after the data was taken),
    "cut" (before it) or "slow" (taken, but said too late).
    """

    def __init__(self) -> None:
        self.accepted: list[Message] = []
        self.recipients: list[list[str]] = []
        self.answers: list[str] = []
        self.refused: dict[str, str] = {}
        self.port = 0

    async def handle_RCPT(self, server: SMTP, session: Any, envelope: Any, address: str, options: Any) -> str:
        if address in self.refused:
            return self.refused[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Any, envelope: Any) -> str:
        answer = self.answers.pop(0) if self.answers else "250 taken"
        if answer in ("250 taken", "reset", "slow"):
            self.accepted.append(email.message_from_bytes(envelope.content))
            self.recipients.append(list(envelope.rcpt_tos))
        if answer == "slow":
            await asyncio.sleep(TOO_LATE)
            return "250 too late"
        if answer in ("reset", "cut"):
            assert server.transport is not None
            server.transport.abort()
            return "250 never heard"
        return answer


@contextmanager
def post_office(settings: Any) -> Iterator[PostOffice]:
    """A running server, and Django's settings pointing at it."""
    office = PostOffice()
    controller = Controller(office, hostname="127.0.0.1", port=free_port())
    controller.start()
    office.port = controller.port
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", controller.port
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
    settings.EMAIL_CONFIGURED = True
    settings.SITE_URL = "https://northstar.example.com"
    try:
        yield office
    finally:
        controller.stop()


@contextmanager
def nobody_answers(settings: Any) -> Iterator[None]:
    """A port of our own that refuses. One that was only free a moment ago may by now be the post office of
    a test beside this one, which would then get our letters."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", held.getsockname()[1]
        yield


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def next_morning(now: datetime) -> datetime:
    """The next moment at which everything that waits may leave, for tests that run at any hour."""
    return quiet.next_morning(now, quiet.Hours("Europe/Berlin", "DE", time(18), time(8)))


def part_of(message: Any, kind: str) -> str:
    """The text of the one part of this kind."""
    (part,) = (each for each in message.walk() if each.get_content_type() == kind)
    return part.get_payload(decode=True).decode()
