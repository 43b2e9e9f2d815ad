"""The ten questions of a closing review; four of them need an answer (domain 3.6)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from django import forms
from django.forms import BoundField

from metrics import formatting
from teams.closing import DECISIONS, Closing, latest_end
from teams.forms.fields import DayField
from teams.minutes import BOTTLENECK, DRIVER_MOVED
from teams.models import Omtm
from teams.models.omtm import OUTCOMES, STOP_REASONS, VERDICTS

MOST, MOST_ACTION, MOST_LESSON = 2000, 200, 280
ACTIONS = 6
#: Optional texts, in the order in which they are asked.
ASIDE = {
    "others": "What else could explain the change?",
    "paid": "Did a guardrail or another team pay for it?",
    "keep": "What will we keep doing?",
    "stop": "What will we stop doing?",
}


def text(
    label: str, *, rows: int = 2, most: int = MOST, missing: str = "", help_text: str = ""
) -> forms.CharField:
    """Some lines of text, needed where `missing` says what to write."""
    return forms.CharField(
        label=label,
        max_length=most,
        required=bool(missing),
        help_text=help_text,
        widget=forms.Textarea(attrs={"rows": rows}),
        error_messages={"required": missing},
    )


def choice(
    label: str, choices: dict[str, str], *, missing: str = "", help_text: str = ""
) -> forms.ChoiceField:
    """A few answers side by side, needed where `missing` says what to choose."""
    return forms.ChoiceField(
        label=label,
        choices=list(choices.items()),
        widget=forms.RadioSelect,
        required=bool(missing),
        help_text=help_text,
        error_messages={"required": missing},
    )


class ClosingForm(forms.Form):
    """What happened, were we right, what follows, what is learnt; the other six questions may stay empty."""

    reason = text(
        "What happened, in two sentences?", rows=3, missing="Write what happened, in two sentences."
    )
    verdict = choice(
        "Were we right about what moves it?", VERDICTS, missing="Choose one; “cannot tell” is an answer."
    )
    because = text("Why do we think so?")
    others = text(ASIDE["others"])
    paid = text(ASIDE["paid"])
    driver = choice("Did the driver of the North Star move as expected?", DRIVER_MOVED)
    keep = text(ASIDE["keep"])
    stop = text(ASIDE["stop"])
    bottleneck = choice("Is this still the team’s bottleneck?", BOTTLENECK)
    stop_reason = forms.ChoiceField(
        label="Why does it end before its window?",
        choices=[("", "Choose a reason"), *STOP_REASONS.items()],
        required=False,
    )
    outcome = forms.ChoiceField(label="Outcome", required=False)
    outcome_reason = forms.CharField(
        label="Why it differs",
        required=False,
        max_length=300,
        help_text="Only where you choose another outcome than the computed one. Both are kept.",
    )
    decision = choice("What do we do with it?", DECISIONS, missing="Choose what follows.")
    extend_to = DayField(label="New last day", required=False)
    lesson = text(
        "What should another team learn from it?",
        most=MOST_LESSON,
        missing="Write what another team should learn from it.",
        help_text="At most 280 characters. It stands in the library, for whoever thinks of the same bet.",
    )

    def __init__(
        self,
        data: Any = None,
        *,
        omtm: Omtm,
        today: date,
        drafted: dict[str, str] | None = None,
    ) -> None:
        super().__init__(data, initial={"decision": "retire"} | (drafted or {}))
        self.early, self.latest = today <= omtm.end, latest_end(omtm, today)
        if self.latest is None:
            self.fields["decision"].choices = [  # type: ignore[attr-defined]
                pair for pair in DECISIONS.items() if pair[0] != "extend"
            ]
        else:
            self.fields["extend_to"].help_text = f"At the latest {formatting.day_words(self.latest)}."
            self.fields["extend_to"].widget.attrs |= {"min": omtm.end, "max": self.latest}
        self.fields["outcome"].choices = [("", "As computed"), *OUTCOMES.items()]  # type: ignore[attr-defined]
        self.fields["lesson"].widget.attrs["maxlength"] = MOST_LESSON
        for number in range(1, ACTIONS + 1):
            words = forms.TextInput(attrs={"placeholder": "What we did"})
            self.fields[f"action_{number}"] = forms.CharField(
                label=f"Action {number}", max_length=MOST_ACTION, required=False, widget=words
            )
            self.fields[f"action_{number}_on"] = DayField(label=f"Day of action {number}", required=False)
        if not self.early:
            del self.fields["stop_reason"]

    @property
    def extends(self) -> bool:
        """Whether it goes on: then there is no lesson yet."""
        return self.data.get("decision") == "extend"

    def _clean_fields(self) -> None:
        if self.extends:
            for name in ("lesson", "verdict"):
                self.fields[name].required = False
        super()._clean_fields()  # type: ignore[misc]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if self.early and not self.extends and not given.get("stop_reason"):
            self.add_error("stop_reason", "Its window is still open: say why it ends early.")
        if self.extends and given.get("extend_to") is None and "extend_to" not in self.errors:
            self.add_error("extend_to", "Choose the new last day.")
        for number in range(1, ACTIONS + 1):
            if given.get(f"action_{number}_on") and not given.get(f"action_{number}"):
                self.add_error(f"action_{number}", "Write what was done on that day.")
        return given

    def action_rows(self) -> list[tuple[BoundField, BoundField]]:
        """(what, when) as bound fields, a row each."""
        return [(self[f"action_{n}"], self[f"action_{n}_on"]) for n in range(1, ACTIONS + 1)]

    @property
    def looks_closer(self) -> bool:
        """Whether one of the six optional questions holds an answer or an error: then they are unfolded."""
        names = ["others", "paid", "driver", "keep", "stop", "bottleneck"]
        names += [name for name in self.fields if name.startswith("action_")]
        return any(self[name].value() or self[name].errors for name in names)

    @property
    def closing(self) -> Closing:
        """What the verb takes of a valid form."""
        given = self.cleaned_data
        return Closing(
            decision=given["decision"],
            reason=given["reason"],
            lesson=given["lesson"],
            verdict=given["verdict"],
            answers=dict(self._answers(given)),
            outcome=given["outcome"],
            outcome_reason=given["outcome_reason"],
            stop_reason=given.get("stop_reason", ""),
            extend_to=given["extend_to"],
        )

    def _answers(self, given: dict[str, Any]) -> Iterator[tuple[str, Any]]:
        yield "hypothesis", given["verdict"]
        for name in ("because", *ASIDE, "driver", "bottleneck"):
            if given.get(name):
                yield name, given[name]
        actions = [
            {"day": day.isoformat() if (day := given.get(f"action_{n}_on")) else "", "text": what}
            for n in range(1, ACTIONS + 1)
            if (what := given.get(f"action_{n}"))
        ]
        if actions:
            yield "actions", sorted(actions, key=lambda each: each["day"] or "9999")
