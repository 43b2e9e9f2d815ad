"""Forms of the candidates of a choice: what each says of itself, and the eleven questions side by side."""

from __future__ import annotations

from typing import Any

from django import forms

from metrics import checklist
from metrics.choosing import CANDIDATE, MOST_CANDIDATES
from metrics.forms.steps import StepForm, as_plain, text
from metrics.models import Metric

ROWS = 3


class CandidatesForm(StepForm):
    """Up to six candidates side by side; a row without a name is left out."""

    LABELS = {
        "name": ("Name", "What everybody would call it."),
        "definition": ("Definition", "One sentence that a new colleague understands."),
        "counted": ("What is counted", ""),
        "action": ("What makes it count", ""),
        "window": ("Time window", ""),
    }
    MOST = {"name": 120, "definition": 300, "counted": 120, "action": 200, "window": 60}

    def build(self) -> None:
        known = self.choice.candidates
        sent = sum(f"c{place}_name" in self.data for place in range(MOST_CANDIDATES))
        self.count = min(MOST_CANDIDATES, max(ROWS, len(known) + self.more, sent))
        metrics = Metric.objects.listed()
        for place in range(self.count):
            row = known[place] if place < len(known) else {}
            for name, (label, help_text) in self.LABELS.items():
                field = text(
                    label, most=self.MOST[name], rows=2 if name == "definition" else 0, help_text=help_text
                )
                field.initial = row.get(name) or ("ISO week" if name == "window" else "")
                self.fields[f"c{place}_{name}"] = field
            self.fields[f"c{place}_was"] = forms.CharField(
                required=False, max_length=120, widget=forms.HiddenInput, initial=row.get("name", "")
            )
            self.fields[f"c{place}_metric"] = forms.ModelChoiceField(
                metrics,
                label="Metric",
                required=False,
                empty_label="Not measured yet",
                initial=row.get("metric"),
            )

    @property
    def rows(self) -> list[list[forms.BoundField]]:
        return [[self[f"c{place}_{name}"] for name in (*CANDIDATE, "was")] for place in range(self.count)]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        seen: set[str] = set()
        for place in range(self.count):
            name = data.get(f"c{place}_name", "")
            if not name and (data.get(f"c{place}_definition") or data.get(f"c{place}_metric")):
                self.add_error(f"c{place}_name", "Give this candidate a name, or empty the row.")
            if name and name in seen:
                self.add_error(f"c{place}_name", "Another candidate has this name.")
            seen.add(name)
        return data

    @property
    def given(self) -> dict[str, Any]:
        found = []
        for place in range(self.count):
            row = {name: as_plain(self.cleaned_data[f"c{place}_{name}"]) for name in CANDIDATE}
            if row["name"]:
                found.append(row | {"was": self.cleaned_data[f"c{place}_was"]})
        return {"candidates": found}


class ChecklistForm(StepForm):
    """The eleven questions for each candidate, and which of them it is."""

    def build(self) -> None:
        self.names = [row.get("name", "") for row in self.choice.candidates]
        for place, row in enumerate(self.choice.candidates):
            stored = row.get("checklist", {})
            answers = checklist.codes(stored)
            for question in checklist.QUESTIONS:
                label = f"{question.criterion}: {self.names[place]}"
                self.fields[f"c{place}_{question.name}"] = forms.ChoiceField(
                    label=label,
                    choices=list(checklist.ANSWERS.items()),
                    required=False,
                    widget=forms.RadioSelect,
                    initial=answers.get(question.name),
                )
                note = text(f"In a sentence: {label}")
                note.initial = checklist.note(stored, question.name)
                note.widget.attrs["placeholder"] = "In a sentence"
                self.fields[f"c{place}_{question.name}_note"] = note
        self.fields["chosen"] = forms.TypedChoiceField(
            label="Which one is it?",
            choices=[(str(place), name) for place, name in enumerate(self.names)],
            coerce=int,
            empty_value=None,
            required=False,
            widget=forms.RadioSelect,
            initial=None if self.choice.chosen is None else str(self.choice.chosen),
        )

    @property
    def rows(self) -> list[dict[str, Any]]:
        """A row for each question with the answer and the sentence of each candidate."""
        return [
            {
                "question": question,
                "cells": [
                    (name, self[f"c{place}_{question.name}"], self[f"c{place}_{question.name}_note"])
                    for place, name in enumerate(self.names)
                ],
            }
            for question in checklist.QUESTIONS
        ]

    @property
    def given(self) -> dict[str, Any]:
        data = self.cleaned_data
        lists = []
        for place in range(len(self.names)):
            answers = {}
            for question in checklist.QUESTIONS:
                code, note = data[f"c{place}_{question.name}"], data[f"c{place}_{question.name}_note"]
                if code or note:
                    answers[question.name] = {"answer": code, "note": note}
            lists.append(answers)
        return {"checklists": lists, "chosen": data["chosen"]}
