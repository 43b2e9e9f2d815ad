"""What monitoring servers are filled with: samples of named series."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Sample:
    """One value of one series at one aware instant."""

    name: str
    at: datetime
    value: float
    labels: Mapping[str, str] = field(default_factory=dict)

    @property
    def milliseconds(self) -> int:
        return round(self.at.timestamp() * 1000)

    def series(self) -> str:
        """The series as Prometheus writes it."""
        inside = ",".join(f'{name}="{value}"' for name, value in sorted(self.labels.items()))
        return f"{self.name}{{{inside}}}" if inside else self.name
