"""One object of every kind, for tests that try every address. The word in NAME stands in all of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.test import Client
from django.urls import URLPattern, get_resolver, reverse

from metrics import backfilling, drawing, funnelling
from metrics.models import (
    Annotation,
    Backfill,
    Company,
    Driver,
    EventToken,
    PushToken,
    Source,
    Stage,
    StarChoice,
    Trial,
)
from northstar.lib import clock
from northstar.sharing import giving
from teams import inviting, weekly_pages
from teams.alerts import quieting
from teams.feeds import giving as feeds
from teams.models import (
    Alert,
    CalendarFeed,
    Channel,
    CheckInLink,
    Commitment,
    Delivery,
    ExceptionGrant,
    Invitation,
    Membership,
    Reminder,
    Review,
    Screen,
    ShareLink,
    Team,
    User,
    WeeklyReview,
)
from teams.reminders import linking, unsubscribing
from tests.cast import metrics_of, person, weeks_typed_by
from tests.metrics.funnels import make_funnel, make_step
from tests.metrics.stars import drive, make_star
from tests.teams.bets import omtm_of

NAME = "Quillfeather"
BACKEND = "django.contrib.auth.backends.ModelBackend"


@dataclass(frozen=True)
class Route:
    """A named address with what stands in the policy table for it."""

    name: str
    pattern: str
    arguments: frozenset[str]
    callback: Any


def routes() -> list[Route]:
    """Every address of the product, from the resolver itself."""
    return list(_walk(get_resolver().url_patterns, ""))


def _walk(patterns: Any, prefix: str) -> Any:
    for pattern in patterns:
        text = prefix + str(pattern.pattern)
        if isinstance(pattern, URLPattern):
            arguments = frozenset(pattern.pattern.regex.groupindex)
            yield Route(pattern.name or "", text, arguments, pattern.callback)
        else:
            yield from _walk(pattern.url_patterns, text)


def everybody_and_everything() -> tuple[dict[str, Any], World]:
    """Whoever may ask, by the names of tests/northstar/expected.py, and the objects that they ask for."""
    Company.objects.create(id=1, name="Brindlewick", zone="Europe/Berlin", country="DE")
    marketing = Team.objects.create(name="Marketing", slug="marketing", department="Growth")
    platform = Team.objects.create(name="Platform", slug="platform", department="Engineering")
    people: dict[str, Any] = {
        "anonymous": None,
        "leader": person("leader@example.com", "Leonie Only", "leader"),
        "admin": person("admin@example.com", "Adam Only", "admin"),
        "maren": person("maren@example.com", "Maren Tolk", "leader", "admin"),
        "idris": person("idris@example.com", "Idris Vane"),
        "teo": person("teo@example.com", "Teo Lindqvist"),
        "yuki": person("yuki@example.com", "Yuki Sandoval"),
        "vera": person("vera@example.com", "Vera Holm"),
        "bruno": person("bruno@example.com", "Bruno Achterberg"),
    }
    User.objects.filter(pk=people["bruno"].pk).update(is_active=False)
    people["bruno"].refresh_from_db()
    for team, name, role in (
        (marketing, "idris", "lead"),
        (marketing, "teo", "member"),
        (platform, "yuki", "lead"),
    ):
        Membership.objects.create(team=team, user=people[name], role=role)
    by_hand = Source.objects.create(name="Typed by hand", slug="by-hand", kind="hand")
    world = make_world(people, (marketing, platform), metrics_of(by_hand), weeks_typed_by(people["maren"]))
    return people, world


def make_world(cast: dict[str, User], teams: tuple[Team, Team], make_metric: Any, make_weeks: Any) -> World:
    """The objects. `cast` has maren, idris and teo; the first team is theirs."""
    marketing, _ = teams
    maren, teo = cast["maren"], cast["teo"]
    Team.objects.filter(pk=marketing.pk).update(department=NAME)
    star = make_star(make_metric, make_weeks)
    ledger = Source.objects.create(name=f"{NAME} ledger", slug="ledger", kind="demo", owner=maren)
    sender = Source.objects.create(name=f"{NAME} sender", slug="sender", kind="push")
    pulled = make_metric(f"{NAME} pulled", slug="pulled", source=ledger)
    typed = make_metric(f"{NAME} typed", slug="typed")
    make_metric(f"{NAME} sent", slug="sent", source=sender)
    make_weeks(typed, "2026-09-07", [410, 421, 433, 440, 452])
    marketing.metrics.add(typed)
    drawing.draw_metric(typed, clock.now())
    backfill = backfilling.begin(pulled, date(2026, 9, 7), date(2026, 10, 5), actor=maren)
    driver = drive(star, typed)
    driver.teams.add(marketing)
    step = make_step(make_funnel(star, name=f"{NAME} way"), f"{NAME} step", (600, 144), benchmark="0.4")
    step.teams.add(marketing)
    funnelling.draw(step.funnel, now=clock.now())
    otto = person("otto@example.com", f"Otto {NAME}")
    Membership.objects.create(team=marketing, user=otto)
    invitation, token = inviting.invite(f"{NAME}@example.com".lower(), actor=maren, now=clock.now())
    begun = clock.now().date() - timedelta(weeks=10)
    omtm = omtm_of(marketing, typed, name=f"{NAME} focus", start=begun.isoformat())
    asked = omtm_of(marketing, typed, name=f"{NAME} asked", state="proposed", approval_asked_at=clock.now())
    past = omtm_of(
        marketing, typed, name=f"{NAME} past", start="2026-01-05", state="retired", outcome="missed",
        outcome_computed="missed", retired_at=clock.now(), lesson=NAME,
    )  # fmt: skip
    linking.make(omtm, [teo], day=clock.now().date(), now=clock.now())
    doubt = Commitment.objects.create(
        omtm=omtm, person=teo, asked_in=1, answer="in_with_concern", note=f"{NAME} doubt"
    )
    review = Review.objects.create(
        omtm=omtm, kind="midpoint", due_on=date(2026, 11, 2), held_at=clock.now(), held_by=maren,
        decision="continue", note=NAME, minutes=NAME,
    )  # fmt: skip
    Review.objects.create(
        omtm=omtm, kind="meeting", due_on=date(2026, 11, 2), held_at=clock.now(), decision="keep",
        note=NAME, minutes=NAME, next_on=date(2026, 12, 2), answers={"next_at": "10:00"},
    )  # fmt: skip
    said = {"subject": NAME, "text": NAME, "path": "/", "action": "Look"}
    reminder = Reminder.objects.create(key=NAME, rule="M3", omtm=omtm, occurs_on=date(2026, 11, 20), **said)
    in_an_hour = clock.now() + timedelta(hours=1)
    event_key, _ = EventToken.issue(NAME, created_by=maren, expires_at=in_an_hour)
    chat = Channel.objects.create(kind="slack", label=f"{NAME} chat", team=marketing, owner=maren)
    key, key_text = PushToken.issue(sender, NAME, created_by=maren, expires_at=in_an_hour)
    trial = Trial.objects.create(kind="demo", sealed="x", requested_by=maren, expires_at=in_an_hour)
    note = Annotation.objects.create(day=date(2026, 11, 2), text=f"{NAME} note", author=maren)
    line = {"key": "omtm:1", "name": f"{NAME} line", "metric": typed.pk, "exception": True, "value": 452.0}
    line |= {"start": "2026-10-05", "section": "Drivers", "wide": "", "narrow": ""}
    weekly = WeeklyReview.objects.create(
        week=date(2026, 10, 5), frozen_at=clock.now(), content={"lines": [line]}
    )
    choice = StarChoice.objects.create(
        started_by=maren, answers={"customer": NAME}, candidates=[{"name": NAME, "metric": typed.pk}]
    )
    exception = ExceptionGrant.objects.create(
        team=marketing, reason=f"{NAME} reason", until=date(2027, 3, 31), granted_by=maren
    )
    alert = Alert.objects.create(
        owner=teo, metric=typed, omtm=omtm, condition="below_pace", looked_at=clock.now()
    )
    told = Delivery.objects.create(reminder=reminder, recipient=teo, channel="app", state="sent")
    screen = Screen.objects.create(label=f"{NAME} hall", approved_at=clock.now(), approved_by=maren)
    shared, secret = giving.give(f"/metrics/{typed.slug}/", "Board", days=90, actor=teo, now=clock.now())
    feed, feed_secret = feeds.give(teo, "team", marketing, now=clock.now())
    return World(
        team=marketing, metric=typed, pulled=pulled, ledger=ledger, sender=sender, omtm=omtm, person=otto,
        invitation=invitation, invitation_token=token, key=key, event_key=event_key,
        key_text=key_text, trial=trial, note=note,
        told=told, chat=chat, driver=driver, weekly=weekly, doubt=doubt, review=review,
        step=step, screen=screen,
        link=linking.token_of(CheckInLink.objects.get()),
        choice=choice, exception=exception, asked=asked, past=past, backfill=backfill, alert=alert,
        shared=shared, shared_secret=secret, feed=feed, feed_secret=feed_secret,
    )  # fmt: skip


@dataclass
class World:
    team: Team
    metric: Any
    pulled: Any
    ledger: Source
    sender: Source
    omtm: Any
    person: User
    invitation: Invitation
    invitation_token: str
    key: PushToken
    event_key: EventToken
    key_text: str
    trial: Trial
    note: Annotation
    told: Delivery
    screen: Screen
    chat: Channel
    weekly: WeeklyReview
    review: Review
    driver: Driver
    step: Stage
    link: str
    doubt: Commitment
    choice: StarChoice
    exception: ExceptionGrant
    asked: Any
    past: Any
    backfill: Backfill
    alert: Alert
    feed: CalendarFeed
    feed_secret: str
    shared: ShareLink
    shared_secret: str

    def path(self, route: Route) -> str:
        """The address with the objects of this world. KeyError: add the new route to `_objects`."""
        return reverse(route.name, kwargs={name: self._value(route, name) for name in route.arguments})

    def _value(self, route: Route, argument: str) -> Any:
        table = self._objects()
        for length in range(len(route.name), 0, -1):
            if (found := table.get((route.name[:length], argument))) is not None:
                return found
        raise KeyError(f"{route.name} needs {argument}: name an object for it in tests/northstar/world.py")

    def _objects(self) -> dict[tuple[str, str], Any]:
        """(how the route's name starts, its argument) → value; the longest start wins."""
        return {
            ("account_reset_password_from_key", "uidb36"): "1",
            ("account_reset_password_from_key", "key"): "abc-def",
            ("annotation", "pk"): self.note.pk,
            ("channel", "pk"): self.chat.pk,
            ("channel-new", "kind"): "slack",
            ("event-key", "pk"): self.event_key.pk,
            ("api-event", "name"): "deploy-1",
            ("screen", "pk"): self.screen.pk,
            ("api-observations", "slug"): "sent",
            ("metric", "slug"): self.metric.slug,
            ("metric-backfill", "slug"): self.pulled.slug,
            ("metric-backfill-move", "pk"): self.backfill.pk,
            ("metric-backfill-move", "verb"): "pause",
            ("metric-coverage", "slug"): self.pulled.slug,
            ("metric-fill", "slug"): self.pulled.slug,
            ("metric-pull", "slug"): self.pulled.slug,
            ("source", "slug"): self.ledger.slug,
            ("source-new", "kind"): "postgresql",
            ("source-kind", "kind"): "postgresql",
            ("source-token", "slug"): self.sender.slug,
            ("source-token", "pk"): self.key.pk,
            ("chart-file", "key"): f"metric:{self.metric.pk}",
            ("chart-file", "name"): "26w",
            ("chart-file", "kind"): "svg",
            ("calendar", "pk"): self.feed.pk,
            ("calendar-feed", "secret"): self.feed_secret,
            ("share", "pk"): self.shared.pk,
            ("shared-page", "secret"): self.shared_secret,
            ("trial", "uid"): self.trial.uid,
            ("team", "slug"): self.team.slug,
            ("omtm", "slug"): self.team.slug,
            ("exception", "slug"): self.team.slug,
            ("exception", "pk"): self.exception.pk,
            ("omtm", "pk"): self.omtm.pk,
            ("omtm-approve", "pk"): self.asked.pk,
            ("omtm-send-back", "pk"): self.asked.pk,
            ("omtm-withdraw", "pk"): self.asked.pk,
            ("omtm-follow", "pk"): self.past.pk,
            ("candidate", "slug"): self.team.slug,
            ("candidate", "pk"): self.asked.pk,
            ("commitment", "pk"): self.doubt.pk,
            ("north-star-driver", "pk"): self.driver.pk,
            ("funnel", "slug"): self.step.funnel.slug,
            ("funnel-step", "pk"): self.step.pk,
            ("north-star-choice", "pk"): self.choice.pk,
            ("north-star", "pk"): self.driver.north_star_id,
            ("north-star-choice", "step"): "checklist",
            ("reminder", "pk"): self.told.pk,
            ("review", "pk"): self.review.pk,
            ("review-draft", "pk"): self.omtm.pk,
            ("review-run-omtm", "pk"): self.omtm.pk,
            ("review-meeting", "day"): "2026-11-02",
            ("review-draft", "kind"): "closing",
            ("person", "pk"): self.person.pk,
            ("person-team", "slug"): self.team.slug,
            ("invitation", "pk"): self.invitation.pk,
            ("invitation", "token"): self.invitation_token,
            ("setup", "token"): "no-longer",
            ("check-in-link", "token"): self.link,
            ("told", "pk"): self.told.reminder_id,
            ("unsubscribe", "token"): unsubscribing.token_of(self.told.recipient, "half_way"),
            ("alert-preview", "slug"): self.metric.slug,
            ("alert", "pk"): self.alert.pk,
            ("alert-quiet", "token"): quieting.token_of(self.alert),
            ("weekly", "week"): weekly_pages.week_code(self.weekly.week),
        }


def as_somebody(user: User | None) -> Client:
    """A browser with a session of this person, or of nobody. A server error is an answer, not a raise."""
    client = Client(raise_request_exception=False)
    if user is not None:
        client.force_login(user, backend=BACKEND)
    return client
