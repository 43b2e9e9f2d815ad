"""The glass box: what a test shows of request, rows, mapping, day boundary and stored values, and to whom."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from html import unescape
from typing import Any, ClassVar
from urllib.parse import quote_plus

import pytest
from django.test import Client

from metrics import storing, trying
from metrics.connecting import seal
from metrics.connectors import asked, registry
from metrics.connectors.base import Answer, Ask, Connector, ConnectorError, Field, Row
from metrics.models import Company, Metric, Source, Trial
from teams.models import User

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
BACKEND = "django.contrib.auth.backends.ModelBackend"
PANEL = {"HX-Request": "true"}
SECRET = "marker 9q/Xw+secret"
# The clock stands at Wednesday 18 November 2026, so the last complete week began on the 9th.
WEEKS = [402, 431, 388, 447, 419, 460, 438, 455]
FIRST = date(2026, 9, 21)


class Glass(Connector):
    """A source in this process that answers what a test tells it to."""

    kind: ClassVar[str] = "glass"
    label: ClassVar[str] = "Glass"
    description: ClassVar[str] = "For tests."
    initials: ClassVar[str] = "Gl"
    settings_fields: ClassVar[tuple[Field, ...]] = (
        Field("token", "Token", "password", required=False, secret=True),
    )
    query_fields: ClassVar[tuple[Field, ...]] = (Field("sql", "Query", "sql"),)
    answer: ClassVar[Callable[[Ask, dict[str, str]], Answer]]
    asked: ClassVar[list[Ask]] = []

    def check(self) -> tuple[str, ...]:
        return ("Signed in.",)

    def fetch(self, ask: Ask) -> Answer:
        type(self).asked.append(ask)
        return type(self).answer(ask, self.secrets)


def weekly(values: list[Any], **more: Any) -> Answer:
    """An answer with one value a week from 21 September on; None leaves the week out."""
    rows = [
        Row(FIRST + timedelta(weeks=n), value=Decimal(str(value)))
        for n, value in enumerate(values)
        if value is not None
    ]
    return Answer(tuple(rows), **{"columns": ("day", "amount")} | more)


def says(answer: Answer) -> None:
    Glass.answer = staticmethod(lambda ask, secrets: answer)  # type: ignore[assignment]


@pytest.fixture
def source(company: Company, monkeypatch: pytest.MonkeyPatch) -> Iterator[Source]:
    monkeypatch.setitem(registry.KINDS, "glass", f"{__name__}.Glass")
    monkeypatch.setattr("metrics.waking._send", lambda task, args: None)
    Glass.asked = []
    made = Source.objects.create(name="Glass", slug="glass", kind="glass")
    made.secrets = seal(made, {"token": SECRET})
    made.save()
    yield made


@pytest.fixture
def metric(source: Source) -> Metric:
    """A weekly metric of eight stored weeks."""
    made = Metric.objects.create(
        name="Revenue", slug="revenue", kind="flow_sum", source=source, unit="€", query={"sql": "select 1"}
    )
    storing.store(made, weekly(WEEKS).rows, origin="pull")
    return made


@pytest.fixture
def admin(client: Client, maren: User) -> Client:
    client.force_login(maren, backend=BACKEND)
    return client


def tried(admin: Client, *, metric: str = "", **fields: str) -> str:
    """The text of the panel after the worker has done its part; `fields` are those of the form."""
    form = {"kind": "flow_sum", "grain": "week", "query_sql": "select 1", "unit": "€"} | fields
    answer = admin.post(f"/trials/?source=glass&metric={metric}", form, headers=PANEL)
    assert answer.status_code == 200, answer.text
    trial = Trial.objects.latest("id")
    trying.run(trial.pk)
    return unescape(admin.get(f"/trials/{trial.uid}/", headers=PANEL).text)


def in_order(text: str, *parts: str) -> bool:
    at = 0
    for part in parts:
        at = text.find(part, at) + len(part)
        if at < len(part):
            return False
    return True


def test_everything_is_shown_in_the_order_of_its_making(admin: Client, source: Source) -> None:
    says(
        weekly(
            WEEKS,
            request="select sum(amount) …",
            sample=(("2026-09-21", "402"),),
            mapping=asked.read_from(("period", "value"), ("day", "amount")),
        )
    )
    assert in_order(
        tried(admin),
        "It works: 8 weeks came, the newest complete one, 9 to 15 Nov 2026, with €455.",
        "Signed in.",
        "The request",
        "select sum(amount) …",
        "First rows as they came",
        "<td>402</td>",
        "What became of the columns",
        "column day, by its place",
        "column amount, by its place",
        "Where a day begins",
        "A day here begins at 00:00 Europe/Berlin, that is 23:00 UTC the day before. "
        "At the beginning of this range it was 22:00 UTC, because the clocks changed. "
        "The week 9 to 15 Nov 2026 was asked for as 2026-11-08T23:00Z to 2026-11-15T23:00Z",
        "What would be stored",
        "21 to 27 Sep 2026",
    )


def test_a_stored_metric_is_laid_beside_its_last_eight_values(admin: Client, metric: Metric) -> None:
    says(weekly([None, *WEEKS[1:6], 440, 455, 120]))
    text = tried(admin, metric="revenue")
    assert "Storing them would add 1, change 1 and leave 6 as stored." in text
    assert "1 stored before no longer comes; their values stay." in text
    assert in_order(text, "Would be stored", "Stored now", "Difference")
    assert in_order(text, "21 to 27 Sep 2026", "no row", "€402", "no longer comes")
    assert in_order(text, "2 to 8 Nov 2026", "€440", "€438", "+2 (+0.5%)")
    assert in_order(text, "16 to 22 Nov 2026", "2 of 7 days so far", "€120", "nothing yet", "new")
    result = Trial.objects.latest("id").result
    counts = {name: result[name] for name in ("added", "changed", "unchanged", "vanished")}
    assert counts == {"added": 1, "changed": 1, "unchanged": 6, "vanished": 1}
    assert [(c["period"], c["before"]["value"], c["after"]["value"]) for c in result["changes"]] == [
        ("2026-11-02", "438", "440")
    ]
    assert metric.observations.filter(value=440).count() == 0


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ([v * 100 for v in WEEKS], "a hundred times the stored one: it looks like cents instead of €."),
        ([-v for v in WEEKS], "Every value has the opposite sign of the stored one."),
        ([round(v * 1.19, 2) for v in WEEKS], "1.19 times the stored one: another unit, currency or tax?"),
        ([*WEEKS[:7], 45_500], "€45,500 for 9 to 15 Nov 2026 stands beside a stored €455: 100 times"),
        ([v + 1 for v in WEEKS], "8 of 8 stored weeks would change."),
        ([300] * 8, "All 8 values are equal."),
        (WEEKS[:7], "The newest complete week, 9 to 15 Nov 2026, is missing."),
        ([None, *WEEKS[:7]], "7 of 7 values are exactly those stored for the week before."),
    ],
)  # fmt: skip
def test_what_looks_like_a_mistake_is_said_before_it_is_saved(
    admin: Client, metric: Metric, values: list[Any], sentence: str
) -> None:
    says(weekly(values))
    text = tried(admin, metric="revenue")
    assert "look twice before you save" in text
    assert sentence in text


def test_days_of_another_time_zone_are_recognised(admin: Client, source: Source) -> None:
    daily = Metric.objects.create(
        name="Daily", slug="daily", kind="flow_sum", grain="day", source=source, query={"sql": "select 1"}
    )
    days = [Row(date(2026, 11, 8) + timedelta(days=n), value=Decimal(100 + n * n)) for n in range(10)]
    storing.store(daily, days, origin="pull")
    shifted = tuple(Row(row.period_start - timedelta(days=1), value=row.value) for row in days[3:])
    says(Answer(shifted))
    text = tried(admin, metric="daily", grain="day")
    assert "values are exactly those stored for the day after. It looks like another time zone" in text


def test_a_share_in_percent_is_recognised(admin: Client, source: Source) -> None:
    share = Metric.objects.create(
        name="Share", slug="share", kind="ratio", source=source, query={"sql": "select 1"}
    )

    def rows(times: int) -> tuple[Row, ...]:
        return tuple(
            Row(FIRST + timedelta(weeks=n), numerator=Decimal(v * times), denominator=Decimal(1000))
            for n, v in enumerate(WEEKS)
        )

    storing.store(share, rows(1), origin="pull")
    says(Answer(rows(100)))
    text = tried(admin, metric="share", kind="ratio", unit="")
    assert "a hundred times the stored one: it looks like percent instead of a fraction." in text
    assert "40,200 of 1,000: 4020.0%" in text.replace("4,020.0%", "4020.0%")
    assert "numerator ÷ denominator" not in text


def test_a_metric_that_would_measure_something_else_is_not_compared(admin: Client, metric: Metric) -> None:
    says(Answer((Row(date(2026, 11, 10), value=Decimal(3)),)))
    text = tried(admin, metric="revenue", grain="day")
    assert "Stored now" not in text
    assert "1 day came" in text


def test_a_range_is_tried_with_the_metrics_own_question(admin: Client, metric: Metric) -> None:
    says(weekly([410, *WEEKS[1:3]]))
    fields = {"start": "2026-09-23", "end": "2026-10-06"}
    answer = admin.post("/trials/?metric=revenue", fields, headers=PANEL)
    assert answer.status_code == 200
    trying.run(Trial.objects.get().pk)
    assert [(a.start, a.end, a.query) for a in Glass.asked] == [
        (date(2026, 9, 21), date(2026, 10, 12), {"sql": "select 1"})
    ]
    text = unescape(admin.get(f"/trials/{Trial.objects.get().uid}/", headers=PANEL).text)
    assert "Storing them would change 1 and leave 2 as stored." in text
    assert in_order(text, "beside what is", "21 to 27 Sep 2026", "€410", "€402", "+8 (+2.0%)")
    assert "Earlier stored values" not in text


def test_changes_before_the_newest_periods_stand_in_a_table_of_their_own(
    admin: Client, metric: Metric
) -> None:
    storing.store(metric, [Row(date(2026, 8, 10), value=Decimal(380))], origin="pull")
    earlier = Row(date(2026, 8, 10), value=Decimal(3800))
    says(Answer((earlier, *weekly([*WEEKS, 90]).rows)))
    answer = admin.post(
        "/trials/?metric=revenue", {"start": "2026-08-10", "end": "2026-11-18"}, headers=PANEL
    )
    trying.run(Trial.objects.get().pk)
    text = unescape(admin.get(f"/trials/{Trial.objects.get().uid}/", headers=PANEL).text)
    assert answer.status_code == 200
    assert in_order(
        text, "The newest 9 of 10.", "Earlier stored values", "10 to 16 Aug 2026", "€380", "€3,800",
        "+3,420 (10.0 times)",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"start": "2026-11-10", "end": "2026-11-01"}, "The last day is before the first. Swap them."),
        ({"start": "2026-11-10", "end": "2027-01-01"}, "That day has not come yet."),
        ({"first": "1980-01-01", "last": "2026-11-01"}, "Days before 1990 are not kept."),
        ({"start": "soon", "end": "2026-11-01"}, "Enter a valid date."),
    ],
)
def test_days_that_cannot_be_asked_for_are_told(
    admin: Client, metric: Metric, fields: dict[str, str], sentence: str
) -> None:
    answer = admin.post("/trials/?metric=revenue", fields, headers=PANEL)
    assert answer.status_code == 422
    assert sentence in unescape(answer.text)
    assert not Trial.objects.exists()


def test_a_secret_is_masked_wherever_the_source_gives_it_back(admin: Client, source: Source) -> None:
    def echo(ask: Ask, secrets: dict[str, str]) -> Answer:
        token = secrets["token"]
        basic = base64.b64encode(token.encode()).decode()
        return weekly(
            WEEKS,
            request=f"GET https://x.example/?key={quote_plus(token)}\nAuthorization: Basic {basic}",
            columns=("day", token),
            sample=(("2026-09-21", f"you sent {token}"),),
            notes=(f"Signed in as {token}.",),
            mapping=(("value", f"column {token}"),),
        )

    Glass.answer = staticmethod(echo)  # type: ignore[assignment]
    text = tried(admin)
    assert "••••" in text
    kept = str(Trial.objects.latest("id").result)
    for shown in (text, kept):
        assert "9q" not in shown and "marker" not in shown
        assert base64.b64encode(SECRET.encode()).decode().rstrip("=") not in shown


def test_a_secret_in_an_error_is_masked(admin: Client, source: Source) -> None:
    def fail(ask: Ask, secrets: dict[str, str]) -> Answer:
        raise ConnectorError("query", f"No table called {secrets['token']}.", permanent=True)

    Glass.answer = staticmethod(fail)  # type: ignore[assignment]
    assert "No table called ••••." in tried(admin)


def test_what_was_asked_is_shown_beside_an_error_too(admin: Client, source: Source) -> None:
    def fail(ask: Ask, secrets: dict[str, str]) -> Answer:
        seen = Answer((), columns=("day", "n"), sample=(("soon", "1"),), request=f"select 1 -- {SECRET}")
        with asked.shown_beside(lambda: seen):
            raise ConnectorError("schema", "'soon' is not a date.", permanent=True)

    Glass.answer = staticmethod(fail)  # type: ignore[assignment]
    text = tried(admin)
    assert in_order(text, "'soon' is not a date.", "The request", "select 1 -- ••••", "<td>soon</td>")
    assert "What would be stored" not in text and "It works" not in text


def test_markup_and_huge_cells_of_a_source_stay_text_and_short(admin: Client, source: Source) -> None:
    says(
        weekly(
            WEEKS,
            columns=("<script>alert(1)</script>", "b\x00d\ud800"),
            sample=(("<img src=x onerror=alert(2)>", "y" * 50_000),),
            request="<b>bold</b>",
            mapping=(("value", "column <i>x</i>"),),
        )
    )
    tried(admin)
    trial = Trial.objects.latest("id")
    text = admin.get(f"/trials/{trial.uid}/", headers=PANEL).text
    for markup in ("<script>", "<img", "<b>bold", "<i>x"):
        assert markup not in text
    assert "y" * 200 + "…" in text and "y" * 201 not in text
    assert len(text) < 40_000


def test_columns_that_changed_are_shown_beside_the_last_stored_answer(admin: Client, metric: Metric) -> None:
    Metric.objects.filter(pk=metric.pk).update(seen_columns=["day", "amount"])
    says(weekly(WEEKS, columns=("day", "amount_eur")))
    text = tried(admin, metric="revenue")
    assert "The column amount is gone; amount_eur is new. Did somebody rename it?" in text

    def fail(ask: Ask, secrets: dict[str, str]) -> Answer:
        raise ConnectorError("schema", "No value.", permanent=True, columns=("day", "amount_eur"))

    Glass.answer = staticmethod(fail)  # type: ignore[assignment]
    text = tried(admin, metric="revenue")
    assert "No value. The column amount is gone; amount_eur is new." in text
    assert "<ins>amount_eur</ins>" in text
    says(weekly(WEEKS, columns=("day", "other")))
    assert "is gone" not in tried(admin, metric="revenue", query_sql="select 2")


def test_a_question_that_is_wrong_leads_to_its_input(admin: Client, source: Source) -> None:
    form = {"kind": "flow_sum", "grain": "week", "query_sql": ""}
    answer = admin.post("/trials/?source=glass", form, headers=PANEL)
    assert answer.status_code == 422
    assert 'Query is required. <a href="#id_query_sql">' in answer.text


def test_no_row_at_all_is_no_success(admin: Client, source: Source) -> None:
    says(Answer((), columns=("day", "amount")))
    text = tried(admin)
    assert "The source answered, without any row in this range." in text
    assert "No row. Its columns: day, amount." in text


def test_a_correction_that_stands_is_not_counted_as_a_change(
    admin: Client, metric: Metric, maren: User
) -> None:
    row = Row(FIRST, value=Decimal(500))
    storing.store(metric, [row], origin="typed", actor=maren, reason="Refund", pin=True)
    says(weekly(WEEKS))
    text = tried(admin, metric="revenue")
    assert "leave 7 as stored" in text and "1 stay as somebody corrected them." in text


@pytest.mark.parametrize("who", ["idris", "vera"])
def test_leads_and_viewers_may_not_ask_through_a_metric(
    client: Client, metric: Metric, who: str, request: pytest.FixtureRequest
) -> None:
    client.force_login(request.getfixturevalue(who), backend=BACKEND)
    assert client.post("/trials/?metric=revenue", {}).status_code == 403
    assert not Trial.objects.exists()


def test_an_unknown_or_archived_metric_leads_nowhere(admin: Client, metric: Metric) -> None:
    from northstar.lib import clock

    metric.archived_at = clock.now()
    metric.save()
    for slug in ("revenue", "no-such"):
        answer = admin.post(f"/trials/?metric={slug}", {}, headers=PANEL)
        assert (answer.status_code, "Choose a source first." in answer.text) == (422, True)


def test_the_result_costs_as_many_queries_however_much_came(
    admin: Client, metric: Metric, django_assert_max_num_queries: Any
) -> None:
    says(weekly(WEEKS, sample=(("2026-09-21", "402"),) * 20))
    tried(admin, metric="revenue")
    path = f"/trials/{Trial.objects.latest('id').uid}/"
    with django_assert_max_num_queries(6):
        admin.get(path, headers=PANEL)
