"""A company that lives for years by a virtual clock, with people in many zones and a mailbox."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from email.message import Message
from email.utils import parsedate_to_datetime
from typing import Any
from zoneinfo import ZoneInfo

import time_machine
from django.core.mail.backends.base import BaseEmailBackend

from metrics.models import Company, Metric, NorthStar, Source
from northstar.lib import clock as clocks
from teams import lifecycle, retiring, reviewing
from teams.models import CheckInLink, Delivery, Grant, Membership, Omtm, Preference, Reminder, Team, User
from teams.reminders import delivering, reminding
from tests.teams import oracle
from tests.teams.bets import omtm_of
from tests.teams.oracle import COMPANY, DAY, Focus, Item, Letter, Person

#: Wherever clocks differ most: quarters of an hour, change of day, winter time that is summer time.
PEOPLE = (
    Person("Asha", "Asia/Kathmandu"),
    Person("Tui", "Pacific/Apia", most=1),
    Person("Dorie", "America/St_Johns", quiet_from=time(22), quiet_until=time(9, 30)),
    Person("Rachid", "Africa/Casablanca", weekly=True),
    Person("Hone", "Pacific/Chatham", quiet_from=time(0), quiet_until=time(9)),
    Person("Aoife", "Europe/Dublin", most=7),
    Person("Jan", "Europe/Berlin", off=frozenset({"two_weeks_left", "check_in"})),
    Person("Grace", "America/New_York", quiet_from=time(16), quiet_until=time(7, 15)),
    Person("Kai", "Pacific/Kiritimati"),
    Person("Lou", "Australia/Lord_Howe", weekly=True, most=2),
    Person("Priya", "Asia/Kolkata"),
    Person("Ana", "America/Sao_Paulo"),
)
SEEN = re.compile(r"/(told/(?P<told>[0-9]+)/|check-in/(?P<asked>[0-9]+)\.)")


class Mailbox(BaseEmailBackend):
    """Keeps (moment, to, text) of everything, in this process."""

    kept: list[tuple[datetime, str, str]] = []

    def send_messages(self, messages: Sequence[Any]) -> int:
        self.kept.extend((clocks.now(), message.to[0], message.body) for message in messages)
        return len(messages)


@dataclass
class Years:
    """What was there, what people did, when the product ran, and what arrived."""

    first: date
    last: date
    people: Sequence[Person]
    seed: int
    focuses: list[Focus] = field(default_factory=list)
    deeds: dict[datetime, list[Callable[[], Any]]] = field(default_factory=dict)
    stars: list[tuple[date, date]] = field(default_factory=list)
    star: int = 0

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)
        self.idle = self._idle()

    @property
    def leaders(self) -> list[str]:
        return [self.people[0].name]

    @property
    def owner(self) -> str:
        return self.people[-1].name

    def _idle(self) -> list[tuple[date, date]]:
        """Three times in ten years nothing runs for ten days."""
        days = (self.last - self.first).days
        return [
            (begin, begin + 10 * DAY)
            for part in (0.22, 0.51, 0.83)
            for begin in [self.first + DAY * int(days * part)]
        ]

    def runs(self, moment: datetime) -> bool:
        day = moment.astimezone(COMPANY).date()
        return not any(begin <= day < end for begin, end in self.idle)

    def at(self, day: date, deed: Callable[[], Any]) -> date:
        """Do it at noon of this day, or of the first on which anything runs."""
        while not self.runs(oracle.noon(day)):
            day += DAY
        self.deeds.setdefault(oracle.noon(day), []).append(deed)
        return day


def build(years: Years, metric: Metric) -> None:
    """Teams of three with a lead, a leader, an owner of the North Star; focuses one after the other."""
    users = {}
    for person in years.people:
        user = User.objects.create(
            email=f"{person.name.lower()}@example.com", name=person.name, zone=person.zone
        )
        users[person.name] = user
        Preference.objects.create(
            user=user, off_rules=sorted(person.off), most_a_week=person.most,
            digest="weekly" if person.weekly else "daily",
            quiet_from=person.quiet_from, quiet_until=person.quiet_until,
        )  # fmt: skip
    Grant.objects.create(user=users[years.leaders[0]], name="leader")
    others = [person.name for person in years.people if person.name not in years.leaders]
    for number in range(0, len(others) - 1, 3):
        names = others[number : number + 3]
        team = Team.objects.create(name=f"Team {number}", slug=f"team-{number}")
        for place, name in enumerate(names):
            Membership.objects.create(team=team, user=users[name], role="member" if place else "lead")
        _live(years, team, names, users[names[0]], metric)
    _review_the_star(years, users)


def _live(years: Years, team: Team, names: Sequence[str], lead: User, metric: Metric) -> None:
    """One focus after the other: some reviews are held on time, some late, one in six half-times never."""
    chance, start, number = years.chance, years.first + DAY * years.chance.randrange(5, 40), 0
    while start <= years.last:
        number += 1
        months = chance.choice([3, 4, 5, 6])
        # Committed before its day, so that the calendar opens its window.
        omtm = omtm_of(
            team, metric, start=start.isoformat(), months=months, state="committed", name=f"{team} {number}"
        )
        middle = start + DAY * (((omtm.end - start).days + 1) // 2)
        half = oracle.working(middle) + DAY * chance.randrange(0, 25)
        late = chance.choice([1, 3, 9, 16, 30, 47])
        held = years.at(half, _half_way(omtm, lead, half)) if chance.random() < 0.8 else None
        retired = years.at(omtm.end + DAY * late, lambda omtm=omtm: _retire(omtm, lead))
        years.focuses.append(Focus(omtm.pk, names[:1], names, omtm.start, omtm.end, held, retired))
        start = retired + DAY * chance.randrange(2, 20)


def _today() -> date:
    return clocks.now().astimezone(COMPANY).date()


def _half_way(omtm: Omtm, lead: User, day: date) -> Callable[[], Any]:
    def hold() -> None:
        terms = {"decision": "continue", "note": "N", "answers": {}, "actor": lead, "country": "DE"}
        reviewing.hold_half_way(Omtm.objects.get(pk=omtm.pk), today=_today(), **terms)

    return hold


def _retire(omtm: Omtm, lead: User) -> None:
    lifecycle.advance(_today())
    retiring.retire(Omtm.objects.get(pk=omtm.pk), lesson="L", reason="R", actor=lead, today=_today())


def _review_the_star(years: Years, users: dict[str, User]) -> None:
    """Every half year, held 3 or 16 or 33 days after its day."""
    day, number = years.first + 45 * DAY, 0
    star = NorthStar.objects.create(
        name="Crews", state="active", owner=users[years.owner], next_review_on=day
    )
    years.star = star.pk
    while day <= years.last:
        terms = {"decision": "keep", "note": "N", "answers": {}, "actor": users[years.owner]}

        def hold(terms: dict[str, Any] = terms) -> None:
            reviewing.hold_north_star(NorthStar.objects.get(), today=_today(), **terms)

        done = years.at(day + DAY * (3, 16, 33)[number % 3], hold)
        years.stars.append((day, done))
        number, day = number + 1, _half_a_year_after(day)


def _half_a_year_after(day: date) -> date:
    month = (day.month + 5) % 12 + 1
    year = day.year + (day.month > 6)
    while True:
        try:
            return date(year, month, day.day)
        except ValueError:
            day -= DAY


def moments(years: Years) -> tuple[list[datetime], list[datetime]]:
    """(when reminders are worked out, when messages leave): each morning of everybody, and now and then."""
    runs, rounds, day = set(years.deeds), set[datetime](), years.first
    while day <= years.last:
        runs.add(oracle.seven(day))
        if years.chance.random() < 0.1:
            runs |= {
                oracle.seven(day) - timedelta(hours=6),
                oracle.seven(day) + timedelta(hours=9, minutes=11),
            }
        for person in years.people:
            morning = datetime.combine(day, person.quiet_until).replace(tzinfo=ZoneInfo(person.zone))
            rounds.add(morning.astimezone(UTC))
        day += DAY
    runs = {run for run in runs if run <= oracle.noon(years.last)}
    rounds |= runs
    return sorted(filter(years.runs, runs)), sorted(filter(years.runs, rounds))


def live(years: Years, runs: Sequence[datetime], rounds: Sequence[datetime]) -> None:
    """Let the product run: deeds, reminders and messages, each at its moment."""
    worked = set(runs)
    with time_machine.travel(oracle.seven(years.first) - DAY, tick=False) as clock:
        for now in rounds:
            clock.move_to(now)
            for deed in years.deeds.get(now, ()):
                deed()
            if now in worked:
                lifecycle.advance(_today())
                reminding.remind(now)
            delivering.deliver(now)


def expected(years: Years, runs: Sequence[datetime]) -> list[Item]:
    """What the rules of the calendar ask for, and what else the product wrote down, as it wrote it."""
    found: list[Item] = []
    for focus in years.focuses:
        opening = [run for run in runs if run >= oracle.midnight(focus.start)][:1]
        focus.opened = opening[0].astimezone(COMPANY).date() if opening else None
        found += oracle.written(oracle.of_focus(focus, years.leaders, years.last), runs, runs[0])
    found += oracle.written(
        oracle.of_star(years.star, years.owner, years.leaders, years.stars), runs, runs[0]
    )
    return found


#: Rules of which the oracle knows the days itself; of the others it is told what happened.
KNOWN = oracle.OF_REVIEWS | {"window_started", "check_in", "north_star_review"}


def happened() -> list[Item]:
    """Everything else that was written down: what happened is not the calendar's."""
    rows = Delivery.objects.filter(channel="app").exclude(reminder__rule__in=KNOWN)
    found = []
    for reminder in Reminder.objects.filter(pk__in=rows.values("reminder")).order_by("id"):
        own = rows.filter(reminder=reminder).select_related("recipient")
        thing = f"focus {reminder.omtm_id}" if reminder.omtm_id else reminder.key
        found.append(
            Item(
                reminder.key,
                reminder.rule,
                thing,
                reminder.occurs_on,
                frozenset(row.recipient.name for row in own if row.recipient),
                own[0].sent_at,
                reminder.closed_at or oracle.NEVER,
            )  # fmt: skip
        )
    return found


def told_in_the_app() -> dict[str, frozenset[str]]:
    """By key of the calendar's: whom the app tells."""
    rows = Delivery.objects.filter(channel="app", reminder__rule__in=KNOWN)
    found: dict[str, set[str]] = {}
    for key, name in rows.values_list("reminder__key", "recipient__name"):
        found.setdefault(key, set()).add(name)
    return {key: frozenset(names) for key, names in found.items()}


def received(kept: Sequence[tuple[datetime, str, str]]) -> list[Letter]:
    """The letters as their texts say: which reminders each holds, by its links."""
    keys = dict(Reminder.objects.values_list("pk", "key"))
    links = {link.pk: f"check_in:omtm:{link.omtm_id}:{link.day}" for link in CheckInLink.objects.all()}
    told_on = {
        (omtm, str(day)): key
        for omtm, day, key in Reminder.objects.filter(rule="check_in").values_list("omtm", "occurs_on", "key")
    }
    found = []
    for at, to, text in kept:
        own = set()
        for each in SEEN.finditer(text):
            if each["told"]:
                own.add(keys[int(each["told"])])
            else:
                _, _, omtm, day = links[int(each["asked"])].split(":")
                own.add(told_on[int(omtm), day])
        found.append(Letter(to.partition("@")[0].capitalize(), at, frozenset(own)))
    return found


def company_of_germany() -> Metric:
    """The company, with one metric that is typed by hand."""
    Company.objects.create(id=1, name="Brindlewick", zone="Europe/Berlin", country="DE")
    source = Source.objects.create(name="Typed by hand", slug="by-hand", kind="hand")
    return Metric.objects.create(
        name="Trials",
        slug="trials",
        kind="flow_sum",
        grain="week",
        source=source,
        definition="D.",
        unit="trials",
    )


def sent_at(message: Message) -> datetime:
    """The moment in a letter's Date header."""
    return parsedate_to_datetime(message["Date"]).astimezone(UTC)


def text_of(message: Message) -> str:
    """A letter's plain text."""
    (part,) = (each for each in message.walk() if each.get_content_type() == "text/plain")
    payload = part.get_payload(decode=True)
    assert isinstance(payload, bytes)
    return payload.decode()
