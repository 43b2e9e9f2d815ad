"""Charts that the tests of figure, sketch and table share."""

from __future__ import annotations

from datetime import date, timedelta

from metrics.analysis.forecast import Cone
from metrics.analysis.pace import pace_line
from metrics.analysis.points import Point
from metrics.charts.spec import ChartSpec, LimitLine, Note, SignalMark

LAST = date(2026, 11, 9)
TODAY = date(2026, 11, 20)
START = date(2026, 9, 7)
END = date(2027, 1, 6)
HOSTILE = '<img src=x onerror="alert(1)">\u202e\x07 & "quoted"'


def weeks(values, last=LAST):
    first = last - timedelta(weeks=len(values) - 1)
    return tuple(Point(first + timedelta(weeks=i), value) for i, value in enumerate(values))


def chart(values=(), **changed):
    given = {"title": "Crews", "unit": "crews", "decimals": 0, "kind": "unique", "direction": "up"}
    return ChartSpec(**{**given, "points": weeks(values), **changed})


def ahead(value, weeks_ahead, *, drift=0.0, sd=1.0, last=LAST):
    """A forecast that widens from the Sunday after `last` on."""
    found = []
    for week in range(1, weeks_ahead + 1):
        mean, apart = value + drift * week, sd * (week + 1) ** 0.5
        edges = [mean + z * apart for z in (-1.2816, -0.6745, 0.6745, 1.2816)]
        found.append(Cone(last + timedelta(weeks=week, days=6), mean, *edges))
    return tuple(found)


def signals(values=None, **changed):
    """An XmR chart: two segments of limits, a point with two signals, one with one, one restated."""
    values = [50.0 + (i % 5) for i in range(14)] + [56.0 + (i % 3) for i in range(9)] + [66.0]
    points = weeks(values)
    days = [point.start + timedelta(days=6) for point in points]
    given = {
        "points": points,
        "limits": (
            LimitLine(days[0], days[13], 52.0, 46.0, 58.0),
            LimitLine(days[14], days[-1], 57.6, None, 66.2),
        ),
        "signals": (
            SignalMark(points[22].start, 57.0, 2, "eight in a row above the centre"),
            SignalMark(points[23].start, 66.0, 1, "above the upper limit"),
            SignalMark(points[23].start, 66.0, 3, "three of four near the limit"),
        ),
        "restated": (points[6].start,),
    }
    return chart(**{**given, **changed})


def focus(values=None, **changed):
    """An OMTM in its window: plan, target, baseline, range before it and the running week."""
    values = (
        [0.24 + 0.004 * (i % 5) + 0.003 * max(0, i - 20) for i in range(30)] if values is None else values
    )
    running = Point(LAST + timedelta(weeks=1), 0.27, complete=False, note="4 of 7 days")
    given = {
        "title": "Activation",
        "unit": "",
        "decimals": 1,
        "kind": "ratio",
        "direction": "up",
        "points": (*weeks(values), running),
        "pace": pace_line(0.24, 0.34, start=START, end=END),
        "target": 0.34,
        "target_day": END,
        "baseline": 0.24,
        "window": (START, END),
        "notes": (Note(date(2026, 10, 8), "Guided first job", 1),),
        "sentence": "27.0%, and the plan says 29.7%.",
        "incomplete_day": date(2026, 11, 19),
    }
    return ChartSpec(**{**given, **changed})


#: What a page may meet; every drawing has to survive each.
CASES = {
    "nothing": chart(),
    "only a plan": focus(values=[], points=()),
    "one point": chart([5]),
    "one running week": chart(points=(Point(LAST, 5.0, complete=False),)),
    "constant": chart([5.0] * 12),
    "zeros": chart([0.0] * 12),
    "negative": chart([float(-i) for i in range(12)]),
    "tiny": chart([1e-12 * i for i in range(12)], decimals=6),
    "huge": chart([9e14 + i * 1e12 for i in range(12)], unit="£", target=9.9e14),
    "gaps": chart([1, 2, None, None, 5, None, 7, 8]),
    "only gaps": chart([None] * 5),
    "long": chart([2900.0 + 15 * i for i in range(520)], target=12000.0, target_day=date(2029, 1, 1)),
    "focus": focus(),
    "lower is better": focus(
        pace=pace_line(0.26, 0.1, start=START, end=END), target=0.1, direction="down", former_target=0.105
    ),
    "range": chart([1.5, 1.7, 1.6] * 5, low=0.0, high=2.0, window=(START, END), unit="s", decimals=2),
    "forecast": focus(cone=ahead(0.283, 7, drift=0.003, sd=0.005)),
    "forecast far too wide": focus(cone=ahead(0.283, 7, sd=9.0)),
    "forecast beyond the window": focus(cone=ahead(0.283, 30, sd=0.005)),
    "forecast without a target": chart([100.0 + i % 7 for i in range(30)], cone=ahead(103.0, 26, sd=4.0)),
    "range with forecast": chart(
        [1.5, 1.7, 1.6] * 5,
        low=0.0,
        high=2.0,
        window=(START, END),
        unit="s",
        decimals=2,
        cone=ahead(1.6, 7, sd=0.1),
    ),
    "signals": signals(),
    "former definition": chart(
        points=weeks([900.0 + i for i in range(12)]),
        grey=weeks([700.0 + 3 * i for i in range(30)], last=LAST - timedelta(weeks=12)),
        incomplete_day=date(2026, 11, 19),
    ),
    "crowded": focus(notes=tuple(Note(START + timedelta(days=7 * i), f"Note {i}", i) for i in range(9))),
    "months": chart(points=tuple(Point(date(2026, i, 1), 5.0 * i) for i in range(1, 11)), grain="month"),
    "hostile": focus(
        title=HOSTILE, sentence=HOSTILE, unit=HOSTILE, notes=(Note(date(2026, 10, 8), HOSTILE, 1),)
    ),
}
