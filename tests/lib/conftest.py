"""Property tests of the ground floor."""

from __future__ import annotations

from hypothesis import settings

# A busy machine must not turn a slow first look at a time zone file into a failure.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")
