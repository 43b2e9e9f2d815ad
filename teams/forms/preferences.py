"""What a person hears, and how, as the page of sentences asks for it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import time, timedelta
from typing import Any
from zoneinfo import available_timezones

from django import forms

from teams.channels.registry import KINDS
from teams.models import Channel, Preference, Team, User
from teams.reminders import preferring, rules
from teams.reminders.preferring import Chosen
from teams.reminders.rules import RULES

MAIL, NOWHERE = "mail", "app"
DIGESTS = [("daily", "every working morning"), ("weekly", "on Mondays")]
#: The order of the page; a rule that is missing here would be heard without anybody being asked.
GROUPS: dict[str, tuple[str, ...]] = {
    "My focus": (
        rules.WINDOW_STARTED,
        rules.CHECK_IN,
        rules.HEALTH_CHANGED,
        rules.TARGET_REACHED,
        rules.GUARDRAIL_BROKEN,
        rules.COMMITMENT_MISSING,
    ),
    "My reviews": (
        rules.HALF_WAY,
        rules.TWO_WEEKS_LEFT,
        rules.MINUTES,
        rules.WINDOW_ENDED,
        rules.REVIEW_OVERDUE,
        rules.REVIEW_ESCALATED,
    ),
    "My data": (
        rules.ALERT,
        rules.SIGNAL,
        rules.SOURCE_HEALED,
        rules.SOURCE_FAILING,
        rules.STALE_DATA,
        rules.CHANNEL_BROKEN,
    ),
    "The company": (
        rules.WEEKLY_READY,
        rules.NORTH_STAR_REVIEW,
        rules.NORTH_STAR_TARGET,
        rules.NO_FOCUS,
        rules.CANDIDATE_WAITS,
    ),
}
SHORTEST = timedelta(hours=1)


class PreferenceForm(forms.Form):
    """One field a sentence. After `is_valid`, `chosen` is what the verb takes."""

    groups = GROUPS

    way = forms.ChoiceField(label="Send me messages", widget=forms.RadioSelect)
    most_a_week = forms.TypedChoiceField(
        label="At most", choices=[(count, str(count)) for count in range(1, 8)], coerce=int
    )
    digest = forms.ChoiceField(label="What can wait goes", choices=DIGESTS, widget=forms.RadioSelect)
    quiet_from = forms.TimeField(label="Quiet from")
    quiet_until = forms.TimeField(label="until")
    zone = forms.CharField(label="My time zone", required=False, max_length=64)
    rules = forms.MultipleChoiceField(required=False)
    weekly_teams = forms.ModelMultipleChoiceField(
        label="Besides the company's, the digests of",
        queryset=Team.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, data: Any = None, *, user: User, preference: Preference, company_zone: str) -> None:
        self._own = {str(each.pk): each for each in user.channels.filter(archived_at=None)}
        super().__init__(data, initial=_initial(user, preference, self._own))
        self.fields["way"].choices = _ways(user, self._own.values())  # type: ignore[attr-defined]
        self.fields["way"].segmented = False  # type: ignore[attr-defined]
        self.fields["rules"].choices = [(name, name) for name, rule in RULES.items() if not rule.always]  # type: ignore[attr-defined]
        self.fields["weekly_teams"].queryset = Team.objects.filter(archived_at=None)  # type: ignore[attr-defined]
        self.fields["zone"].help_text = f"Empty: the company's, {company_zone}."
        for name in ("quiet_from", "quiet_until"):
            self.fields[name].widget = forms.TimeInput(attrs={"type": "time"}, format="%H:%M")

    def clean_zone(self) -> str:
        zone = str(self.cleaned_data["zone"]).strip()
        if zone and zone not in available_timezones():
            raise forms.ValidationError(
                f"There is no time zone called {zone[:40]}. Use a name such as Europe/Berlin."
            )
        return zone

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        start, end = cleaned.get("quiet_from"), cleaned.get("quiet_until")
        if start and end and _open_time(start, end) < SHORTEST:
            self.add_error("quiet_until", "Leave at least an hour a day, or have it only in the app.")
        return cleaned

    @property
    def chosen(self) -> Chosen:
        said = self.cleaned_data
        return Chosen(
            by_mail=said["way"] != NOWHERE,
            channel=self._own.get(said["way"]),
            rules=said["rules"],
            most_a_week=said["most_a_week"],
            digest=said["digest"],
            quiet_from=said["quiet_from"],
            quiet_until=said["quiet_until"],
            zone=said["zone"],
            weekly_teams=said["weekly_teams"],
        )


def _initial(user: User, preference: Preference, own: Collection[str]) -> dict[str, Any]:
    way = MAIL if preference.by_mail else NOWHERE
    names = ("most_a_week", "digest", "quiet_from", "quiet_until")
    kept = {name: getattr(preference, name) for name in names}
    return kept | {
        "way": str(preference.channel_id) if str(preference.channel_id) in own else way,
        "zone": user.zone,
        "rules": [rule for rule in RULES if preferring.is_on(preference, rule)],
        "weekly_teams": preference.weekly_teams.all() if preference.pk else [],
    }


def _ways(user: User, own: Iterable[Channel]) -> list[tuple[str, str]]:
    chats = [(str(each.pk), _chat(each)) for each in own]
    return [(MAIL, f"by e-mail to {user.email}"), *chats, (NOWHERE, "not at all: only in the app")]


def _chat(channel: Channel) -> str:
    kind = KINDS[channel.kind].label if channel.kind in KINDS else channel.kind
    return f"by {kind}: {channel.label}" + (" (it fails at the moment)" if channel.broken_at else "")


def _open_time(quiet_from: time, quiet_until: time) -> timedelta:
    """How long a day is not quiet; the same twice is never quiet."""
    start, end = (timedelta(hours=each.hour, minutes=each.minute) for each in (quiet_from, quiet_until))
    day = timedelta(days=1)
    return (start - end) % day or day
