"""Charts as files: pictures that stand alone, tables that no spreadsheet runs, and only what pages show."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from metrics import drawing
from metrics.charts import picture
from metrics.models import ChartDocument
from northstar.lib import clock
from teams import evaluating
from teams.models import Team, User
from tests.northstar.world import World, as_somebody, make_world, routes

Make = Callable[..., Any]
FILE = re.compile(r"/charts/[^/\"]+/[\w-]+\.(?:png|svg|csv)")


@pytest.fixture
def world(
    maren: User, idris: User, teo: User, marketing: Team, platform: Team, make_metric: Make, make_weeks: Make
) -> World:
    cast = {"maren": maren, "idris": idris, "teo": teo}
    made = make_world(cast, (marketing, platform), make_metric, make_weeks)
    drawing.draw_metric(made.metric, clock.now())
    drawing.draw_stars(clock.now())
    evaluating.evaluate(clock.now())
    return made


@pytest.mark.parametrize("name", ["home", "metric", "team", "omtm", "north-star", "funnel"])
def test_every_chart_of_a_page_has_its_three_files(world: World, teo: User, name: str) -> None:
    client = as_somebody(teo)
    route = next(route for route in routes() if route.name == name)
    text = client.get(world.path(route)).content.decode()
    parts = re.split(r'class="(?:chart-box|drawing)[ "]', text)[1:]
    charts = len([part for part in parts if "<svg" in part.split("</figure>")[0]])
    files = FILE.findall(text)
    assert charts and len(files) == 3 * charts, (charts, files)
    for path in files:
        answer = client.get(path)
        assert answer.status_code == 200 and answer.content, path
        assert re.search(r'filename="[\w-]+-\d{4}-\d\d-\d\d\.\w{3}"', answer["Content-Disposition"]), path
        if path.endswith("png"):
            assert picture.size(answer.content)[0] > 500
        if path.endswith("svg"):
            assert answer.content.startswith(b"<svg") and b"class=" not in answer.content
            assert "Brindlewick" in answer.content.decode()


def test_a_table_is_safe_in_a_spreadsheet(world: World, teo: User) -> None:
    document = ChartDocument.objects.get(key=f"metric:{world.metric.pk}")
    document.facts |= {"columns": ["Week", "=cmd()"], "table": [["=1+1", "@x"], ["7 Sep", "410"]]}
    document.save()
    lines = as_somebody(teo).get(f"/charts/metric:{world.metric.pk}/26w.csv").content.decode().split("\r\n")
    assert lines[:3] == ["Week,'=cmd()", "'=1+1,'@x", "7 Sep,410"]


def test_whoever_has_a_file_gets_it_again_only_when_it_changed(world: World, teo: User) -> None:
    client, path = as_somebody(teo), f"/charts/metric:{world.metric.pk}/26w.png"
    tag = client.get(path)["ETag"]
    assert client.get(path, headers={"if-none-match": tag}).status_code == 304
    ChartDocument.objects.filter(key=f"metric:{world.metric.pk}").update(facts={"sentence": "It moved."})
    assert client.get(path, headers={"if-none-match": tag}).status_code == 200


@pytest.mark.parametrize(
    "path",
    ["metric:987/26w.png", "metric:1/nothing.png", "user:1/26w.png", "omtm:x/all.svg", "metric:٣/26w.csv",
     "metric:99999999999999999999/26w.png", "north-star/26w.exe", "why:x/26w.png"],
)  # fmt: skip
def test_nothing_else_has_a_file(world: World, teo: User, path: str) -> None:
    assert as_somebody(teo).get(f"/charts/{path}").status_code == 404


def test_a_line_of_a_weekly_review_is_saved_as_it_was_frozen(world: World, teo: User) -> None:
    wide = ChartDocument.objects.get(key=f"metric:{world.metric.pk}").sketches["26w"]
    world.weekly.content["lines"][0] |= {
        "wide": wide,
        "table": [["5 Oct", "=452"]],
        "columns": ["Week", "Value"],
    }
    world.weekly.content["lines"][0] |= {"sentence": "A normal week."}
    world.weekly.save()
    client = as_somebody(teo)
    files = FILE.findall(client.get("/weekly/2026-W41/?all=1").content.decode())
    assert [path.rsplit(".", 1)[1] for path in files] == ["png", "svg", "csv"]
    assert client.get(files[1]).status_code == 200
    assert client.get(files[2]).content == b"Week,Value\r\n5 Oct,'=452\r\n"
    assert client.get(files[1].replace("W41", "W40")).status_code == 404


def test_what_no_page_shows_has_no_file(world: World, teo: User) -> None:
    path = f"/charts/metric:{world.metric.pk}/26w.png"
    assert Client().get(path).status_code == 302
    type(world.metric).objects.filter(pk=world.metric.pk).update(archived_at=clock.now())
    assert as_somebody(teo).get(path).status_code == 404
    assert as_somebody(teo).get(f"/charts/omtm:{world.asked.pk}/all.png").status_code == 404


def test_a_file_costs_a_few_questions(world: World, teo: User) -> None:
    client = as_somebody(teo)
    with CaptureQueriesContext(connection) as asked:
        assert client.get(f"/charts/omtm:{world.omtm.pk}/all.svg").status_code == 200
    assert len(asked) <= 7
