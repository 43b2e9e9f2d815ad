"""Every stored secret under the first of DATA_KEYS, so that an older key may go (reliability S20, F61).

Whoever keeps secrets says where each lives by `secret_place`: models that seal them by name in `secrets` are
found here by that, whichever app they are of.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.apps import apps
from django.db import transaction

from metrics.auditing import record
from metrics.models import Trial
from northstar.lib import vault

BATCH = 100


@dataclass(slots=True)
class Found:
    """How many secrets were sealed anew, or were already, and the names of those that no key opens."""

    resealed: int = 0
    current: int = 0
    lost: list[str] = field(default_factory=list)


def rotate(*, batch: int = BATCH, after_batch: Callable[[Found], None] = lambda found: None) -> Found:
    """Seal everything anew in transactions of `batch` rows. Safe to stop, to repeat and while people work."""
    found = Found()
    for model in keepers():
        last = 0
        while True:
            with transaction.atomic():
                rows = list(model.objects.select_for_update().filter(pk__gt=last).order_by("pk")[:batch])
                for row in rows:
                    _reseal(row, found)
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
    for model in keepers():
        for row in model.objects.exclude(secrets={}).iterator():
            for sealed, place in _sealed(row):
                _count(found, sealed, place, name=str(row))
    return found


def keepers() -> list[Any]:
    """Every model whose rows keep sealed secrets by name."""
    return [
        model
        for model in apps.get_models()
        if hasattr(model, "secret_place") and any(each.name == "secrets" for each in model._meta.fields)
    ]


def _sealed(row: Any) -> Iterator[tuple[str, vault.Place]]:
    return ((sealed, row.secret_place(name)) for name, sealed in row.secrets.items())


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


def _reseal(row: Any, found: Found) -> None:
    changed = {}
    for name, sealed in row.secrets.items():
        if _count(found, sealed, row.secret_place(name), name=str(row)):
            changed[name] = vault.reseal(sealed, row.secret_place(name))
    if changed:
        # Not a new version: forms that are open stay good, and saving one takes the secrets as they are then.
        type(row).objects.filter(pk=row.pk).update(secrets=row.secrets | changed)
        record(f"{row._meta.model_name}.resealed", row)


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
