"""Every chart of every page can be taken along as PNG, SVG and CSV, or it says here why it cannot."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

import pytest
from django.test import Client

from metrics import drawing
from metrics.charts import picture
from metrics.models import ChartDocument, Company
from northstar.lib import clock
from teams import calibrating, concluding, evaluating, review_facts
from teams.models import Effect, Omtm, Team, User
from tests.northstar.test_every_page import PAGES
from tests.northstar.world import World, as_somebody, make_world

FILE = re.compile(r"/charts/[^/\"]+/[\w-]+\.(png|svg|csv)")
FRAMES = {"chart-box", "drawing", "cover-chart", "gap-list", "funnel-card"}
NO_CHART = {
    "brand": "the star of Northstar",
    "progress": "says in a bar what stands beside it in words",
    "tick-strip": "the last pulls of a source as small as a word",
    "icon": "a sign beside words",
    "mark": "the shape of a state",
    "spark": "repeats a chart that has its own files, as small as a word",
    "empty-mark": "stands where there is nothing yet",
    "cover-key": "the legend of a calendar",
    "past-sketch": "answers what is being typed into a form",
    "preview-chart": "answers what is being typed into a form",
}
#: What is made for people outside or for a screen on a wall: nothing leads from there into the product.
NO_FILES = {"shared-page", "screen-look", "wall"}
EVERY_KIND = {
    *("north-star", "gaps", "helping", "metric", "signals", "history", "coverage", "omtm", "candidate"),
    *("effect", "review", "weekly", "calibration", "funnel", "way"),
}
FORMS = ("-new", "-edit", "-remove", "-archive", "-add")
VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"}


class Walker(HTMLParser):
    """The charts and files of a page in the order in which they stand there."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.charts: list[list[str]] = []
        self.strange: list[str] = []
        self._open: list[tuple[str, set[str]]] = []
        self._drawn: int | None = None
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "a" and FILE.match(given.get("href", "")):
            (self.charts[-1] if self.charts else self.strange).append(given["href"])
        if tag not in VOID:
            self._open.append((tag, set(given.get("class", "").split())))
        if tag == "svg":
            self._picture(given)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self._open.pop()

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop()[0] != tag:
            pass
        if self._drawn is not None and len(self._open) <= self._drawn:
            self._drawn = None

    def _picture(self, given: dict[str, str]) -> None:
        around = set().union(*(names for _, names in self._open))
        if around & NO_CHART.keys() or self._drawn is not None:
            return
        frame = next((at for at, (_, names) in enumerate(self._open) if names & FRAMES), None)
        if frame is None:
            self.strange.append(f"{given.get('class')} in {sorted(around)[:8]}")
        else:
            self._drawn = frame
            self.charts.append([])


@pytest.fixture
def world(
    maren: User, idris: User, teo: User, marketing: Team, platform: Team, make_metric: Any, make_weeks: Any
) -> World:
    """The world of the other tests of every page, with something in every chart that pages can show."""
    cast = {"maren": maren, "idris": idris, "teo": teo}
    made = make_world(cast, (marketing, platform), make_metric, make_weeks)
    now = clock.now()
    drawing.draw_metric(made.metric, now)
    drawing.draw_stars(now)
    evaluating.evaluate(now)
    stored = ChartDocument.objects.get(key=f"omtm:{made.omtm.pk}")
    stored.facts |= {
        "state": "on_track",
        "attainment_ahead": 0.8,
        "progress": 0.5,
        "expected": 0.4,
        "gap": 0.1,
    }
    stored.version = "judged"
    stored.save()
    wide = stored.sketches["all"]
    Omtm.objects.filter(pk=made.omtm.pk).update(expected_effect=200)
    made.review.facts = review_facts.beside(made.omtm, stored, company=Company.current(), now=now)
    made.review.save()
    made.past.start, made.past.end = made.omtm.start, made.omtm.end
    made.past.snapshot, _ = concluding.freeze(made.past, now=now)
    made.past.save()
    Effect.objects.create(
        omtm=made.past, on="driver", due_on=made.past.end, verdict="supported", words="It moved.",
        detail={"name": "Crews", "wide": wide, "narrow": wide, "table": [["5 Oct", "452"]]},
    )  # fmt: skip
    made.weekly.content["lines"][0] |= {"wide": wide, "narrow": wide, "columns": ["Week", "Value"]}
    made.weekly.content["lines"][0]["table"] = [["5 Oct", "452"]]
    made.weekly.save()
    row = {"said": "about 80%", "hits": 8, "count": 10, "happened": "80%"}
    group = {"rows": [row], "few": "", "score": {"words": "Brier score 0.16."}, "bands": {}}
    kept = {"sketches": {"bets_live": wide}, "facts": {"bets_live": group}, "drawn_on": now.date()}
    ChartDocument.objects.create(key=calibrating.KEY, version="1", figure="", **kept)
    return made


def shown(client: Client, world: World) -> list[tuple[str, Walker]]:
    """What a leader and admin sees: every page, and states of them that no route names."""
    more = [f"/omtms/{world.past.pk}/", f"/omtms/{world.asked.pk}/"]
    more += [
        f"/metrics/{world.metric.slug}/{part}"
        for part in ("coverage/", f"history/?on={clock.now():%Y-%m-%d}")
    ]
    found = []
    for path in [world.path(route) for route in PAGES if _is_asked(route.name)] + more:
        answer = client.get(path)
        if answer.status_code == 200 and answer["Content-Type"].startswith("text/html"):
            found.append((path, Walker(answer.content.decode())))
    return found


def _is_asked(name: str) -> bool:
    """Not what is for others, and no forms: what they draw answers what is being typed."""
    return name not in NO_FILES and not name.startswith(("account_", "mfa_")) and not name.endswith(FORMS)


@pytest.mark.one_database
def test_every_chart_of_every_page_has_its_three_files(world: World, maren: User) -> None:
    pages = shown(as_somebody(maren), world)
    assert {path: page.strange for path, page in pages if page.strange} == {}
    files: set[str] = set()
    for path, page in pages:
        for chart in page.charts:
            assert [FILE.match(file)[1] for file in chart] == ["png", "svg", "csv"], path
            files |= set(chart)
    kinds = {re.split(r"[/:]", file)[2] for file in files}
    assert kinds == EVERY_KIND
    client = as_somebody(maren)
    for file in files:
        _check(client.get(file), file)


def _check(answer: Any, file: str) -> None:
    assert answer.status_code == 200 and answer.content, file
    assert re.search(r'filename="[\w-]+-\d{4}-\d\d-\d\d\.\w{3}"', answer["Content-Disposition"]), file
    kind = file.split("?")[0].rsplit(".", 1)[1]
    if kind == "png":
        assert picture.size(answer.content)[0] > 350, file
    if kind == "svg":
        assert answer.content.startswith(b"<svg") and b"class=" not in answer.content
        assert "Brindlewick" in answer.content.decode() and "2026" in answer.content.decode(), file
    if kind == "csv":
        assert len(answer.content.splitlines()) > 1, file
