"""Where the story lies in time: everything is counted back from the last Sunday before today."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from metrics.connectors import demo, demo_series
from northstar.lib.localtime import instant, local_day


@dataclass(frozen=True, slots=True)
class Days:
    """Week 0 is the last complete week, -1 the one before it; `now` is when the demo is loaded."""

    now: datetime
    zone: str

    @property
    def today(self) -> date:
        return local_day(self.now, self.zone)

    @property
    def anchor(self) -> date:
        """The Sunday on which week 0 ends."""
        return demo.anchor_of(self.today)

    def monday(self, week: int) -> date:
        return self.anchor + timedelta(days=demo_series.monday(week))

    def sunday(self, week: int) -> date:
        return self.monday(week) + timedelta(days=6)

    def moment(self, day: date, at: str = "09:30") -> datetime:
        """The instant at which clocks of the company show `at` on `day`, never later than now."""
        return min(self.now, instant(datetime.combine(day, time.fromisoformat(at)), self.zone))
