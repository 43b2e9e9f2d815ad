"""Whether the newest complete period of a metric can be relied on, and in words why not.

A plain rule over plain facts. What is unknown is never taken for good: without values, or without a look that
came after the period was over, nothing is judged on it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from metrics import formatting

TRUSTED, STALE, INCOMPLETE, FAILING = "trusted", "stale", "incomplete", "failing"
REDEFINED, BACKFILLING, QUIET = "redefined", "backfilling", "quiet"
#: The first of these that is found names the badge; what blocks comes before what does not.
ORDER = (FAILING, BACKFILLING, REDEFINED, INCOMPLETE, STALE, QUIET)
#: As many silent periods as a reading may look past (analysis.reading.REACH).
SILENT_AT_MOST = 2
#: R37: a look is overdue after two intervals and the time that the source needs.
LOOKS_MISSED = 2
REFUSALS = {
    "auth": "has refused the sign-in",
    "connection": "has not been reachable",
    "timeout": "has not answered in time",
}


@dataclass(frozen=True, slots=True)
class Trust:
    """What a number is worth. `blocks`: no status, no forecast, no alert is worked out on it.

    `badge` is one of trusted, stale, incomplete, failing, redefined, backfilling, quiet; `sentences` say what
    is wrong, since when, and what happens next; none where all is well.
    """

    blocks: bool
    badge: str
    sentences: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of the newest complete period; moments are in the company's zone.

    `way` is pull, push or typed. `expected` and `seen` count the pieces that the source delivers the period
    in (days of a week, or 1), `valued` those with a value. `unsettled` is the newest look at a piece that was
    not over then. `silent` counts the newest complete periods, those without a value; `good` is the last day
    of the newest one that was read to its end. `mixed`: old and new meaning stand side by side.
    """

    now: datetime
    way: str
    source: str
    period: date
    grain: str = "week"
    has_values: bool = True
    expected: int = 1
    seen: int = 1
    valued: int = 1
    lacks_value: bool = False
    estimated: bool = False
    unsettled: datetime | None = None
    silent: int = 0
    good: date | None = None
    last_look: datetime | None = None
    interval: timedelta | None = None
    latency: timedelta = timedelta(0)
    error: str | None = None
    failing_since: datetime | None = None
    paused: bool = False
    next_look: datetime | None = None
    backfill: tuple[date, date] | None = None
    redefined_on: date | None = None
    mixed: bool = False


@dataclass(frozen=True, slots=True)
class _Found:
    badge: str
    blocks: bool
    sentence: str


def judge(facts: Facts) -> Trust:
    """Every fault that the facts show, the gravest as the badge."""
    found = [each for each in (*_arrival(facts), _backfill(facts), _meaning(facts)) if each is not None]
    found.sort(key=lambda each: (not each.blocks, ORDER.index(each.badge)))
    if not found:
        return Trust(False, TRUSTED)
    sentences = tuple(dict.fromkeys(each.sentence for each in found))
    return Trust(found[0].blocks, found[0].badge, sentences)


def _arrival(facts: Facts) -> list[_Found | None]:
    return [_pulled(facts)] if facts.way == "pull" else [_brought(facts), _too_soon(facts)]


def _pulled(facts: Facts) -> _Found | None:
    """The gravest fault of a metric that its source is asked for."""
    unread = facts.seen < facts.expected or facts.unsettled is not None or not facts.has_values
    if facts.error is not None:
        return _Found(FAILING, unread, _failing_words(facts))
    if not facts.has_values:
        return _Found(QUIET, True, f"No value has come from {facts.source} yet.{_next_words(facts)}")
    if facts.unsettled is not None:
        look = _moment(facts.unsettled, facts.now)
        return _Found(
            INCOMPLETE,
            True,
            f"The newest {facts.grain} was last read on {look}, before it was over; {_completes(facts)}.",
        )
    if unread:
        return _Found(INCOMPLETE, True, f"{_pieces(facts)} read so far; {_completes(facts)}.")
    return _silence(facts) or _overdue(facts)


def _silence(facts: Facts) -> _Found | None:
    """The source was asked, and had nothing or not enough."""
    if facts.lacks_value and 0 < facts.valued < facts.expected:
        sentence = f"{facts.source} had values for only {_of(facts)} of the {_name(facts)}."
        return _Found(INCOMPLETE, True, sentence)
    if facts.silent:
        sentence = f"{facts.source} was asked and had no value for {_spell(facts)}.{_good(facts)}"
        return _Found(QUIET, facts.silent > SILENT_AT_MOST, sentence)
    if facts.estimated and 0 < facts.valued < facts.expected:
        return _Found(INCOMPLETE, False, f"The {_name(facts)} is estimated from {_of(facts)}.")
    return None


def _overdue(facts: Facts) -> _Found | None:
    if facts.paused:
        return _Found(STALE, False, f"{facts.source} is paused: no newer value comes until it is resumed.")
    if facts.interval is None or facts.last_look is None:
        return None
    allowed = LOOKS_MISSED * facts.interval + facts.latency
    if facts.now - facts.last_look <= allowed:
        return None
    look = _moment(facts.last_look, facts.now)
    return _Found(STALE, False, f"{facts.source} was last read on {look}.{_next_words(facts)}")


def _brought(facts: Facts) -> _Found | None:
    """Values that people type or programs send: only missing complete periods count against them."""
    verb = "typed" if facts.way == "typed" else "sent"
    if not facts.has_values:
        return _Found(QUIET, True, f"No value has been {verb} yet.")
    if not facts.silent:
        return None
    sentence = f"No value has been {verb} for {_spell(facts)}.{_good(facts)}"
    if facts.silent == 1 and facts.valued:
        sentence = f"Only {_of(facts)} of the {_name(facts)} have been {verb}.{_good(facts)}"
    gone = facts.silent > SILENT_AT_MOST
    return _Found(STALE if gone else QUIET, gone, sentence)


def _too_soon(facts: Facts) -> _Found | None:
    """Something sent before the period was over may be meant as final: said, not held against it."""
    if facts.way != "push" or facts.unsettled is None or facts.silent:
        return None
    look = _moment(facts.unsettled, facts.now)
    sentence = f"The newest {facts.grain} was last sent on {look}, before it was over."
    return _Found(INCOMPLETE, False, sentence)


def _backfill(facts: Facts) -> _Found | None:
    if facts.backfill is None:
        return None
    first, last = (formatting.day_words(day, facts.now.date()) for day in facts.backfill)
    span = first if first == last else f"{first} to {last}"
    return _Found(BACKFILLING, True, f"{span} is being fetched again; it is judged as soon as that is done.")


def _meaning(facts: Facts) -> _Found | None:
    if facts.redefined_on is None:
        return None
    day = formatting.day_words(facts.redefined_on, facts.now.date())
    if facts.mixed:
        sentence = f"What is counted changed on {day}: {facts.grain}s before and after it cannot be compared."
        return _Found(REDEFINED, True, sentence)
    return _Found(REDEFINED, False, f"What is counted changed on {day}.")


def _failing_words(facts: Facts) -> str:
    verb = REFUSALS.get(facts.error or "", "has been failing")
    since = facts.failing_since or facts.last_look
    day = f" since {formatting.day_words(since.date(), facts.now.date())}" if since else ""
    if facts.good is None:
        return f"{facts.source} {verb}{day}; no {facts.grain} is complete.{_next_words(facts)}"
    good = formatting.day_words(facts.good, facts.now.date())
    last = f"the last complete {facts.grain} is the one to {good}"
    return f"{facts.source} {verb}{day}; {last}.{_next_words(facts)}"


def _next_words(facts: Facts) -> str:
    """What happens next, as a sentence with a space before it."""
    if facts.paused:
        return " It is paused until it is resumed."
    if facts.next_look is None:
        return ""
    if facts.next_look <= facts.now:
        return " The next try is under way."
    return f" The next try comes on {_moment(facts.next_look, facts.now)}."


def _completes(facts: Facts) -> str:
    if facts.paused:
        return "the source is paused, resume it to complete the rest"
    return "the next pull completes it" if facts.next_look else "pull it again to complete it"


def _pieces(facts: Facts) -> str:
    if facts.expected == 1:
        return f"The {_name(facts)} has not been"
    return f"Only {facts.seen} of {facts.expected} days of the {_name(facts)} have been"


def _of(facts: Facts) -> str:
    return f"{facts.valued} of {facts.expected} days"


def _good(facts: Facts) -> str:
    if facts.good is None:
        return ""
    return (
        f" The newest value is of the {facts.grain} to {formatting.day_words(facts.good, facts.now.date())}."
    )


def _spell(facts: Facts) -> str:
    if facts.silent == 1:
        return f"the {_name(facts)}"
    return f"the last {facts.silent} complete {facts.grain}s"


def _name(facts: Facts) -> str:
    """ "week to 15 Nov", "month of Oct 2026"."""
    if facts.grain == "month":
        return f"month of {formatting.period_words(facts.period, 'month')}"
    last = facts.period + timedelta(days=6)
    return f"week to {formatting.day_words(last, facts.now.date())}"


def _moment(moment: datetime, now: datetime) -> str:
    """ "Sunday 14:00" within a week of now, else "3 Oct 14:00"."""
    if abs(now - moment) < timedelta(days=6):
        return f"{moment:%A %H:%M}"
    return f"{formatting.day_words(moment.date(), now.date())} {moment:%H:%M}"
