"""What is said of a funnel: rates, gaps, effects, and one sentence why, all without blame."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from metrics import formatting
from metrics.analysis.cohorts import FEW
from metrics.analysis.funnel import LOOP, LOSS
from metrics.analysis.funnel_ranking import (
    AT_BEST,
    NO_BENCHMARK,
    NO_DATA,
    NOISE,
    STUCK,
    TOO_FEW,
    Standing,
)
from metrics.funnel_reading import Ground, Read
from metrics.models import Benchmark, Stage
from metrics.models.funnel import AARRR
from metrics.verdict import Measure

#: What a benchmark is called beside its value.
SHORT_KIND = {
    "own_best": "own best",
    "experiment": "by experiment",
    "peers": "peers",
    "published": "published",
}
#: Before the value of a benchmark, in the sentence about the bottleneck.
REACHED = {
    "own_best": "its own best was",
    "experiment": "an experiment reached",
    "peers": "peers reach",
    "published": "others are said to reach",
}
LABELS = {
    NOISE: "Gap not clear of noise",
    TOO_FEW: "Too few to tell",
    AT_BEST: "At its benchmark",
    NO_BENCHMARK: "No benchmark yet",
    NO_DATA: "Nothing counted yet",
    STUCK: "Nobody goes on",
    "no_effect": "No effect to be worked out",
}


def rate(value: float | None, kind: str, *, beside: float | None = None) -> str:
    """A rate as text: "24.0%", "1.20%", of a loop "0.107"; with as many decimals as one `beside` it needs."""
    if value is None:
        return formatting.NOTHING
    decimals = max(_decimals(each, kind) for each in (value, beside) if each is not None)
    if kind == LOOP:
        return formatting.show(value, decimals=decimals)
    return formatting.show_share(value, decimals=decimals)


def gap(value: float, benchmark: float, kind: str) -> str:
    """What is missing to the benchmark: "16.0 pp", "0.043"; an en dash where nothing is."""
    missing = value - benchmark if kind == LOSS else benchmark - value
    if missing <= 0:
        return formatting.NOTHING
    decimals = max(_decimals(value, kind), _decimals(benchmark, kind))
    if kind == LOOP:
        return formatting.show(missing, decimals=decimals)
    return f"{formatting.show(missing * 100, decimals=decimals)}{formatting.NBSP}pp"


def effect(value: float | None, measure: Measure | None, *, sign: bool = True) -> str:
    """An effect on the North Star with its sign and unit, one decimal more where it is under one."""
    if value is None or measure is None:
        return formatting.NOTHING
    fine = abs(value) * formatting.shown_scale(measure.unit, measure.kind) < 10.0**-measure.decimals
    decimals = measure.decimals + (1 if fine else 0)
    told = {"unit": measure.unit, "kind": measure.kind, "decimals": decimals}
    if sign or formatting.is_percent(measure.unit, measure.kind):
        return formatting.show_change(value, **told)  # type: ignore[arg-type]
    return formatting.show(value, **told)  # type: ignore[arg-type]


def a_week(count: float) -> str:
    """How many a week: "20,000", "1.9", "0.04"; at most three digits behind the point."""
    decimals = 0 if count >= 10 or count == int(count) else 1 if count >= 1 else 2 if count >= 0.01 else 3
    return formatting.show(count, decimals=decimals)


def benchmark(found: Benchmark, kind: str, *, beside: float | None) -> str:
    """ "own best 40.0%"."""
    return f"{SHORT_KIND[found.kind]} {rate(float(found.value), kind, beside=beside)}"


def stage_word(stage: Stage) -> str:
    """The name of its stage in the Pirate Funnel: "Activation"."""
    return AARRR.get(stage.aarrr, stage.aarrr)


def people(name: str, otherwise: str = "entrants") -> str:
    """What is counted, in the middle of a sentence."""
    return name.strip() or otherwise


def headline(read: Read, stage: Stage | None) -> str:
    """What the page says first."""
    if stage is None:
        if not any(total.entered for total in read.sums.values()):
            return "Nothing is counted yet"
        return "No step stands out" if any(each.rank for each in read.standings) else "No step is ranked yet"
    return f"{stage_word(stage)} is the bottleneck"


def sentence(read: Read, stage: Stage | None, ground: Ground | None, *, horizon: int, kind: str = "") -> str:
    """Why it is the bottleneck, with its numbers; or why nothing can be told. `kind` is its benchmark's."""
    narrow = read.narrow
    if stage is None or narrow is None:
        return _nothing_stands_out(read)
    found = read.sums[stage.pk]
    who = people(stage.entered_name)
    if narrow.label == STUCK:
        return f"Nobody of {found.entered:,.0f} {who} went on. Until somebody does, no other step matters."
    return f"{_stands(stage, narrow, who, kind)} {_would_add(stage, narrow, ground, horizon=horizon)}"


def naive(read: Read, stages: dict[int, Stage], ground: Ground | None) -> str:
    """The step with the lowest rate, and why that is not enough; empty where it is the bottleneck itself."""
    low, narrow = read.lowest, read.narrow
    if low is None or narrow is None or low.step.key == narrow.step.key or low.step.rate is None:
        return ""
    stage = stages[low.step.key]
    first = f"{stage.name} has the lowest rate ({rate(low.step.rate, stage.kind)})"
    if low.half_effect is None or ground is None or not low.score:
        return f"{first}, but a low rate may be normal there."
    brings = effect(low.half_effect, ground.measure, sign=False)
    return f"{first}, but a low rate may be normal there: half-way to its benchmark brings about {brings}."


def why(standing: Standing, narrow: Standing | None, stages: dict[int, Stage]) -> str:
    """One sentence why a step has its place."""
    entered = f"{standing.step.entered:,.0f}"
    told = {
        NO_DATA: "No cohort had its time yet, or nobody counted.",
        STUCK: f"Nobody of {entered} went on.",
        NO_BENCHMARK: "Nobody can say what it could be: set a benchmark.",
        AT_BEST: "It is as good as its benchmark: look elsewhere, or find a better one.",
        TOO_FEW: f"Only {entered} entered; {FEW} are needed to tell.",
        NOISE: "Counts of this size differ as much by chance.",
        "no_effect": "Its effect on the North Star cannot be worked out.",
    }
    if standing.label in told:
        return told[standing.label]
    if narrow is not None and narrow.step.key == standing.step.key:
        return "Half of its gap brings most, and noise does not explain it."
    if standing.confidence < 1 and standing.clear is not None and standing.clear < 0.9:
        return "Its gap is less clear and its benchmark less sure, so half of it counts for less."
    other = stages.get(narrow.step.key) if narrow is not None else None
    return f"Half of its gap brings less than that of {stage_word(other)}." if other else "Half of its gap."


def horizon_day(ground: Ground, weeks: int) -> date:
    """The last day of the horizon."""
    return ground.week + timedelta(days=6, weeks=weeks)


def span(start: date, end: date) -> str:
    """The days of cohorts: "17 Aug to 15 Nov 2026"."""
    first = formatting.day_words(start, end if start.year == end.year else None)
    return f"{first} to {formatting.day_words(end)}"


def _stands(stage: Stage, narrow: Standing, who: str, said: str) -> str:
    value, best = narrow.step.rate, narrow.benchmark
    now, wanted = rate(value, stage.kind, beside=best), rate(best, stage.kind, beside=value)
    kind = REACHED.get(said, "it could be")
    if stage.kind == LOSS:
        return f"{now} of {who} are lost a week; {kind} {wanted}."
    if stage.kind == LOOP:
        return f"Each of {who} brings {now} {people(stage.converted_name, 'new ones')}; {kind} {wanted}."
    onto = f"become {stage.converted_name.strip()}" if stage.converted_name.strip() else "go on"
    return f"{now} of {who} {onto}; {kind} {wanted}."


def _would_add(stage: Stage, narrow: Standing, ground: Ground | None, *, horizon: int) -> str:
    if ground is None or narrow.half is None:
        return ""
    half = rate(narrow.half, stage.kind, beside=narrow.step.rate)
    gain = effect(narrow.half_effect, ground.measure, sign=False)
    lag = narrow.step.lag
    delay = f", {lag} {'week' if lag == 1 else 'weeks'} of it delay" if lag else ""
    day = formatting.day_words(horizon_day(ground, horizon))
    return f"Half-way to it ({half}) would add about {gain} in {horizon} weeks, by {day}{delay}."


def _nothing_stands_out(read: Read) -> str:
    labels = [each.label for each in read.standings]
    if not labels:
        return "Add the steps on the way to a customer first."
    if NO_BENCHMARK in labels and not any(each.rank for each in read.standings):
        return "Set what each step could be, such as its own best, and they are ranked."
    if read.star is None:
        return "What each step brings to the North Star cannot be worked out yet."
    return "Every gap is within noise, too small a count, or closed. More weeks, or better benchmarks, help."


def _decimals(value: float, kind: str) -> int:
    """One behind the point of a percent, two where a small one needs them, two digits of a tiny one."""
    if kind == LOOP:
        return 3 if abs(value) < 1 else 2
    percent = abs(Decimal(repr(value))) * 100
    if percent >= 10 or not percent:
        return 1
    if percent < Decimal("0.1"):
        return min(6, 1 - percent.adjusted())
    return 1 if abs(percent - round(percent, 1)) < Decimal("0.005") else 2
