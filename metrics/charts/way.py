"""A whole funnel as one drawing: who enters each step in a week, how many go on, and its benchmark."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from metrics.charts.canvas import Box, Canvas

WIDTH, STEP, LEFT, RIGHT, GAUGE = 760.0, 54.0, 190.0, 570.0, 600.0
HIGH = 24.0
#: How far the gauge of a step reaches beyond its benchmark.
BEYOND = 1.25
MOST_LETTERS = 27


@dataclass(frozen=True, slots=True)
class Step:
    """One step in words; `share` is the length of its bar (0 to 1), `gauge` how near its benchmark it is."""

    stage: str
    name: str
    size: str
    rate: str = ""
    benchmark: str = ""
    share: float = 0.0
    gauge: float | None = None
    tone: str = ""

    @property
    def says(self) -> str:
        """ "Retention, Active in week 4: 141 activated trials, 63.1% go on." """
        return f"{self.stage}, {self.name}: {self.size}{', ' if self.rate else ''}{self.rate}."


def sketch(steps: Sequence[Step]) -> str:
    """The steps from above as one `<svg>`."""
    canvas = Canvas()
    for number, step in enumerate(steps):
        top = 4 + number * STEP
        with canvas.titled(step.says):
            _bar(canvas, step, top)
        canvas.text(0, top + 12, step.stage, css="chart-label")
        canvas.text(0, top + 29, _short(step.name), css="chart-axis")
        canvas.text(LEFT + 10, top + 16, step.size, css="chart-label")
        canvas.text(LEFT + 10, top + HIGH + 15, step.rate, css="chart-axis")
        if step.gauge is not None:
            _gauge(canvas, step, step.gauge, top)
        if step.benchmark:
            canvas.text(GAUGE, top + HIGH + 15, step.benchmark, css="chart-axis")
    says = " ".join(step.says for step in steps)
    return canvas.svg(width=WIDTH, height=STEP * len(steps), says=says)


def _bar(canvas: Canvas, step: Step, top: float) -> None:
    css = f"funnel-fill funnel-fill--{step.tone}" if step.tone else "funnel-fill"
    canvas.rect(Box(LEFT, top, RIGHT, top + HIGH), "funnel-track")
    canvas.rect(Box(LEFT, top, LEFT + (RIGHT - LEFT) * min(max(step.share, 0), 1), top + HIGH), css)


def _gauge(canvas: Canvas, step: Step, near: float, top: float) -> None:
    middle, wide = top + HIGH / 2, WIDTH - GAUGE
    css = "chart-bubble chart-bubble--off_track" if step.tone == "narrow" else "funnel-gauge-fill"
    reached = GAUGE + wide * min(max(near, 0) / BEYOND, 1)
    canvas.rect(Box(GAUGE, middle - 3, WIDTH, middle + 3), "funnel-gauge-track")
    canvas.rect(Box(GAUGE, middle - 3, reached, middle + 3), css)
    tick = GAUGE + wide / BEYOND
    canvas.rect(Box(tick - 1, middle - 7, tick + 1, middle + 7), "funnel-gauge-tick")


def _short(name: str) -> str:
    return name if len(name) <= MOST_LETTERS else f"{name[: MOST_LETTERS - 1]}…"
