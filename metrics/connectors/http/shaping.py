"""Functions that JMESPath itself lacks, for answers in which dates are names or stand in a list of their own.

`items` and `zip` are those of JEP-013 (jmespath.site): items({"a": 1}) is [["a", 1]], zip([1, 2], [3, 4]) is
[[1, 3], [2, 4]]. `left('2026-11-02,2026-11-08', `10`)` cuts a text; `after(a, b)` tells whether text a sorts
behind text b, as ISO dates do.
"""

from __future__ import annotations

from typing import Any

from jmespath import functions


class Shaping(functions.Functions):  # type: ignore[misc]
    """To be inherited by the functions of an interpreter."""

    @functions.signature({"types": ["object", "array", "null"]})  # type: ignore[untyped-decorator]
    def _func_items(self, arg: Any) -> Any:
        # PHP writes an object without members as [].
        return [[name, value] for name, value in arg.items()] if isinstance(arg, dict) else []

    @functions.signature({"types": ["array", "null"]}, {"types": ["array", "null"]})  # type: ignore[untyped-decorator]
    def _func_zip(self, first: Any, second: Any) -> Any:
        first, second = first or [], second or []
        if len(first) != len(second):
            raise ValueError(f"zip() takes lists of the same length, not {len(first)} and {len(second)}")
        return [[a, b] for a, b in zip(first, second, strict=True)]

    @functions.signature({"types": ["string"]}, {"types": ["number"]})  # type: ignore[untyped-decorator]
    def _func_left(self, text: Any, length: Any) -> Any:
        return text[: max(int(length), 0)]

    @functions.signature({"types": ["string", "null"]}, {"types": ["string"]})  # type: ignore[untyped-decorator]
    def _func_after(self, first: Any, second: Any) -> Any:
        return first is not None and first > second
