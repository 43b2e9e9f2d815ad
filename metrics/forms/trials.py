"""What a test is asked with: the settings of the source form, or the question of the metric form."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q
from django.http import QueryDict

from metrics.connectors.base import Connector, ConnectorError
from metrics.connectors.registry import connector_class
from metrics.forms.connector_fields import QUERY
from metrics.forms.sources import SourceForm
from metrics.models import Source
from metrics.models.metric import GRAINS, KINDS


@dataclass(slots=True)
class Wish:
    """The arguments of trying.begin, or the sentences that say what is wrong."""

    begin: dict[str, Any] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)


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


def of_metric(data: QueryDict, *, slug: str) -> Wish:
    """A test of a metric's question: fields `source` (slug or id), `kind`, `grain` and `query_…`."""
    name = (slug or data.get("source", "")).replace("\x00", "")
    number = name.isascii() and name.isdigit()
    source = Source.objects.listed().filter(Q(pk=name) if number else Q(slug=name)).first()
    if source is None:
        return Wish(problems=["Choose a source first."])
    cls, kind, grain = connector_class(source.kind), data.get("kind", ""), data.get("grain", "")
    if not cls.pulls:
        return Wish(problems=["Nothing to test: the values of this source are sent or typed."])
    if kind not in KINDS or grain not in GRAINS:
        return Wish(problems=["Choose what kind of number it is and how often it comes first."])
    try:
        query = cls.clean_query(_query(data, cls))
    except ConnectorError as error:
        return Wish(problems=[error.message])
    return Wish(
        {
            "kind": source.kind,
            "settings_typed": source.settings,
            "secrets": {},
            "source": source,
            "kept": tuple(source.secrets),
            "question": {"kind": kind, "grain": grain, "query": query},
        }
    )


def _query(data: QueryDict, cls: type[Connector]) -> dict[str, Any]:
    return {field.name: data.get(QUERY + field.name) for field in cls.query_fields}


def _sentences(form: SourceForm) -> list[str]:
    return [
        f"{form.fields[name].label}: {error}" if name in form.fields else str(error)
        for name, errors in form.errors.items()
        for error in errors
    ]
