"""The form that connects a chat, or changes one: its secrets are taken and never given back."""

from __future__ import annotations

from typing import Any

from django import forms
from django.forms.boundfield import BoundField

from metrics.models import Company
from northstar.lib.policy import Subject, may
from teams.channels import connecting, pages
from teams.channels.base import BadField, Kind
from teams.channels.connecting import Wanted
from teams.models import Channel, Team, User
from teams.reminders import rules

PREFIX = "set_"
MINE, COMPANY = "me", "company"
#: What a shared chat hears unless somebody chooses.
USUAL = (rules.WINDOW_STARTED, rules.HEALTH_CHANGED, rules.TARGET_REACHED, rules.WEEKLY_READY)
SHARED = tuple(name for name, rule in rules.RULES.items() if rule.shared)


class ChannelForm(forms.Form):
    label = forms.CharField(
        label="Name",
        max_length=80,
        help_text="As people call it: #growth, or Me in Telegram.",
        error_messages={"required": "Give it the name that people know it by."},
    )
    scope = forms.ChoiceField(label="Who reads it", choices=())
    rules = forms.MultipleChoiceField(
        label="What it is told",
        choices=[(name, pages.words(name)) for name in SHARED],
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text="At most one message a working day, between 08:00 and 18:00, with everything in it.",
    )
    hide_numbers = forms.BooleanField(
        label="Leave numbers out",
        help_text="It then says that something happened, without a figure; those stay behind the sign-in.",
        required=False,
    )

    def __init__(
        self,
        data: Any = None,
        *,
        kind: Kind,
        actor: User,
        subject: Subject,
        channel: Channel | None = None,
    ) -> None:
        first = {"rules": channel.rules if channel else USUAL}
        if channel:
            first |= {"label": channel.label, "hide_numbers": channel.hide_numbers}
        super().__init__(data, initial=first)
        self.kind, self.actor, self.channel = kind, actor, channel
        self.teams = _teams(subject) if channel is None else {}
        for each in kind.fields:
            self.fields[PREFIX + each.name] = _input(each, channel)
        self._fit_scope(subject)
        if channel and connecting.ROTATED in channel.secrets:
            self.fields["drop_old_key"] = forms.BooleanField(
                label="Stop signing with the previous key",
                help_text="Once the receiver knows the new one.",
                required=False,
            )

    def clean(self) -> dict[str, Any]:
        """Everything that can be told without asking the service."""
        data = self.cleaned_data
        if self.errors:
            return data
        wanted = self.wanted
        others = connecting.siblings(person=self.person, team=self.team)
        others = others.exclude(pk=self.channel.pk) if self.channel else others
        if others.filter(label=data["label"]).exists():
            self.add_error("label", "There is a chat of this name already. Give it another one.")
        elif not self.channel and others.count() >= connecting.MOST_CHATS:
            self.add_error(None, f"There are {connecting.MOST_CHATS} chats already. Remove one first.")
        try:
            connecting.check(self.kind, wanted, actor=self.actor, channel=self.channel)
        except BadField as error:
            self.refuse(error)
        return data

    def refuse(self, error: BadField) -> None:
        """Say at its field what was found while it was to be kept."""
        name = PREFIX + error.field
        self.add_error(name if name in self.fields else None, str(error))

    @property
    def wanted(self) -> Wanted:
        """What was typed, clean; of secrets only the new ones."""
        data = self.cleaned_data
        typed = {each.name: str(data.get(PREFIX + each.name) or "").strip() for each in self.kind.fields}
        return Wanted(
            data["label"],
            {
                each.name: typed[each.name]
                for each in self.kind.fields
                if not each.secret and typed[each.name]
            },
            {each.name: typed[each.name] for each in self.kind.fields if each.secret and typed[each.name]},
            data.get("rules", ()),
            data["hide_numbers"],
            data.get("drop_old_key", False),
        )

    @property
    def person(self) -> User | None:
        """Whose own chat it is or will be."""
        if self.channel:
            return self.channel.person
        return self.actor if self.cleaned_data.get("scope") == MINE else None

    @property
    def team(self) -> Team | None:
        """The team that shares it."""
        return self.channel.team if self.channel else self.teams.get(self.cleaned_data.get("scope", ""))

    @property
    def connection(self) -> list[BoundField]:
        """What leads to the service."""
        return [self[name] for name in self.fields if name.startswith(PREFIX) or name == "drop_old_key"]

    def _fit_scope(self, subject: Subject) -> None:
        """Only what this person may connect is offered; of one that is there, who reads it stays."""
        self.fields["rules"].chosen = True  # type: ignore[attr-defined]
        if self.channel:
            del self.fields["scope"]
            if self.channel.person_id:
                del self.fields["rules"]
            return
        choices = [(MINE, "Only me")] + [(slug, f"The team {team}") for slug, team in self.teams.items()]
        if may(subject, "channel.edit", Channel()):
            choices.append((COMPANY, f"Everybody in {Company.current().name or 'the company'}"))
        self.fields["scope"].choices = choices  # type: ignore[attr-defined]
        self.fields["scope"].initial = MINE
        if len(choices) == 1:
            del self.fields["rules"]
        else:
            shared = "|".join(value for value, _ in choices if value != MINE)
            self.fields["rules"].when = f"scope={shared}"  # type: ignore[attr-defined]


def _teams(subject: Subject) -> dict[str, Team]:
    """Teams whose chats this person may connect, by what the form says for them."""
    found = Team.objects.filter(archived_at=None).order_by("name")
    return {f"team-{team.pk}": team for team in found if may(subject, "channel.edit", Channel(team=team))}


def _input(each: Any, channel: Channel | None) -> forms.CharField:
    kept = bool(channel and each.name in channel.secrets)
    plain = {"autocomplete": "off", "spellcheck": "false", "autocapitalize": "none"}
    hidden = forms.PasswordInput({**plain, "autocomplete": "new-password"}, render_value=False)
    made = forms.CharField(
        label=each.label,
        help_text=each.hint,
        required=each.required and not kept,
        max_length=2000,
        widget=hidden if each.secret else forms.TextInput(plain),
        error_messages={"required": f"{each.label} is needed."},
    )
    if kept:
        made.stored = channel.secret_hint if each.name == "address" else True  # type: ignore[attr-defined, union-attr]
    if channel and not each.secret:
        made.initial = channel.settings.get(each.name, "")
    return made
