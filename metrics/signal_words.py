"""What the limits of a metric say, in words: unusual or not, with the figure and what is usual."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from metrics import formatting
from metrics.analysis.locking import CHANGES, Judged
from metrics.analysis.watching import BEYOND, IN_A_ROW, NEAR_LIMIT, Mark, Run, Stretch, Watched
from metrics.analysis.xmr import LEAST_POINTS, Limits
from metrics.models import Metric

UNUSUAL = "Unusual: look for a cause."
#: In place of it on the side that is wanted: the cause is worth knowing, but nothing is wrong.
WANTED = "Beyond what was usual, the way you want it."
NORMAL = "Normal up and down: no explanation needed."
#: How many periods back a signal is still worth a word when the newest period is normal.
RECENT = 6
MOST_DECIMALS = 4


@dataclass(frozen=True, slots=True)
class Told:
    """How the numbers of one metric are said: its format, its grain, and whether changes are judged."""

    metric: Metric
    grain: str
    basis: str

    def value(self, value: float, *, decimals: int | None = None) -> str:
        """A judged value with its unit; a change has its sign."""
        metric = self.metric
        shown = metric.decimals if decimals is None else decimals
        show = formatting.show_change if self.basis == CHANGES else formatting.show
        return show(value, unit=metric.unit, decimals=shown, kind=metric.kind)

    def usual(self, found: Limits, *, decimals: int | None = None) -> str:
        """ "−10 to +46 crews", "at most 5 crews" where the values end before the limit would."""
        low, high = (self.value(each, decimals=decimals) for each in (found.low, found.high))
        if found.low > found.centre - found.reach and found.high < found.centre + found.reach:
            return "anything that is possible"
        if found.low > found.centre - found.reach:
            return f"at most {high}"
        if found.high < found.centre + found.reach:
            return f"at least {low}"
        tail = next((each for each in (f"{formatting.NBSP}{self.metric.unit}", f"{formatting.NBSP}pp", "%")
                     if low.endswith(each) and high.endswith(each)), "")  # fmt: skip
        return f"{low.removesuffix(tail)} to {high}"

    def period(self, start: date, newest: date) -> str:
        """ "the week to 8 Nov", "Oct 2026"; without the year of the newest period."""
        if self.grain == "month":
            return formatting.period_words(start, "month")
        return f"the week to {formatting.day_words(start + timedelta(days=6), newest + timedelta(days=6))}"

    def is_exact(self, value: float) -> bool:
        """Whether the metric's own decimals show the whole value."""
        scaled = value * formatting.shown_scale(self.metric.unit, self.metric.kind)
        return abs(scaled - round(scaled, self.metric.decimals)) < 1e-9

    def distance(self, value: float) -> str:
        """A distance between two values, without sign; between percentages in points."""
        metric = self.metric
        shown = formatting.show_change(value, unit=metric.unit, decimals=metric.decimals, kind=metric.kind)
        return shown.removeprefix("+")

    @property
    def things(self) -> str:
        """What stands in a row: "weeks", "changes"."""
        return "changes" if self.basis == CHANGES else f"{self.grain}s"


def sentence(told: Told, watched: Watched, stretches: Sequence[Stretch], *, rows: Sequence[Judged]) -> str:
    """One verdict with its figure; then a recent signal, a small shift, provisional limits where they are."""
    if watched.newest is None or not stretches:
        return _too_few(told, rows)
    newest, found = watched.newest, stretches[-1].limits
    mark = next((each for each in watched.marks if each.week == newest.start), None)
    if mark is not None and (mark.rule == BEYOND or not watched.run):
        first = f"{UNUSUAL} {_capital(mark_words(told, mark, found, newest=newest.start))}."
    elif watched.run is not None:
        first = f"{UNUSUAL} {_run_words(told, watched.run, found, newest=newest.start)}."
    else:
        figure = _figure(told, newest.value or 0.0, newest.start, found=found, newest=newest.start)
        first = f"{NORMAL} {_capital(figure)}."
    more = [_recent(told, watched, stretches), _creep(told, watched), _provisional(told, stretches[-1])]
    return " ".join([first, *(each for each in more if each)])


def mark_words(told: Told, mark: Mark, found: Limits, *, newest: date) -> str:
    """Why a period stands out: "−12 crews in the week to 8 Nov, usual −10 to +46 crews"."""
    if mark.rule == IN_A_ROW:
        since = told.period(mark.since, newest)
        return f"the eighth in a row {_side(mark.side)} the usual {told.value(found.centre)}, since {since}"
    if mark.rule == NEAR_LIMIT:
        limit = found.high if mark.side == "high" else found.low
        near = f"close to the {'upper' if mark.side == 'high' else 'lower'} limit of {told.value(limit)}"
        return f"three of the last four {told.things} {near}, up to {told.period(mark.week, newest)}"
    return _figure(told, mark.value, mark.week, found=found, newest=newest)


def suggestion(told: Told, run: Run, found: Limits, *, newest: date) -> str:
    """What a run that stays asks for."""
    since = told.period(run.start, newest)
    return (
        f"{formatting.count_word(run.length)} {told.things} in a row lie {_side(run.side)} the usual "
        f"{told.value(found.centre)}. If the cause is known and will stay, set new limits from {since} on; "
        f"they would be {told.usual(run.limits)}."
    )


def _figure(told: Told, value: float, start: date, *, found: Limits, newest: date) -> str:
    decimals = _decimals(told, value, found)
    exact = told.metric.decimals if told.is_exact(value) else decimals
    usual = told.usual(found, decimals=decimals)
    return f"{told.value(value, decimals=exact)} in {told.period(start, newest)}, usual {usual}"


def _decimals(told: Told, value: float, found: Limits) -> int:
    """As many as it takes for a value outside not to look as if it were on the limit."""
    decimals = told.metric.decimals
    if found.low <= value <= found.high:
        return decimals
    edge = found.high if value > found.high else found.low
    while decimals < MOST_DECIMALS and told.value(value, decimals=decimals) == told.value(
        edge, decimals=decimals
    ):
        decimals += 1
    return decimals


def _run_words(told: Told, run: Run, found: Limits, *, newest: date) -> str:
    count = formatting.count_word(run.length)
    since = told.period(run.start, newest)
    usual = told.value(found.centre)
    return f"{count} {told.things} in a row {_side(run.side)} the usual {usual}, since {since}"


def _recent(told: Told, watched: Watched, stretches: Sequence[Stretch]) -> str:
    """The last signal before the newest period, unless the newest one says it itself."""
    newest = watched.newest
    last = watched.marks[-1] if watched.marks else None
    if newest is None or last is None or watched.run or last.week == newest.start:
        return ""
    length = 31 if told.grain == "month" else 7
    if (newest.start - last.week).days > RECENT * length:
        return ""
    if last.rule == BEYOND:
        return f"The last signal: {told.value(last.value)} in {told.period(last.week, newest.start)}."
    found = next(each.limits for each in reversed(stretches) if each.first <= last.week)
    return f"The last signal: {mark_words(told, last, found, newest=newest.start)}."


def _creep(told: Told, watched: Watched) -> str:
    if watched.creep is None or watched.newest is None:
        return ""
    way = "higher" if watched.creep.side == "high" else "lower"
    since = told.period(watched.creep.since, watched.newest.start)
    return f"A small shift may have begun: on the whole {way} than usual since {since}."


def _provisional(told: Told, stretch: Stretch) -> str:
    if stretch.locked and not stretch.limits.provisional:
        return ""
    return f"Provisional: what is usual rests on {stretch.limits.points} {told.things} so far."


def _too_few(told: Told, rows: Sequence[Judged]) -> str:
    known = sum(row.value is not None for row in rows)
    return f"Too few {told.things} to say what is usual: {known} so far, {LEAST_POINTS} are needed."


def _side(side: str) -> str:
    return "above" if side == "high" else "below"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
