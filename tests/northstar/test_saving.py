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
from metrics.models import ChartDocument
from northstar.lib import clock
from teams import evaluating
from teams.models import Team, User
from tests.northstar.world import World, as_somebody, make_world
from tests.teams.bets import omtm_of

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
     "metric:99999999999999999999/26w.png", "north-star/26w.exe", "why:x/26w.png",
     "history:1:2026-99-01/all.png", "history:1:2099-01-01/all.csv", "history:x:2026-11-01/all.csv",
     "candidate:1/preview.png", "review:987/all.png", "calibration:few/all.csv", "calibration/all.csv",
     "helping:1/all.csv", "gaps:1/all.png", "coverage:/calendar.csv"],
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


def test_a_file_asks_for_the_right_of_its_page(world: World, maren: User, teo: User) -> None:
    path = f"/charts/coverage:{world.metric.pk}/calendar.csv"
    assert as_somebody(maren).get(path).status_code == 200
    assert as_somebody(teo).get(path).status_code == 404


def test_where_help_counts_is_saved_as_it_was_filtered(world: World, teo: User) -> None:
    document = ChartDocument.objects.get(key=f"omtm:{world.omtm.pk}")
    document.facts |= {"state": "on_track", "attainment_ahead": 0.8}
    document.version = "foreseen"
    document.save()
    type(world.omtm).objects.filter(pk=world.omtm.pk).update(expected_effect=200)
    client = as_somebody(teo)
    files = FILE.findall(client.get("/portfolio/?state=on_track").content.decode())
    page = client.get("/portfolio/?state=on_track").content.decode()
    assert files[2] == "/charts/helping/all.csv" and f'href="{files[2]}?state=on_track"' in page
    assert world.omtm.team.name in client.get(f"{files[2]}?state=on_track").content.decode()
    assert client.get(f"{files[2]}?state=off_track").status_code == 404


def test_the_past_is_saved_beside_today(world: World, teo: User) -> None:
    day = f"{clock.now():%Y-%m-%d}"
    lines = (
        as_somebody(teo)
        .get(f"/charts/history:{world.metric.pk}:{day}/all.csv")
        .content.decode()
        .split("\r\n")
    )
    assert lines[0] == "Week,Known then,Known today"
    assert all(len(set(line.split(",")[1:])) == 1 for line in lines[2:-1])


def test_a_file_that_is_drawn_when_asked_for_costs_no_more_with_more_bets(
    world: World, maren: User, platform: Team
) -> None:
    client = as_somebody(maren)
    paths = ["helping/all.csv", "gaps/all.csv", f"candidate:{world.asked.pk}/preview.csv"]

    def cost() -> list[int]:
        found = []
        for path in paths:
            with CaptureQueriesContext(connection) as asked:
                client.get(f"/charts/{path}")
            found.append(len(asked))
        return found

    cost()
    before = cost()
    omtm_of(platform, world.metric, name="Another", start=world.omtm.start.isoformat())
    evaluating.evaluate(clock.now())
    cost()
    assert cost() == before
