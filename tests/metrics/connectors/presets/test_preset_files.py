"""Every preset file, also one that is added tomorrow: it loads, its requests fill, its words are whole."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from metrics.connectors import preset_kinds, registry
from metrics.connectors.base import Ask
from metrics.connectors.cleaning import Field
from metrics.connectors.http import request
from metrics.connectors.http.expressions import Expression
from metrics.connectors.http.pages import Pages
from metrics.connectors.http.placing import names_of
from metrics.connectors.http.reading import Reader
from metrics.connectors.preset import PresetConnector
from metrics.connectors.preset_files import FOLDER, Input, Preset, PresetMetric, paths
from metrics.connectors.preset_filling import range_words, recipe_of, words_of
from metrics.connectors.preset_loading import load
from metrics.connectors.preset_parts import PresetError
from northstar.lib.periods import period_start
from tests.metrics.connectors.presets.replay import NOW, ZONE

FILES = pytest.mark.parametrize("path", paths(), ids=lambda path: path.stem)
SECRET = "s3cr3t-m4rk3r"
SERVICES = {
    "stripe",
    "hubspot",
    "salesforce",
    "google_analytics",
    "posthog",
    "mixpanel",
    "amplitude",
    "plausible",
    "matomo",
    "github",
    "gitlab",
    "jira",
    "zendesk",
    "intercom",
    "chargebee",
}


def cls_of(path: Path) -> type[PresetConnector]:
    found = registry.connector_class(path.stem)
    assert issubclass(found, PresetConnector)
    return found


def typed(one: Input) -> Any:
    """Something that may be typed into a field."""
    return one.sample or one.field.default or ("" if not one.field.required else "brindlewick")


def settings_of(preset: Preset) -> dict[str, Any]:
    return {one.field.name: typed(one) for one in preset.settings if not one.field.secret}


def inputs_of(preset: Preset, metric: PresetMetric) -> dict[str, Any]:
    return {name: typed(preset.inputs[name]) or "typed" for name in (*metric.inputs, *metric.optional)}


def asks(metric: PresetMetric) -> list[Ask]:
    today = NOW.date()
    return [
        Ask("m", metric.kind, grain, {}, period_start(today - timedelta(days=40), grain), today, ZONE, NOW)
        for grain in metric.grains
    ]


def test_the_presets_that_were_promised_are_there() -> None:
    assert {path.stem for path in paths()} >= SERVICES
    assert set(preset_kinds.presets()) == {path.stem for path in paths()}
    assert set(registry.kinds()) >= SERVICES


@FILES
def test_a_file_loads_and_gives_at_least_three_metrics(path: Path) -> None:
    preset = load(path)
    cls = cls_of(path)
    assert (cls.kind, cls.group, cls.restate_days) == (path.stem, "Business apps", preset.restate_days)
    assert len(cls.suggestions) == len(preset.metrics) >= 3
    for suggestion in cls.suggestions:
        assert suggestion.definition.endswith(".") and len(suggestion.definition.split()) >= 4
        assert suggestion.name[:1].isupper() and len(suggestion.name) <= 60
        assert set(suggestion.query) <= {field.name for field in cls.query_fields}


@FILES
def test_every_metric_becomes_a_request_that_holds_no_secret(path: Path) -> None:
    preset = load(path)
    cls, settings = cls_of(path), settings_of(preset)
    base = cls.base_of(cls.clean_settings(settings))
    for metric in preset.metrics:
        inputs = inputs_of(preset, metric)
        cls.clean_query({"metric": metric.key, **inputs})
        for ask in asks(metric):
            words = words_of(metric, inputs, grain=ask.grain)
            if metric.asking.each == "range":
                words |= range_words(ask)
            recipe = recipe_of(preset, metric.asking, words, ask=ask, base=base)
            made = request.of(recipe, names_of(ask, settings=settings, values=words))
            assert made.address().startswith(f"{base}/")
            assert not re.search(r"\{[a-z_]+\}", made.address() + str(made.body)), "a placeholder is left"
            assert SECRET not in made.shown({})
            Pages(recipe.paging)
            Reader(recipe.reading, ask)


@FILES
def test_no_part_of_a_request_names_a_secret(path: Path) -> None:
    data = yaml.safe_load(path.read_text())
    secrets = [one["name"] for one in data["settings"] if one.get("kind") == "password"]
    asked = [
        data["check"],
        data.get("base", ""),
        data.get("headers", {}),
        *(metric["recipe"] for metric in data["metrics"]),
    ]
    assert not [name for name in secrets if f"{{{name}}}" in str(asked)]


@FILES
def test_a_file_is_written_with_taste(path: Path) -> None:
    preset = load(path)
    texts = [preset.description, preset.needs, preset.sign_in, preset.rate, *preset.notes]
    texts += [metric.definition for metric in preset.metrics]
    texts += [one.field.help for one in (*preset.settings, *preset.inputs.values()) if one.field.help]
    for text in texts:
        assert text[:1].upper() == text[:1] and text.endswith("."), text
        assert "!" not in text and "  " not in text and len(text) <= 200, text
    assert 10 <= len(preset.keys_at) <= 120 and "http" not in preset.keys_at
    for one in preset.settings:
        if one.field.secret:
            shown = next(field for field in cls_of(path).settings_fields if field.name == one.field.name).help
            assert preset.keys_at in shown and cls_of(path).needs == preset.needs


@FILES
def test_an_address_cannot_be_led_elsewhere(path: Path) -> None:
    preset, cls = load(path), cls_of(path)
    settings = settings_of(preset)
    for one in preset.settings:
        if not one.field.identity or one.field.secret or f"{{{one.field.name}}}" not in preset.base:
            continue
        for evil in (
            "evil.example/",
            "a.evil.example#",
            "x@evil.example",
            "..",
            "a/../b",
            "a b",
            "a\\b",
            "A%2e",
        ):
            hostile = settings | {one.field.name: evil}
            if preset.own_base:
                hostile[preset.own_base] = ""
            with pytest.raises(Exception, match="has to look like|has to be one of"):
                cls.clean_settings(hostile)
        assert cls.identity_changed(settings, settings | {one.field.name: "other"})


@FILES
def test_limits_are_counted_for_the_host_that_is_asked(path: Path) -> None:
    preset, cls = load(path), cls_of(path)
    host = cls.host_of(cls.clean_settings(settings_of(preset)))
    assert re.fullmatch(r"[a-z0-9.-]+:\d+", host)


GOOD = yaml.safe_load((FOLDER / "stripe.yaml").read_text())


def broken(tmp_path: Path, change: Any, *, name: str = "stripe") -> str:
    """The sentence for stripe.yaml with one change."""
    data = yaml.safe_load(yaml.safe_dump(GOOD))
    change(data)
    path = tmp_path / f"{name}.yaml"
    path.write_text(yaml.safe_dump(data))
    with pytest.raises(PresetError) as refused:
        load(path)
    return str(refused.value)


def _set(*keys: Any, to: Any) -> Any:
    def change(data: Any) -> None:
        for key in keys[:-1]:
            data = data[key]
        data[keys[-1]] = to

    return change


def _drop(*keys: Any) -> Any:
    def change(data: Any) -> None:
        for key in keys[:-1]:
            data = data[key]
        del data[keys[-1]]

    return change


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (_set("colour", to="blue"), "colour is not a key that presets know."),
        (_drop("rate"), "rate is missing."),
        (_set("per_minute", to="many"), "per_minute has to be a whole number."),
        (_set("per_minute", to=True), "per_minute has to be a whole number."),
        (_set("initials", to="Str"), "initials has to be two letters."),
        (_set("base", to="http://api.stripe.com"), "base has to be an https address"),
        (_set("base", to="https://{host}.stripe.com"), "base uses 'host', which is no setting."),
        (_set("base", to="https://{token}.stripe.com"), "base uses 'token', which is no setting."),
        (_set("auth", "kind", to="magic"), "auth.kind is 'magic'; it has to be one of: none, bearer"),
        (_set("auth", "secret", to="key"), "auth names the secret 'key', which settings do not have."),
        (
            _set("metrics", 0, "recipe", "params", "key", to="{token}"),
            "metrics.payments.recipe holds the secret 'token'; secrets belong into auth only.",
        ),
        (
            _set("metrics", 0, "recipe", "path", to="/v1/{where}"),
            "metrics.payments.recipe uses '{where}', which nothing fills.",
        ),
        (
            _set("metrics", 0, "recipe", "path", to="v1"),
            "metrics.payments.recipe.path has to begin with a slash.",
        ),
        (
            _set("metrics", 0, "recipe", "reading", "rows", to="data[?"),
            "metrics.payments.recipe.rows is no JMESPath: ",
        ),
        (
            _set("metrics", 0, "recipe", "reading", "rows", to="pairs(data)"),
            "metrics.payments.recipe.rows uses the function pairs(), which there is not.",
        ),
        (
            _set("metrics", 0, "recipe", "reading", "parts", to={"number": "x"}),
            "metrics.payments.recipe.reading.parts has to hold value.",
        ),
        (
            _drop("metrics", 0, "recipe", "reading", "period"),
            "metrics.payments.recipe.reading.period is missing.",
        ),
        (_set("metrics", 0, "definition", to="money"), "metrics.payments.definition has to be a sentence"),
        (
            _set("metrics", 0, "kind", to="sum"),
            "metrics.payments.kind is 'sum'; it has to be one of: flow_sum",
        ),
        (_set("metrics", 0, "inputs", to=["country"]), "metrics.payments.inputs names 'country'"),
        (
            _set("metrics", 2, "inputs", to=["currency"]),
            "metrics.new_customers.inputs names 'currency', which the recipe does not use.",
        ),
        (_drop("metrics", 0, "recipe", "reading", "aggregate"), "metrics.payments.grains is missing"),
        (
            _set("metrics", 0, "recipe", "paging", to={"kind": "cursor", "knd": "x"}),
            "metrics.payments.recipe.paging.knd is not a key that presets know.",
        ),
        (_set("inputs", 0, "pattern", to="["), "inputs.currency.pattern is no regular expression"),
        (_set("inputs", 0, "sample", to="EURO"), "inputs.currency.sample has to be there, and to match"),
        (_set("headers", to={"X": 1}), "headers has to be names with texts"),
        (_set("metrics", to=[]), "metrics has to hold at least three."),
        (
            _set("tried", to={"by": ["hope"], "live": "never"}),
            "tried.by has to name some of: replay, independent.",
        ),
    ],
)
def test_a_fault_is_a_sentence_that_names_file_and_key(tmp_path: Path, change: Any, said: str) -> None:
    assert broken(tmp_path, change).startswith(f"stripe.yaml: {said}")


def test_a_file_is_named_after_its_kind(tmp_path: Path) -> None:
    said = broken(tmp_path, lambda data: None, name="other")
    assert said == "other.yaml: kind has to be the name of the file without .yaml, in small letters."


def test_what_is_no_yaml_says_where_and_builds_no_objects(tmp_path: Path) -> None:
    for text in ("kind: [", "!!python/object/apply:os.system ['true']", "- a list"):
        path = tmp_path / "x.yaml"
        path.write_text(text)
        with pytest.raises(PresetError, match=r"^x\.yaml: "):
            load(path)


def test_a_broken_file_takes_no_other_kind_with_it(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "stripe.yaml").write_text(yaml.safe_dump(GOOD))
    (tmp_path / "torn.yaml").write_text("kind: torn")
    assert list(preset_kinds.presets(tmp_path)) == ["stripe"]
    assert "torn.yaml: tried is missing." in caplog.text


def test_functions_that_jmespath_lacks_are_there() -> None:
    def found(text: str, value: Any) -> Any:
        return Expression(text, name="rows").find(value)

    assert found("items(@)", {"2026-11-02": 1, "2026-11-03": 2}) == [["2026-11-02", 1], ["2026-11-03", 2]]
    assert found("items(@)", []) == []
    assert found("zip(a, b)", {"a": [1, 2], "b": [3, 4]}) == [[1, 3], [2, 4]]
    assert found("left(@, `7`)", "2026-11-02") == "2026-11"
    assert found("after(@, '2026-11-01')", "2026-11-02") is True
    assert found("after(@, '2026-11-02')", None) is False
    with pytest.raises(Exception, match="zip"):
        found("zip(a, b)", {"a": [1, 2], "b": [3]})


def test_fields_are_the_forms_own() -> None:
    assert all(isinstance(field, Field) for path in paths() for field in cls_of(path).settings_fields)


EXAMPLE = re.findall(
    r"```yaml\n(kind: .*?)```", (FOLDER.parents[2] / "docs" / "presets.md").read_text(), re.DOTALL
)


@pytest.fixture
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder of the installation's own, looked into besides the product's."""
    monkeypatch.setattr(preset_kinds, "_folders", [FOLDER])
    preset_kinds.look_into(tmp_path)
    yield tmp_path
    monkeypatch.undo()
    preset_kinds.forget()


def test_an_installation_adds_presets_of_its_own(own_folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    (own_folder / "ticketry.yaml").write_text(EXAMPLE[0])
    (own_folder / "stripe.yaml").write_text(yaml.safe_dump(GOOD | {"label": "Another Stripe"}))
    (own_folder / "postgresql.yaml").write_text(yaml.safe_dump(GOOD | {"kind": "postgresql"}))
    assert "ticketry" in registry.kinds() and len(set(registry.kinds())) == len(registry.kinds())
    assert registry.connector_class("ticketry").label == "Ticketry"
    assert registry.connector_class("stripe").label == "Stripe"
    assert registry.connector_class("postgresql").group == "Databases"
    assert "there is a kind called 'stripe' already" in caplog.text


def test_a_folder_that_is_not_there_adds_nothing(own_folder: Path) -> None:
    preset_kinds.look_into(own_folder / "nowhere")
    assert set(preset_kinds.presets()) == {path.stem for path in paths()}
