"""Northstar: one North Star Metric for the company, one metric that matters for each team."""

from __future__ import annotations

__version__ = "0.1.0"
