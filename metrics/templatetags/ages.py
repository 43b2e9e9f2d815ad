"""Template filters for moments: {% load ages %}."""

from __future__ import annotations

from datetime import datetime

from django import template

from metrics import ages
from northstar.lib import clock

register = template.Library()


@register.filter
def ago(moment: datetime | None) -> str:
    """`{{ source.last_ok_at|ago }}` is "4 min ago", or "never"."""
    return ages.ago_words(moment, clock.now()) if moment else "never"


@register.filter
def local(moment: datetime | None, zone: str) -> str:
    """`{{ run|local:company.zone }}` is "Mon 23 Nov 06:00"."""
    return ages.moment_words(moment, zone=zone, now=clock.now()) if moment else "never"
