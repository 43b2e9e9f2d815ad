"""Microsoft Teams: a workflow that posts what its webhook receives; connectors of Office 365 are gone."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from teams.channels import fitting
from teams.channels.base import BadField, ChannelError, Field, Item, Message
from teams.channels.posting import Answer, asked_to_wait, dead, judge
from teams.channels.web import WebKind, checked, packed

#: Teams takes 28 KB a message and counts more than is sent.
MOST_BYTES = 18_000
MOST_TEXT = 4000
RETIRED = ("webhook.office.com", "outlook.office.com", "outlook.office365.com")
CARD = "application/vnd.microsoft.card.adaptive"
#: What the workflow service says in `error.code`.
GONE = {
    "WorkflowTriggerIsNotEnabled": "the workflow is switched off",
    "WorkflowNotFound": "the workflow was removed",
    "WorkflowTriggerNotFound": "the workflow no longer begins with a webhook",
    "TriggerNotFound": "the workflow no longer begins with a webhook",
    "DirectApiAuthorizationRequired": "it asks for a signature that the address does not hold",
    "DirectApiInvalidAuthorizationScheme": "it allows only people of its organisation",
}
#: With status 200: "… Microsoft Teams endpoint returned HTTP error 429 with ContextId …".
_WRAPPED = re.compile(r"returned HTTP error (\d{3})")


class MicrosoftTeams(WebKind):
    kind = "msteams"
    label = "Microsoft Teams"
    description = "A card in a channel or a chat, by a workflow that receives webhooks."
    fields = (
        Field(
            "address",
            "Workflow address",
            "In Teams: the channel's … → Workflows → a template that posts when a webhook request is "
            "received. Copy the address at its end.",
        ),
    )

    def check(self, settings: Mapping[str, str], secrets: Mapping[str, str]) -> None:
        """Raises BadField for no address, and for one of the retired connectors."""
        host = checked("address", secrets["address"])
        if host.endswith(RETIRED):
            raise BadField(
                "address",
                "This is an Office 365 connector, which Microsoft has retired. Make a workflow instead: the "
                "channel's … → Workflows.",
            )

    def body(self, settings: Mapping[str, str], message: Message) -> Any:
        """A message with one Adaptive Card; text runs, unlike text blocks, read no Markdown."""
        body, actions = list[Any](), list[Any]()
        for number, item in enumerate(message.items):
            blocks = _blocks(item, first=number == 0)
            if number and len(packed([*body, *blocks, *actions])) > MOST_BYTES:
                break
            body += blocks
        shown = sum(1 for block in body if block["type"] == "ActionSet")
        foot = (
            fitting.more(len(message.items) - shown),
            fitting.quiet(message.footer),
            message.name,
        )
        body.append(_run(" · ".join(part for part in foot if part), size="Small", isSubtle=True))
        card = {
            "type": "AdaptiveCard",
            "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
            "version": "1.4",
            "body": body,
        }
        return {
            "type": "message",
            "attachments": [{"contentType": CARD, "contentUrl": None, "content": card}],
        }

    def read(self, answer: Answer) -> None:
        """A workflow says 202; what it says of an error is in the body, at times with status 200."""
        error = answer.says().get("error")
        code = str(error.get("code", "")) if isinstance(error, dict) else ""
        if code in GONE:
            raise dead(
                f"Teams does not take messages here: {GONE[code]}. Look at the workflow, or make a new one."
            )
        wrapped = _WRAPPED.search(answer.text) if 200 <= answer.status < 300 else None
        if wrapped and wrapped[1] == "429":
            raise asked_to_wait(answer.host, answer.retry_after)
        if wrapped:
            raise ChannelError(
                f"Teams did not take the message (error {wrapped[1]} behind a status {answer.status}). "
                "Look at the workflow.",
                permanent=wrapped[1].startswith("4"),
            )
        judge(answer, service=self.label)


def _blocks(item: Item, *, first: bool) -> list[Any]:
    text = fitting.shortened(fitting.quiet(item.text), MOST_TEXT)
    blocks = [_run(fitting.subject(item), weight="Bolder", size="Medium") | {"separator": not first}]
    blocks += [_run(line) for line in text.splitlines() if line]
    button = {"type": "Action.OpenUrl", "title": fitting.action(item), "url": item.url}
    return [*blocks, {"type": "ActionSet", "actions": [button]}]


def _run(text: str, **looks: Any) -> dict[str, Any]:
    return {"type": "RichTextBlock", "inlines": [{"type": "TextRun", "text": text or "…", **looks}]}
