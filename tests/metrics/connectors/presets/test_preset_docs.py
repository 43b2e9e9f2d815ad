"""The page of the presets says of every file what the file says, and its worked example works."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from metrics.connectors import registry
from metrics.connectors.preset_files import COUNTERPARTS, paths
from metrics.connectors.preset_loading import load
from metrics.kind_pages import documentation

PAGE = (Path(__file__).parents[4] / "docs" / "presets.md").read_text()
FILES = pytest.mark.parametrize("path", paths(), ids=lambda path: path.stem)


def rows() -> dict[str, list[str]]:
    """The lines of the table, by file."""
    found = [line.strip("| ").split(" | ") for line in PAGE.splitlines() if line.startswith("| ")]
    return {cells[1].strip("`"): cells for cells in found if len(cells) == 8}


@FILES
def test_the_table_says_what_the_file_says(path: Path) -> None:
    preset = load(path)
    label, _, sign_in, rate, again, metrics, tried, live = rows()[path.name]
    assert label == preset.label
    assert f"{sign_in}." == preset.sign_in and f"{rate}." == preset.rate
    assert again == f"{preset.restate_days} days"
    assert metrics == ", ".join(metric.name for metric in preset.metrics)
    assert tried == " and ".join(COUNTERPARTS[one] for one in preset.tried)
    assert live == preset.live


def test_the_table_names_no_file_that_is_not_there() -> None:
    assert set(rows()) - {"File"} == {path.name for path in paths()}


@FILES
def test_the_page_of_a_kind_tells_key_permission_limit_and_what_was_tried(path: Path) -> None:
    preset = load(path)
    part = documentation(registry.connector_class(preset.kind))
    for text in (preset.keys_at, preset.needs, preset.rate, preset.docs, *preset.notes):
        assert text in part
    assert f"never against {preset.label} itself" in part


def test_the_worked_example_is_a_preset(tmp_path: Path) -> None:
    example = next(
        text for text in re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL) if "kind: ticketry" in text
    )
    path = tmp_path / "ticketry.yaml"
    path.write_text(example)
    assert [metric.key for metric in load(path).metrics] == ["orders", "revenue", "refund_rate"]


def test_the_page_says_that_nothing_was_tried_live() -> None:
    assert "None of these was ever tried against the service itself" in PAGE
    assert {load(path).live for path in paths()} == {"never"}
