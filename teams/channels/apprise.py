"""Apprise: more than a hundred other services, by a package that is installed on request, for admins alone.

It opens connections of its own, past the guarded door: that is why only admins may enter its addresses.
"""

from __future__ import annotations

import importlib.util
import logging
from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar

from northstar.lib.egress import Egress
from teams.channels import fitting
from teams.channels.base import BadField, ChannelError, Field, Item, Message

COMMAND = "make driver NAME=apprise"
MOST_TEXT = 3000
SECONDS = 20.0
#: What shows a window or writes a log on the machine of the worker: nobody reads it there.
LOCAL = frozenset({"dbus", "kde", "qt", "glib", "gio", "gnome", "macosx", "windows", "syslog", "blink1"})


class Apprise:
    kind: ClassVar[str] = "apprise"
    label: ClassVar[str] = "Apprise"
    description: ClassVar[str] = (
        "ntfy, Matrix, Signal and more than a hundred others. Only admins connect it."
    )
    admins_only: ClassVar[bool] = True
    rotates: ClassVar[str] = ""
    fields: ClassVar[tuple[Field, ...]] = (
        Field(
            "address",
            "Apprise address",
            "One address as Apprise documents it for the service, such as ntfy://topic.",
        ),
    )

    def missing(self) -> str:
        """The command that installs it."""
        return "" if importlib.util.find_spec("apprise") else COMMAND

    def check(self, settings: Mapping[str, str], secrets: Mapping[str, str]) -> None:
        """Raises BadField for what Apprise cannot read, and for what only shows on the worker's machine."""
        if self.missing():
            raise BadField("address", f"Apprise is not installed here. Add it with: {COMMAND}")
        if _scheme(secrets["address"]) in LOCAL:
            raise BadField("address", "This shows something on the machine of Northstar, where nobody looks.")
        if _service(secrets["address"]) is None:
            raise BadField("address", "Apprise cannot read this. Copy it as its documentation shows it.")

    def host(self, settings: Mapping[str, str], secrets: Mapping[str, str]) -> str:
        """The name of the service alone: in these addresses a key may stand where a host would."""
        return _scheme(secrets.get("address", ""))

    def send(
        self,
        settings: Mapping[str, str],
        secrets: Mapping[str, str],
        message: Message,
        *,
        door: Egress,
        now: datetime,
    ) -> None:
        """Hand it to Apprise, which says no more than whether it was taken."""
        name = _scheme(secrets["address"])
        service = _service(secrets["address"])
        if service is None or name in LOCAL:
            raise ChannelError(
                f"Apprise cannot read the address of {name} any more. Enter it again.",
                permanent=True,
                broken=True,
            )
        try:
            taken = service.notify(
                body=_text(message), title=fitting.quiet(message.subject), body_format="text"
            )
        except Exception:
            # Whatever a plugin raises may quote its address.
            taken = False
        if not taken:
            raise ChannelError(
                f"{name} did not take the message; Apprise does not say why. Check address and limits there."
            )


def _service(address: str) -> Any:
    """An Apprise that knows this one address and fetches, follows, keeps and logs nothing else; None if it
    cannot read it."""
    import apprise

    logging.getLogger("apprise").setLevel(logging.CRITICAL + 1)
    asset = apprise.AppriseAsset(
        app_id="Northstar",
        app_desc="Northstar",
        app_url="",
        image_url_mask=None,
        image_url_logo=None,
        image_path_mask=False,
        http_redirects=False,
        allow_templates=False,
        secure_logging=True,
        async_mode=False,
        service_timeout=SECONDS,
        storage_mode=apprise.PersistentStoreMode.MEMORY,
    )
    known = apprise.Apprise.instantiate(address, asset=asset, suppress_exceptions=True)
    if known is None:
        return None
    service = apprise.Apprise(asset=asset)
    service.add(known)
    return service


def _scheme(address: str) -> str:
    name = address.partition(":")[0].lower()
    return name if name.isalnum() and len(name) <= 20 else "apprise"


def _text(message: Message) -> str:
    drawn = fitting.whole_items(message, _drawn, most=MOST_TEXT)
    rest = fitting.more(len(message.items) - len(drawn))
    return "\n\n".join([*drawn, " · ".join(part for part in (rest, message.name) if part)])


def _drawn(item: Item, letters: int) -> str:
    text = fitting.shortened(fitting.quiet(item.text), letters)
    return f"{fitting.subject(item)}\n{text}\n{fitting.action(item)}: {item.url}"
