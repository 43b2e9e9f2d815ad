"""What a preset keeps beyond its shape: known placeholders, no secret in an address, whole sentences."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, NoReturn

from metrics.connectors.errors import ConnectorError
from metrics.connectors.http.expressions import Expression
from metrics.connectors.preset_files import COUNTERPARTS, Asking, Input, Preset, PresetMetric
from metrics.connectors.preset_parts import PresetError

PLACEHOLDER = re.compile(r"\{([a-z][a-z0-9_]*)\}")
#: What every request may say of the range that is asked for.
RANGE = frozenset(
    {
        "start", "end", "last", "utc_start", "utc_end", "unix_start", "unix_end", "ms_start", "ms_end",
        "zone", "grain",
    }
)  # fmt: skip
#: What only a request for the whole range may say: see preset_filling.
WHOLE_RANGE = frozenset({"start_compact", "last_compact", "wide_start", "wide_end"})
_KIND = re.compile(r"[a-z][a-z0-9_]{1,31}")
_SAFE_BASE = re.compile(r"https://[a-z0-9.{}_-]+(/[a-zA-Z0-9._/-]*)?")
_PART_NAMES = {"ratio": {"numerator", "denominator"}, "average": {"value", "weight"}}


def check(preset: Preset) -> None:
    """Raises PresetError with the first fault."""
    _check_head(preset)
    _check_base(preset)
    known = {one.field.name for one in preset.settings if not one.field.secret}
    _check_request(preset, preset.check, known | set(RANGE) | set(WHOLE_RANGE), place="check")
    names = [metric.key for metric in preset.metrics]
    if len(names) < 3:
        _wrong(preset, "metrics", "has to hold at least three")
    if len(set(names)) < len(names):
        _wrong(preset, "metrics", "holds a key twice")
    for metric in preset.metrics:
        _check_metric(preset, metric, known)


def _check_head(preset: Preset) -> None:
    if not _KIND.fullmatch(preset.kind) or preset.file != f"{preset.kind}.yaml":
        _wrong(preset, "kind", "has to be the name of the file without .yaml, in small letters")
    if len(preset.initials) != 2:
        _wrong(preset, "initials", "has to be two letters")
    for key in ("description", "needs", "sign_in", "rate"):
        if not sentence(getattr(preset, key)):
            _wrong(preset, key, "has to be a sentence that ends in a full stop")
    if not preset.docs.startswith("https://"):
        _wrong(preset, "docs", "has to be an https address")
    if preset.restate_days < 1 or preset.per_minute < 1:
        _wrong(preset, "restate_days" if preset.restate_days < 1 else "per_minute", "has to be at least 1")
    if not preset.tried or not set(preset.tried) <= set(COUNTERPARTS):
        _wrong(preset, "tried.by", f"has to name some of: {', '.join(COUNTERPARTS)}")
    _check_fields(preset)


def _check_fields(preset: Preset) -> None:
    names = [one.field.name for one in preset.settings]
    if len(set(names)) < len(names):
        _wrong(preset, "settings", "holds a name twice")
    if "metric" in preset.inputs:
        _wrong(preset, "inputs.metric", "is the name of the choice of the metric itself")
    clash = set(preset.inputs) & (set(names) | RANGE | WHOLE_RANGE)
    if clash:
        _wrong(preset, f"inputs.{min(clash)}", "is a name that is taken already")
    secrets = {one.field.name for one in preset.settings if one.field.secret}
    needed = _secrets_of(preset)
    if needed - secrets:
        _wrong(preset, "auth", f"names the secret '{min(needed - secrets)}', which settings do not have")
    for one in preset.inputs.values():
        if one.field.secret:
            _wrong(preset, f"inputs.{one.field.name}", "cannot be a secret; secrets are settings")


def _secrets_of(preset: Preset) -> set[str]:
    auth = preset.auth
    return {
        "none": set[str](),
        "oauth_client": {auth.client_secret},
        "oauth_refresh": {auth.client_secret, auth.secret},
    }.get(auth.kind, {auth.secret})


def _check_base(preset: Preset) -> None:
    """The host is fixed, or made of settings that cannot lead elsewhere unseen."""
    by_name = {one.field.name: one for one in preset.settings}
    _check_own_base(preset, by_name.get(preset.own_base))
    if preset.base and not _SAFE_BASE.fullmatch(preset.base):
        _wrong(preset, "base", "has to be an https address without port and query")
    for name in PLACEHOLDER.findall(preset.base + preset.auth.token_url):
        if name == "base":
            continue
        found = by_name.get(name)
        if found is None or found.field.secret:
            _wrong(preset, "base", f"uses '{name}', which is no setting")
        if not found.field.identity:
            _wrong(
                preset, f"settings.{name}.identity", "has to be true, because the secret goes where it says"
            )
        if found.pattern is None and found.field.kind != "choice":
            _wrong(preset, f"settings.{name}.pattern", "has to be there, because it is part of an address")
    if preset.auth.kind.startswith("oauth") and not preset.auth.token_url.startswith(("{base}/", "https://")):
        _wrong(preset, "auth.token_url", "has to begin with {base}/ or https://")


def _check_own_base(preset: Preset, own: Input | None) -> None:
    if not preset.own_base:
        if not preset.base:
            _wrong(preset, "base", "is missing")
        return
    # Where there is no base besides it, people have to say where their own installation is.
    if own is None or not own.field.identity or own.field.required == bool(preset.base):
        required = "false" if preset.base else "true"
        _wrong(preset, "own_base", f"has to name a setting with identity: true and required: {required}")


def _check_metric(preset: Preset, metric: PresetMetric, known: set[str]) -> None:
    place = f"metrics.{metric.key}"
    if not _KIND.fullmatch(metric.key):
        _wrong(preset, f"{place}.key", "has to be small letters, digits and underscores")
    if not sentence(metric.definition):
        _wrong(preset, f"{place}.definition", "has to be a sentence that ends in a full stop")
    for name in (*metric.inputs, *metric.optional):
        if name not in preset.inputs:
            _wrong(preset, f"{place}.inputs", f"names '{name}', which inputs do not have")
    words = {frozenset(found) for found in metric.grains.values()}
    if len(words) != 1:
        _wrong(preset, f"{place}.grains", "have to give the same words for each")
    names = known | {*metric.inputs, *metric.optional} | set(next(iter(words))) | RANGE
    if metric.asking.each == "range":
        names |= WHOLE_RANGE
    _check_request(preset, metric.asking, names, place=f"{place}.recipe")
    _check_reading(preset, metric, place)
    unused = {*metric.inputs, *metric.optional} - set(placeholders(metric.asking))
    if unused:
        _wrong(preset, f"{place}.inputs", f"names '{min(unused)}', which the recipe does not use")


def _check_request(preset: Preset, asking: Asking, names: set[str], *, place: str) -> None:
    if not asking.path.startswith("/"):
        _wrong(preset, f"{place}.path", "has to begin with a slash")
    secrets = {one.field.name for one in preset.settings if one.field.secret}
    for name in placeholders(asking):
        if name in secrets:
            _wrong(preset, place, f"holds the secret '{name}'; secrets belong into auth only")
        if name not in names:
            _wrong(preset, place, f"uses '{{{name}}}', which nothing fills")
    if asking.most_days and asking.each != "range":
        _wrong(preset, f"{place}.most_days", "belongs to each: range only")
    if "?" in asking.path:
        _wrong(preset, f"{place}.path", "holds a question mark; put parameters into params")
    for key in ("rows", "next", "more", "warnings", "failure"):
        text = {
            "rows": asking.reading.rows,
            "next": asking.paging.next,
            "more": asking.paging.more,
            "warnings": asking.warnings,
            "failure": asking.failure,
        }[key]
        _check_path(preset, text, place=f"{place}.{key}")


def _check_reading(preset: Preset, metric: PresetMetric, place: str) -> None:
    reading, wanted = metric.asking.reading, _PART_NAMES.get(metric.kind, {"value"})
    if reading.aggregate == "mean" and metric.kind == "average":
        wanted = {"value"}
    if reading.aggregate != "count" and set(reading.parts) != wanted:
        _wrong(preset, f"{place}.recipe.reading.parts", f"has to hold {' and '.join(sorted(wanted))}")
    if metric.asking.each == "range" and not reading.period:
        _wrong(preset, f"{place}.recipe.reading.period", "is missing")
    for name, text in {"period": reading.period, "id": reading.id, **reading.parts}.items():
        _check_path(preset, text, place=f"{place}.recipe.reading.{name}")


def _check_path(preset: Preset, text: str, *, place: str) -> None:
    if not text:
        return
    try:
        unknown = Expression(PLACEHOLDER.sub("1", text), name=place).unknown_functions()
    except ConnectorError as error:
        _wrong(preset, place, f"is no JMESPath: {error.message}".rstrip("."))
    if unknown:
        _wrong(preset, place, f"uses the function {unknown[0]}(), which there is not")


def placeholders(asking: Asking) -> Iterator[str]:
    """The names in braces anywhere in a request."""
    reading = asking.reading
    texts: list[Any] = [asking.path, asking.params, asking.headers, asking.body]
    texts += [reading.rows, reading.period, reading.date_format, reading.scale, reading.parts]
    for text in _texts(texts):
        yield from PLACEHOLDER.findall(text)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for name, one in value.items():
            yield str(name)
            yield from _texts(one)
    elif isinstance(value, (list, tuple)):
        for one in value:
            yield from _texts(one)


def sentence(text: str) -> bool:
    """Whether a text reads like a sentence: a capital or digit first, a full stop last, several words."""
    return text[:1] == text[:1].upper() and text.endswith(".") and len(text.split()) >= 3


def fits(found: Input, value: str) -> bool:
    """Whether what was typed may stand there."""
    return found.pattern is None or not value or found.pattern.fullmatch(value) is not None


def _wrong(preset: Preset, key: str, text: str) -> NoReturn:
    raise PresetError(f"{preset.file}: {key} {text}.")
