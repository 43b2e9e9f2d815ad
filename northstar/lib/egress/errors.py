"""What can go wrong on the way out. Every message is for a human and holds no secret."""

from __future__ import annotations


class EgressError(Exception):
    """Nothing came back; the sentence says why."""


class EgressDenied(EgressError):
    """The address may not be reached; for admins the sentence names the setting that would allow it."""


class EgressUnreachable(EgressError):
    """The name has no address, so nothing was tried."""


class EgressTimeout(EgressError):
    """The answer as a whole took longer than its deadline."""


class EgressTooLarge(EgressError):
    """The answer is larger than the limit; nothing of it was kept."""
