"""Kinds of sources as pages show them: the gallery in groups, and the page about one kind."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.urls import reverse

from metrics.connectors.base import GROUPS, Connector, Field
from metrics.connectors.preset import PresetConnector
from metrics.connectors.preset_files import Preset
from metrics.connectors.registry import connector_class, kinds
from northstar.lib import doctext

#: What a preset names as that by which it was tried.
COUNTERPARTS = {
    "replay": "a replay of documented answers",
    "independent": "an independent server of its API",
}


@dataclass(frozen=True, slots=True)
class Tile:
    """A kind to choose. `command` adds a driver that is missing; `off` says which setting switches it on."""

    cls: type[Connector]
    url: str
    command: str = ""
    off: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """Kinds that belong together."""

    name: str
    tiles: tuple[Tile, ...]


def offered(*, demo: bool) -> list[str]:
    """The kinds that can be added; the invented one only where the company is invented."""
    return [kind for kind in kinds() if demo or kind != "demo"]


def gallery(*, demo: bool) -> list[Group]:
    """What can be added, in the groups of the gallery; one that is unknown here stands at the end."""
    tiles: dict[str, list[Tile]] = {name: [] for name in GROUPS}
    for kind in offered(demo=demo):
        cls = connector_class(kind)
        tiles.setdefault(cls.group, []).append(tile(cls))
    return [Group(name, tuple(found)) for name, found in tiles.items() if found]


def tile(cls: type[Connector]) -> Tile:
    """The tile of a kind; one that cannot be used yet leads to the page that says how."""
    command = f"make driver NAME={cls.driver}" if cls.missing_driver() else ""
    off = switched_off(cls)
    name = "source-kind" if command or off else "source-new"
    return Tile(cls, reverse(name, args=[cls.kind]), command, off)


def switched_off(cls: type[Connector]) -> str:
    """Why this kind cannot be used until a setting allows it, in one sentence; empty where it can."""
    if not cls.needs_setting or getattr(settings, cls.needs_setting, ""):
        return ""
    return f"Off until the setting {cls.needs_setting} allows it."


def about(cls: type[Connector]) -> dict[str, Any]:
    """What the page of a kind shows: facts from its class, and its part of docs/."""
    return {
        "facts": _facts(cls),
        "blocks": doctext.blocks(documentation(cls)),
        "asked": [(field.label, _asked(field)) for field in cls.settings_fields],
        "question": [(field.label, _asked(field)) for field in cls.query_fields],
        "suggestions": cls.suggestions,
    }


def documentation(cls: type[Connector]) -> str:
    """Its part of the documentation: `docs` names a heading of sources.md, or a page that has the kind's."""
    page, _, heading = (cls.docs or cls.kind).removesuffix(".md").partition("#")
    folder = settings.BASE_DIR / "docs"
    if (folder / f"{page}.md").is_file():
        whole = (folder / f"{page}.md").read_text("utf-8")
        return doctext.section(whole, heading or cls.kind) or whole
    path = folder / "sources.md"
    return doctext.section(path.read_text("utf-8"), page) if path.is_file() else ""


def _asked(field: Field) -> str:
    said = [field.help] if field.help else []
    if field.choices:
        said.append(f"One of: {', '.join(label for _, label in field.choices)}.")
    elif field.default not in (None, "", False):
        said.append(f"Usually {field.default}.")
    if field.secret:
        said.append("Stored encrypted.")
    if not field.required and field.kind != "flag":
        said.append("Optional.")
    return " ".join(said) or "Needed."


def _facts(cls: type[Connector]) -> list[tuple[str, str]]:
    days = "1 day" if cls.restate_days == 1 else f"{cls.restate_days} days"
    found = [("Needs", cls.needs)] if cls.needs else []
    if cls.pulls:
        found.append(
            ("Asked again", f"The last {days} with every pull, for values that change after they are out.")
        )
    if cls.most_at_once:
        found.append(("At once", f"{cls.most_at_once} at most, whatever PULLS_PER_HOST says."))
    if cls.driver:
        found.append(("Driver", cls.missing_driver() or "Installed."))
    return found + (_of_preset(cls.preset) if issubclass(cls, PresetConnector) else [])


def _counterpart(name: str) -> str:
    return COUNTERPARTS.get(name, name)


def _of_preset(preset: Preset) -> list[tuple[str, str]]:
    """How it signs in and what it was tried against: no preset claims more than that."""
    live = "never" if preset.live == "never" else f"on {preset.live}"
    return [
        ("Sign-in", f"{preset.sign_in}."),
        ("Its limit", f"{preset.rate}."),
        ("Tried", f"Against {' and '.join(map(_counterpart, preset.tried))}; the service itself: {live}."),
    ]
