"""Template filters for columns that changed: {% load drifts %}."""

from __future__ import annotations

from typing import Any

from django import template

from metrics import drifting

register = template.Library()


@register.filter
def drift_words(drift: dict[str, Any]) -> str:
    """`{{ item.drift|drift_words }}` is "The column amount is gone."; empty without a difference."""
    return drifting.words(drift or {})


@register.filter
def drift_lines(drift: dict[str, Any]) -> list[dict[str, str]]:
    """A line a column: its `name`, the `change` (gone, new or renamed) and, of a rename, the name `now`."""
    return drifting.lines(drift or {})
