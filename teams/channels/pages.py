"""What the pages of chats show: who reads each, what it hears, and whether it works."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.db.models import Q, QuerySet

from metrics.models import Company
from northstar.lib import doctext
from northstar.lib.policy import Subject, may
from teams.channels import registry
from teams.channels.base import Kind
from teams.models import Channel, User
from teams.reminders.rules import RULES


@dataclass(frozen=True, slots=True)
class Row:
    """A chat as the list has it; `error` is for those who may mend it."""

    channel: Channel
    kind: str
    reads: str
    hears: str
    state: str
    words: str
    error: str
    editable: bool


@dataclass(frozen=True, slots=True)
class Tile:
    """A kind that may be connected; `command` adds what it lacks."""

    kind: Kind
    command: str

    @property
    def initials(self) -> str:
        """Two letters for its tile."""
        words = self.kind.label.split()
        return (words[0][0] + words[1][0]).upper() if len(words) > 1 else words[0][:2].capitalize()


def reachable(user: User) -> QuerySet[Channel]:
    """Chats that this person may at least know of: their own, and all that are shared."""
    own = Q(person=user) | Q(person=None)
    return Channel.objects.filter(own, archived_at=None).select_related("team", "owner", "person")


def listed(user: User, subject: Subject, company: Company) -> list[Row]:
    """Own chats, those one may change, and those that one's teams and the company share. One query."""
    rows = []
    for channel in reachable(user).order_by("person_id", "team__name", "label", "id"):
        editable = may(subject, "channel.edit", channel)
        if editable or channel.team_id is None or channel.team_id in subject.team_ids:
            rows.append(_row(channel, editable=editable, company=company))
    return sorted(rows, key=lambda row: (row.channel.person_id is None, row.channel.team_id is not None))


def tiles(subject: Subject) -> list[Tile]:
    """The kinds that this person may connect."""
    trusted = may(subject, "source.edit")
    return [Tile(each, each.missing()) for each in registry.KINDS.values() if trusted or not each.admins_only]


def standing(channel: Channel) -> tuple[str, str]:
    """State and words of its pill: ("bad", "Broken"), ("good", "Works")."""
    if channel.broken_at is not None:
        return "bad", "Broken"
    if channel.failures:
        return "warn", "Trouble, tried again"
    return ("good", "Works") if channel.worked_at else ("neutral", "Not tried yet")


def reads(channel: Channel, company: Company) -> str:
    """Who reads it: "Only you", "The team Marketing", "Everybody in Brindlewick"."""
    if channel.person_id:
        return "Only you"
    return f"The team {channel.team}" if channel.team_id else f"Everybody in {company.name or 'the company'}"


def words(rule: str) -> str:
    """What a shared chat is told, as a line to tick: "When a focus of the team starts"."""
    text = RULES[rule].words.replace("my team", "the team").replace(" of mine", "")
    return text[0].upper() + text[1:]


def hears(channel: Channel) -> str:
    """ "3 kinds of news", or what its person chose."""
    if channel.person_id:
        return "What you chose to hear"
    count = sum(1 for name in channel.rules if name in RULES)
    return (
        f"{count} of {sum(rule.shared for rule in RULES.values())} kinds of news" if count else "Nothing yet"
    )


def how_to(kind: Kind) -> tuple[doctext.Block, ...]:
    """Its part of docs/channels.md."""
    path = settings.BASE_DIR / "docs" / "channels.md"
    text = path.read_text("utf-8") if path.is_file() else ""
    return doctext.blocks(doctext.section(text, kind.label))


def _row(channel: Channel, *, editable: bool, company: Company) -> Row:
    state, words = standing(channel)
    kind = registry.KINDS.get(channel.kind)
    where = f"{kind.label if kind else channel.kind}{f' · {channel.secret_hint}' if editable else ''}"
    error = channel.error if editable and (channel.broken_at or channel.failures) else ""
    return Row(channel, where, reads(channel, company), hears(channel), state, words, error, editable)
