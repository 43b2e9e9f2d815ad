"""How often a key may call."""

from __future__ import annotations

from django.core.cache import cache

from metrics.api.errors import ApiError
from northstar.lib import clock

PER_MINUTE = 120


def count(what: str, token_id: int) -> None:
    """At most 120 calls a minute and key. If the cache is gone, calls go through: values matter more."""
    minute = int(clock.now().timestamp()) // 60
    key = f"{what}:{token_id}:{minute}"
    try:
        cache.add(key, 0, timeout=120)
        calls = cache.incr(key)
    except Exception:
        return
    if calls > PER_MINUTE:
        raise ApiError(429, f"More than {PER_MINUTE} calls within a minute. Send more rows in each.", wait=60)
