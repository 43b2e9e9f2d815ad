"""Kinds of sources that other packages add, by the entry point group `northstar.connectors`.

    [project.entry-points."northstar.connectors"]
    status_page = "northstar_status_page:StatusPageConnector"

Each is loaded when it is asked for and by itself; one that cannot be loaded is told of and stops nothing.
"""

from __future__ import annotations

import functools
import logging
from importlib import metadata

from metrics.connectors.base import Connector
from metrics.connectors.declaring import faults, kind_fault
from metrics.connectors.sheltering import is_the_workers, sheltered

log = logging.getLogger(__name__)
GROUP = "northstar.connectors"
_LONGEST = 300


class PluginError(Exception):
    """Why a plug-in is not there; the whole sentence, for admins."""


def kinds() -> tuple[str, ...]:
    """The kinds of all plug-ins that can be loaded, by name."""
    return tuple(kind for kind in sorted(_offers()) if not isinstance(_tried(kind), str))


def problems() -> tuple[str, ...]:
    """A sentence for each plug-in that is installed and could not be loaded, by name."""
    return tuple(found for found in map(_tried, sorted(_offers())) if isinstance(found, str))


def is_offered(kind: str) -> bool:
    """Whether an installed package says that it adds this kind; nothing is loaded."""
    return kind in _offers()


def connector_class(kind: str) -> type[Connector]:
    """The class of a plug-in's kind, sheltered. Raises PluginError where it cannot be loaded."""
    found = _tried(kind)
    if isinstance(found, str):
        raise PluginError(found)
    return found


def forget() -> None:
    """Look anew at what is installed, as after a restart."""
    _offers.cache_clear()
    _tried.cache_clear()


@functools.cache
def _offers() -> dict[str, tuple[metadata.EntryPoint, ...]]:
    """Entry points by kind. Two for one kind are usually two packages."""
    found: dict[str, tuple[metadata.EntryPoint, ...]] = {}
    try:
        for entry in metadata.entry_points(group=GROUP):
            same = found.get(entry.name, ())
            # A package in two folders of the path is one package.
            if entry.value not in {other.value for other in same}:
                found[entry.name] = (*same, entry)
    except Exception as error:
        log.error("plug-ins: what is installed could not be read: %s", type(error).__name__)
    return found


@functools.cache
def _tried(kind: str) -> type[Connector] | str:
    """The class, or the sentence that says why there is none; either is remembered until a restart."""
    entries = _offers().get(kind, ())
    try:
        reason = _unfit(kind, entries)
        if not reason:
            found = entries[0].load()
            reason = "; ".join(faults(found, kind)[:3])
            if not reason:
                return sheltered(found)
    except (Exception, SystemExit) as error:
        if is_the_workers(error):
            raise  # and is not remembered: the plug-in may be fine
        log.exception("plug-in %s could not be loaded", kind[:60])
        reason = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    else:
        log.error("plug-in %s could not be loaded: %s", kind[:60], reason)
    return _sentence(kind, entries, reason)


def _unfit(kind: str, entries: tuple[metadata.EntryPoint, ...]) -> str:
    if not entries:
        return "no installed package offers it"
    if fault := kind_fault(kind):
        return fault
    if kind in _own_kinds():
        return (
            f"there is a kind '{kind}' already, and none is replaced. Its author has to choose another name"
        )
    if len(entries) > 1:
        # Whichever were chosen would be handed the secrets that were typed for the other.
        return f"{len(entries)} packages offer it: {', '.join(map(_package, entries))}. Keep one of them"
    return ""


def _own_kinds() -> tuple[str, ...]:
    from metrics.connectors import registry  # at its use: the registry is made of this module

    return registry.own_kinds()


def _package(entry: metadata.EntryPoint) -> str:
    return entry.dist.name[:60] if entry.dist else entry.value[:60]


def _sentence(kind: str, entries: tuple[metadata.EntryPoint, ...], reason: str) -> str:
    flat = "".join(sign if sign.isprintable() else " " for sign in " ".join(reason.split())).rstrip(".")
    origin = f" (package {_package(entries[0])})" if len(entries) == 1 else ""
    return f"Plug-in {kind[:60]}{origin} could not be loaded: {flat[:_LONGEST]}."
