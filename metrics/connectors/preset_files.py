"""Presets as files: what a YAML file in `presets/` says about one service."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from metrics.connectors.cleaning import Field
from metrics.connectors.recipe import Auth, Paging, Reading

FOLDER = Path(__file__).parent / "presets"
GRAINS = ("day", "week", "month")
KINDS = ("flow_sum", "ratio", "snapshot_stock", "unique", "average", "quantile")
COUNTERPARTS = {"replay": "replay of documented answers", "independent": "independent server"}


@dataclass(frozen=True, slots=True)
class Input:
    """A setting or an input of a metric: the field as forms know it, and what may be typed there.

    `pattern` has to match all of what is typed; `sample` shows how that looks.
    """

    field: Field
    pattern: re.Pattern[str] | None = None
    sample: str = ""


@dataclass(frozen=True, slots=True)
class Asking:
    """One request in the words of the file, before anything is filled in.

    `each`: range, period, or now (only the present value can be had, for the period under way).
    `most_days`: a longer range is asked for in parts; 0 for no limit.
    """

    path: str
    method: str
    params: Mapping[str, str]
    headers: Mapping[str, str]
    body: Any
    body_kind: str
    paging: Paging
    reading: Reading
    each: str = "range"
    empty: str = "missing"
    warnings: str = ""
    failure: str = ""
    most_days: int = 0


@dataclass(frozen=True, slots=True)
class PresetMetric:
    """A metric that a service can give at once. `grains`: the periods it can be asked by, with the words
    that each of them puts into the request. `inputs` are needed, `optional` ones may stay empty."""

    key: str
    name: str
    definition: str
    kind: str
    grain: str
    asking: Asking
    grains: Mapping[str, Mapping[str, str]]
    unit: str = ""
    direction: str = "up"
    decimals: int = 0
    inputs: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Preset:
    """One service. `base` begins every address; `own_base` names the setting that replaces it for
    installations of one's own. `tried`: by which counterparts; `live`: when against the service, or never."""

    file: str
    kind: str
    label: str
    initials: str
    description: str
    needs: str
    keys_at: str
    docs: str
    sign_in: str
    rate: str
    per_minute: int
    most_at_once: int
    restate_days: int
    base: str
    own_base: str
    auth: Auth
    check: Asking
    settings: tuple[Input, ...]
    inputs: Mapping[str, Input]
    metrics: tuple[PresetMetric, ...]
    tried: tuple[str, ...]
    live: str = "never"
    notes: tuple[str, ...] = field(default=())

    def metric(self, key: str) -> PresetMetric:
        """The metric of that key. Raises KeyError."""
        return {metric.key: metric for metric in self.metrics}[key]


def paths(folder: Path = FOLDER) -> list[Path]:
    """The files of a folder, by name."""
    return sorted(folder.glob("*.yaml"))
