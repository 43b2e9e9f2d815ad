"""The words of reminders (domain.md §8): neutral, one ask, no blame, real figures."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.urls import reverse

from metrics import formatting
from metrics.analysis.health import likely_words
from metrics.models import NorthStar
from northstar.lib.datewords import WEEKDAYS, long_date_words
from northstar.lib.windows import half_way
from teams import charting
from teams.models import HealthSnapshot, Omtm
from teams.reminders import rules
from teams.reminders.rules import Due


@dataclass(frozen=True, slots=True)
class Words:
    """Subject, text, the page with the one action, the words of its button, and the text without values."""

    subject: str
    text: str
    path: str
    action: str
    plain: str = ""


def of_omtm(
    due: Due, omtm: Omtm, *, today: date, latest: HealthSnapshot | None, stale: date | None = None
) -> Words:
    """What is said about an OMTM; `latest` is its newest evaluation, `omtm.metric` and `.team` are loaded.

    `stale` is the last day with values where they have stopped: half-time and end say so.
    """
    if due.rule in (rules.HALF_WAY, rules.TWO_WEEKS_LEFT):
        return _under_way(due, omtm, today=today, latest=latest, stale=stale)
    if due.rule == rules.CHECK_IN:
        return _check_in(omtm, latest)
    if due.rule == rules.WINDOW_STARTED:
        return _started(omtm, today)
    page, retirement = reverse("omtm", args=[omtm.pk]), reverse("omtm-retire", args=[omtm.pk])
    if due.rule == rules.WINDOW_ENDED:
        text = (
            f"The window for {omtm} closed on {day_of(omtm.end)}. The numbers are frozen. "
            f"Please record what you learnt by {day_of(omtm.review_due_on)}.{stale_words(stale)}"
        )
        return words(f"The window for {omtm} has closed", text, retirement, "Open the review")
    if due.rule == rules.REVIEW_OVERDUE:
        text = (
            f"The window for {omtm} closed on {day_of(omtm.end)} and its review is still open. "
            "A short honest note is enough."
        )
        return words(f"The review of {omtm} is still open", text, retirement, "Finish the review")
    text = (
        f"{omtm} ({omtm.team}) has had no review since its window closed on {day_of(omtm.end)}, "
        "so the team has no agreed next focus. "
        "Can you help free an hour?"
    )
    return words(f"{omtm} still has no review", text, page, "Open the focus")


def of_north_star(star: NorthStar, *, today: date) -> Words:
    """What is said about the review of a North Star, the company's or a unit's."""
    months = formatting.count_word(star.review_every_months)
    day = star.next_review_on or today
    # It may be read days later: a date stays true.
    when = f"{'It is' if today <= day else 'The review was'} due on {day_of(day)}."
    text = (
        f"{months} months with {star}. Is it still what customers come for? "
        f"Eleven questions, 20 minutes. {when}"
    )
    path = reverse("north-star-review")
    if star.scope == "unit":
        path = reverse("north-star-unit-review", args=[star.pk])
    return words(f"Is {star} still the right North Star?", text, path, "Review the North Star")


def one_line(text: str, most: int = 200) -> str:
    """Without line breaks and control characters, for headers of mails."""
    plain = "".join(sign if sign.isprintable() else " " for sign in text)
    plain = " ".join(plain.split())
    return plain if len(plain) <= most else plain[: most - 1] + "…"


def after_heading(heading: str, text: str) -> str:
    """The text without the heading that it begins with; one that goes on in that sentence is told whole."""
    rest = text.removeprefix(heading)
    kept = rest[1:].lstrip() if rest.startswith((".", ":")) else text
    return "" if kept == heading else kept[:1].upper() + kept[1:]


def words(subject: str, text: str, path: str, action: str, *, plain: str = "") -> Words:
    """With a subject of one line; `plain` only where the text holds values, else the text is told."""
    return Words(one_line(subject), text, path, action, plain or text)


def stale_words(until: date | None) -> str:
    """A sentence about values that have stopped, with a space before it; empty where they come."""
    if until is None:
        return ""
    return f" No new values have come since {weekday_of(until)}: look at those first."


def day_of(day: date) -> str:
    """ "14 January": without the year, which is this one or the next."""
    return long_date_words(day).rsplit(" ", 1)[0]


def weekday_of(day: date) -> str:
    """ "Sunday 8 November"."""
    return f"{WEEKDAYS[day.weekday()]} {day_of(day)}"


def standing(omtm: Omtm, latest: HealthSnapshot | None) -> str:
    """ "It stands at 28.1%, the plan says 27.7%." """
    if latest is None or latest.reading is None:
        return "There is no complete week to judge yet."
    shown = charting.shown_as(omtm)
    reading = formatting.show(latest.reading, **shown)
    if omtm.target is None:
        return f"It stands at {reading}, to be kept {charting.goal_words(omtm)['range_words']}."
    if latest.pace is None:
        return f"It stands at {reading}."
    return f"It stands at {reading}, the plan says {formatting.show(latest.pace, **shown)}."


def _under_way(
    due: Due, omtm: Omtm, *, today: date, latest: HealthSnapshot | None, stale: date | None
) -> Words:
    """Half-time and the last two weeks: how it stands, and what to decide."""
    if due.rule == rules.HALF_WAY:
        subject, asks = f"Half-time for {omtm}", "Ten minutes: keep going, change what we do, or stop early?"
        text = f"{subject}. {standing(omtm, latest)}{stale_words(stale)} {asks}"
        path, action = reverse("omtm-midpoint", args=[omtm.pk]), "Hold the half-way review"
    else:
        subject = f"{_days_to_go((omtm.end - today).days)} to go for {omtm}"
        asks = "Book the closing review; line up what comes next."
        asks = f"The window closes on {day_of(omtm.end)}. {asks}"
        text = f"{subject}: {_aim(omtm, latest)}.{stale_words(stale)} {asks}"
        path, action = reverse("omtm", args=[omtm.pk]), "Open the focus"
    return words(subject, text, path, action, plain=f"{subject}.{stale_words(stale)} {asks}")


def _started(omtm: Omtm, today: date) -> Words:
    """ "Activation rate has begun: from 24.0% to 34.0% by 31 December." """
    goal, end = charting.goal_words(omtm), day_of(omtm.end)
    subject = f"A new focus for {omtm.team}: {omtm}"
    aim = f"keep it {goal['range_words']} until {end}"
    if omtm.target is not None:
        aim = f"from {goal['from_words']} to {goal['to_words']} by {end}"
    half = half_way(omtm.start, omtm.end)
    asks = f"Half-time is around {day_of(half)}. " if today <= half else ""
    text = f"{subject}, {aim}. {asks}What will you try first?"
    plain = f"{subject}, until {end}. {asks}What will you try first?"
    return words(subject, text, reverse("omtm", args=[omtm.pk]), "Open the focus", plain=plain)


def _check_in(omtm: Omtm, latest: HealthSnapshot | None) -> Words:
    """ "Activation rate: it stands at 30.6%, the plan says 30.2%. How likely is 34.0% by 13 January?" """
    goal, end, stands = charting.goal_words(omtm), day_of(omtm.end), standing(omtm, latest)
    asked, plain = f"How likely is {goal['to_words']} by {end}?", f"How likely is the target by {end}?"
    if omtm.target is None:
        asked = plain = f"How likely is it to stay there until {end}?"
    text = f"{omtm}: {stands[0].lower()}{stands[1:]} {asked} One tap and one sentence."
    path = f"{reverse('omtm', args=[omtm.pk])}#check-in"
    subject = f"Ten seconds for {omtm}: how likely is it?"
    return words(
        subject,
        text,
        path,
        "Check in",
        plain=f"{omtm}: {plain[0].lower()}{plain[1:]} One tap and one sentence.",
    )


def _aim(omtm: Omtm, latest: HealthSnapshot | None) -> str:
    """ "3.3% now, aiming at 4.0%, about 40% likely" """
    shown = charting.shown_as(omtm)
    goal = charting.goal_words(omtm)
    reading = latest.reading if latest else None
    now = "no reading yet" if reading is None else f"{formatting.show(reading, **shown)} now"
    if omtm.target is None:
        return f"{now}, to be kept {goal['range_words']}"
    likely = f", {likely_words(latest.p)}" if latest and latest.p is not None else ""
    return f"{now}, aiming at {goal['to_words']}{likely}"


def _days_to_go(days: int) -> str:
    if days == 14:
        return "Two weeks"
    return "Last day" if days < 1 else f"{days} day{'' if days == 1 else 's'}"
