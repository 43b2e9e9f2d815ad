"""The version, where everything may read it; the top line of CHANGELOG.md says the same."""

from __future__ import annotations

VERSION = "0.5.0"
