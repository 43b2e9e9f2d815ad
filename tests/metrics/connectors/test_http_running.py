"""A recipe is run page by page: what it stores is what the service served, and it shows what it did."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pytest

from metrics.connectors.base import Answer, Row
from metrics.connectors.http import Surroundings, pages
from metrics.connectors.recipe import Auth, Paging, Reading
from tests.metrics.connectors.asking import HASTY, SECRET, answer, asking, fault
from tests.services.chaos import Chaos

PAGED = {
    "pages": Paging("page", param="page", size_param="size", size=3),
    "offset": Paging("offset", param="offset", size_param="size", size=4),
    "shrinking": Paging("page", param="page"),
    "overlap": Paging("page", param="page"),
    "cursor": Paging("cursor", next="next", param="after"),
    "next": Paging("next_url", next="next"),
    "links": Paging("link_header"),
}


@pytest.fixture(scope="module")
def server() -> Iterator[Chaos]:
    with Chaos() as chaos:
        yield chaos


@pytest.fixture
def chaos(server: Chaos) -> Chaos:
    server.asked.clear()
    server.served.clear()
    server.faults.clear()
    server.header, server.warnings = ("day", "value"), []
    server.series = {date(2026, 11, day): f"{day}.25" for day in range(9, 19)}
    return server


def told(found: Answer) -> dict[date, Decimal]:
    return {row.period_start: row.value for row in found.rows if row.value is not None}


def wire(chaos: Chaos) -> dict[date, Decimal]:
    return {day: Decimal(value) for day, value in chaos.last_served().items()}


@pytest.mark.parametrize("path", PAGED)
def test_every_way_of_paging_brings_all_that_was_served(chaos: Chaos, path: str) -> None:
    found = answer(chaos, path, paging=PAGED[path])
    assert told(found) == wire(chaos)
    assert len(found.rows) == 10 and len(chaos.asked) > 2


def test_f40_pages_that_overlap_are_counted_once_and_said(chaos: Chaos) -> None:
    found = answer(chaos, "overlap", paging=PAGED["overlap"])
    assert found.notes == ("4 rows that came on two pages counted once.",)
    summed = Reading("data", period="day", aggregate="sum", id="id")
    found = answer(chaos, "overlap", paging=PAGED["overlap"], reading=summed, ask=asking(grain="week"))
    assert told(found) == {
        date(2026, 11, 9): Decimal("85.75"),
        date(2026, 11, 16): Decimal("51.75"),
    }
    assert found.notes == ("4 rows that came twice counted once.",)


def test_f40_pages_that_run_in_a_circle_end_with_a_sentence(chaos: Chaos) -> None:
    error = fault(chaos, "loop", paging=Paging("cursor", next="next", param="after"))
    assert error.message == (
        "The pages run in a circle: the same next page came twice. Check the paging; nothing was stored."
    )
    error = fault(chaos, "series", paging=Paging("page", param="page"))
    assert "run in a circle" in error.message
    assert len(chaos.asked) == 4


def test_a_next_page_on_another_host_is_refused_and_never_asked(chaos: Chaos) -> None:
    with Chaos() as other:
        chaos.other = other.url
        error = fault(chaos, "away", paging=Paging("next_url", next="next"), auth=Auth("bearer"))
        assert other.asked == []
    assert "lies on another host" in error.message and "the sign-in is not sent" in error.message


def test_the_request_is_shown_as_it_was_made_with_the_secret_masked(chaos: Chaos) -> None:
    found = answer(
        chaos, "series", auth=Auth("bearer"), method="POST", body={"from": "{unix_start}", "q": "{zone}"},
        headers={"X-Version": "3"}, ask=asking(preview=True),
    )  # fmt: skip
    assert found.request.splitlines() == [
        f"POST {chaos.url}/series?start=2026-11-09&end=2026-11-19",
        "Accept: application/json",
        "X-Version: 3",
        "Authorization: Bearer ••••",
        "",
        "{",
        '  "from": 1794178800,',
        '  "q": "Europe/Berlin"',
        "}",
    ]
    assert chaos.asked[-1].headers["authorization"] == f"Bearer {SECRET}"
    assert chaos.asked[-1].body == '{"from": 1794178800, "q": "Europe/Berlin"}'
    assert found.columns == ("id", "day", "value")
    assert found.sample[0] == ("d20261109", "2026-11-09", "9.25")
    assert found.mapping == (("rows", "data"), ("period", "day"), ("value", "value"))


def test_a_number_for_each_period_asks_once_a_period(chaos: Chaos) -> None:
    reading = Reading(rows="@", parts={"value": "value"})
    found = answer(chaos, "number", reading=reading, each="period", ask=asking(grain="week"))
    assert found.rows == (
        Row(date(2026, 11, 9), value=Decimal("85.75")),
        Row(date(2026, 11, 16), value=Decimal("51.75")),
    )
    assert [asked.query["start"] for asked in chaos.asked] == ["2026-11-16", "2026-11-09"]


def test_what_the_service_warns_of_is_a_note_and_what_it_refuses_an_error(chaos: Chaos) -> None:
    chaos.warnings = ["Sampled data.", f"Token {SECRET} is old."]
    found = answer(chaos, "series", warnings="warnings")
    assert found.notes == ("The service warns: Sampled data.", "The service warns: Token •••• is old.")
    error = fault(chaos, "series", failure="warnings")
    assert error.message == "The service refuses the question: “Sampled data.; Token •••• is old.”"


def test_no_row_is_missing_or_zero_as_chosen(chaos: Chaos) -> None:
    chaos.series = {date(2026, 11, 9): "4"}
    assert len(answer(chaos, "series").rows) == 1
    found = answer(chaos, "series", empty="zero")
    assert [row.value for row in found.rows] == [Decimal(4), *[Decimal(0)] * 9]


def test_a_field_that_was_renamed_is_told_with_the_fields_there_are(chaos: Chaos) -> None:
    chaos.header = ("day", "total")
    error = fault(chaos, "series")
    assert error.message == "No row has 'value', by which the value is read. They have: id, day, total."
    assert (error.code, error.columns) == ("schema", ("id", "day", "total"))
    chaos.header = ("date", "value")
    assert "No row has 'day'" in fault(chaos, "series").message
    assert fault(chaos, "raw/moved").message == "The answer has no rows at 'data'. It has: items, total."


def test_periods_that_do_not_fit_into_one_pull_are_the_oldest_and_are_said(chaos: Chaos) -> None:
    chaos.series = {date(2026, 11, 9): "4"}
    reading = Reading(rows="@", parts={"value": "value"})
    # At one request a minute a second one would come after the end of the pull.
    found = answer(
        chaos, "number", reading=reading, each="period", per_minute=1, ask=asking(start=date(2026, 11, 12)),
        around=Surroundings(limits=HASTY, deadline=100),
    )  # fmt: skip
    assert [row.period_start for row in found.rows] == [date(2026, 11, 18)]
    assert found.covers == (date(2026, 11, 18), date(2026, 11, 19))
    assert found.notes == (
        "Only the newest 1 of 7 periods were asked for: each is a request of its own, and a pull ends after "
        "100 seconds. Fill in the rest in parts.",
    )


def test_among_many_requests_one_that_fails_in_passing_is_sent_once_more(chaos: Chaos) -> None:
    waited: list[float] = []
    around = Surroundings(limits=HASTY, sleep=waited.append)
    chaos.faults.extend(["pages", "status/502", "pages", "reset"])
    assert told(answer(chaos, "pages", paging=PAGED["pages"], around=around)) == wire(chaos)
    assert waited == [1.0, 1.0]
    chaos.faults.extend(["pages", "status/502", "status/502"])
    assert fault(chaos, "pages", paging=PAGED["pages"], around=around).code == "connection"
    chaos.faults.append("status/502")
    assert fault(chaos, "pages", paging=PAGED["pages"], around=around).code == "connection"


def test_f40_more_pages_than_are_read_end_with_a_sentence(
    chaos: Chaos, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "MAX_PAGES", 3)
    error = fault(chaos, "pages", paging=PAGED["pages"])
    assert (error.code, error.message) == (
        "too_large", "There are more than 3 pages. Ask for a shorter range or bigger pages.",
    )  # fmt: skip


def test_the_questions_of_one_source_keep_its_pace_together(chaos: Chaos) -> None:
    waited: list[float] = []
    around = Surroundings(limits=HASTY, sleep=waited.append)
    for _ in range(3):
        answer(chaos, "series", per_minute=60, around=around)
    assert len(waited) == 2 and 0.5 < waited[0] <= 1.0
