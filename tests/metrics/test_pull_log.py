"""The pull log over all sources: what it shows, how it is narrowed, and that it stays quick."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from metrics import pull_pages, sourcing
from metrics.models import Metric, Pull, PullItem, Source
from northstar.lib import clock as our_clock
from teams.models import User
from tests.metrics.test_source_pages import counted
from tests.metrics.test_sourcing import wanted


@pytest.fixture
def admin(client: Client, maren: User) -> Client:
    client.force_login(maren, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def shop(maren: User) -> Source:
    return sourcing.create("postgresql", wanted(name="Shop"), actor=maren)


@pytest.fixture
def billing(maren: User) -> Source:
    return sourcing.create("postgresql", wanted(name="Billing"), actor=maren)


def pulled(source: Source, state: str = "ok", *, days_ago: int = 0, **fields: Any) -> Pull:
    pull = Pull.objects.create(source=source, state=state, **fields)
    at = our_clock.now() - timedelta(days=days_ago)
    Pull.objects.filter(pk=pull.pk).update(created_at=at, started_at=at, finished_at=at)
    return pull


def test_every_pull_stands_there_with_its_source_and_error(
    admin: Client,
    shop: Source,
    billing: Source,
) -> None:
    pulled(shop)
    pulled(billing, "failed", error_message="The database refuses the sign-in of reader.")
    text = admin.get("/sources/pulls/").text
    assert "Shop</a>" in text and "Billing</a>" in text
    assert "The database refuses the sign-in of reader." in text


@pytest.mark.parametrize(
    ("wish", "there", "gone"),
    [
        ("source=shop&days=all", {"ok shop", "old shop"}, {"bad billing"}),
        ("state=failed", {"bad billing"}, {"ok shop", "old shop"}),
        ("", {"ok shop", "bad billing"}, {"old shop"}),
        ("days=28", {"ok shop", "bad billing"}, {"old shop"}),
        ("source=billing&state=worked&days=all", set(), {"ok shop", "old shop", "bad billing"}),
    ],
)
def test_it_is_narrowed_by_source_result_and_days(
    admin: Client,
    shop: Source,
    billing: Source,
    wish: str,
    there: set[str],
    gone: set[str],
) -> None:
    pulled(shop, error_message="ok shop")
    pulled(shop, days_ago=40, error_message="old shop")
    pulled(billing, "failed", error_message="bad billing")
    text = admin.get(f"/sources/pulls/?{wish}").text
    assert all(words in text for words in there)
    assert not any(words in text for words in gone)


def test_older_pulls_follow_page_by_page_without_a_gap(admin: Client, shop: Source) -> None:
    for number in range(120):
        pulled(shop, error_message=f"pull-{number}-end")
    seen: list[int] = []
    path = "/sources/pulls/?source=shop"
    for _ in range(3):
        text = admin.get(path).text
        seen += [number for number in range(119, -1, -1) if f"pull-{number}-end" in text]
        older = re.search(r'href="(\?[^"]*)" rel="next"', text)
        path = f"/sources/pulls/{older[1].replace('&amp;', '&')}" if older else ""
    assert not path
    assert seen == list(range(119, -1, -1))


@pytest.mark.parametrize("wish", ["source=nowhere", "state=x", "days=-1", "before=0", "before=9" * 30])
def test_a_wish_that_makes_no_sense_is_told_at_its_field(admin: Client, wish: str) -> None:
    answer = admin.get(f"/sources/pulls/?{wish}")
    assert answer.status_code == 422
    assert "need" in answer.text and "another look" in answer.text


def test_it_takes_the_same_queries_for_forty_pulls_as_for_one(admin: Client, shop: Source) -> None:
    def add(number: int) -> None:
        metric = Metric.objects.create(
            name=f"M{number}", slug=f"m{number}", source=shop, kind="flow_sum", definition="x"
        )
        PullItem.objects.create(pull=pulled(shop), metric=metric)

    add(0)
    counted(admin, "/sources/pulls/")
    before = counted(admin, "/sources/pulls/")
    for number in range(1, 40):
        add(number)
    assert counted(admin, "/sources/pulls/") == before


def test_a_source_may_not_take_the_address_of_the_log(maren: User) -> None:
    made = [sourcing.create("push", wanted(name=name), actor=maren) for name in ("Pulls", "Kinds", "New")]
    assert [source.slug for source in made] == ["pulls-2", "kinds-2", "new-2"]


def test_the_strip_counts_what_worked_and_says_when_it_failed_last(shop: Source) -> None:
    metric = Metric.objects.create(name="M", slug="m", source=shop, kind="flow_sum", definition="x")
    for rows in (10, 40):
        PullItem.objects.create(pull=pulled(shop, days_ago=2), metric=metric, rows=rows)
    pulled(shop, "failed", days_ago=1)
    pulled(shop, "waiting")
    pulled(shop, kind="backfill")
    now = our_clock.now()
    strip = pull_pages.strips(now=now, zone="UTC")[shop.pk]
    failed = (now - timedelta(days=1)).strftime("%a")
    assert strip.words.startswith(f"2 of 3 worked; failed {failed} ")
    assert [(tick.state, round(tick.share, 9)) for tick in strip.ticks] == [
        ("ok", 0.24), ("ok", 0.96), ("failed", 0.0), ("waiting", 0.0),
    ]  # fmt: skip
    assert strip.ticks[1].words.endswith("stored, 40 rows")


def test_a_first_pull_of_a_whole_history_leaves_the_others_their_height(shop: Source) -> None:
    metric = Metric.objects.create(name="M", slug="m", source=shop, kind="flow_sum", definition="x")
    for rows in (3000, 15, 15, 15):
        PullItem.objects.create(pull=pulled(shop), metric=metric, rows=rows)
    strip = pull_pages.strips(now=our_clock.now(), zone="UTC")[shop.pk]
    assert [round(tick.share, 9) for tick in strip.ticks] == [1.0, 0.6, 0.6, 0.6]


def test_a_key_is_told_apart_by_its_end_and_a_password_never(maren: User) -> None:
    from metrics.connectors.base import Field
    from metrics.connectors.push import PushConnector

    class Service(PushConnector):
        settings_fields = (Field("key", "Restricted key", "password", secret=True),)

    class Renewing(PushConnector):
        settings_fields = (Field("key", "Refresh token", "password", secret=True),)

    class Database(PushConnector):
        settings_fields = (Field("key", "Password", "password", secret=True),)

    long = {"key": "rk_live_0123456789abcdef9f2c"}
    assert sourcing.secret_hint(Service, long) == "restricted key ending 9f2c"
    assert sourcing.secret_hint(Service, {"key": "short9f2c"}) == ""
    assert sourcing.secret_hint(Service, {"key": "-----BEGIN\nKEY----- 0123456789"}) == ""
    assert sourcing.secret_hint(Renewing, long) == sourcing.secret_hint(Database, long) == ""
