"""Charts as they were drawn when their data last changed; pages only embed them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import models, transaction
from django.utils import timezone

#: Version and moment of a drawing: another one has another stamp.
Stamp = tuple[str, datetime]
CONTENT = ("version", "figure", "sketches", "facts", "drawn_on", "updated_at")


class ChartDocumentQuerySet(models.QuerySet["ChartDocument"]):
    def stamps(self, keys: Iterable[str]) -> dict[str, Stamp]:
        """Which drawing is kept now under each of these keys; those without one are left out."""
        rows = self.filter(key__in=list(keys)).values_list("key", "version", "updated_at")
        return {key: (version, updated_at) for key, version, updated_at in rows}

    def keep(self, drawn: ChartDocument) -> ChartDocument:
        """Put a drawing in the place of the one before it; returns it as saved, with what it `replaced`."""
        drawn.updated_at = timezone.now()
        content = {name: getattr(drawn, name) for name in CONTENT}
        with transaction.atomic():
            # The drawing before it is large: only its stamp is read.
            rows, made = self.select_for_update().filter(key=drawn.key), False
            row = rows.only("version", "updated_at").first()
            if row is None:
                row, made = self.get_or_create(key=drawn.key, defaults=content)
            if not made:
                self.filter(pk=row.pk).update(**content)
        drawn.pk, drawn.replaced = row.pk, None if made else (row.version, row.updated_at)
        drawn._state.adding = False
        return drawn


class ChartDocument(models.Model):
    """A Plotly figure, SVG sketches and a few facts, under a content version."""

    key = models.CharField(max_length=60, unique=True)
    version = models.CharField(max_length=16)
    figure = models.TextField()
    sketches = models.JSONField(default=dict)
    facts = models.JSONField(default=dict)
    drawn_on = models.DateField(help_text="The company's day for which the today line was drawn.")
    updated_at = models.DateTimeField(auto_now=True)

    objects = ChartDocumentQuerySet.as_manager()
    #: Of a row that was just kept: the drawing that stood there until then.
    replaced: Stamp | None = None

    def __str__(self) -> str:
        return f"{self.key} {self.version}"
