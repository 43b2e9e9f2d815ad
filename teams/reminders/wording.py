"""The words of reminders (domain.md §8): neutral, one ask, no blame, real figures."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.urls import reverse

from metrics import formatting
from metrics.models import NorthStar
from northstar.lib.datewords import long_date_words
from teams import charting
from teams.models import HealthSnapshot, Omtm
from teams.reminders import rules
from teams.reminders.rules import Due


@dataclass(frozen=True, slots=True)
class Words:
    """Subject, text, the page with the one action, and the words of its button."""

    subject: str
    text: str
    path: str
    action: str


def of_omtm(due: Due, omtm: Omtm, *, today: date, latest: HealthSnapshot | None) -> Words:
    """What is said about an OMTM; `latest` is its newest evaluation, `omtm.metric` and `.team` are loaded."""
    if due.rule == rules.CHECK_IN:
        return _check_in(omtm, latest)
    page, retirement = reverse("omtm", args=[omtm.pk]), reverse("omtm-retire", args=[omtm.pk])
    since = (today - omtm.end).days
    if due.rule == rules.HALF_WAY:
        subject = f"Half-time for {omtm}"
        text = (
            f"{subject}. {_standing(omtm, latest)} Ten minutes: keep going, change what we do, or stop early?"
        )
        return _words(subject, text, reverse("omtm-midpoint", args=[omtm.pk]), "Hold the half-way review")
    if due.rule == rules.TWO_WEEKS_LEFT:
        subject = f"{_days_to_go(-since)} to go for {omtm}"
        text = f"{subject}: {_aim(omtm, latest)}. Book the closing review; line up what comes next."
        return _words(subject, text, page, "Open the focus")
    if due.rule == rules.WINDOW_ENDED:
        text = (
            f"The window for {omtm} closed on {_day(omtm.end)}. The numbers are frozen. "
            f"Please record what you learnt by {_day(omtm.review_due_on)}."
        )
        return _words(f"The window for {omtm} has closed", text, retirement, "Open the review")
    if due.rule == rules.REVIEW_OVERDUE:
        text = (
            f"The window for {omtm} closed {since} days ago and its review is still open. "
            "A short honest note is enough."
        )
        return _words(f"The review of {omtm} is still open", text, retirement, "Finish the review")
    text = (
        f"{omtm} ({omtm.team}) has had no review for {since} days, so the team has no agreed next focus. "
        "Can you help free an hour?"
    )
    return _words(f"{omtm} has had no review for {since} days", text, page, "Open the focus")


def of_north_star(star: NorthStar, *, today: date) -> Words:
    """What is said about the review of the North Star."""
    months = formatting.count_word(star.review_every_months)
    day = star.next_review_on or today
    late = (today - day).days
    when = f"It is due on {_day(day)}." if late < 0 else "It is due today."
    if late > 0:
        when = f"The review was due on {_day(day)}, {late} day{'' if late == 1 else 's'} ago."
    text = (
        f"{months} months with {star}. Is it still what customers come for? "
        f"Eleven questions, 20 minutes. {when}"
    )
    return _words(
        f"Is {star} still the right North Star?", text, reverse("north-star-review"), "Review the North Star"
    )


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


def _words(subject: str, text: str, path: str, action: str) -> Words:
    return Words(one_line(subject), text, path, action)


def _check_in(omtm: Omtm, latest: HealthSnapshot | None) -> Words:
    """ "Activation rate: it stands at 30.6%, the plan says 30.2%. How likely is 34.0% by 13 January?" """
    goal, end, standing = charting.goal_words(omtm), _day(omtm.end), _standing(omtm, latest)
    asked = f"How likely is {goal['to_words']} by {end}?"
    if omtm.target is None:
        asked = f"How likely is it to stay there until {end}?"
    text = f"{omtm}: {standing[0].lower()}{standing[1:]} {asked} One tap and one sentence."
    path = f"{reverse('omtm', args=[omtm.pk])}#check-in"
    return _words(f"Ten seconds for {omtm}: how likely is it?", text, path, "Check in")


def _standing(omtm: Omtm, latest: HealthSnapshot | None) -> str:
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


def _aim(omtm: Omtm, latest: HealthSnapshot | None) -> str:
    """ "3.3% now, aiming at 4.0%" """
    shown = charting.shown_as(omtm)
    goal = charting.goal_words(omtm)
    reading = latest.reading if latest else None
    now = "no reading yet" if reading is None else f"{formatting.show(reading, **shown)} now"
    return (
        f"{now}, to be kept {goal['range_words']}"
        if omtm.target is None
        else f"{now}, aiming at {goal['to_words']}"
    )


def _days_to_go(days: int) -> str:
    if days == 14:
        return "Two weeks"
    return "Last day" if days < 1 else f"{days} day{'' if days == 1 else 's'}"


def _day(day: date) -> str:
    """ "14 January": without the year, which is this one or the next."""
    return long_date_words(day).rsplit(" ", 1)[0]
