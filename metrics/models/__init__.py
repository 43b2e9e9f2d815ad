"""The facts: sources, metrics, observations, the North Star and its drivers."""

from __future__ import annotations

from metrics.models.annotation import Annotation
from metrics.models.audit import AuditRow
from metrics.models.backfill import Backfill
from metrics.models.breaker import Breaker
from metrics.models.chart import ChartDocument
from metrics.models.company import Company
from metrics.models.driver import Driver
from metrics.models.forecast import ForecastRecord
from metrics.models.funnel import Benchmark, Funnel, Stage, StageCount
from metrics.models.heartbeat import Heartbeat
from metrics.models.limits import LimitSegment
from metrics.models.metric import Metric
from metrics.models.northstar import NorthStar, NorthStarTarget, NorthStarVersion, StarGuardrail
from metrics.models.observation import MetricChange, Observation, ObservationRevision, Rollup
from metrics.models.pull import Pull, PullItem
from metrics.models.source import Source
from metrics.models.source_event import SourceEvent
from metrics.models.star_choice import FitnessTest, StarChoice
from metrics.models.token import EventToken, PushToken
from metrics.models.trial import Trial

__all__ = [
    "Annotation",
    "AuditRow",
    "Backfill",
    "Breaker",
    "ChartDocument",
    "Company",
    "Driver",
    "ForecastRecord",
    "Heartbeat",
    "LimitSegment",
    "Metric",
    "MetricChange",
    "NorthStar",
    "NorthStarTarget",
    "NorthStarVersion",
    "Observation",
    "ObservationRevision",
    "Pull",
    "PullItem",
    "PushToken",
    "EventToken",
    "Rollup",
    "Source",
    "SourceEvent",
    "Benchmark",
    "FitnessTest",
    "Funnel",
    "Stage",
    "StageCount",
    "StarChoice",
    "StarGuardrail",
    "Trial",
]
