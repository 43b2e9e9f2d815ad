"""Northstar: one North Star Metric for the company, one metric that matters for each team."""

from __future__ import annotations

from northstar.lib.version import VERSION as __version__

__all__ = ["__version__"]
