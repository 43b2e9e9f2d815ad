"""An input that moves the North Star."""

from __future__ import annotations

from django.db import models

from metrics.models.metric import Metric
from metrics.models.northstar import NorthStar
from metrics.models.observation import exact

EDGES = {
    "factor": "Factor: they multiply",
    "addend": "Part: they add up",
    "influences": "Belief: it influences",
}
EVIDENCE = {"assumed": "Assumed", "correlated": "Moves with it", "experiment": "Shown by an experiment"}


class Driver(models.Model):
    """A metric below the North Star; factor and addend are formulas, influences is a belief."""

    north_star = models.ForeignKey(NorthStar, on_delete=models.CASCADE, related_name="drivers")
    metric = models.ForeignKey(Metric, on_delete=models.PROTECT, related_name="drives")
    name = models.CharField(max_length=120)
    edge = models.CharField(max_length=12, default="influences")
    evidence = models.CharField(max_length=12, default="assumed")
    expected_lag_weeks = models.PositiveSmallIntegerField(default=0)
    sensitivity = exact()
    sort = models.PositiveSmallIntegerField(default=0)
    is_demo = models.BooleanField(default=False)

    class Meta:
        ordering = ["sort", "id"]
        constraints = [models.UniqueConstraint(fields=["north_star", "metric"], name="one_driver_a_metric")]

    def __str__(self) -> str:
        return self.name
