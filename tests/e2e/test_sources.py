"""From the gallery to a tested, stored source of a real PostgreSQL, as an admin does it in a browser."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from time import monotonic

import pytest
from playwright.sync_api import Page, expect
from pytest_django import Settings

from metrics import pulling
from metrics.models import Metric, Observation, Pull, Source, Trial
from northstar.lib import clock
from teams.models import User
from tests.services.postgres import Server

READER, SECRET = "sources_reader", "marker-9qXw-secret"
PHONE = {"width": 360, "height": 740}

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(scope="module")
def shop(postgres_server: Server) -> Iterator[Server]:
    """A database with eight weeks of orders, and a user who can only read them."""
    postgres_server.create("sources_shop")
    postgres_server.run(
        "create table orders (day date, amount numeric)",
        "insert into orders select current_date + 1 - n, 10 + n % 7 from generate_series(0, 60) n",
        f"drop role if exists {READER}",
        f"create role {READER} login password '{SECRET}'",
        "revoke create on schema public from public",
        f"grant select on orders to {READER}",
        database="sources_shop",
    )
    yield postgres_server
    postgres_server.drop("sources_shop")
    postgres_server.run(f"drop role {READER}")


@pytest.fixture
def worker(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    """Trials and pulls run at once, in the process of the test; loopback is open as on one machine."""
    from metrics import tasks

    def claim() -> None:
        for pull in pulling.claim_due(clock.now()):
            pulling.run(pull)

    settings.EGRESS_LOOPBACK = True
    settings.EGRESS_FORBIDDEN = []
    known = {"metrics.tasks.run_trial": tasks.run_trial, "metrics.tasks.claim": claim}
    monkeypatch.setattr("metrics.waking._send", lambda task, args: task in known and known[task](*args))


@pytest.fixture
def no_worker(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    settings.EGRESS_LOOPBACK = True
    settings.EGRESS_FORBIDDEN = []
    monkeypatch.setattr("metrics.waking._send", lambda task, args: None)


def fill(page: Page, shop: Server, **changes: str) -> None:
    typed = {
        "Name": "Shop", "Host": shop.host, "Port": str(shop.port), "Database": "sources_shop",
        "User": READER, "Password": SECRET,
    } | changes  # fmt: skip
    for label, value in typed.items():
        page.get_by_label(label, exact=label == "User").first.fill(value)


def test_an_admin_connects_a_real_database_and_sees_its_first_number(
    open_page: Callable[..., Page], maren: User, worker: None, shop: Server, axe: Callable[..., None]
) -> None:
    page, asked = open_page(maren), []
    page.on("request", lambda request: asked.append(request.url))
    page.goto("/sources/")
    axe(page)
    began = monotonic()
    page.get_by_role("searchbox", name="Find a kind of source").fill("postg")
    expect(page.get_by_role("link", name="Stripe")).to_be_hidden()
    page.keyboard.press("Enter")
    fill(page, shop)
    page.get_by_role("button", name="Test the connection").click()
    expect(page.get_by_text("Connected to PostgreSQL")).to_be_visible()
    axe(page)
    page.get_by_role("radio", name="Every day").check()
    expect(page.get_by_label("Day of the month")).to_be_hidden()
    page.get_by_label("Time of day").fill("05:30")
    expect(page.locator("#next-runs li").nth(2)).to_contain_text("05:30, Europe/Berlin time")
    page.get_by_role("button", name="Add the source").click()
    expect(page.get_by_role("heading", name="Which number do you want first?")).to_be_visible()
    assert SECRET not in page.content()
    source = Source.objects.get(name="Shop")
    assert (source.schedule["kind"], source.schedule["at"]) == ("daily", "05:30")

    axe(page)
    page.get_by_role("link", name="Weekly revenue").click()
    expect(page.get_by_label("Name")).to_have_value("Weekly revenue")
    expect(page.get_by_label("No row or NULL means")).to_be_hidden()
    expect(page.get_by_label("Fewest events a week")).to_be_hidden()
    page.get_by_label("What the query returns").select_option("number")
    expect(page.get_by_label("No row or NULL means")).to_be_visible()
    page.get_by_label("What the query returns").select_option("rows")
    page.get_by_role("textbox", name="Query").fill(
        "select date_trunc('week', day)::date as period, sum(amount) as value from orders "
        "where day >= :period_start and day < :period_end group by 1"
    )
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("heading", name="What would be stored")).to_be_visible()
    expect(page.get_by_role("region", name="The request")).to_contain_text(":period_start = ")
    expect(page.get_by_text("column value", exact=True)).to_be_visible()
    expect(page.get_by_text("of 7 days so far")).to_be_visible()
    axe(page)
    assert SECRET not in page.content()
    assert not any(SECRET in str(trial.result) + trial.sealed for trial in Trial.objects.all())
    page.get_by_role("button", name="Define the metric").click()
    expect(page.get_by_role("heading", name="Weekly revenue")).to_be_visible()
    assert Metric.objects.get().query["shape"] == "rows"

    newest = Observation.objects.order_by("period_start").last()
    assert newest is not None and newest.value is not None
    page.reload()
    expect(page.get_by_role("table").first).to_contain_text(f"{newest.value:,.0f}")
    # A person reads and types; the product itself must take next to nothing of the five minutes.
    assert monotonic() - began < 60
    assert not any(SECRET in address for address in asked)
    page.goto("/sources/shop/")
    expect(page.locator(".cover p").first).to_contain_text("weeks known")
    axe(page)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"Password": "wrong-password"}, "password"),
        ({"Host": "169.254.169.254"}, "Such addresses are never allowed."),
        ({"Host": "nowhere.invalid"}, "No address was found for nowhere.invalid."),
        ({"Port": "1"}, "port 1"),
        ({"Database": "no_such_database"}, "no_such_database"),
    ],
)
def test_what_does_not_work_is_said_in_the_form_before_saving(
    open_page: Callable[..., Page],
    maren: User,
    worker: None,
    shop: Server,
    change: dict[str, str],
    sentence: str,
) -> None:
    page = open_page(maren)
    page.goto("/sources/new/postgresql/")
    fill(page, shop, **change)
    page.get_by_role("button", name="Test the connection").click()
    bad = page.locator(".notice--bad")
    expect(bad).to_be_visible()
    assert sentence in bad.inner_text()
    assert page.get_by_label("Password").input_value() == change.get("Password", SECRET)
    assert not Source.objects.exists()


def test_without_a_worker_the_panel_waits_and_then_points_at_the_status_page(
    open_page: Callable[..., Page], maren: User, no_worker: None, shop: Server
) -> None:
    from datetime import timedelta

    from django.db.models import F

    page = open_page(maren)
    page.goto("/sources/new/postgresql/")
    fill(page, shop)
    page.get_by_role("button", name="Test the connection").click()
    expect(page.get_by_text("Waiting for the worker.")).to_be_visible()
    Trial.objects.update(created_at=F("created_at") - timedelta(seconds=25))
    expect(page.get_by_text("The worker has not taken the test yet.")).to_be_visible()


def test_pages_of_sources_are_accessible_in_dark_on_a_phone(
    open_page: Callable[..., Page], maren: User, axe: Callable[..., None], no_worker: None
) -> None:
    source = Source.objects.create(
        name="Jobs", slug="jobs", kind="postgresql", settings={"host": "db"}, failures=2,
        last_error_code="auth", last_error_message="The database refuses the sign-in.",
        schedule={"kind": "every", "minutes": 60},
    )  # fmt: skip
    Metric.objects.create(name="M", slug="m", source=source, kind="flow_sum", definition="x")
    Pull.objects.create(source=source, state="failed", error_message="The database refuses the sign-in.")
    Source.objects.create(name="Push", slug="push", kind="push")
    page = open_page(maren, viewport=PHONE, scheme="dark")
    for path in (
        "/sources/",
        "/sources/pulls/",
        "/sources/jobs/",
        "/sources/jobs/edit/",
        "/sources/push/tokens/",
        "/api/v1/docs/",
    ):
        page.goto(path)
        axe(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


def test_a_new_key_is_copied_and_never_seen_again(
    open_page: Callable[..., Page], maren: User, no_worker: None
) -> None:
    Source.objects.create(name="Push", slug="push", kind="push")
    page = open_page(maren)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto("/sources/push/tokens/")
    page.get_by_label("What uses it").fill("Nightly job")
    page.get_by_role("button", name="Make the key").click()
    key = page.locator("#key").inner_text()
    page.bring_to_front()  # only the page in front may write to the clipboard
    page.get_by_role("button", name="Copy the key").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == key
    page.get_by_role("link", name="I have copied it").click()
    assert key not in page.content()
