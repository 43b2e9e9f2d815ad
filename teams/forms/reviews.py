"""Forms of reviews: what is asked half-way and of the North Star."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.forms import BoundField

from metrics import checklist
from teams.forms.check_ins import ChanceField
from teams.reviewing import HALF_WAY_DECISIONS, NORTH_STAR_DECISIONS, VERDICTS

MOST = 2000


def _choice(label: str, choices: dict[str, str], *, required: bool = True, missing: str = "") -> forms.Field:
    """A few answers side by side."""
    return forms.ChoiceField(
        label=label,
        choices=list(choices.items()),
        widget=forms.RadioSelect,
        required=required,
        error_messages={"required": missing},
    )


def _text(
    label: str, *, rows: int, required: bool = True, help_text: str = "", missing: str = ""
) -> forms.Field:
    return forms.CharField(
        label=label,
        max_length=MOST,
        required=required,
        help_text=help_text,
        widget=forms.Textarea(attrs={"rows": rows}),
        error_messages={"required": missing},
    )


class HalfWayForm(forms.Form):
    """Three questions. After `is_valid`, `terms` is what the verb takes."""

    note = _text(
        "1. What happened so far, in two sentences?",
        rows=3,
        missing="Write what happened, in two sentences.",
    )
    hypothesis = _choice(
        "2. Does it look as though we were right about what moves it?",
        VERDICTS,
        missing="Choose one; “cannot tell yet” is an answer.",
    )
    because = _text("Why do we think so?", rows=2, required=False)
    decision = _choice(
        "3. What do we do with the second half?",
        HALF_WAY_DECISIONS,
        missing="Choose how it goes on.",
    )

    change = _text(
        "What do we do differently?", rows=2, required=False, help_text="The target and the window stay."
    )
    chance = ChanceField("How likely do you think the target is now?", required=False)

    @property
    def terms(self) -> dict[str, Any]:
        data = self.cleaned_data
        answers = {name: data[name] for name in ("hypothesis", "because") if data[name]}
        if data["decision"] == "change_actions" and data["change"]:
            answers["change"] = data["change"]
        return {"decision": data["decision"], "note": data["note"], "answers": answers}


class MinutesForm(forms.Form):
    """The minutes of a review, as text."""

    minutes = forms.CharField(
        label="Minutes",
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 24}),
        error_messages={"required": "Write the minutes."},
    )


class NorthStarReviewForm(forms.Form):
    """Eleven short questions, all optional, a decision and a note."""

    decision = _choice("What do we do with it?", NORTH_STAR_DECISIONS, missing="Choose what happens to it.")
    note = _text(
        "Why?",
        rows=4,
        help_text="What has changed at customers, in the market or in our strategy since the last review.",
        missing="Write in a sentence or two why.",
    )

    def __init__(self, data: Any = None, *, says: Mapping[str, list[str]] | None = None) -> None:
        super().__init__(data)
        for number, question in enumerate(checklist.QUESTIONS, start=1):
            label = f"{number}. {question.words}"
            field = _choice(label, checklist.ANSWERS, required=False)
            told = (says or {}).get(question.name)
            if told:
                field.help_text = f"The data: {' '.join(told)}"
            self.fields[question.name] = field

    @property
    def questions(self) -> list[BoundField]:
        """The eleven, in their order."""
        return [self[question.name] for question in checklist.QUESTIONS]

    @property
    def terms(self) -> dict[str, Any]:
        data = self.cleaned_data
        asked = (question.name for question in checklist.QUESTIONS)
        answers = {name: data[name] for name in asked if data[name]}
        return {"decision": data["decision"], "note": data["note"], "answers": answers}
