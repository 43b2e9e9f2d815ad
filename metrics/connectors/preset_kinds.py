"""The presets as kinds of sources: every file of the folder, read once."""

from __future__ import annotations

import logging
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from metrics.connectors.preset_files import FOLDER, Preset, paths
from metrics.connectors.preset_loading import load
from metrics.connectors.preset_parts import PresetError

if TYPE_CHECKING:
    from metrics.connectors.preset import PresetConnector

log = logging.getLogger(__name__)


@cache
def presets(folder: Path = FOLDER) -> dict[str, Preset]:
    """All presets by kind, by label. A file that cannot be used is logged and left out: one broken preset
    takes no other source with it (a test names it long before)."""
    found: dict[str, Preset] = {}
    for path in paths(folder):
        try:
            preset = load(path)
        except (PresetError, OSError) as error:
            log.error("preset left out: %s", error)
            continue
        found[preset.kind] = preset
    return dict(sorted(found.items(), key=lambda pair: pair[1].label.lower()))


@cache
def connector_class(kind: str) -> type[PresetConnector]:
    """The connector of one preset. Raises KeyError for a kind that is none."""
    # Only here: the list of kinds is read without the engine that asks them.
    from metrics.connectors.preset import class_of

    return class_of(presets()[kind])
