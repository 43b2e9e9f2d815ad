"""The list of sources, one source, and the form, by a browser without JavaScript."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from metrics import sourcing
from metrics.models import AuditRow, Company, Metric, Pull, PullItem, Source
from metrics.sourcing import Wanted
from northstar.lib import clock as our_clock
from teams.models import User
from tests.metrics.test_sourcing import HOURLY, MARKER, SETTINGS, wanted

FORM = {
    "name": "Warehouse", "owner": "", "version": "0", "repeat": "daily", "at": "06:00",
    "set_host": "10.0.0.5", "set_port": "5432", "set_database": "shop", "set_user": "reader",
    "set_password": MARKER, "set_sslmode": "prefer",
}  # fmt: skip


@pytest.fixture
def admin(client: Client, maren: User) -> Client:
    client.force_login(maren, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def warehouse(maren: User) -> Source:
    return sourcing.create("postgresql", wanted(secrets={"password": MARKER}), actor=maren)


def edited(source: Source, **changes: str) -> dict[str, str]:
    return FORM | {"version": str(source.version), "set_password": ""} | changes


def test_an_admin_adds_a_source_and_its_password_is_never_shown(admin: Client) -> None:
    answer = admin.post("/sources/new/postgresql/", FORM, follow=True)
    source = Source.objects.get()
    assert source.settings["host"] == "10.0.0.5"
    assert source.schedule["at"] == "06:00"
    assert "Which number do you want first?" in answer.text
    assert MARKER not in answer.text
    assert MARKER not in admin.get("/sources/warehouse/edit/").text
    assert "Stored, encrypted" in admin.get("/sources/warehouse/").text


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("name", "", "This field is required."),
        ("set_host", "", "Host is required."),
        ("set_host", "169.254.169.254", "Such addresses are never allowed."),
        ("set_host", "nowhere.invalid", "No address was found for nowhere.invalid."),
        ("set_host", "db.example.com/path", "Host has to be one name or address"),
        ("set_host", "a,b", "Host has to be one name or address"),
        ("set_host", "127.0.0.1", "EGRESS_ALLOW"),
        ("set_port", "abc", "Port has to be a whole number"),
        ("set_port", "99999", "Port has to lie between 1 and 65535."),
        ("set_port", "12345678901234567890", "Port has to be a whole number"),
        ("set_user", "", "User is required."),
        ("set_database", "x" * 300, "Database is too long"),
        ("set_sslmode", "whatever", "Select a valid choice."),
        ("at", "25:00", "no time of day"),
        ("at", "", "Time of day is required."),
        ("repeat", "never", "Select a valid choice."),
        ("owner", "99999", "Select a valid choice."),
    ],
)
def test_bad_input_is_told_where_it_stands_and_nothing_is_stored(
    admin: Client, field: str, value: str, sentence: str
) -> None:
    answer = admin.post("/sources/new/postgresql/", FORM | {field: value})
    assert answer.status_code == 422
    assert sentence in answer.text.replace("&#x27;", "'")
    assert MARKER not in answer.text
    assert not Source.objects.exists()
    assert not AuditRow.objects.exists()


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"repeat": "hourly"}, "Every hour"),
        ({"repeat": "every", "minutes": "15"}, "Every 15 minutes"),
        ({"repeat": "weekly", "at": "07:00", "weekday": "2"}, "Every Wednesday 07:00"),
        ({"repeat": "monthly", "at": "07:00", "day": "1"}, "Every month on the 1st 07:00"),
        ({"repeat": "cron", "cron": "30 6 * * 1-5"}, "At 06:30 on weekdays (30 6 * * 1-5)"),
    ],
)
def test_a_schedule_is_read_back_in_words_with_its_next_runs(
    admin: Client, typed: dict[str, str], words: str
) -> None:
    admin.post("/sources/new/postgresql/", FORM | typed)
    text = admin.get("/sources/warehouse/").text
    assert words in text
    assert ", Europe/Berlin time" in text
    assert text.count("<li>") >= 3


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"repeat": "every", "minutes": "1"}, "greater than or equal to 5"),
        ({"repeat": "every", "minutes": "x"}, "whole number"),
        ({"repeat": "every", "minutes": ""}, "Minutes between pulls is required."),
        ({"repeat": "weekly", "at": "07:00", "weekday": "9"}, "Select a valid choice."),
        ({"repeat": "monthly", "at": "07:00", "day": "32"}, "less than or equal to 31"),
        ({"repeat": "cron", "cron": ""}, "Cron expression is required."),
        ({"repeat": "cron", "cron": "0 0 31 2 *"}, "no month of it has such a day"),
        ({"repeat": "cron", "cron": "* * * * * *"}, "seconds are not kept"),
        ({"repeat": "daily", "zone": "Mars/Olympus"}, "is no time zone."),
    ],
)
def test_a_schedule_that_cannot_be_kept_is_told(admin: Client, typed: dict[str, str], sentence: str) -> None:
    answer = admin.post("/sources/new/postgresql/", FORM | typed)
    assert answer.status_code == 422
    assert sentence in answer.text


def test_a_schedule_with_a_zone_of_its_own_tells_both_clocks(admin: Client) -> None:
    typed = {"repeat": "daily", "at": "07:00", "zone": "Asia/Tokyo"}
    admin.post("/sources/new/postgresql/", FORM | typed)
    text = admin.get("/sources/warehouse/").text
    assert Source.objects.get().schedule["zone"] == "Asia/Tokyo"
    assert text.count("07:00, Asia/Tokyo time") >= 3
    assert text.count(" in Europe/Berlin") == 3


def test_the_next_runs_are_told_while_the_schedule_is_typed(admin: Client) -> None:
    typed = {"repeat": "weekly", "at": "06:30", "weekday": "0", "zone": ""}
    text = admin.get("/sources/next-runs/", typed).text
    assert text.count("<li>Mon ") == 3 and text.count("06:30, Europe/Berlin time") == 3
    wrong = admin.get("/sources/next-runs/", {"repeat": "cron", "cron": "61 * * * *"}).text
    assert "The minute cannot be read." in wrong and "<li>" not in wrong


def test_the_form_of_a_stored_source_says_what_asks_for_its_secrets_again(
    admin: Client, warehouse: Source
) -> None:
    text = admin.get("/sources/warehouse/edit/").text
    assert "asked for again where host, port, database, user or encryption changes" in text


def test_what_stands_in_unused_parts_of_the_schedule_does_not_matter(admin: Client) -> None:
    admin.post("/sources/new/postgresql/", FORM | {"repeat": "hourly", "at": "99", "day": "x"})
    assert Source.objects.get().schedule["minutes"] == 60


def test_all_wrong_fields_are_told_at_once(admin: Client) -> None:
    answer = admin.post("/sources/new/postgresql/", FORM | {"set_port": "x", "set_user": "", "at": "7"})
    assert "3 things need another look." in answer.text


def test_an_unknown_kind_has_no_form_and_the_demo_kind_only_in_the_demo(admin: Client) -> None:
    assert admin.get("/sources/new/oracle/").status_code == 404
    assert admin.get("/sources/new/demo/").status_code == 404
    Company.objects.update(is_demo=True)
    assert admin.get("/sources/new/demo/").status_code == 200


def test_an_empty_password_keeps_the_stored_one(admin: Client, warehouse: Source) -> None:
    sealed = warehouse.secrets
    answer = admin.post("/sources/warehouse/edit/", edited(warehouse, name="Shop"))
    warehouse.refresh_from_db()
    assert answer.status_code == 302
    assert (warehouse.name, warehouse.secrets) == ("Shop", sealed)


def test_another_user_needs_the_password_typed_again(admin: Client, warehouse: Source) -> None:
    answer = admin.post("/sources/warehouse/edit/", edited(warehouse, set_user="root"))
    assert answer.status_code == 422
    assert "Type it again: one of host, port, database, user, encryption changed" in answer.text
    warehouse.refresh_from_db()
    assert warehouse.settings["user"] == "reader"


def test_a_form_opened_before_somebody_elses_change_is_refused(
    admin: Client, warehouse: Source, idris: User
) -> None:
    form = edited(warehouse, name="Mine")
    sourcing.update(warehouse, wanted(name="Theirs"), version=1, actor=idris)
    answer = admin.post("/sources/warehouse/edit/", form)
    assert answer.status_code == 409
    assert "changed by Idris Vane" in answer.text
    assert Source.objects.get().name == "Theirs"


def test_the_list_takes_the_same_queries_for_twelve_sources_as_for_two(admin: Client, maren: User) -> None:
    def add(number: int) -> None:
        source = sourcing.create("postgresql", wanted(name=f"Source {number}"), actor=maren)
        Metric.objects.create(
            name=f"M{number}", slug=f"m{number}", source=source, kind="flow_sum", definition="x"
        )
        Pull.objects.bulk_create([Pull(source=source, state="ok") for _ in range(40)])

    add(1), add(2)
    counted(admin)
    before = counted(admin)
    for number in range(3, 13):
        add(number)
    assert counted(admin) == before


def counted(admin: Client, path: str = "/sources/") -> int:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as found:
        assert admin.get(path).status_code == 200
    return len(found)


def test_the_list_tells_keys_apart_and_forgets_them_with_their_source(admin: Client, maren: User) -> None:
    def typed(key: str) -> Wanted:
        return Wanted("Billing", {}, {"token": f"rk_live_0123456789abcdef{key}"}, HOURLY)

    billing = sourcing.create("stripe", typed("9f2c"), actor=maren)
    assert "Stripe · restricted key ending 9f2c" in admin.get("/sources/").text
    sourcing.update(billing, typed("77aa"), version=1, actor=maren)
    text = admin.get("/sources/").text
    assert "ending 77aa" in text and "0123456789abcdef" not in text
    sourcing.archive(billing, actor=maren)
    assert Source.objects.get().secret_hint == ""


def test_a_failing_source_says_why_since_when_and_what_helps(admin: Client, warehouse: Source) -> None:
    now = our_clock.now()
    Source.objects.update(
        failures=2,
        failing_since=now.replace(year=now.year - 1),
        last_error_code="auth",
        last_error_message="The database refuses the sign-in of reader.",
    )
    Metric.objects.create(name="M", slug="m", source=warehouse, kind="flow_sum", definition="x")
    text = admin.get("/sources/").text
    assert "Warehouse has refused the sign-in for 365 days." in text
    assert "The database refuses the sign-in of reader." in text
    assert "1 metric waits; its missing days are fetched once it works again." in text
    assert "Enter a new password" in text
    assert "Needs sign-in" in text


def test_the_source_page_shows_its_last_pulls_with_their_items(
    admin: Client, warehouse: Source, maren: User
) -> None:
    metric = Metric.objects.create(
        name="Orders", slug="orders", source=warehouse, kind="flow_sum", definition="x"
    )
    now = our_clock.now()
    pull = Pull.objects.create(
        source=warehouse,
        state="partly",
        started_at=now,
        finished_at=now,
        kind="requested",
        requested_by=maren,
    )
    PullItem.objects.create(pull=pull, metric=metric, rows=7, added=3, changed=2, missing=1)
    text = admin.get("/sources/warehouse/").text
    assert "7 rows, 3 added, 2 changed, 1 missing." in text
    assert "by Maren Tolk" in text
    assert "Partly stored" in text


def test_a_source_page_takes_the_same_queries_for_forty_pulls_as_for_one(
    admin: Client, warehouse: Source
) -> None:
    def add(number: int) -> None:
        metric = Metric.objects.create(
            name=f"M{number}", slug=f"m{number}", source=warehouse, kind="flow_sum", definition="x"
        )
        pull = Pull.objects.create(source=warehouse, state="ok")
        PullItem.objects.create(pull=pull, metric=metric)

    add(0)
    counted(admin, "/sources/warehouse/")
    before = counted(admin, "/sources/warehouse/")
    for number in range(1, 40):
        add(number)
    assert counted(admin, "/sources/warehouse/") == before


def test_the_page_looks_again_while_a_pull_is_under_way(admin: Client, warehouse: Source) -> None:
    admin.post("/sources/warehouse/pulls/")
    assert 'hx-select="#pulls"' in admin.get("/sources/warehouse/").text
    Pull.objects.update(state="ok")
    assert "hx-select" not in admin.get("/sources/warehouse/").text


def test_pull_now_asks_for_a_pull_once(admin: Client, warehouse: Source) -> None:
    admin.post("/sources/warehouse/pulls/")
    admin.post("/sources/warehouse/pulls/")
    assert Pull.objects.get().kind == "requested"


def test_pause_and_resume_by_the_buttons(admin: Client, warehouse: Source) -> None:
    assert "Resume" in admin.post("/sources/warehouse/pause/", follow=True).text
    assert "Pause" in admin.post("/sources/warehouse/resumption/", follow=True).text


def test_archiving_a_source_in_use_is_refused_in_words(admin: Client, warehouse: Source) -> None:
    Metric.objects.create(name="Orders", slug="orders", source=warehouse, kind="flow_sum", definition="x")
    text = admin.post("/sources/warehouse/archive/", follow=True).text
    assert "1 metric still uses this source: Orders." in text


@pytest.mark.parametrize("name", ["idris", "teo", "vera"])
def test_only_admins_see_sources(client: Client, request: Any, name: str, warehouse: Source) -> None:
    person = request.getfixturevalue(name)
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    for path in ("/sources/", "/sources/warehouse/", "/sources/warehouse/edit/", "/sources/new/push/"):
        assert client.get(path).status_code == 403
    assert client.post("/sources/warehouse/pulls/").status_code == 403


def test_settings_of_the_form_are_typed(admin: Client) -> None:
    admin.post("/sources/new/postgresql/", FORM)
    assert Source.objects.get().settings == SETTINGS
