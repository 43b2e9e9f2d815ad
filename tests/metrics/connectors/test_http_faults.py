"""F28–F36, F41, F42: what a web source may do wrong, and the sentence that an admin reads."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from email.utils import format_datetime
from urllib.parse import quote

import pytest

from metrics.connectors.base import Row
from metrics.connectors.http import Surroundings, reading
from metrics.connectors.recipe import Auth
from northstar.lib.egress import Limits
from tests.metrics.connectors.asking import NOW, answer, asking, fault
from tests.services.chaos import Chaos
from tests.services.processes import free_port

QUICK = Surroundings(limits=Limits(silence=0.3, total=0.5))
DAY = date(2026, 11, 16)


@pytest.fixture(scope="module")
def server() -> Iterator[Chaos]:
    with Chaos() as chaos:
        yield chaos


@pytest.fixture
def chaos(server: Chaos) -> Chaos:
    server.asked.clear()
    server.served.clear()
    server.faults.clear()
    server.series = {DAY: "3"}
    return server


def test_f28_a_source_that_never_answers(chaos: Chaos) -> None:
    error = fault(chaos, "hang", around=QUICK)
    assert (error.code, error.permanent) == ("timeout", False)
    assert error.message == "127.0.0.1 did not answer within 0.3 seconds."


def test_f29_a_body_that_drips(chaos: Chaos) -> None:
    error = fault(chaos, "drip", around=QUICK)
    assert (error.code, error.permanent) == ("timeout", False)
    assert error.message == "127.0.0.1: the whole answer took longer than 0.5 seconds."


def test_f30_a_body_without_end(chaos: Chaos) -> None:
    error = fault(chaos, "infinite", around=Surroundings())
    assert (error.code, error.permanent) == ("too_large", True)
    assert error.message == ("The answer is larger than 10 MiB. Ask for less at a time. Nothing was stored.")


@pytest.mark.parametrize(
    "kind, sentence",
    [
        ("gzip", "The answer unpacks to more than 100 times its size. Nothing was stored."),
        ("br", "The answer is packed as 'br', which was not asked for."),
    ],
)
def test_f31_a_bomb(chaos: Chaos, kind: str, sentence: str) -> None:
    assert fault(chaos, f"bomb/{kind}", around=Surroundings()).message == sentence


def test_f32_json_that_nests_a_hundred_thousand_deep(chaos: Chaos) -> None:
    error = fault(chaos, "deep")
    assert error.code == "schema"
    assert error.message == "The answer nests more than 20 levels deep, which is not read."


def test_f32_json_of_many_small_parts_does_not_fill_the_memory(chaos: Chaos) -> None:
    error = fault(chaos, "parts")
    assert error.message == (
        "The answer holds more than 500,000 objects and lists. Ask for less at a time, by paging."
    )


@pytest.mark.parametrize(
    "body, sentence",
    [
        ("nan", "Row 1: NaN is not a number that can be kept."),
        ("infinity", "Row 1: -Infinity is not a number that can be kept."),
        ("1e400", "Row 1: 1E+400 is too large: at most 1e15 is kept."),
        (
            "exponent",
            "Row 1: '1e9999999999999999999999' is not a number. Use digits and a point, such as 12.5.",
        ),
    ],
)
def test_f33_numbers_that_are_none(chaos: Chaos, body: str, sentence: str) -> None:
    error = fault(chaos, f"raw/{body}")
    assert (error.code, error.permanent, error.message) == ("schema", True, sentence)


@pytest.mark.parametrize(
    "value, sentence",
    [
        ('"12,5"', "Row 1: '12,5' is not a number: write 12.5."),
        ('" 5 "', "Row 1: ' 5 ' is not a number: remove the spaces around 5."),
        ('"1_000"', "Row 1: '1_000' is not a number: write 1000."),
        ('"٣"', "Row 1: '٣' is not a number. Use digits and a point, such as 12.5."),
        ('"NaN"', "Row 1: 'NaN' is not a number. Use digits and a point, such as 12.5."),
        ("true", "Row 1: true is not a number. Write 1 or 0."),
        ('""', "Row 1: the value is empty."),
        ("[1]", "Row 1: a list is not a number."),
        ('{"n": 1}', "Row 1: an object is not a number."),
        ("9" * 40, "Row 1: the number is too large: at most 1e15 is kept."),
        ("9" * 9000, f"Row 1: {'9' * 40}… is too large: at most 1e15 is kept."),
        (
            "0.12345678901234567",
            "Row 1: 0.12345678901234567 has 17 significant digits; at most 15 are kept. "
            "Round it, such as round(value, 4).",
        ),
    ],
)
def test_f35_values_that_are_no_numbers(chaos: Chaos, value: str, sentence: str) -> None:
    error = fault(chaos, f"value/{quote(value)}")
    assert (error.code, error.message) == ("schema", sentence)


@pytest.mark.parametrize(
    "value, kept",
    [("null", None), ("0", "0"), ("-0.5", "-0.5"), ('"12.5"', "12.5"), ("1e3", "1000"), ("0.1", "0.1")],
)
def test_f35_values_that_are(chaos: Chaos, value: str, kept: str | None) -> None:
    assert answer(chaos, f"value/{quote(value)}").rows == (
        Row(DAY, value=None if kept is None else Decimal(kept)),
    )


def test_f35_no_rows_are_missing_not_zero(chaos: Chaos) -> None:
    assert answer(chaos, "raw/no-rows").rows == ()


@pytest.mark.parametrize(
    "body, sentence",
    [
        (
            "latin-1",
            "The answer names no charset, but byte 55 is no UTF-8 text. "
            "Nothing was read, so that no garbled text is stored.",
        ),
        ("unknown", "The answer is written in 'klingon', which is not read here. Ask for UTF-8."),
        (
            "nul",
            "The answer is not JSON at character 43. Check the address, and that the answer is complete.",
        ),
        ("html", "The answer is a web page, not JSON. Check the address; it may be a sign-in page."),
        (
            "truncated",
            "The answer is not JSON at character 33. Check the address, and that the answer is complete.",
        ),
        ("empty", "The answer is empty, where JSON was expected."),
    ],
)
def test_f36_text_that_is_not_what_it_says(chaos: Chaos, body: str, sentence: str) -> None:
    error = fault(chaos, f"raw/{body}")
    assert (error.code, error.message) == ("schema", sentence)


@pytest.mark.parametrize("body", ["declared", "utf-16"])
def test_f36_a_declared_charset_is_read_as_declared(chaos: Chaos, body: str) -> None:
    assert answer(chaos, f"raw/{body}", ask=asking(preview=True)).sample == (("2026-11-16", "1", "Köln"),)


@pytest.mark.parametrize(
    "said, seconds, words",
    [
        ("120", 120.0, " 2 minutes"),
        (format_datetime(NOW + timedelta(hours=3), usegmt=True), 3 * 3600.0, " 3 hours"),
        ("soon, I promise", None, ""),
        ("315360000", 86400.0, " 24 hours"),
        (format_datetime(NOW + timedelta(days=3650)), 86400.0, " 24 hours"),
        ("-5", None, ""),
    ],
)
def test_f41_how_long_to_wait(chaos: Chaos, said: str, seconds: float | None, words: str) -> None:
    error = fault(chaos, f"wait/429/{quote(said)}")
    assert error.code == "rate_limited" and not error.permanent
    assert error.message == f"127.0.0.1 asks to wait{words}: too many requests (status 429)."
    assert error.retry_after == (pytest.approx(seconds, abs=5) if seconds is not None else None)


def test_f41_a_short_wait_is_waited_out_within_the_pull(chaos: Chaos) -> None:
    chaos.faults.extend(["wait/429/0", "wait/503/0"])
    assert len(answer(chaos, "series").rows) == 1
    assert len(chaos.asked) == 3
    chaos.faults.extend(["wait/429/0"] * 4)
    assert fault(chaos, "series").code == "rate_limited"


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_f42_trouble_of_the_service(chaos: Chaos, status: int) -> None:
    error = fault(chaos, f"status/{status}")
    assert (error.code, error.permanent) == ("connection", False)
    assert error.message == (
        f"127.0.0.1 has trouble of its own (status {status}). It says: “It is what it is.”"
    )


@pytest.mark.parametrize("path", ["reset", "half"])
def test_f42_a_connection_that_breaks_off(chaos: Chaos, path: str) -> None:
    error = fault(chaos, path)
    assert (error.code, error.permanent) == ("connection", False)
    assert error.message == (
        "The connection to 127.0.0.1 broke off in the middle of an answer. Look there why."
    )


def test_f42_a_port_at_which_nothing_listens(chaos: Chaos) -> None:
    error = fault(chaos, "series", at=f"http://127.0.0.1:{free_port()}")
    assert (error.code, error.permanent) == ("connection", False)
    assert error.message == ("Nothing answers at 127.0.0.1. Check host and port, and that it may be reached.")


@pytest.mark.parametrize(
    "status, code, begins",
    [
        (401, "auth", "127.0.0.1 does not accept the sign-in (status 401). Type the secret anew."),
        (403, "auth", "127.0.0.1 does not allow this to the sign-in (status 403)."),
        (404, "query", "127.0.0.1 has nothing at this address (status 404). Check the path."),
        (400, "query", "127.0.0.1 refuses the question (status 400). Check path, parameters and body."),
        (302, "query", "127.0.0.1 sends us on to another address (status 302), which is not followed."),
    ],
)
def test_what_a_retry_cannot_mend(chaos: Chaos, status: int, code: str, begins: str) -> None:
    error = fault(chaos, f"status/{status}")
    assert (error.code, error.permanent) == (code, True)
    assert error.message.startswith(begins)


@pytest.mark.parametrize(
    "auth",
    [
        Auth("bearer"),
        Auth("header", header="X-Key", prefix=""),
        Auth("basic", user="{user}"),
        Auth("basic"),
    ],
)
def test_a_service_that_repeats_our_secret_is_quoted_without_it(chaos: Chaos, auth: Auth) -> None:
    assert "••••" in fault(chaos, "secret-echo", auth=auth).message


def test_answers_that_never_end_together_end_with_the_pull(chaos: Chaos) -> None:
    error = fault(chaos, "series", around=Surroundings(deadline=0))
    assert (error.code, error.permanent) == ("timeout", False)
    assert error.message == (
        "The answers were still coming in after 0 seconds. "
        "Ask for less at a time: a shorter range, or bigger pages."
    )


def test_more_rows_and_larger_cells_than_are_kept(chaos: Chaos, monkeypatch: pytest.MonkeyPatch) -> None:
    # In kilobytes of an address no cell is that large; the limit is lowered instead.
    monkeypatch.setattr(reading, "MAX_CELL", 1000)
    huge = fault(chaos, "value/" + quote('"' + "x" * 2000 + '"'))
    assert (huge.code, huge.message) == ("too_large", "A cell of 'value' has more than 64 KiB.")
    monkeypatch.setattr(reading, "MAX_ROWS", 0)
    many = fault(chaos, "series")
    assert (many.code, many.permanent) == ("too_large", True)
    assert many.message == "The answer has more than 0 rows. Ask for a shorter range, or for sums."
