"""Keeps addresses that open something to whoever holds them out of the log."""

from __future__ import annotations

import logging
import re

#: Invitations, the first admin, new passwords, what mails let one do: what follows is the key.
_KEYS = re.compile(
    r"(/(?:join|setup|s|feeds|check-in|unsubscribe|alerts/quiet|accounts/password/reset/key)/)[^/?\s\"']+"
)


class Formatter(logging.Formatter):
    """Writes every line as usual, with the secret part of such an address as "…"."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, with its traceback if it has one."""
        return _KEYS.sub(r"\1…", super().format(record))
