"""Exchanging a stored secret for its successor, by one worker at a time (reliability F44).

A refresh token is used up when it is exchanged. So whoever exchanges one holds a short lease on the source,
asks the service outside of any transaction, and stores what came back; whoever waited begins with that.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from datetime import timedelta

from django.db import transaction
from django.db.models import Q

from metrics.connectors.base import ConnectorError
from metrics.models import Source
from metrics.sealing import open_secrets, seal
from northstar.lib import clock

#: Longer than a request for a token may take, so that no lease ends while its holder still asks.
LEASE_SECONDS = 210
PATIENCE_SECONDS = 30.0
_LOOK_AGAIN_SECONDS = 0.05

By = Callable[[str], tuple[str, str]]


class SourceRenewals:
    """The renewals of one stored source; see metrics.connectors.base.Renewals."""

    def __init__(self, source_id: int) -> None:
        self._source_id = source_id

    def renew(self, name: str, by: By) -> str:
        """What `by` makes of the newest stored secret `name`, while nobody else does.

        Raises ConnectorError: what `by` raises, "auth" where nothing is stored, "timeout" where the holder
        does not come to an end.
        """
        token = self._take()
        try:
            source = Source.objects.get(pk=self._source_id)
            stored = open_secrets(source, [name]).get(name)
            if not stored:
                raise ConnectorError(
                    "auth", "The secret for the sign-in is missing. Type it in.", permanent=True, field=name
                )
            result, kept = by(stored)
            if kept != stored:
                self._keep(name, kept, instead_of=stored)
            return result
        finally:
            rows = Source.objects.filter(pk=self._source_id, renewing_token=token)
            rows.update(renewing_until=None, renewing_token="")

    def _take(self) -> str:
        token, until = secrets.token_hex(16), time.monotonic() + PATIENCE_SECONDS
        while True:
            now = clock.now()
            free = Q(renewing_until=None) | Q(renewing_until__lt=now)
            taken = Source.objects.filter(free, pk=self._source_id).update(
                renewing_until=now + timedelta(seconds=LEASE_SECONDS), renewing_token=token
            )
            if taken:
                return token
            if time.monotonic() > until:
                raise ConnectorError(
                    "timeout",
                    "Another worker has been renewing this sign-in for too long. It is tried again.",
                )
            time.sleep(_LOOK_AGAIN_SECONDS)

    def _keep(self, name: str, kept: str, *, instead_of: str) -> None:
        """Store the successor, unless somebody typed another secret meanwhile: that one is newer."""
        with transaction.atomic():
            source = Source.objects.select_for_update().get(pk=self._source_id)
            # By its text: sealed anew under another key it is still the same secret.
            if open_secrets(source, [name]).get(name) != instead_of:
                return
            source.secrets = {**source.secrets, **seal(source, {name: kept})}
            source.save(update_fields=["secrets"])
