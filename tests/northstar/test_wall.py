"""What hangs on the wall: the North Star, all bets, each team, from what is stored and in few queries."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from metrics.models import Company, Metric
from northstar.lib import clock as time
from northstar.wall import composing, pairing, telling
from teams.models import Membership, Screen, Team, User
from tests.northstar.focuses import draw_omtm, make_omtm, make_team

pytestmark = [pytest.mark.usefixtures("clock", "company")]
Make = Callable[..., Any]
MOST_QUERIES = 10


@pytest.fixture
def row() -> Screen:
    return Screen(label="Hall", approved_at=time.now())


@pytest.fixture
def screen(row: Screen) -> Iterator[Client]:
    """The browser of a television that was approved."""
    client = Client()
    client.cookies[pairing.COOKIE] = row.new_secret()
    row.save()
    yield client


@pytest.fixture
def share(make_metric: Make) -> Metric:
    metric = make_metric("Share", kind="ratio", unit="%")
    Metric.objects.update(last_ok_at=datetime.fromisoformat("2026-11-18T05:10:00+00:00"))
    return metric


def bet(team: Team, share: Metric, state: str = "on_track", **facts: Any) -> Any:
    made = make_omtm(team, share, name=f"Bet of {team}")
    draw_omtm(made, state, **facts)
    return made


def hung(screen: Client, path: str = "/wall/") -> str:
    answer = screen.get(path)
    assert answer.status_code == 200
    return " ".join(answer.content.decode().replace("\N{NO-BREAK SPACE}", " ").split())


def keys(page: str) -> list[str]:
    return re.findall(r'data-key="([^"]+)"', page)


def test_an_empty_company_hangs_a_friendly_view(screen: Client) -> None:
    page = hung(screen)
    assert keys(page) == ["empty"] and "Nothing to show yet" in page


def test_every_bet_has_its_line_and_its_view(screen: Client, share: Metric) -> None:
    ash, birch, cedar = (make_team(name) for name in ("Ash", "Birch", "Cedar"))
    made = [bet(ash, share, pace_words="30.2%"), bet(birch, share, "off_track", reason="Far behind.")]
    page = hung(screen)
    assert keys(page) == ["bets-1", f"bet-{made[0].pk}", f"bet-{made[1].pk}", f"team-{cedar.pk}"]
    rows = page[: page.index(f'data-key="bet-{made[0].pk}"')]
    assert rows.index("Bet of Birch") < rows.index("Bet of Ash"), "what needs help comes first"
    for words in ("24.0% → 34.0%, plan 30.2%", ">30.6%<", "56 days left", "Half-way 16 Nov", "Far behind.",
                  "Off track", "On track", "data from 06:10", "No focus yet", "2 of 4"):  # fmt: skip
        assert words in page, words


def test_chosen_teams_alone_are_shown(screen: Client, row: Screen, share: Metric) -> None:
    ash, birch = make_team("Ash"), make_team("Birch")
    bet(ash, share), bet(birch, share)
    row.teams.add(ash)
    Screen.objects.filter(pk=row.pk).update(only_these=True)
    page = hung(screen)
    assert "Bet of Ash" in page and "Birch" not in page


def test_names_stand_there_only_if_they_may(screen: Client, row: Screen, share: Metric, idris: User) -> None:
    marketing = Team.objects.get(slug="marketing")
    made = bet(marketing, share)
    made.owner = idris
    made.save()
    assert Membership.objects.filter(role="lead").exists()
    assert "Idris" not in hung(screen)
    Screen.objects.update(shows_names=True)
    assert "Marketing · led by Idris Vane" in hung(screen)


def test_a_state_is_never_shown_by_colour_alone(screen: Client, share: Metric) -> None:
    for state in ("on_track", "at_risk", "off_track", "too_early", "no_data"):
        bet(make_team(state), share, state)
    page = hung(screen)
    for state in re.findall(r'class="wall-state[^"]*">(.*?)</(?:p|span)>', page):
        assert "<svg" in state and re.sub(r"<svg.*?</svg>", "", state).strip(), state


def test_old_data_say_of_which_day_they_are(screen: Client, share: Metric) -> None:
    bet(make_team("Ash"), share)
    Metric.objects.update(last_ok_at=datetime.fromisoformat("2026-11-16T05:10:00+00:00"))
    assert "data from Mon 16 Nov, 06:10" in hung(screen)
    Metric.objects.update(last_ok_at=None)
    assert "no data yet" in hung(screen)


def test_a_reading_says_of_which_period_it_is_and_when_it_was_read(screen: Client, share: Metric) -> None:
    bet(make_team("Ash"), share, as_of_words="week to Sun 15 Nov")
    page = hung(screen)
    foot = page[page.rindex("wall-foot") :]
    assert 'week to Sun 15 Nov · <span data-moment="2026-11-18T05:10:00+00:00" data-verb="read">' in foot
    assert ">read 06:10<" in foot and ">data from 06:10<" in page


def test_names_from_people_stay_text(screen: Client, share: Metric) -> None:
    bet(Team.objects.create(name="<script>alert(1)</script>", slug="x"), share, reason="<img src=x>")
    page = hung(screen)
    assert "<script>alert" not in page and "<img src=x" not in page


def test_an_unchanged_wall_costs_a_304(screen: Client, share: Metric) -> None:
    bet(make_team("Ash"), share)
    first = screen.get("/wall/views/")
    again = screen.get("/wall/views/", headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    Screen.objects.update(seconds=30)
    changed = screen.get("/wall/views/", headers={"If-None-Match": first["ETag"]})
    assert changed.status_code == 200 and changed["ETag"] != first["ETag"]


def test_a_screen_whose_teams_are_gone_shows_no_others(screen: Client, row: Screen, maren: User) -> None:
    chosen = {name: getattr(row, name) for name in pairing.CHOSEN}
    ash, _ = make_team("Ash"), make_team("Birch")
    pairing.change(row, chosen=chosen, teams=[ash], actor=maren)
    ash.delete()
    row = Screen.objects.get(pk=row.pk)
    told = composing.compose(Company.current(), row, now=time.now())
    assert not [view.key for view in told["views"] if view.kind != "star"]
    assert telling.row(row, now=time.now()).shows == "North Star; its teams are gone"
    pairing.change(row, chosen=chosen, teams=[], actor=maren)
    assert composing.compose(Company.current(), row, now=time.now())["views"]


def test_twice_the_teams_cost_no_further_query(screen: Client, share: Metric) -> None:
    def count() -> int:
        hung(screen, "/wall/views/")
        with CaptureQueriesContext(connection) as asked:
            hung(screen, "/wall/views/")
        return len(asked)

    for number in range(4):
        bet(make_team(f"Team {number}"), share)
    few = count()
    for number in range(4, 24):
        bet(make_team(f"Team {number}"), share)
    assert count() == few <= MOST_QUERIES
    assert keys(hung(screen))[:2] == ["bets-1", "bets-2"], "as many pages as the bets need"


def test_it_turns_without_a_script(screen: Client, share: Metric) -> None:
    bet(make_team("Ash"), share), bet(make_team("Birch"), share)
    page = hung(screen, "/wall/?view=2")
    assert 'content="20;url=/wall/?view=0"' in page
    shown = re.findall(r'data-key="([^"]+)">', page)
    assert len(shown) == 1 and shown == keys(page)[2:]
    for odd in ("-1", "x", "99", "9" * 50, "²"):
        assert len(re.findall(r'data-key="[^"]+">', hung(screen, f"/wall/?view={odd}"))) == 1, odd


def test_a_screen_is_seen_to_the_minute(screen: Client, row: Screen, clock: Any) -> None:
    clock.move_to(datetime.fromisoformat("2026-11-18T10:07:42+00:00"))
    hung(screen)
    row.refresh_from_db()
    assert row.seen_at == datetime.fromisoformat("2026-11-18T10:07:00+00:00")


def test_whoever_is_signed_in_makes_no_difference(screen: Client, row: Screen, maren: User) -> None:
    both = Client()
    both.force_login(maren, backend="django.contrib.auth.backends.ModelBackend")
    assert both.get("/wall/views/").status_code == 410
    with CaptureQueriesContext(connection) as asked:
        both.get("/wall/")
    assert not [each for each in asked.captured_queries if "session" in each["sql"]]
