"""F30, F31: the memory of a worker stays flat, whatever a source sends. Measured in a process of its own."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.services.chaos import Chaos
from tests.services.processes import ROOT

MOST_MIB = 30
# Peak memory before and after, in MiB, and the sentence.
SCRIPT = """
import resource, sys

from tests.metrics.connectors.asking import DAYS, HERE, ROWS
from metrics.connectors.base import ConnectorError
from metrics.connectors.http import run
from metrics.connectors.http.file_kind import FileConnector
from metrics.connectors.recipe import Recipe
import openpyxl

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024

def asked(address):
    try:
        if "zip" in address:
            FileConnector(FileConnector.clean_settings({"address": address}), {}, egress=HERE).check()
        else:
            run(Recipe(address, reading=ROWS), DAYS, egress=HERE, settings={}, secrets={})
    except ConnectorError as error:
        return error.message

asked(sys.argv[1] + "/raw/no-rows")
for path in sys.argv[2:]:
    before = peak()
    said = asked(sys.argv[1] + path)
    print(f"{peak() - before:.1f}|{path}|{said}")
"""


@pytest.mark.one_database
def test_f30_f31_bodies_without_end_and_bombs_do_not_fill_the_memory() -> None:
    paths = ["/bomb/br", "/bomb/zip", "/deep", "/bomb/gzip", "/infinite", "/parts"]
    with Chaos() as chaos:
        done = subprocess.run(
            [sys.executable, "-c", SCRIPT, chaos.url, *paths],
            cwd=ROOT, capture_output=True, text=True, timeout=120,
        )  # fmt: skip
    assert done.returncode == 0, done.stderr
    grown = {line.split("|")[1]: float(line.split("|")[0]) for line in done.stdout.splitlines()}
    assert list(grown) == paths and "None" not in done.stdout
    assert {path: size for path, size in grown.items() if size > MOST_MIB} == {}
