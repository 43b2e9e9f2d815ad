"""Template tags of a funnel: {% load funnels %}. Each returns safe SVG without a style attribute."""

from __future__ import annotations

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from metrics.charts.way import BEYOND

register = template.Library()


@register.simple_tag
def funnel_bar(share: float, state: str = "") -> SafeString:
    """A bar of this share of the longest one (0 to 1); the words stand over it."""
    return format_html(
        '<svg class="funnel-bar" aria-hidden="true"><rect class="funnel-track" width="100%" height="100%" '
        'rx="6"/><rect class="funnel-fill{}" width="{}%" height="100%" rx="6"/></svg>',
        f" funnel-fill--{state}" if state else "",
        f"{share * 100:.2f}",
    )


@register.simple_tag
def funnel_gauge(near: float | None, words: str, state: str = "") -> SafeString:
    """How near the benchmark a rate is: a bar to the rate, a tick at the benchmark; nothing without one."""
    if near is None:
        return SafeString("")
    tick, css = 100 / BEYOND, f" funnel-gauge--{state}" if state else ""
    return format_html(
        '<svg class="funnel-gauge{}" role="img" aria-label="{}">'
        '<rect class="funnel-gauge-track" y="4" width="100%" height="6" rx="3"/>'
        '<rect class="funnel-gauge-fill" y="4" width="{}%" height="6" rx="3"/>'
        '<rect class="funnel-gauge-tick" x="{}%" y="0" width="2" height="14" rx="1"/></svg>',
        css, words, f"{min(near / BEYOND, 1) * 100:.2f}", f"{tick:.2f}",
    )  # fmt: skip
