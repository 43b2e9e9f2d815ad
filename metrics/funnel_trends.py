"""The rates of each step, cohort by cohort: what is drawn, and the words and the table beside it."""

from __future__ import annotations

from datetime import date
from typing import Any

from metrics import formatting, funnel_words
from metrics.charts.funnel_trend import Mark, Trend
from metrics.funnel_reading import Counted

Facts = dict[str, Any]
TREND_DAYS = 371


def trend(each: Counted) -> Trend:
    """The rates of a step over the last year as a drawing."""
    stage, scale = each.stage, 1 if each.stage.kind == "loop" else 100
    newest = each.cohorts[-1].end if each.cohorts else date.min
    kept = [cohort for cohort in each.cohorts if (newest - cohort.end).days <= TREND_DAYS]
    marks = tuple(
        Mark(
            cohort.end,
            cohort.rate,
            cohort.matured,
            f"{funnel_words.span(cohort.start, cohort.end)}: {funnel_words.rate(cohort.rate, stage.kind)}, "
            f"{cohort.converted:,.0f} of {cohort.entered:,.0f}"
            + ("" if cohort.matured else ", still waiting"),
        )
        for cohort in kept
    )
    waiting = sum(not cohort.matured for cohort in kept)
    best = each.best.rate if each.best else None
    said = [f"Best of eight weeks: {funnel_words.rate(best, stage.kind)}."] if best is not None else []
    if waiting:
        words = "cohort has not had its time" if waiting == 1 else "cohorts have not had their time"
        said.append(f"{formatting.count_word(waiting)} {words} yet.")
    benchmark = None if each.benchmark is None else float(each.benchmark.value)
    return Trend(stage.name, marks, benchmark, scale, " ".join(said))


def facts(each: Counted, shown: Trend) -> Facts:
    """The words and the table beside the drawing, newest cohort first."""
    stage = each.stage
    rows = [
        [
            funnel_words.span(cohort.start, cohort.end),
            f"{cohort.entered:,.0f}",
            f"{cohort.converted:,.0f}",
            funnel_words.rate(cohort.rate, stage.kind),
            "" if cohort.matured else "waiting",
        ]
        for cohort in reversed(each.cohorts[-len(shown.marks) :] if shown.marks else [])
    ]
    return {
        "key": f"trend-{stage.pk}",
        "title": stage.name,
        "sentence": shown.sentence,
        "columns": ["Cohort", "Entered", "Went on", "Rate", ""],
        "table": rows,
    }
