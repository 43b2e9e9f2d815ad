"""The presets as kinds of sources: every file of their folders, read once."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from metrics.connectors.preset_files import FOLDER, Preset, paths
from metrics.connectors.preset_parts import PresetError

if TYPE_CHECKING:
    from metrics.connectors.preset import PresetConnector

log = logging.getLogger(__name__)
_folders: list[Path] = [FOLDER]


def look_into(folder: Path) -> None:
    """Offer the presets of this folder as well; for whoever starts the product, before anybody asks."""
    if folder not in _folders:
        _folders.append(folder)
        forget()


def forget() -> None:
    """Read all files anew when they are next asked for."""
    presets.cache_clear()
    connector_class.cache_clear()


@cache
def presets(*folders: Path) -> dict[str, Preset]:
    """All presets by kind, by label. A file that cannot be used is logged and left out: one broken preset
    takes no other source with it. Of two of the same kind the first folder's stays."""
    found: dict[str, Preset] = {}
    for preset in _loaded(folders or tuple(_folders)):
        if preset.kind in found:
            log.error("preset left out: there is a kind called '%s' already", preset.kind)
        else:
            found[preset.kind] = preset
    return dict(sorted(found.items(), key=lambda pair: pair[1].label.lower()))


@cache
def connector_class(kind: str) -> type[PresetConnector]:
    """The connector of one preset. Raises KeyError for a kind that is none."""
    # Only here: the list of kinds is read without the engine that asks them.
    from metrics.connectors.preset import class_of

    return class_of(presets()[kind])


def _loaded(folders: tuple[Path, ...]) -> Iterator[Preset]:
    # Only here as well: every command of the product names the folders, few read the files.
    from metrics.connectors.preset_loading import load

    for path in (path for folder in folders for path in paths(folder)):
        try:
            yield load(path)
        except (PresetError, OSError) as error:
            log.error("preset left out: %s", error)
