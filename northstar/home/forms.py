"""Forms of the company's pages: its settings."""

from __future__ import annotations

from typing import Any
from zoneinfo import available_timezones

from django import forms

from metrics.models import Company, Observation
from metrics.models.company import SHARERS
from northstar.lib import workdays
from teams.forms.fields import printable


class CompanyForm(forms.ModelForm):  # type: ignore[type-arg]
    """Name, time zone and country of the company, and what may leave it."""

    zone = forms.CharField(
        label="Time zone",
        max_length=64,
        help_text="An IANA name such as Europe/Berlin. Days and weeks begin and end by it.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    country = forms.CharField(
        label="Country for public holidays",
        required=False,
        max_length=2,
        help_text="Two letters such as DE. Empty: reminders skip weekends only.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )

    share_links = forms.ChoiceField(
        label="Who may share a page by a link",
        choices=list(SHARERS.items()),
        help_text="Whoever has such a link sees that page without an account. With “Nobody”, links that were "
        "given away open nothing until you change it back.",
    )

    class Meta:
        model = Company
        fields = ("name", "zone", "country", "share_links", "hide_numbers")
        labels = {"name": "Name of the company", "hide_numbers": "No values in chats and webhooks"}
        help_texts = {"hide_numbers": "Messages there then say what happened, without the numbers."}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].validators.append(printable)
        self.frozen = Observation.objects.exists()
        if self.frozen:
            self.fields["zone"].disabled = True
            self.fields[
                "zone"
            ].help_text = (
                "Fixed since the first value was stored: every stored day and week was cut by this zone."
            )

    def clean_zone(self) -> str:
        zone = str(self.cleaned_data["zone"]).strip()
        if zone not in available_timezones():
            raise forms.ValidationError(
                f"There is no time zone called {zone[:40]}. Use a name such as Europe/Berlin."
            )
        return zone

    def clean_country(self) -> str:
        country = str(self.cleaned_data["country"]).strip().upper()
        if not workdays.is_known_country(country):
            raise forms.ValidationError(
                f"The public holidays of {country} are not known. Use a code such as DE, or nothing."
            )
        return country
