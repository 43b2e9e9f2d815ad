"""What the people of the running bets said week by week: a chance, a sentence, now and then a wish."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from metrics.models import Metric
from northstar.demo.days import Days
from teams.models import CheckIn, HealthSnapshot, Omtm, User
from teams.reminders import reminding

TUESDAY = 1


@dataclass(frozen=True, slots=True)
class Said:
    """On a day (0 is Monday) of the week after `week`, when its numbers were in."""

    week: int
    day: int
    who: str
    chance: int
    note: str = ""
    help_wanted: str = ""


# Hanno, Priya, Bruno, Dario and Piet have said nothing lately: they are asked on Tuesday.
SAID: dict[str, tuple[Said, ...]] = {
    "activation": (
        Said(-8, 1, "solveig", 50, "The import is built for two of five formats."),
        Said(-8, 2, "hanno", 70, "Trials with a list stay longer already."),
        Said(-7, 1, "ines", 50, "Half of the lists arrive as photographs."),
        Said(-6, 1, "solveig", 50, "Photographs are read by hand for now; 40 a week."),
        Said(-5, 2, "hanno", 70, "All five formats work.", "Somebody from Platform for the slow imports"),
        Said(-5, 2, "ines", 50, "Calls about the import take two of us all day."),
        Said(-4, 1, "solveig", 70, "The calls are half of what they were."),
        Said(-3, 1, "hanno", 90, "Platform sped the import up by ten."),
        Said(-3, 2, "ines", 70, "Customers import on the first day without us."),
        Said(-2, 1, "solveig", 70, "The outage cost a day; the trend is the same."),
        Said(-1, 1, "ines", 70, "First whole week in which everybody has it."),
        Said(0, 1, "solveig", 70, "The import holds, and the calls about it have stopped."),
    ),
    "trial_to_paid": (
        Said(-8, 1, "amara", 70, "Everybody in the team calls on day 8 from this week on."),
        Said(-8, 2, "jonas", 70),
        Said(-7, 1, "priya", 70, "Half of the numbers are those of the office, not of who decides."),
        Said(-6, 1, "amara", 90, "Two accounts signed on the phone."),
        Said(-5, 1, "jonas", 70, "We reach one in two."),
        Said(-4, 2, "priya", 70, "Evenings are better.", "A list of who decides, from Onboarding"),
        Said(-3, 1, "amara", 90, "Three large accounts wait for their budgets of January."),
        Said(-2, 1, "jonas", 70, "Calls before eight reach two of three."),
        Said(-1, 1, "amara", 90, "Contracts with three large accounts are signed and count from next week."),
        Said(0, 1, "jonas", 70, "Before eight is right; it takes weeks to show.", "Two more at eight"),
    ),
    "crew_lapse": (
        Said(-8, 1, "bruno", 70, "The first ten visits are booked."),
        Said(-8, 1, "kaja", 50),
        Said(-7, 2, "silas", 70, "Whoever we visited stayed so far."),
        Said(-6, 1, "bruno", 70, "A third of the accounts visited."),
        Said(-5, 1, "kaja", 50, "Crews that go are on accounts which nobody visited yet."),
        Said(-4, 1, "silas", 50, "Two accounts lost their crews to winter work."),
        Said(-3, 1, "bruno", 50, "We have visited a third of the accounts; the rest are booked."),
        Said(-2, 1, "kaja", 50, "Winter work again: not us, and yet they go."),
        Said(-1, 1, "silas", 50, "Four visits done, five to come.", "Two more cars for the visits"),
        Said(0, 1, "kaja", 30, "Without a winter pause they cancel.", "A developer for the winter pause"),
    ),
    "sync": (
        Said(-3, 1, "yuki", 70, "Six new accounts, and no slower."),
        Said(-3, 2, "dario", 70),
        Said(-2, 1, "freya", 50, "The outage was not the queue; it is found and mended."),
        Said(-1, 1, "yuki", 70, "The second queue runs."),
        Said(0, 1, "freya", 70, "1.6 seconds with a fifth more phones."),
    ),
    "partner_share": (
        Said(-1, 1, "idris", 50, "Two wholesalers have the page, one sends people."),
        Said(-1, 2, "piet", 50),
        Said(0, 1, "lene", 70, "The counter in Bremen hands our card out with every boiler."),
    ),
}  # fmt: skip


def tell(metrics: Mapping[str, Metric], users: Mapping[str, User], days: Days) -> None:
    """Keep what was said before today, with what had been measured by its day."""
    rows = []
    for series, said in SAID.items():
        omtm = Omtm.objects.active().get(metric=metrics[series], is_demo=True)
        dated = [(days.monday(each.week + 1) + timedelta(days=each.day), each) for each in said]
        rows += [_row(omtm, users[each.who], day, each) for day, each in dated if day < days.today]
    CheckIn.objects.bulk_create(measured(rows))


def measured(rows: list[CheckIn]) -> Iterator[CheckIn]:
    """The check-ins with the reading and the state of the newest week that was complete on their day."""
    bets = {row.omtm_id for row in rows}
    known: dict[int, list[HealthSnapshot]] = {pk: [] for pk in bets}
    for snapshot in HealthSnapshot.objects.filter(omtm__in=bets).order_by("as_of_week", "id"):
        known[snapshot.omtm_id].append(snapshot)
    for row in rows:
        seen = [each for each in known[row.omtm_id] if each.as_of_week + timedelta(weeks=1) <= row.day]
        if seen:
            row.reading, row.state = seen[-1].reading, seen[-1].state
        yield row


def ask(days: Days) -> None:
    """As the worker did on the last Tuesday at seven: what is still unanswered stands on /reviews/."""
    back = (days.today.weekday() - TUESDAY) % 7
    asked = days.moment(days.today - timedelta(days=back), "07:00")
    if asked == days.now and back == 0:
        asked = days.moment(days.today - timedelta(weeks=1), "07:00")
    reminding.remind(asked)


def _row(omtm: Omtm, person: User, day: date, said: Said) -> CheckIn:
    via = "link" if day.day % 2 else "page"
    return CheckIn(
        omtm=omtm,
        person=person,
        day=day,
        chance=said.chance,
        note=said.note,
        help_wanted=said.help_wanted,
        via=via,
    )
