"""Charts without a document of their own: frozen with a record, or drawn when somebody asks for them.

Each stands under the right of the page that shows it, and is worked out by what that page is worked out by.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from metrics import coverage_pages, history_pages
from metrics.models import ChartDocument, Company, Funnel, Metric
from northstar.home.focus import gaps_of
from northstar.lib import periods
from northstar.lib.policy import Subject, may
from northstar.portfolio import asking, gap_tracks, pages, standing
from northstar.portfolio.rows import rows_of
from northstar.saving import funnels
from teams import calibrating, candidate_pages, closing_pages, funnel_pages
from teams.models import Omtm, Review
from teams.models.omtm import CANDIDATE

#: (title, document), where the title is "" nothing is there.
Found = tuple[str, ChartDocument | None]
NOTHING: Found = ("", None)
CALIBRATED = {
    "bets_live": "bets of teams",
    "people": "what teams thought of their bets",
    "metrics_live": "the North Star and its drivers",
    "bets_replayed": "past bets, worked out later",
    "metrics_replayed": "the North Star and its drivers, worked out later",
}


@dataclass(frozen=True, slots=True)
class Reader:
    """Who asks when, and with which filters of the page."""

    subject: Subject
    company: Company
    now: datetime
    query: Mapping[str, str]

    @property
    def today(self) -> date:
        return periods.local_day(self.now, self.company.zone)


def found(kind: str, rest: str, reader: Reader) -> Found:
    """The chart of a key "kind:rest" of KINDS; NOTHING for whoever may not see its page."""
    action, find = KINDS[kind]
    return find(rest, reader) if may(reader.subject, action) else NOTHING


def _history(rest: str, reader: Reader) -> Found:
    """Of "12:2026-11-05" the metric 12 as it was seen on that day."""
    number, _, words = rest.partition(":")
    day, wrong = history_pages.asked_day(words, today=reader.today)
    metric = Metric.objects.listed().select_related("source").filter(pk=_pk(number)).first()
    if metric is None or day is None or wrong:
        return NOTHING
    shown = history_pages.page(metric, day, company=reader.company, now=reader.now)
    return (metric.name, shown["chart"]) if shown["known"] else NOTHING


def _coverage(rest: str, reader: Reader) -> Found:
    metric = Metric.objects.listed().select_related("source").filter(pk=_pk(rest)).first()
    if metric is None:
        return NOTHING
    shown = coverage_pages.coverage(metric, company=reader.company, now=reader.now)
    facts = {
        "sentence": f"{shown['sentence']} {shown['legend_words']}",
        "columns": ["When", "State", "How many", "Why"],
        "table": [[run.when, run.state, run.count, run.words] for run in shown["runs"]],
    }
    return f"Coverage of {metric.name}", _drawn("calendar", shown["svg"], facts, reader.today)


def _way(rest: str, reader: Reader) -> Found:
    """Of "3:13" the funnel 3 as its last 13 weeks have it."""
    number, _, weeks = rest.partition(":")
    funnel = Funnel.objects.filter(archived_at=None, pk=_pk(number)).first()
    document = funnel_pages.document_of(funnel) if funnel else None
    window = document.facts.get("windows", {}).get(weeks) if document else None
    if funnel is None or document is None or not window or not window["chain"]:
        return NOTHING
    facts = {
        "sentence": f"{window['headline']}. {window['sentence']} Bars are on a logarithmic scale.",
        "columns": funnels.COLUMNS,
        "table": funnels.table(window),
        "as_of_words": f"the last {window['label']}",
    }
    return f"Pirate Funnel: {funnel.name}", _drawn(
        f"{weeks}w", funnels.drawn(window), facts, document.drawn_on
    )


def _candidate(rest: str, reader: Reader) -> Found:
    rows = Omtm.objects.filter(state__in=CANDIDATE).select_related("team", "metric__source")
    omtm = rows.filter(pk=_pk(rest)).first()
    if omtm is None:
        return NOTHING
    document = candidate_pages.drawing(omtm, today=reader.today, now=reader.now)
    return f"{omtm.name} ({omtm.team.name}), as it would begin", document


def _review(rest: str, reader: Reader) -> Found:
    """The chart that was frozen with a review which was held."""
    rows = Review.objects.select_related("omtm__team", "north_star", "held_by").exclude(held_at=None)
    review = rows.filter(pk=_pk(rest)).first()
    if review is None:
        return NOTHING
    shown = closing_pages.held(review, company=reader.company, today=reader.today)
    what = str(shown["what"])
    return f"{shown['title']}: {what[:1].lower()}{what[1:]}", shown["chart"]


def _calibration(rest: str, reader: Reader) -> Found:
    """Of "bets_live" one of the squares of the page on how good forecasts were."""
    document = ChartDocument.objects.filter(key=calibrating.KEY).first()
    group: dict[str, Any] = document.facts.get(rest) or {} if document else {}
    if document is None or rest not in CALIBRATED or not group.get("rows"):
        return NOTHING
    facts = {
        "sentence": group["few"] or group["score"]["words"],
        "columns": ["When we said", "It happened", "Which is"],
        "table": [
            [row["said"], f"{row['hits']} of {row['count']}", row["happened"]] for row in group["rows"]
        ],
    }
    drawn = _drawn("all", document.sketches.get(rest, ""), facts, document.drawn_on)
    return f"How good forecasts were: {CALIBRATED[rest]}", drawn


def _helping(rest: str, reader: Reader) -> Found:
    """Only the bets that the filters of the page leave."""
    seen = standing.look(reader.company, reader.subject, today=reader.today)
    wanted = asking.asked(reader.query, seen.departments)
    shown = pages.helped(seen, asking.chosen(rows_of(seen, reader.subject), wanted), reader.subject)
    if rest or not shown.get("drawn"):
        return NOTHING
    wide = shown["drawn"]["wide"]
    keys = ", ".join(f"{number} is {words}" for number, words in wide.keys)
    facts = shown["facts"] | {"sentence": f"{shown['sentence']} {keys}{'.' if keys else ''}".strip()}
    return "Where help counts most", _drawn("all", wide.svg, facts, reader.today)


def _gaps(rest: str, reader: Reader) -> Found:
    seen = standing.look(reader.company, reader.subject, today=reader.today)
    rows = gaps_of(row.card for row in rows_of(seen, reader.subject))
    if rest or not rows or not rows[0].state:
        return NOTHING
    facts = {
        "sentence": "Progress of each focus against what the calendar expects.",
        "columns": gap_tracks.COLUMNS,
        "table": gap_tracks.table(rows),
    }
    return "Where the gaps are", _drawn("all", gap_tracks.sketch(rows), facts, reader.today)


def _drawn(name: str, svg: str, facts: dict[str, Any], day: date) -> ChartDocument:
    return ChartDocument(sketches={name: svg}, facts=facts, drawn_on=day)


def _pk(text: str) -> int | None:
    """The number of a row; None, which no row has, where it is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


#: First part of a key → the action of the page that shows the chart, and what finds it.
KINDS: dict[str, tuple[str, Callable[[str, Reader], Found]]] = {
    "history": ("metric.view", _history),
    "coverage": ("source.run", _coverage),
    "way": ("funnel.view", _way),
    "candidate": ("omtm.view", _candidate),
    "review": ("review.view", _review),
    "calibration": ("calibration.view", _calibration),
    "helping": ("portfolio.view", _helping),
    "gaps": ("gaps.view", _gaps),
}
