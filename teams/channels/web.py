"""What all kinds share whose messages are one POST to an address."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar

from northstar.lib.egress import Egress, EgressDenied, read_url
from teams.channels.base import BadField, Field, Message
from teams.channels.posting import Answer, Post, judge, place_of, post

JSON = {"Content-Type": "application/json; charset=utf-8"}
LONGEST_ADDRESS = 2000


class WebKind(ABC):
    """A kind whose address is its secret: `posted` makes the request, `read` judges the answer."""

    kind: ClassVar[str]
    label: ClassVar[str]
    description: ClassVar[str]
    admins_only: ClassVar[bool] = False
    rotates: ClassVar[str] = ""
    fields: ClassVar[tuple[Field, ...]]

    def missing(self) -> str:
        """Nothing: these need no more than Northstar has."""
        return ""

    def check(self, settings: Mapping[str, str], secrets: Mapping[str, str]) -> None:
        """Raises BadField for an address that is none."""
        checked("address", secrets["address"])

    def host(self, settings: Mapping[str, str], secrets: Mapping[str, str]) -> str:
        """The host of the address, with its port where that is not the one of https."""
        return place_of(self.address(settings, secrets))

    def address(self, settings: Mapping[str, str], secrets: Mapping[str, str]) -> str:
        """Where it is posted to, in full: a secret."""
        return secrets.get("address", "")

    def send(
        self,
        settings: Mapping[str, str],
        secrets: Mapping[str, str],
        message: Message,
        *,
        door: Egress,
        now: datetime,
    ) -> None:
        """Post the message and judge the answer. Raises ChannelError."""
        self.read(post(self.posted(settings, secrets, message, now=now), door=door, now=now))

    def posted(
        self, settings: Mapping[str, str], secrets: Mapping[str, str], message: Message, *, now: datetime
    ) -> Post:
        """The request that carries the message."""
        return Post(self.address(settings, secrets), packed(self.body(settings, message)), JSON)

    @abstractmethod
    def body(self, settings: Mapping[str, str], message: Message) -> Any:
        """What is sent as JSON."""

    def read(self, answer: Answer) -> None:
        """Raises ChannelError unless the service took it."""
        judge(answer, service=self.label)


def packed(body: Any) -> bytes:
    """JSON in UTF-8; half characters, which no service takes, are left out."""
    return json.dumps(body, ensure_ascii=False).encode("utf-8", "ignore")


def checked(field: str, address: str) -> str:
    """The host of an address that was typed into `field`. Raises BadField."""
    try:
        if len(address) > LONGEST_ADDRESS:
            raise EgressDenied("")
        return read_url(address).host
    except EgressDenied:
        # What the door says repeats the address, which is the secret.
        raise BadField(
            field, "This is no web address. Copy the whole of it, beginning with https://."
        ) from None
