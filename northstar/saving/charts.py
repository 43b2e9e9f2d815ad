"""A stored chart as a file that can stand alone: picture with its title, sentence and age, or its table."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.text import slugify

from metrics.charts import picture
from metrics.charts.picture import Caption, Look
from metrics.models import ChartDocument, Company, Funnel, Metric, NorthStar
from northstar.lib import spreadsheets
from northstar.saving import asked
from northstar.saving.asked import Reader
from teams import concluding, weekly_pages
from teams.models import Effect, Omtm
from teams.models.omtm import CANDIDATE

KINDS = {"png": "image/png", "svg": "image/svg+xml", "csv": "text/csv; charset=utf-8"}
#: What a drawing adds to the name of its object where its document does not say it.
PARTS = {"why:north-star": "why it moved"}


@dataclass(frozen=True, slots=True)
class Chart:
    """One drawing of a document with what stands around it; `told` holds its table and sentence."""

    title: str
    document: ChartDocument
    name: str
    told: Mapping[str, Any]

    def tag(self, kind: str) -> str:
        """Another one wherever the file would be another one."""
        sketch = self.document.sketches[self.name]
        around = f"{self.title}\0{self.sentence}\0{self.age}\0{self.document.drawn_on}"
        content = f"{kind}\0{self.name}\0{sketch}\0{self.told.get('table')}\0{around}"
        return f'"{hashlib.sha256(content.encode()).hexdigest()[:32]}"'

    @property
    def sentence(self) -> str:
        facts = self.document.facts
        words = (
            self.told.get(name) or facts.get(name) for name in ("sentence", "headline", "verdict", "reason")
        )
        return next((str(each) for each in words if each), "")

    @property
    def age(self) -> str:
        facts = self.document.facts
        return str(facts.get("as_of_words") or facts.get("period") or "")

    @property
    def filename(self) -> str:
        """ "weekly-active-crews-26w-2026-11-29", without its ending."""
        day = self.document.drawn_on
        parts = (slugify(self.title)[:60] or "chart", slugify(self.name), f"{day:%Y-%m-%d}" if day else "")
        return "-".join(part for part in parts if part)


def found(key: str, name: str, reader: Reader) -> Chart | None:
    """The drawing of that name under that key; None where a page would not show it either."""
    kind, _, number = key.partition(":")
    if kind in asked.KINDS:
        title, document = asked.found(kind, number, reader)
    else:
        title, document = _document(key, kind, number)
    if not title or document is None or not document.sketches.get(name):
        return None
    told = _part(document.facts, name)
    own = told.get("title") or PARTS.get(key) or ""
    return Chart(f"{title}: {own}" if own and own != title else title, document, name, told)


def written(chart: Chart, kind: str, *, company: Company) -> bytes:
    """The file of that kind. Raises picture.PictureError where it cannot be drawn."""
    if kind == "csv":
        return _table(chart.told).encode()
    state = str(chart.document.facts.get("state") or "")
    day = chart.document.drawn_on
    source = " · ".join(filter(None, (company.name, chart.age, f"drawn {day:%-d %b %Y}" if day else "")))
    caption = Caption(chart.title, chart.sentence, source)
    sketch = chart.document.sketches[chart.name]
    look = Look("light", state, ("funnel-trend",) if chart.document.key.startswith("funnel:") else ())
    if kind == "svg":
        return picture.svg(sketch, look, caption).encode()
    return picture.png(sketch, look, caption, width=picture.natural_width(sketch))


def _effect(pk: int) -> tuple[str, ChartDocument | None]:
    """What a bet did to the North Star or a driver, as it was drawn when it was judged."""
    row = Effect.objects.select_related("omtm").filter(pk=pk).first()
    if row is None:
        return "", None
    facts = {"sentence": row.words, "columns": ["Week", "Value"], "table": row.detail.get("table", [])}
    sketches = {"wide": row.detail.get("wide", "")}
    document = ChartDocument(key=f"effect:{pk}", sketches=sketches, facts=facts, drawn_on=row.due_on)
    return f"{row.omtm.name}: effect on {row.detail.get('name', '')}", document


def _line(place: str) -> tuple[str, ChartDocument | None]:
    """Of "2026-W47:omtm-5" the frozen drawing of that line, under the name "wide"."""
    code, _, wanted = place.partition(":")
    week = weekly_pages.week_of(code)
    review = weekly_pages.of_week(week) if week else None
    lines = review.content.get("lines", []) if review else []
    line = next((each for each in lines if each["key"].replace(":", "-") == wanted), None)
    if review is None or line is None:
        return "", None
    facts = {name: line.get(name) for name in ("sentence", "table", "columns", "state")}
    facts["as_of_words"] = f"week {code}"
    day = review.frozen_at.date()
    return line["name"], ChartDocument(key=place, sketches={"wide": line["wide"]}, facts=facts, drawn_on=day)


def _document(key: str, kind: str, number: str) -> tuple[str, ChartDocument | None]:
    """(title, document) of a key whose object is there to be seen; ("", None) otherwise."""
    stored = ChartDocument.objects.filter(key=key)
    if kind == "weekly":
        return _line(number)
    if number and not (number.isascii() and number.isdigit() and len(number) < 19):
        number = ""
        return (_star(None), stored.first()) if key == "why:north-star" else ("", None)
    if key == "north-star":
        return _star(None), stored.first()
    if not number:
        return "", None
    if kind == "north-star":
        return _star(int(number)), stored.first()
    if kind in ("metric", "signals"):
        metric = Metric.objects.listed().filter(pk=number).values_list("name", flat=True).first()
        return metric or "", stored.first()
    if kind == "funnel":
        funnel = Funnel.objects.filter(pk=number).values_list("name", flat=True).first()
        return funnel or "", stored.first()
    if kind == "effect":
        return _effect(int(number))
    if kind == "omtm":
        return _bet(int(number))
    return "", None


def _star(pk: int | None) -> str:
    rows = NorthStar.objects.exclude(state="draft")
    rows = rows.filter(pk=pk) if pk else rows.filter(scope="company", state="active")
    return rows.values_list("name", flat=True).first() or ""


def _bet(pk: int) -> tuple[str, ChartDocument | None]:
    omtm = Omtm.objects.exclude(state__in=CANDIDATE).select_related("team").filter(pk=pk).first()
    if omtm is None:
        return "", None
    return f"{omtm.name} ({omtm.team.name})", concluding.document_of(omtm)


def _part(facts: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """Where the table of one of several drawings stands; the facts themselves where there is one table."""
    for each in _parts(facts):
        if each.get("key") == name:
            return each
    own = facts.get(name)
    return own if isinstance(own, dict) and own.get("table") else facts


def _parts(facts: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for value in facts.values():
        if isinstance(value, list):
            yield from (each for each in value if isinstance(each, dict) and each.get("table"))


def _table(told: Mapping[str, Any]) -> str:
    """The rows that "Show data" shows, safe to be opened in a spreadsheet."""
    file = io.StringIO()
    writer = csv.writer(file)
    if told.get("columns"):
        writer.writerow(spreadsheets.line(told["columns"]))
    writer.writerows(spreadsheets.line(row) for row in told.get("table") or ())
    return file.getvalue()
