"""The funnel of domain 4.3: 13 matured weeks of Brindlewick."""

from __future__ import annotations

from metrics.analysis.funnel import CHAIN, LOOP, LOSS, Change, Star, Step

ACQUISITION, ACTIVATION, RETENTION, REVENUE, LAPSE, REFERRAL = range(1, 7)

STEPS = {
    ACQUISITION: Step(ACQUISITION, CHAIN, 260_000, 7_800, 5),
    ACTIVATION: Step(ACTIVATION, CHAIN, 7_800, 1_872, 4),
    RETENTION: Step(RETENTION, CHAIN, 1_872, 1_198, 2),
    REVENUE: Step(REVENUE, CHAIN, 1_198, 234, 0),
    LAPSE: Step(LAPSE, LOSS, 63_323, 760, 0),
    REFERRAL: Step(REFERRAL, LOOP, 234, 25, 5, pays=0.03),
}
BENCHMARKS = {
    ACQUISITION: (0.035, "peers"),
    ACTIVATION: (0.40, "own_best"),
    RETENTION: (0.70, "peers"),
    REVENUE: (0.25, "peers"),
    LAPSE: (0.009, "peers"),
    REFERRAL: (0.15, "published"),
}
#: I = 18 accounts × 4.2 crews, c = 0.012 as the page rounds it.
STAR = Star(level=4871, inflow=75.6, lapse=0.012, horizon=17)


def to(key: int, rate: float, *, start: int = 0) -> Change:
    """One of the steps brought to a rate."""
    return Change(STEPS[key], rate, start)
