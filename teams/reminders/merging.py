"""What shares a message: everything due, and of each thing only the newest."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from teams.models import Channel, Delivery, Reminder, User
from teams.reminders import reminding

#: The rows' field holds no more.
MOST_SIGNS = 120


@dataclass(frozen=True, slots=True)
class Parcel:
    """Rows that leave as one message over one way, to one person or to a shared chat (`recipient` None)."""

    rows: Sequence[Delivery]

    @property
    def recipient(self) -> User | None:
        return self.rows[0].recipient

    @property
    def via(self) -> Channel | None:
        """The chat; None for e-mail."""
        return self.rows[0].via

    @property
    def name(self) -> str:
        """The same whenever it is sent again: what it was called before, else by its first reminder."""
        first = self.rows[0]
        if first.message_id:
            return first.message_id
        to = first.recipient_id or f"chat-{first.via_id}"
        name = f"{'digest.' if len(self.rows) > 1 else ''}{first.reminder.key}.{to}"
        if len(name) > MOST_SIGNS:
            name = f"{name[: MOST_SIGNS - 33]}.{hashlib.sha256(name.encode()).hexdigest()[:32]}"
        return name


def newest_of_each(reminders: Iterable[Reminder]) -> list[Reminder]:
    """One reminder for each thing, the newest: an older one about the same thing says nothing more."""
    newest = {reminding.about(each): each for each in sorted(reminders, key=_by_day)}
    return sorted(newest.values(), key=_by_day)


def _by_day(reminder: Reminder) -> tuple[date, int]:
    return reminder.occurs_on, reminder.pk
