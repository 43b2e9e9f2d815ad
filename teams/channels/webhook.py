"""A signed webhook: JSON to an address of your own, with a proof that it came from here (reliability S62)."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from teams.channels.base import BadField, Field, Message
from teams.channels.posting import Post
from teams.channels.web import JSON, WebKind, checked, packed

DELIVERY, TIMESTAMP, SIGNATURE = "X-Northstar-Delivery", "X-Northstar-Timestamp", "X-Northstar-Signature"
SHORTEST_KEY = 16


class Webhook(WebKind):
    kind = "webhook"
    label = "Webhook"
    description = "Signed JSON to an address of your own, for whatever else should hear it."
    fields = (
        Field("address", "Address", "It is sent a POST and answers with any status from 200 to 299."),
        Field("key", "Signing key", "At least 16 characters that you and the receiver know."),
    )
    rotates = "key"

    def check(self, settings: Mapping[str, str], secrets: Mapping[str, str]) -> None:
        """Raises BadField for no address and for a key that could be guessed."""
        checked("address", secrets["address"])
        if len(secrets["key"]) < SHORTEST_KEY:
            raise BadField("key", f"This can be guessed. Use at least {SHORTEST_KEY} characters.")

    def posted(
        self, settings: Mapping[str, str], secrets: Mapping[str, str], message: Message, *, now: datetime
    ) -> Post:
        """The message as JSON with its name as the delivery's, so that a repeat can be dropped."""
        body, moment = packed(self.body(settings, message)), str(int(now.timestamp()))
        keys = [secrets["key"], *filter(None, [secrets.get("old_key", "")])]
        headers = {
            DELIVERY: message.name.encode("ascii", "replace").decode(),
            TIMESTAMP: moment,
            SIGNATURE: ",".join(f"sha256={signature(key, moment, body)}" for key in keys),
        }
        return Post(secrets["address"], body, JSON | headers)

    def body(self, settings: Mapping[str, str], message: Message) -> Any:
        """Everything, uncut: a program reads it."""
        return {
            "name": message.name,
            "subject": message.subject,
            "items": [
                {"subject": each.subject, "text": each.text, "url": each.url, "action": each.action}
                for each in message.items
            ],
            "footer": message.footer,
            "footer_url": message.footer_url,
        }


def signature(key: str, moment: str, body: bytes) -> str:
    """HMAC-SHA256 over "timestamp.body" in hex."""
    return hmac.new(key.encode(), moment.encode() + b"." + body, hashlib.sha256).hexdigest()
