"""The switches of the company's rituals, each with the sentence that says what it changes."""

from __future__ import annotations

from typing import Any

from django import forms

from metrics.models import Company
from teams.agreeing import RITUALS
from teams.models.score import SCORE_METHODS

CHECK_INS = [(7, "Every week"), (14, "Every two weeks")]


class RitualsForm(forms.Form):
    two_key_commit = forms.BooleanField(
        label="A leader approves each commitment",
        help_text="Off: a lead commits the team alone. On: a leader approves what a lead commits to, and "
        "extends windows and moves targets.",
        required=False,
    )
    commitment_quorum = forms.BooleanField(
        label="The team answers before it commits",
        help_text="Off: people may say whether they are in. On: at least 60% of the team must have said so, "
        "and at most a third may be against it without a written answer.",
        required=False,
    )
    blind_scoring = forms.BooleanField(
        label="Scores are hidden until everybody has scored",
        help_text="Off: everybody sees the scores as they come. On: they are shown once all have scored, so "
        "that nobody follows the first one.",
        required=False,
    )
    score_method = forms.ChoiceField(
        label="How candidates are scored",
        choices=list(SCORE_METHODS.items()),
        help_text="Scores of the other method are kept, but no longer shown.",
        widget=forms.RadioSelect,
    )
    check_in_days = forms.TypedChoiceField(
        label="How often teams check in",
        choices=CHECK_INS,
        coerce=int,
        help_text="A team is reminded when it has said nothing about its bet for that long.",
        widget=forms.RadioSelect,
    )

    def __init__(self, data: Any = None, *, company: Company) -> None:
        super().__init__(data, initial={name: getattr(company, name) for name in RITUALS})
        self.fields["score_method"].segmented = False  # type: ignore[attr-defined]
