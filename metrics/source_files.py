"""Sources as a file that can be reviewed and carried to another installation: everything but the secrets.

Of a secret the file holds the name of the environment variable (or of NAME_FILE) that gives it. What is
applied goes through the same form, checks and verbs as what an admin types.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml
from django.contrib.auth import get_user_model
from django.db import transaction

from metrics import sourcing
from metrics.connectors.base import Connector, ConnectorError
from metrics.connectors.registry import connector_class, kinds
from metrics.forms import schedules
from metrics.forms.connector_fields import SETTING
from metrics.forms.sources import SourceForm
from metrics.models import Company, Source
from metrics.sealing import open_secrets
from northstar.lib import env
from northstar.lib.schedules import Schedule

FORMAT = 1
LONGEST = 1_000_000
ENTRY = ("id", "kind", "name", "settings", "schedule", "owner", "backup_owner", "secrets")
_ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_VARIABLE = re.compile(r"[A-Z][A-Z0-9_]{2,80}")
_HEAD = """\
# Sources of Northstar, without their secrets: each is given by the environment variable named here, or by the
# file that NAME_FILE leads to. Look first: manage.py sources apply FILE --dry-run
"""


class SourceFileError(ValueError):
    """It cannot be applied; every reason on a line of its own, and nothing was changed."""


@dataclass(slots=True)
class Change:
    """One entry of a file against what is stored; without `differences` it stands like that already."""

    name: str
    kind: str
    source: Source | None
    form: SourceForm = field(repr=False)
    differences: list[str] = field(default_factory=list)

    @property
    def words(self) -> str:
        if self.source is None:
            return f"+ {self.name}: new, {connector_class(self.kind).label}"
        return f"~ {self.name}: {'; '.join(self.differences)}" if self.differences else f"= {self.name}"


def export() -> str:
    """All sources that are not archived, as YAML."""
    rows = Source.objects.listed().select_related("owner", "backup_owner").order_by("slug")
    found = {"format": FORMAT, "sources": [_entry(source) for source in rows]}
    return _HEAD + yaml.safe_dump(found, sort_keys=False, allow_unicode=True, width=100)


def apply(text: str, *, actor: Any = None, dry_run: bool = False) -> list[Change]:
    """Make the sources be as the file says, all or none; sources that it does not name stay as they are.

    Raises SourceFileError with every fault of the file, and where somebody changed a source meanwhile.
    """
    changes = plan(text)
    if dry_run:
        return changes
    try:
        with transaction.atomic():
            for change in changes:
                _carry_out(change, actor)
    except sourcing.SourcingError as error:
        raise SourceFileError(str(error)) from None
    return changes


def plan(text: str) -> list[Change]:
    """What applying the file would change. Raises SourceFileError."""
    problems: list[str] = []
    changes = []
    for entry in _entries(text):
        try:
            changes.append(_change(entry))
        except SourceFileError as error:
            problems.append(str(error))
    names = [change.name for change in changes]
    twice = sorted({name for name in names if names.count(name) > 1})
    problems += [f"{name}: it stands in the file twice." for name in twice]
    if problems:
        raise SourceFileError("\n".join(problems))
    return changes


def _entry(source: Source) -> dict[str, Any]:
    cls = connector_class(source.kind)
    named = sorted({*source.secrets, *(f.name for f in cls.settings_fields if f.secret and f.required)})
    found: dict[str, Any] = {
        "id": source.slug, "kind": source.kind, "name": source.name, "settings": source.settings,
        "schedule": _schedule(source.schedule), "owner": source.owner and source.owner.email,
        "backup_owner": source.backup_owner and source.backup_owner.email,
        "secrets": {name: _variable(source.slug, name) for name in named},
    }  # fmt: skip
    return {name: value for name, value in found.items() if value or name in ("id", "kind", "name")}


def _variable(slug: str, name: str) -> str:
    letters = re.sub(r"[^A-Z0-9]", "_", f"{slug}_{name}".upper())
    return letters if letters[0].isalpha() else f"S_{letters}"


def _entries(text: str) -> Iterator[dict[str, Any]]:
    if len(text) > LONGEST:
        raise SourceFileError("The file is larger than a million characters.")
    try:
        found = yaml.safe_load(text)
    except (yaml.YAMLError, RecursionError, ValueError):
        raise SourceFileError("The file is not YAML.") from None
    whole = isinstance(found, dict) and found.get("format") == FORMAT
    if not whole or not isinstance(found.get("sources"), list):
        raise SourceFileError(f"The file has to begin with 'format: {FORMAT}' and hold a list of 'sources'.")
    for number, entry in enumerate(found["sources"], start=1):
        if not isinstance(entry, dict) or not _ID.fullmatch(str(entry.get("id"))):
            raise SourceFileError(f"Source {number}: 'id' has to be small letters, digits and hyphens.")
        if unknown := sorted(set(map(str, entry)) - set(ENTRY)):
            raise SourceFileError(f"{entry['id']}: there is no '{unknown[0][:60]}' of a source.")
        yield entry


def _change(entry: Mapping[str, Any]) -> Change:
    name, kind = str(entry["id"]), str(entry.get("kind"))
    source = Source.objects.filter(slug=name).select_related("owner", "backup_owner").first()
    if source is not None and (source.archived_at or source.kind != kind):
        said = "was archived" if source.archived_at else f"is of kind {source.kind}"
        raise SourceFileError(f"{name}: a source of this id {said}. Choose another id.")
    if kind not in kinds():
        raise SourceFileError(f"{name}: there is no kind of source called '{kind[:60]}'.")
    cls = connector_class(kind)
    form = SourceForm(_typed(entry, cls, source), kind=kind, source=source)
    if not form.is_valid():
        raise SourceFileError("\n".join(f"{name}: {sentence}" for sentence in _faults(form)))
    return Change(name, kind, source, form, list(_differences(source, form)) if source else [])


def _typed(entry: Mapping[str, Any], cls: type[Connector], source: Source | None) -> dict[str, Any]:
    """What the form would have been sent."""
    settings = _mapping(entry, "settings")
    plain = {field.name for field in cls.settings_fields if not field.secret}
    if unknown := sorted(set(map(str, settings)) - plain):
        raise SourceFileError(f"{entry['id']}: there is no setting called '{unknown[0][:60]}'.")
    data = {f"{SETTING}{key}": "on" if value is True else value for key, value in settings.items()}
    data = {key: str(value) for key, value in data.items() if value not in (False, None)}
    data |= {f"{SETTING}{key}": text for key, text in _secrets(entry, cls, source, settings).items()}
    try:
        wanted = _mapping(entry, "schedule") or (source.schedule if source else {})
        made = schedules.inputs(wanted, zone=Company.current().zone)
    except (ValueError, TypeError, KeyError):
        raise SourceFileError(f"{entry['id']}: the schedule cannot be understood.") from None
    data |= {key: "" if made[key].initial is None else str(made[key].initial) for key in made}
    people = {role: _person(entry, role) for role in ("owner", "backup_owner")}
    return data | people | {"name": str(entry.get("name") or ""), "version": source.version if source else 0}


def _secrets(
    entry: Mapping[str, Any], cls: type[Connector], source: Source | None, settings: Mapping[str, Any]
) -> dict[str, str]:
    """Those that the environment gives and that are not stored already for the same place."""
    given = {}
    for name, variable in _mapping(entry, "secrets").items():
        if name not in cls.secret_names():
            raise SourceFileError(f"{entry['id']}: there is no secret called '{str(name)[:60]}'.")
        if not isinstance(variable, str) or not _VARIABLE.fullmatch(variable):
            # Without repeating it: whoever misunderstood has typed the secret itself.
            raise SourceFileError(
                f"{entry['id']}: '{name}' has to name an environment variable, such as "
                f"{_variable('shop', name)}. Never write a secret into this file."
            )
        try:
            given[name] = env.text(variable, "")
        except env.ConfigError as error:
            raise SourceFileError(f"{entry['id']}: {error}") from None
    if source is not None and not cls.identity_changed(source.settings, settings):
        stored = _stored(source)
        given = {name: text for name, text in given.items() if stored.get(name) != text}
    return {name: text for name, text in given.items() if text}


def _stored(source: Source) -> dict[str, str]:
    try:
        return open_secrets(source)
    except ConnectorError:
        return {}


def _person(entry: Mapping[str, Any], role: str) -> str:
    email = entry.get(role)
    if not email:
        return ""
    found = get_user_model().objects.filter(email__iexact=str(email), is_active=True).first()
    if found is None:
        raise SourceFileError(f"{entry['id']}: nobody here has the address {str(email)[:80]} ({role}).")
    return str(found.pk)


def _mapping(entry: Mapping[str, Any], name: str) -> dict[str, Any]:
    found = entry.get(name) or {}
    if not isinstance(found, dict):
        raise SourceFileError(f"{entry['id']}: '{name}' has to be names with values.")
    return found


def _faults(form: SourceForm) -> Iterator[str]:
    for name, errors in form.errors.items():
        label = f"{form.fields[name].label}: " if name in form.fields and form.fields[name].label else ""
        yield from (f"{label}{error}" for error in errors)


def _differences(source: Source, form: SourceForm) -> Iterator[str]:
    wanted = form.wanted
    before, after = _told(source), _told(wanted)
    with contextlib.suppress(ConnectorError):  # what an older version stored, with today's defaults
        before |= form.cls.clean_settings(source.settings)
    for name in dict.fromkeys((*after, *before)):
        if before.get(name) != after.get(name):
            yield f"{name} {before.get(name)} → {after.get(name)}"
    if form.cls.pulls and _schedule(wanted.schedule) != _schedule(source.schedule):
        yield "another schedule"
    yield from (f"{name} given anew" for name in wanted.secrets)


def _schedule(stored: Mapping[str, Any]) -> dict[str, Any]:
    return Schedule.from_dict(stored).to_dict() if stored else {}


def _told(one: Source | sourcing.Wanted) -> dict[str, Any]:
    return {"name": one.name, "owner": one.owner, "backup owner": one.backup_owner, **one.settings}


def _carry_out(change: Change, actor: Any) -> None:
    if change.source is None:
        sourcing.create(change.kind, change.form.wanted, actor=actor, slug=change.name)
    elif change.differences:
        sourcing.update(change.source, change.form.wanted, version=change.source.version, actor=actor)
