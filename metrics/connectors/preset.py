"""The connector that a preset file becomes: a kind of its own, asked by the engine of web services."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, ClassVar

from metrics.connectors.base import Answer, Ask, ConnectorError, Field, Suggestion
from metrics.connectors.http import placing, run
from metrics.connectors.http.web_connector import WebConnector
from metrics.connectors.preset_files import Input, Preset, PresetMetric
from metrics.connectors.preset_filling import parts_of, range_words, recipe_of, words_of
from metrics.connectors.preset_rules import PLACEHOLDER, fits
from metrics.connectors.recipe import Reading
from northstar.lib.periods import local_day, next_start, period_start

KIND_WORDS = {
    "flow_sum": "a sum of events",
    "ratio": "a share of a whole",
    "snapshot_stock": "a stock at a moment",
    "unique": "a distinct count",
    "average": "a weighted average",
    "quantile": "a median or percentile",
}
_ONLY_NOW = "This is told for the present moment only; earlier periods stay as they are."


class PresetConnector(WebConnector):
    """One service of the presets. `class_of` makes the class of a file."""

    group: ClassVar[str] = "Business apps"
    docs: ClassVar[str] = "presets"
    preset: ClassVar[Preset]

    def check(self) -> tuple[str, ...]:
        """Ask for something small that needs the sign-in. Raises ConnectorError."""
        settings = self.clean_settings(self.settings)
        now = datetime.now(UTC)
        ask = Ask("check", "flow_sum", "day", {}, now.date(), next_start(now.date(), "day"), "UTC", now)
        recipe = recipe_of(self.preset, self.preset.check, {}, ask=ask, base=self.base_of(settings))
        # Whatever came back, nothing of it is read.
        self._run(replace(recipe, reading=Reading(rows="`[]`", period="@", aggregate="count")), ask, {})
        return (f"{self.label} accepts the sign-in.",)

    def fetch(self, ask: Ask) -> Answer:
        """The rows of one metric of the preset. Raises ConnectorError."""
        settings, query = self.clean_settings(self.settings), self.clean_query(ask.query)
        metric = self.preset.metric(query["metric"])
        _fits(metric, ask)
        base = self.base_of(settings)
        if metric.asking.each == "now":
            return self._present(metric, query, ask, base)
        words = words_of(metric, query, grain=ask.grain)
        answers = []
        for part in parts_of(ask, metric.asking.most_days):
            more = range_words(part) if metric.asking.each == "range" else {}
            recipe = recipe_of(self.preset, metric.asking, words, ask=part, base=base)
            answers.append(self._run(recipe, part, words | more))
        return _joined(answers)

    def _present(self, metric: PresetMetric, query: Mapping[str, Any], ask: Ask, base: str) -> Answer:
        """The value of now, for the period under way; of all others nothing is said."""
        today = period_start(local_day(ask.now, ask.zone), ask.grain)
        if not ask.start <= today < ask.end:
            return Answer((), notes=(_ONLY_NOW,), covers=(ask.start, ask.start))
        present = replace(ask, start=today, end=next_start(today, ask.grain))
        words = words_of(metric, query, grain=ask.grain)
        recipe = recipe_of(self.preset, metric.asking, words, ask=present, base=base)
        return replace(self._run(recipe, present, words), covers=(present.start, present.end))

    def _run(self, recipe: Any, ask: Ask, words: Mapping[str, Any]) -> Answer:
        return run(
            recipe, ask,
            egress=self.egress, settings=self.clean_settings(self.settings), secrets=self.secrets,
            values=words, renewals=self.renewals, around=self.around,
        )  # fmt: skip

    @classmethod
    def base_of(cls, settings: Mapping[str, Any]) -> str:
        """Where the service is, for these settings. Raises ConnectorError("config")."""
        preset = cls.preset
        if preset.own_base and settings.get(preset.own_base):
            return placing.base_address(str(settings[preset.own_base]))
        for name in PLACEHOLDER.findall(preset.base):
            if not settings.get(name):
                labels = " or ".join(
                    one.field.label for one in preset.settings if one.field.name in (name, preset.own_base)
                )
                raise ConnectorError("config", f"{labels} is required.", permanent=True, field=name)
        return placing.text(preset.base, settings)

    @classmethod
    def clean_settings(cls, values: Mapping[str, Any]) -> dict[str, Any]:
        """Settings without the secrets; each matches its pattern, and together they lead somewhere."""
        cleaned = super().clean_settings(values)
        for one in cls.preset.settings:
            _check_pattern(one, cleaned.get(one.field.name))
        cls.base_of(cleaned)
        return cleaned

    @classmethod
    def clean_query(cls, values: Mapping[str, Any]) -> dict[str, Any]:
        """The metric and its inputs; those that belong to other metrics are emptied."""
        cleaned = super().clean_query(values)
        metric = cls.preset.metric(cleaned["metric"])
        for name, one in cls.preset.inputs.items():
            if name not in (*metric.inputs, *metric.optional):
                cleaned[name] = ""
            elif name in metric.inputs and not cleaned[name]:
                raise ConnectorError(
                    "config", f"{one.field.label} is required for {metric.name}.", permanent=True, field=name
                )
            _check_pattern(one, cleaned[name])
        return cleaned

    @classmethod
    def host_of(cls, settings: Mapping[str, Any]) -> str:
        """The "host:port" of the service, or empty where the settings lead nowhere."""
        try:
            return placing.host_key(cls.base_of(settings))
        except ConnectorError:
            return ""


def class_of(preset: Preset) -> type[PresetConnector]:
    """The connector class of one preset."""
    return type(
        f"{preset.kind.title().replace('_', '')}Connector",
        (PresetConnector,),
        {
            "__doc__": preset.description,
            "__module__": __name__,
            "preset": preset,
            "kind": preset.kind,
            "label": preset.label,
            "description": preset.description,
            "initials": preset.initials,
            "needs": preset.needs,
            "restate_days": preset.restate_days,
            "most_at_once": preset.most_at_once,
            "suggestions": tuple(_suggestion(preset, metric) for metric in preset.metrics),
            "settings_fields": tuple(_setting(preset, one) for one in preset.settings),
            "query_fields": (_choice(preset), *(_input(preset, one) for one in preset.inputs.values())),
        },
    )


def _setting(preset: Preset, one: Input) -> Field:
    """A secret's help says where it is made; what it has to be allowed is the kind's `needs`."""
    if not one.field.secret:
        return one.field
    help_text = " ".join(filter(None, (one.field.help, f"Made at {preset.keys_at}.")))
    return replace(one.field, help=help_text)


def _choice(preset: Preset) -> Field:
    choices = tuple((metric.key, metric.name) for metric in preset.metrics)
    return Field("metric", "Metric", "choice", choices=choices)


def _input(preset: Preset, one: Input) -> Field:
    """Required where every metric needs it; else shown with the metrics that use it, which its help names."""
    name = one.field.name
    keys = [metric.key for metric in preset.metrics if name in (*metric.inputs, *metric.optional)]
    when = ("metric", *keys) if len(keys) < len(preset.metrics) else ()
    needed = [metric.name for metric in preset.metrics if name in metric.inputs]
    if len(needed) == len(preset.metrics):
        return replace(one.field, required=one.field.default is None)
    users = needed or [metric.name for metric in preset.metrics if name in metric.optional]
    word = "Needed for" if needed else "For"
    help_text = f"{word} {', '.join(users)}. {one.field.help}".strip()
    return replace(one.field, required=False, help=help_text, when=when)


def _suggestion(preset: Preset, metric: PresetMetric) -> Suggestion:
    inputs = {name: preset.inputs[name].field.default or "" for name in (*metric.inputs, *metric.optional)}
    return Suggestion(
        key=metric.key,
        name=metric.name,
        definition=metric.definition,
        kind=metric.kind,
        grain=metric.grain,
        query={"metric": metric.key, **inputs},
        direction=metric.direction,
        unit=metric.unit,
        decimals=metric.decimals,
    )


def _joined(answers: list[Answer]) -> Answer:
    """One answer of several that follow each other; what is shown besides the rows is that of the last."""
    rows = tuple(row for answer in answers for row in answer.rows)
    notes = tuple(dict.fromkeys(note for answer in answers for note in answer.notes))
    return replace(answers[-1], rows=rows, notes=notes)


def _fits(metric: PresetMetric, ask: Ask) -> None:
    if ask.kind != metric.kind:
        raise ConnectorError(
            "config",
            f"{metric.name} is {KIND_WORDS[metric.kind]}. Choose that kind for the metric.",
            permanent=True,
        )
    if ask.grain not in metric.grains:
        raise ConnectorError(
            "config",
            f"{metric.name} can be asked for by {' or '.join(metric.grains)}. Choose that period.",
            permanent=True,
        )


def _check_pattern(one: Input, value: Any) -> None:
    if not isinstance(value, str) or fits(one, value):
        return
    raise ConnectorError(
        "config", f"{one.field.label} has to look like {one.sample}.", permanent=True, field=one.field.name
    )
