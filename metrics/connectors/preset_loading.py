"""Reading a preset file: strictly, so that a slip of the pen is a sentence and not a number that is wrong."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

from metrics.connectors import preset_rules
from metrics.connectors.cleaning import Field
from metrics.connectors.preset_files import GRAINS, KINDS, Asking, Input, Preset, PresetMetric
from metrics.connectors.preset_parts import Part, PresetError
from metrics.connectors.recipe import Auth, Paging, Reading


def load(path: Path) -> Preset:
    """The preset of one file. Raises PresetError with a sentence that names file and key."""
    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f" in line {mark.line + 1}" if mark else ""
        raise PresetError(f"{path.name}: is no YAML{where}.") from None
    preset = _preset(Part(data, file=path.name))
    preset_rules.check(preset)
    return preset


def _preset(top: Part) -> Preset:
    common = _Common(
        headers=top.words("headers", {}),
        paging=_paging(top.part("paging", {}), Paging()),
        failure=top.text("failure", ""),
        most_days=top.number("most_days", 0),
    )
    tried = top.part("tried")
    preset = Preset(
        file=top.file,
        kind=top.text("kind"),
        label=top.text("label"),
        initials=top.text("initials"),
        description=top.text("description"),
        needs=top.text("needs"),
        keys_at=top.text("keys_at"),
        docs=top.text("docs"),
        sign_in=top.text("sign_in"),
        rate=top.text("rate"),
        per_minute=top.number("per_minute"),
        most_at_once=top.number("most_at_once", 0),
        restate_days=top.number("restate_days"),
        base=top.text("base", ""),
        own_base=top.text("own_base", ""),
        auth=_auth(top.part("auth")),
        check=_asking(top.part("check"), common, check=True),
        settings=tuple(_input(part) for part in top.parts("settings")),
        inputs={part.field.name: part for part in map(_input, top.parts("inputs", []))},
        metrics=tuple(_metric(part, common) for part in top.parts("metrics")),
        tried=tried.texts("by"),
        live=tried.text("live"),
        notes=top.texts("notes", ()),
    )
    tried.end()
    top.end()
    return preset


@dataclass(frozen=True, slots=True)
class _Common:
    """What all requests of a file share."""

    headers: Mapping[str, str]
    paging: Paging
    failure: str
    most_days: int


def _input(part: Part) -> Input:
    kind = part.one_of("kind", ("text", "integer", "password", "choice", "textarea"), "text")
    choices = tuple((str(key), label) for key, label in part.words("choices", {}).items())
    if bool(choices) != (kind == "choice"):
        part.wrong("choices", "belong to the kind choice, and to no other")
    pattern = part.text("pattern", "")
    try:
        compiled = re.compile(pattern) if pattern else None
    except re.error as error:
        part.wrong("pattern", f"is no regular expression: {error}")
    found = Input(
        Field(
            name=part.text("name"),
            label=part.text("label"),
            kind=kind,
            required=part.flag("required", True),
            secret=kind == "password",
            identity=part.flag("identity", False),
            default=part.take("default", None),
            choices=choices,
            help=part.text("help", ""),
        ),
        pattern=compiled,
        sample=part.text("sample", ""),
    )
    if compiled and not (found.sample and compiled.fullmatch(found.sample)):
        part.wrong("sample", "has to be there, and to match the pattern")
    part.end()
    return found


def _auth(part: Part) -> Auth:
    plain = Auth()
    kinds = ("none", "bearer", "basic", "header", "body", "oauth_client", "oauth_refresh", "google")
    found = Auth(
        kind=part.one_of("kind", kinds),
        header=part.text("header", plain.header),
        prefix=part.text("prefix", plain.prefix),
        user=part.text("user", ""),
        secret=part.text("secret", plain.secret),
        client_id=part.text("client_id", plain.client_id),
        client_secret=part.text("client_secret", plain.client_secret),
        token_url=part.text("token_url", ""),
        scope=part.text("scope", ""),
        body=part.words("body", {}),
    )
    part.end()
    return found


def _paging(part: Part, common: Paging) -> Paging:
    kinds = ("none", "next_url", "link_header", "cursor", "last_item", "page", "offset")
    found = Paging(
        kind=part.one_of("kind", kinds, common.kind),
        next=part.text("next", common.next),
        more=part.text("more", common.more),
        param=part.text("param", common.param),
        place=part.one_of("place", ("params", "body"), common.place),
        first=part.number("first", common.first),
        size_param=part.text("size_param", common.size_param),
        size=part.number("size", common.size),
        first_only=part.text("first_only", common.first_only),
    )
    part.end()
    return found


def _asking(part: Part, common: _Common, *, check: bool = False) -> Asking:
    each = "range" if check else part.one_of("each", ("range", "period", "now"), "range")
    found = Asking(
        path=part.text("path"),
        method=part.one_of("method", ("GET", "POST"), "GET"),
        params=part.words("params", {}),
        headers={**common.headers, **part.words("headers", {})},
        body=part.take("body", None),
        body_kind=part.one_of("body_kind", ("json", "form"), "json"),
        paging=Paging() if check else _paging(part.part("paging", {}), common.paging),
        reading=Reading(rows="[]") if check else _reading(part.part("reading")),
        each=each,
        empty="missing" if check else part.one_of("empty", ("missing", "zero"), "missing"),
        warnings=part.text("warnings", ""),
        failure=part.text("failure", common.failure),
        most_days=part.number("most_days", common.most_days if each == "range" else 0),
    )
    part.end()
    return found


def _reading(part: Part) -> Reading:
    kinds = ("none", "count", "sum", "mean", "unique", "last")
    found = Reading(
        rows=part.text("rows"),
        period=part.text("period", ""),
        date_format=part.text("date_format", "auto"),
        parts=part.words("parts", {"value": "value"}),
        aggregate=part.one_of("aggregate", kinds, "none"),
        scale=part.text("scale", "1"),
        id=part.text("id", ""),
        days=part.one_of("days", ("local", "utc"), "local"),
    )
    part.end()
    return found


def _metric(part: Part, common: _Common) -> PresetMetric:
    asking = _asking(part.part("recipe"), common)
    found = PresetMetric(
        key=part.text("key"),
        name=part.text("name"),
        definition=part.text("definition"),
        kind=part.one_of("kind", KINDS),
        grain=part.one_of("grain", GRAINS),
        asking=asking,
        grains=_grains(part, asking),
        unit=part.text("unit", ""),
        direction=part.one_of("direction", ("up", "down", "range"), "up"),
        decimals=part.number("decimals", 0),
        inputs=part.texts("inputs", ()),
        optional=part.texts("optional", ()),
    )
    if found.grain not in found.grains:
        part.wrong("grain", f"is '{found.grain}', which is not among grains")
    part.end()
    return found


def _grains(part: Part, asking: Asking) -> dict[str, dict[str, str]]:
    """Rows that are gathered here fit any period; a service that gathers itself has to be told which."""
    if "grains" not in part:
        if asking.each == "range" and asking.reading.aggregate == "none":
            part.wrong("grains", "is missing: the service gathers by period, so say how it is told which")
        return {grain: {} for grain in GRAINS}
    below = part.part("grains")
    found = {grain: below.words(grain) for grain in GRAINS if grain in below}
    below.end()
    return found
