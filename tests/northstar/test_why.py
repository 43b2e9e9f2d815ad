"""The home page says why the North Star moved, from its document, without working anything out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from metrics import drawing
from metrics.models import Driver, NorthStar
from northstar.lib import clock as lib_clock
from teams.models import User
from tests.metrics.stars import drive
from tests.metrics.test_explaining import FIRST, WEEKS
from tests.metrics.test_why_chart import star
from tests.northstar.test_home import MOST_QUERIES, counted, opened

__all__ = ["star"]
pytestmark = pytest.mark.usefixtures("clock")
Make = Callable[..., Any]


def test_it_stands_under_the_teams_with_one_sentence_each(
    client: Client, vera: User, star: NorthStar, make_metric: Make, make_weeks: Make
) -> None:
    came = make_metric("New crews")
    make_weeks(came, FIRST, [9] * WEEKS)
    drive(star, came, edge="inflow")
    drawing.draw_north_star(lib_clock.now())

    page = opened(client, vera)

    section = page[page.index("Why it moved") :]
    assert "Engaged share costs " in section and "; paying accounts bring " in section
    assert "4-week means, 13 weeks apart: " in section
    assert "In 13 weeks new crews +117" in section
    assert section.count('class="drawing-wide"') == section.count('class="drawing-narrow"') == 2


def test_what_is_missing_stands_in_its_place(client: Client, vera: User, star: NorthStar) -> None:
    Driver.objects.create(north_star=star, name="Crews per account", edge="factor")
    drawing.draw_north_star(lib_clock.now())

    page = opened(client, vera)

    assert "The change cannot be split now" in page
    assert "Crews per account is not measured yet" in page and 'class="drawing"' not in page


def test_without_drivers_there_is_no_such_section(client: Client, vera: User, star: NorthStar) -> None:
    Driver.objects.all().delete()
    drawing.draw_north_star(lib_clock.now())

    assert "Why it moved" not in opened(client, vera)


def test_it_costs_no_query_of_its_own(client: Client, maren: User, star: NorthStar) -> None:
    client.force_login(maren, backend="django.contrib.auth.backends.ModelBackend")
    client.get("/")
    before = counted(client)
    drawing.draw_north_star(lib_clock.now())
    client.get("/")

    assert counted(client) == before <= MOST_QUERIES


def test_names_with_markup_are_shown_not_run(client: Client, vera: User, star: NorthStar) -> None:
    Driver.objects.filter(name="Engaged share").update(name="<script>1</script> share")
    drawing.draw_north_star(lib_clock.now())

    assert "<script>1" not in opened(client, vera)
