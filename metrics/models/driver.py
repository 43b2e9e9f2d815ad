"""An input that moves the North Star."""

from __future__ import annotations

from django.db import models

from metrics.models.metric import Metric
from metrics.models.northstar import NorthStar
from metrics.models.observation import exact

EDGES = {
    "factor": "Factor: they multiply to it",
    "addend": "Part: they add up to it",
    "inflow": "Inflow: what comes in each week",
    "outflow": "Outflow: what is lost each week",
    "influences": "Belief: it influences",
}
#: Edges of which the parent can be worked out; the others are beliefs.
FORMULA = ("factor", "addend", "inflow", "outflow")
EVIDENCE = {"assumed": "Assumed", "correlated": "Moves with it", "experiment": "Shown by an experiment"}


class Driver(models.Model):
    """A node of the metric tree; formula edges can be checked by arithmetic, influences is a belief.

    Without `parent` it hangs from the North Star itself; without `metric` it is named but not measured yet.
    """

    north_star = models.ForeignKey(NorthStar, on_delete=models.CASCADE, related_name="drivers")
    parent = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.CASCADE, related_name="children"
    )
    metric = models.ForeignKey(Metric, null=True, blank=True, on_delete=models.PROTECT, related_name="drives")
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
