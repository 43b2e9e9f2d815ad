"""Packages of third parties, laid out in a folder of the import path as pip leaves them."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from textwrap import dedent

import pytest

from metrics.connectors import plugins

HEAD = """
from datetime import date, datetime, timedelta
from decimal import Decimal
from metrics.connectors.base import Answer, Ask, Connector, ConnectorError, Field, Row

class Ours(Connector):
    kind = "ours"
    label = "Ours"
    description = "What somebody else wrote."
    initials = "Ou"
    settings_fields = (
        Field("place", "Place", identity=True),
        Field("token", "Token", "password", required=False, secret=True),
    )
    query_fields = (Field("series", "Series"),)

    def check(self):
        return ("It works.",)

    def fetch(self, ask):
        return Answer((Row(ask.start, value=Decimal(7)),))
"""

Install = Callable[..., None]


def lay_out(folder: Path, package: str, kinds: dict[str, str], code: str) -> None:
    """A package `package` of one module that offers `kinds` (name -> object of the module)."""
    module = package.replace("-", "_")
    (folder / f"{module}.py").write_text(code)
    facts = folder / f"{module}-1.0.dist-info"
    facts.mkdir()
    (facts / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n")
    lines = "".join(f"{kind} = {module}:{name}\n" for kind, name in kinds.items())
    (facts / "entry_points.txt").write_text(f"[{plugins.GROUP}]\n{lines}")


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Install]:
    """install("package", {"kind": "Class"}, "code after HEAD") puts a plug-in beside the product."""
    monkeypatch.syspath_prepend(str(tmp_path))
    known = set(sys.modules)

    def put(package: str, kinds: dict[str, str], code: str = "", *, head: str = HEAD) -> None:
        lay_out(tmp_path, package, kinds, head + dedent(code))
        plugins.forget()

    yield put
    for name in set(sys.modules) - known:
        if str(tmp_path) in str(getattr(sys.modules[name], "__file__", "")):
            del sys.modules[name]
    monkeypatch.undo()
    plugins.forget()
