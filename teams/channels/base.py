"""What every chat and webhook is: a kind with fields, to which a message is handed (architecture §4)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar, Protocol

from northstar.lib.egress import Egress


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that is told: a short heading, plain text, and the one action with its whole address."""

    subject: str
    text: str
    url: str
    action: str


@dataclass(frozen=True, slots=True)
class Message:
    """What one telling says. `name` is the same whenever it is sent again, so that a repeat is known."""

    name: str
    items: Sequence[Item]
    footer: str = ""
    footer_url: str = ""

    @property
    def subject(self) -> str:
        """The one heading, or how many things there are."""
        return (
            self.items[0].subject if len(self.items) == 1 else f"{len(self.items)} things wait in Northstar"
        )


class ChannelError(Exception):
    """It was not told. The sentence says what happened and what to do, without a secret.

    `permanent`: this message never will be; `unreachable`: nothing else would get through either, for now;
    `broken`: the channel itself is dead until somebody mends it; `retry_after`: how long it asked to be left.
    """

    def __init__(
        self,
        sentence: str,
        *,
        permanent: bool = False,
        unreachable: bool = False,
        broken: bool = False,
        retry_after: timedelta | None = None,
    ) -> None:
        super().__init__(sentence)
        self.permanent, self.unreachable, self.broken = permanent, unreachable, broken
        self.retry_after = retry_after


class BadField(ValueError):
    """What was typed into `field` can never work; the sentence says why, without repeating it."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(sentence)
        self.field = field


@dataclass(frozen=True, slots=True)
class Field:
    """A field of the form that connects a channel."""

    name: str
    label: str
    hint: str
    secret: bool = True
    required: bool = True


class Kind(Protocol):
    """How one service is told something: stateless, one request a message, through egress."""

    kind: ClassVar[str]
    label: ClassVar[str]
    description: ClassVar[str]
    admins_only: ClassVar[bool]
    #: The secret whose old form goes on being used beside a new one, until that is ended; else empty.
    rotates: ClassVar[str]
    fields: ClassVar[tuple[Field, ...]]

    def missing(self) -> str:
        """The one command that adds what this kind needs and is not installed; else empty."""

    def check(self, settings: Mapping[str, str], secrets: Mapping[str, str]) -> None:
        """Raises BadField where these can never work. Asks nobody."""

    def host(self, settings: Mapping[str, str], secrets: Mapping[str, str]) -> str:
        """Where messages go, as it may be shown and compared; the rest of an address is a secret."""

    def send(
        self,
        settings: Mapping[str, str],
        secrets: Mapping[str, str],
        message: Message,
        *,
        door: Egress,
        now: datetime,
    ) -> None:
        """Hand the message over through `door`. Raises ChannelError."""
