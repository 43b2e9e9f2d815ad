"""The demo company as a source: invented numbers that end today, whatever day today is."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import ClassVar
from zoneinfo import ZoneInfo

from metrics.connectors import asked
from metrics.connectors.base import Answer, Ask, Connector, ConnectorError, Field, Row, Suggestion
from metrics.connectors.demo_series import SERIES, Draw, Series, monday

NOTE = "Demo data: these numbers are invented."
REFUSED = (
    "The demo partner system refuses the sign-in. It does so on purpose, to show what that looks like: "
    "untick “Refuse every sign-in” in the settings of this source, and the missing days arrive."
)


class DemoConnector(Connector):
    """Invented series; with the setting `broken` a source that refuses every sign-in."""

    kind: ClassVar[str] = "demo"
    label: ClassVar[str] = "Demo company"
    description: ClassVar[str] = "Invented numbers of a company that schedules field-service crews."
    initials: ClassVar[str] = "De"
    group: ClassVar[str] = "Without a source"
    settings_fields: ClassVar[tuple[Field, ...]] = (
        Field("broken", "Refuse every sign-in", "flag", required=False, help="Shows a failing source."),
    )
    suggestions: ClassVar[tuple[Suggestion, ...]] = tuple(
        Suggestion(key, SERIES[key].label, definition, SERIES[key].kind, SERIES[key].grain, {"series": key},
                   unit=SERIES[key].unit, decimals=SERIES[key].decimals)
        for key, definition in (
            ("wac", "Crews that completed at least three jobs in the week."),
            ("qual_trials", "Trials begun by companies that fit, per day."),
            ("trial_to_paid", "Share of the trials of a day that became paying accounts."),
        )
    )  # fmt: skip
    query_fields: ClassVar[tuple[Field, ...]] = (
        Field("series", "Series", "choice", choices=tuple((s.key, s.label) for s in SERIES.values())),
    )

    def check(self) -> tuple[str, ...]:
        if self.settings.get("broken"):
            raise ConnectorError("auth", REFUSED, permanent=True)
        return (NOTE,)

    def fetch(self, ask: Ask) -> Answer:
        notes = self.check()
        series = SERIES[self.clean_query(ask.query)["series"]]
        _fits(series, ask)
        rows = tuple(row for row in _rows(series, ask) if ask.start <= row.period_start < ask.end)
        columns = ("period", "numerator", "denominator") if series.kind == "ratio" else ("period", "value")
        if not ask.preview:
            return Answer(rows, columns=columns, notes=notes)
        sample = tuple(_as_text(series, row) for row in rows[:20])
        request = (
            f"The series “{series.label}”, a {series.kind} by the {series.grain}, "
            f"from {ask.start} to {ask.end} (not included). It is invented here; nothing is connected to."
        )
        mapping = asked.read_from(columns, columns)
        return Answer(rows, columns=columns, sample=sample, notes=notes, request=request, mapping=mapping)


def anchor_of(today: date) -> date:
    """The last Sunday before today; on a Sunday the one a week ago."""
    return today - timedelta(days=(today.weekday() + 1) % 7 or 7)


def _fits(series: Series, ask: Ask) -> None:
    if (ask.kind, ask.grain) != (series.kind, series.grain):
        raise ConnectorError(
            "config",
            f"The series '{series.label}' comes by the {series.grain} as {series.kind}; "
            f"the metric asks by the {ask.grain} for {ask.kind}. Change the metric.",
            permanent=True,
        )


def _rows(series: Series, ask: Ask) -> Iterator[Row]:
    today = ask.now.astimezone(ZoneInfo(ask.zone)).date()
    anchor = anchor_of(today)
    # Days that are over: 0 on a Monday, 6 on a Sunday.
    days_over = (today - anchor).days - 1
    if series.grain == "day":
        first = max(monday(series.first_week), (ask.start - anchor).days)
        last = min(series.last_week * 7 + days_over, (ask.end - anchor).days - 1)
        for offset in range(first, last + 1):
            yield _row(anchor + timedelta(days=offset), series.draw(offset))
        return
    for week in range(series.first_week, series.last_week + 1):
        yield _row(anchor + timedelta(days=monday(week)), series.draw(week))
    if series.partial is not None and days_over:
        yield _row(anchor + timedelta(days=1), series.partial(days_over))


def _row(start: date, draw: Draw) -> Row:
    return Row(start, value=draw.value, numerator=draw.numerator, denominator=draw.denominator)


def _as_text(series: Series, row: Row) -> tuple[str, ...]:
    if series.kind == "ratio":
        return (row.period_start.isoformat(), str(row.numerator), str(row.denominator))
    return (row.period_start.isoformat(), str(row.value))
