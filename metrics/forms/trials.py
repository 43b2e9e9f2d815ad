"""What a test is asked with: the settings of the source form, or the question of the metric form."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.http import QueryDict

from metrics.connectors.base import Connector, ConnectorError
from metrics.connectors.registry import connector_class
from metrics.forms.connector_fields import QUERY
from metrics.forms.sources import SourceForm
from metrics.forms.values import BackfillForm
from metrics.models import Company, Metric, Source
from metrics.models.metric import GRAINS, KINDS, MISSING
from northstar.lib import clock

RANGE_FIELDS = (("start", "first"), ("end", "last"))


@dataclass(slots=True)
class Wish:
    """The arguments of trying.begin, or the sentences that say what is wrong, and at which input."""

    begin: dict[str, Any] = field(default_factory=dict, repr=False)
    problems: list[str] = field(default_factory=list)
    at: str = ""


def of_source(data: QueryDict, *, kind: str, slug: str) -> Wish:
    """A test of the connection as it stands in the source form; `slug` names the source being edited."""
    source = Source.objects.listed().filter(slug=slug, kind=kind).first() if slug else None
    try:
        form = SourceForm(data, kind=kind, source=source, only_connection=True)
    except ConnectorError as error:
        return Wish(problems=[error.message])
    if not form.is_valid():
        return Wish(problems=_sentences(form))
    return Wish(
        {
            "kind": kind,
            "settings_typed": form.settings,
            "secrets": form.secrets,
            "source": source,
            "kept": form.kept,
        }
    )


def of_metric(data: QueryDict, *, slug: str, metric: str = "") -> Wish:
    """A test of a metric's question: fields `source` (slug or id), `kind`, `grain` and `query_…`.

    `metric` is the slug of the stored metric to compare with; its own question is asked where the form has
    none. Fields `start` and `end` (or `first` and `last`) are the inclusive days of a range.
    """
    stored = Metric.objects.listed().select_related("source").filter(slug=metric).first() if metric else None
    source = _source(data, slug) if stored is None else stored.source
    if source is None or source.archived_at is not None:
        return Wish(problems=["Choose a source first."])
    cls = connector_class(source.kind)
    if not cls.pulls:
        return Wish(problems=["Nothing to test: the values of this source are sent or typed."])
    try:
        question = _question(data, cls, stored) | _range(data)
    except ConnectorError as error:
        return Wish(problems=[error.message], at=f"id_{QUERY}{error.field}" if error.field else "")
    except ValidationError as error:
        return Wish(problems=list(error.messages))
    return Wish(
        {
            "kind": source.kind,
            "settings_typed": source.settings,
            "secrets": {},
            "source": source,
            "kept": tuple(source.secrets),
            "question": question,
        }
    )


def _source(data: QueryDict, slug: str) -> Source | None:
    name = (slug or data.get("source", "")).replace("\x00", "")
    number = name.isascii() and name.isdigit()
    return Source.objects.listed().filter(Q(pk=name) if number else Q(slug=name)).first()


def _question(data: QueryDict, cls: type[Connector], stored: Metric | None) -> dict[str, Any]:
    """Kind, grain, query and how values are shown. Raises ConnectorError or ValidationError."""
    if stored is not None and "kind" not in data:
        said = {name: getattr(stored, name) for name in ("kind", "grain", "unit", "missing")}
        return said | {"query": cls.clean_query(stored.query), "metric": stored.pk}
    kind, grain = data.get("kind", ""), data.get("grain", "")
    if kind not in KINDS or grain not in GRAINS:
        raise ValidationError("Choose what kind of number it is and how often it comes first.")
    unit = data.get("unit", "").replace("\x00", "").strip()[:40]
    missing = data.get("missing", "gap")
    return {
        "kind": kind,
        "grain": grain,
        "unit": unit,
        "missing": missing if missing in MISSING else "gap",
        "query": cls.clean_query(_query(data, cls)),
        "metric": stored.pk if stored else None,
    }


def _range(data: QueryDict) -> dict[str, str]:
    """The inclusive days to ask for as ISO text; empty for the usual ones. Raises ValidationError."""
    first, last = (data.get(name, "") or data.get(other, "") for name, other in RANGE_FIELDS)
    if not (first or last):
        return {}
    form = BackfillForm({"first": first, "last": last}, today=clock.today(Company.current().zone))
    if not form.is_valid():
        raise ValidationError(_sentences(form))
    return {"start": str(form.cleaned_data["first"]), "end": str(form.cleaned_data["last"])}


def _query(data: QueryDict, cls: type[Connector]) -> dict[str, Any]:
    return {field.name: data.get(QUERY + field.name) for field in cls.query_fields}


def _sentences(form: forms.Form) -> list[str]:
    return [
        f"{form.fields[name].label}: {error}" if name in form.fields else str(error)
        for name, errors in form.errors.items()
        for error in errors
    ]
