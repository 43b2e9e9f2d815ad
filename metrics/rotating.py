"""Every stored secret under the first of DATA_KEYS, so that an older key may go (reliability S20, F61)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from django.db import transaction

from metrics.auditing import record
from metrics.models import Source, Trial
from northstar.lib import vault

BATCH = 100


@dataclass(slots=True)
class Found:
    """How many secrets were sealed anew, or were already, and the names of sources that no key opens."""

    resealed: int = 0
    current: int = 0
    lost: list[str] = field(default_factory=list)


def rotate(*, batch: int = BATCH, after_batch: Callable[[Found], None] = lambda found: None) -> Found:
    """Seal everything anew in transactions of `batch` rows. Safe to stop, to repeat and while people work."""
    found, last = Found(), 0
    while True:
        with transaction.atomic():
            rows = list(Source.objects.select_for_update().filter(pk__gt=last).order_by("pk")[:batch])
            for source in rows:
                _reseal_source(source, found)
        if not rows:
            break
        last = rows[-1].pk
        after_batch(found)
    for trial in Trial.objects.exclude(sealed="").iterator():
        _reseal_trial(trial, found)
    return found


def look() -> Found:
    """What `rotate` would find, with nothing changed: `resealed` is what it would seal anew."""
    found = Found()
    for source in Source.objects.exclude(secrets={}).iterator():
        for sealed, place in _sealed(source):
            _count(found, sealed, place, name=source.name)
    return found


def _sealed(source: Source) -> Iterator[tuple[str, vault.Place]]:
    return ((sealed, source.secret_place(name)) for name, sealed in source.secrets.items())


def _count(found: Found, sealed: str, place: vault.Place, *, name: str) -> bool:
    """Whether it has to be sealed anew."""
    try:
        vault.open_sealed(sealed, place=place)
    except vault.VaultError:
        if name not in found.lost:
            found.lost.append(name)
        return False
    if vault.is_current(sealed):
        found.current += 1
        return False
    found.resealed += 1
    return True


def _reseal_source(source: Source, found: Found) -> None:
    changed = {}
    for name, sealed in source.secrets.items():
        if _count(found, sealed, source.secret_place(name), name=source.name):
            changed[name] = vault.reseal(sealed, source.secret_place(name))
    if changed:
        # Not a new version: forms that are open stay good, and saving one takes the secrets as they are then.
        Source.objects.filter(pk=source.pk).update(secrets=source.secrets | changed)
        record("source.resealed", source)


def _reseal_trial(trial: Trial, found: Found) -> None:
    """Unless the worker was faster: what it has done with needs no secret any more."""
    try:
        if not vault.is_current(trial.sealed):
            sealed = vault.reseal(trial.sealed, trial.secret_place())
            Trial.objects.filter(pk=trial.pk, sealed=trial.sealed).update(sealed=sealed)
    except vault.VaultError:
        Trial.objects.filter(pk=trial.pk, sealed=trial.sealed).update(
            state="failed", sealed="", error_code="auth",
            error_message="The keys of this installation were changed meanwhile. Test again.",
        )  # fmt: skip
