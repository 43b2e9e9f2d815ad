"""Web services as sources: `run` asks one by a recipe (metrics/connectors/recipe.py) and reads its answer."""

from __future__ import annotations

from metrics.connectors.http.running import Surroundings, run

__all__ = ["Surroundings", "run"]
