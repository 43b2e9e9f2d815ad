"""Events that programs send: read strictly, stored once under the name that the program gave."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import transaction
from django.db.models import Q, QuerySet

from metrics.auditing import record
from metrics.charts.canvas import plain
from metrics.models import Annotation, Company, EventToken, Metric
from metrics.models.annotation import ANNOTATION_KINDS
from northstar.lib import clock
from northstar.lib.localtime import local_day
from teams.events import noting
from teams.models import Team

FIELDS = ("id", "text", "day", "at", "until", "kind", "metric", "team", "link")
LONGEST_ID, LONGEST_TEXT, LONGEST_LINK = 120, 140, 200
EARLIEST, LATEST = date(2000, 1, 1), date(2100, 1, 1)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_LINK = URLValidator(schemes=["http", "https"])


class EventError(Exception):
    """It cannot be stored; `field` says which part of the body is meant."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(sentence)
        self.field = field


@dataclass(frozen=True, slots=True)
class Event:
    """What was sent, checked. `name` is the program's own, empty if it gave none."""

    name: str
    text: str
    day: date
    until: date | None
    kind: str
    metric: Metric | None
    team: Team | None
    link: str


def issue(label: str, *, days: int, actor: Any) -> tuple[EventToken, str]:
    """A new key for events and its text, which nobody can read again."""
    with transaction.atomic():
        expires_at = clock.now() + timedelta(days=days)
        token, text = EventToken.issue(label, created_by=actor, expires_at=expires_at)
        after = {"key": str(token), "expires": expires_at.date()}
        record("token.created", token, actor=actor, after=after)
    return token, text


def revoke(token: EventToken, *, actor: Any) -> None:
    """The key works no more, from this moment on."""
    with transaction.atomic():
        if EventToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=clock.now()):
            record("token.revoked", token, actor=actor, after={"key": str(token)})


def sent() -> QuerySet[Annotation]:
    """What programs sent, and all that a key may see, change or take off: nothing that people wrote."""
    return Annotation.objects.filter(Q(external_id__isnull=False) | Q(token__isnull=False))


def remove(name: str, *, token: EventToken) -> bool:
    """Take off the event that a program sent under this name; False if there is none."""
    note = sent().filter(external_id=name).first()
    if note is not None:
        noting.remove(note, reason=_by(token))
    return note is not None


def read(body: Any) -> Event:
    """The event of a body as it was sent. Raises EventError naming the field."""
    if not isinstance(body, dict):
        raise EventError("", 'The body has to be one event: {"text": …, "day": …}.')
    unknown = sorted(set(body) - set(FIELDS))
    if unknown:
        raise EventError(unknown[0][:40], f"Unknown field. There are: {', '.join(FIELDS)}.")
    text = _text(body, "text", most=LONGEST_TEXT)
    if not text:
        raise EventError("text", "Say in a few words what happened.")
    day = _day_of(body)
    until = _day(body["until"], "until") if body.get("until") is not None else None
    if until is not None and until < day:
        raise EventError("until", "The last day lies before the first.")
    kind = body.get("kind", "release")
    if not isinstance(kind, str) or kind not in ANNOTATION_KINDS:
        raise EventError("kind", f"There is no such kind. There are: {', '.join(ANNOTATION_KINDS)}.")
    metric, team = _shown_on(body)
    return Event(_name(body), text, day, until, kind, metric, team, _link(body))


def store(event: Event, *, token: EventToken) -> tuple[Annotation, str]:
    """(note, "added", "changed" or "unchanged"). Sending an event again under its name changes nothing."""
    with transaction.atomic():
        # One at a time: two that come with the same new name would both add it.
        Company.objects.select_for_update().get(pk=Company.current().pk)
        known = sent().filter(external_id=event.name).first() if event.name else None
        if known is None:
            note = Annotation(external_id=event.name or None, token=token)
            return noting.add(_filled(note, event), team=event.team, reason=_by(token)), "added"
        if _is_same(known, event):
            return known, "unchanged"
        return noting.change(_filled(known, event), team=event.team, reason=_by(token)), "changed"


def _by(token: EventToken) -> str:
    """For the audit: which key did it."""
    return f"By the key {token.label}"


def _filled(note: Annotation, event: Event) -> Annotation:
    note.text, note.day, note.until, note.kind = event.text, event.day, event.until, event.kind
    note.metric, note.link = event.metric, event.link
    return note


def _is_same(note: Annotation, event: Event) -> bool:
    stored = note.text, note.day, note.until, note.kind, note.metric_id, note.link, noting.team_of(note)
    metric_id = event.metric.pk if event.metric else None
    return stored == (
        event.text, event.day, event.until, event.kind, metric_id, event.link, event.team
    )  # fmt: skip


def _name(body: dict[str, Any]) -> str:
    """The program's name of it, which is the last part of the address under which it is removed."""
    value = body.get("id")
    if isinstance(value, str):
        if not value.isprintable():
            raise EventError("id", "Use signs that can be printed, on one line.")
        if "/" in value or value.strip() in (".", ".."):
            raise EventError("id", "A name without “/”, and more than dots: it becomes part of an address.")
    return _text(body, "id", most=LONGEST_ID)


def _text(body: dict[str, Any], name: str, *, most: int) -> str:
    value = body.get(name) or ""
    if not isinstance(value, str):
        raise EventError(name, "A text.")
    value = " ".join(plain(value, most=10 * most).split())
    if len(value) > most:
        raise EventError(name, f"{len(value)} characters are too many: at most {most}.")
    return value


def _day_of(body: dict[str, Any]) -> date:
    """The day, or the company's day of the moment `at`; today where neither is given."""
    if body.get("day") is not None and body.get("at") is not None:
        raise EventError("at", "Give a day or a moment, not both.")
    if body.get("day") is not None:
        return _day(body["day"], "day")
    zone = Company.current().zone
    if body.get("at") is None:
        return clock.today(zone)
    try:
        at = datetime.fromisoformat(body["at"])
        if at.tzinfo is None:
            raise ValueError
        return _sane(local_day(at, zone), "at")
    except (TypeError, ValueError, OverflowError):
        raise EventError("at", "A moment with its zone, such as 2026-11-16T14:05:00Z.") from None


def _day(value: Any, name: str) -> date:
    try:
        if not isinstance(value, str) or not _DAY.fullmatch(value):
            raise ValueError
        return _sane(date.fromisoformat(value), name)
    except ValueError:
        raise EventError(name, "A date such as 2026-11-16.") from None


def _sane(day: date, name: str) -> date:
    if not EARLIEST <= day <= LATEST:
        raise EventError(name, "Check the year of this date.")
    return day


def _shown_on(body: dict[str, Any]) -> tuple[Metric | None, Team | None]:
    """The metric or the team on whose charts it stands; neither: the whole company's."""
    slugs = {name: _text(body, name, most=80) for name in ("metric", "team")}
    if all(slugs.values()):
        raise EventError("team", "Name a metric or a team, not both; neither means the whole company.")
    metric = team = None
    if slugs["metric"]:
        metric = Metric.objects.listed().filter(slug=slugs["metric"]).first()
        if metric is None:
            raise EventError("metric", f"There is no metric '{slugs['metric']}'.")
    if slugs["team"]:
        team = Team.objects.listed().filter(slug=slugs["team"]).first()
        if team is None:
            raise EventError("team", f"There is no team '{slugs['team']}'.")
    return metric, team


def _link(body: dict[str, Any]) -> str:
    link = _text(body, "link", most=LONGEST_LINK)
    if link:
        try:
            _LINK(link)
        except ValidationError:
            raise EventError("link", "A whole address that begins with https:// or http://.") from None
    return link
