"""Template filters: every number on a page goes through one of these."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any, Protocol

from django import template

from metrics import formatting

register = template.Library()


class Measured(Protocol):
    """What a value needs to be shown; a Metric has it."""

    unit: str
    decimals: int
    kind: str


@register.filter
def metric_value(value: float | Decimal | None, metric: Measured) -> str:
    """`{{ value|metric_value:metric }}` is "4,871 crews"."""
    return formatting.show(value, unit=metric.unit, decimals=metric.decimals, kind=metric.kind)


@register.filter
def metric_change(value: float | Decimal | None, metric: Measured) -> str:
    """`{{ difference|metric_change:metric }}` is "+96 crews" or "+0.4 pp"."""
    return formatting.show_change(value, unit=metric.unit, decimals=metric.decimals, kind=metric.kind)


@register.filter
def way(value: float | Decimal | None) -> str:
    """How much of the way is made: "34% there"; "15% the wrong way" where it went back."""
    words = formatting.show_share(value).removeprefix(formatting.MINUS)
    return f"{words} the wrong way" if value is not None and value <= -0.005 else f"{words} there"


@register.filter
def share(value: float | Decimal | None, decimals: int = 0) -> str:
    """`{{ 0.57|share }}` is "57%"."""
    return formatting.show_share(value, decimals=decimals)


@register.filter
def signed_share(value: float | Decimal | None, decimals: int = 1) -> str:
    """`{{ 0.031|signed_share }}` is "+3.1%"."""
    return formatting.show_share(value, decimals=decimals, sign=True)


@register.filter
def day(value: date | None, today: Any = None) -> str:
    """`{{ omtm.end|day:today }}` is "17 Jan", with the year where it is another one."""
    if value is None:
        return formatting.NOTHING
    return formatting.day_words(value, today if isinstance(today, date) else None)


@register.filter
def week(value: date | None, today: Any = None) -> str:
    """`{{ point.start|week:today }}` is "week to Sun 15 Nov"."""
    if value is None:
        return formatting.NOTHING
    return formatting.week_words(value, today if isinstance(today, date) else None)
