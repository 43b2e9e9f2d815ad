"""JMESPath within limits: short expressions, counted steps, exact decimals (grammar: jmespath.org)."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from typing import Any

from jmespath import exceptions, functions, parser
from jmespath.visitor import Options, TreeInterpreter

from metrics.connectors.base import ConnectorError
from metrics.connectors.http.shaping import Shaping

MAX_LENGTH = 1000
MAX_STEPS = 5_000_000
MAX_LIST = 1_000_000
#: A list or object made of n parts holds n times its input, and the next one n times that.
MAX_COPIES = 1000
_BEGIN_LEFT = frozenset(
    {
        "subexpression",
        "index_expression",
        "pipe",
        "flatten",
        "projection",
        "filter_projection",
        "value_projection",
    }
)


class Expression:
    """One compiled expression; its steps are counted over all that it is used on."""

    def __init__(self, text: str, *, name: str) -> None:
        """Raises ConnectorError("config") for what is no JMESPath, with `name` saying which field it is."""
        self.text, self.name = text, name
        if len(text) > MAX_LENGTH:
            raise _config(f"The expression for {name} has {len(text)} characters; at most {MAX_LENGTH}.")
        try:
            self._tree: dict[str, Any] = parser.Parser().parse(text).parsed
            copies = _copies(self._tree)
        except (exceptions.JMESPathError, ValueError, RecursionError) as error:
            said = str(error).splitlines()[0][:160] if str(error) else "it nests too deeply"
            raise _config(f"The expression for {name}, {text[:80]!r}, is not JMESPath: {said}") from None
        if copies > MAX_COPIES:
            raise _config(f"The expression for {name} copies its input {copies} times. Make it simpler.")
        self._interpreter = _Bounded(Options(custom_functions=_Exact()))

    def find(self, value: Any) -> Any:
        """What the expression leads to in `value`, None for nothing. Raises ConnectorError("schema")."""
        try:
            return self._interpreter.visit(self._tree, value)
        except _TooMuchError:
            raise ConnectorError(
                "too_large",
                f"The expression for {self.name} takes too many steps on this answer. Make it simpler.",
                permanent=True,
            ) from None
        except (exceptions.JMESPathError, TypeError, ValueError, ArithmeticError, RecursionError) as error:
            said = " ".join(str(error).split())[:160]
            raise ConnectorError(
                "schema", f"The expression for {self.name} does not fit the answer: {said}", permanent=True
            ) from None

    def unknown_functions(self) -> list[str]:
        """The names of functions in it that there are not; only using it would tell."""
        return [name for name in _function_names(self._tree) if name not in _Exact.FUNCTION_TABLE]

    def first_field(self) -> str:
        """The name of the field in which the expression begins; empty where it begins otherwise."""
        node = self._tree
        while node["type"] in _BEGIN_LEFT:
            node = node["children"][0]
        return str(node["value"]) if node["type"] == "field" else ""


class _TooMuchError(Exception):
    pass


class _Bounded(TreeInterpreter):  # type: ignore[misc]
    def __init__(self, options: Options) -> None:
        super().__init__(options)
        self._steps = 0

    def visit(self, node: Any, *args: Any, **kwargs: Any) -> Any:
        self._steps += 1
        if self._steps > MAX_STEPS:
            raise _TooMuchError
        return super().visit(node, *args, **kwargs)

    def visit_flatten(self, node: Any, value: Any) -> Any:
        found = super().visit_flatten(node, value)
        if found is not None and len(found) > MAX_LIST:
            raise _TooMuchError
        return found


class _Exact(Shaping):
    """The functions of JMESPath on decimals, which an answer's numbers are read as."""

    def _get_allowed_pytypes(self, types: Any) -> Any:
        allowed, below = super()._get_allowed_pytypes(types)
        if "float" in allowed:
            allowed = [*allowed, "Decimal"]
        return allowed, [(*names, "Decimal") if "float" in names else names for names in below]

    def _convert_to_jmespath_type(self, pyobject: Any) -> Any:
        return "number" if pyobject == "Decimal" else super()._convert_to_jmespath_type(pyobject)

    @functions.signature({"types": ["array-number"]})  # type: ignore[untyped-decorator]
    def _func_avg(self, arg: Any) -> Any:
        return sum(arg, Decimal(0)) / len(arg) if arg else None

    @functions.signature({"types": []})  # type: ignore[untyped-decorator]
    def _func_to_number(self, arg: Any) -> Any:
        if isinstance(arg, (int, Decimal)) and not isinstance(arg, bool):
            return arg
        try:
            return Decimal(arg) if isinstance(arg, str) and len(arg) < 64 else None
        except InvalidOperation:
            return None

    @functions.signature({"types": []})  # type: ignore[untyped-decorator]
    def _func_type(self, arg: Any) -> Any:
        return "number" if isinstance(arg, Decimal) else super()._func_type(arg)

    @functions.signature({"types": []})  # type: ignore[untyped-decorator]
    def _func_to_string(self, arg: Any) -> Any:
        if isinstance(arg, (list, dict)):
            raise ValueError("to_string() takes one text or number here, no list and no object")
        return arg if isinstance(arg, str) else str(arg)


def _function_names(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if node["type"] == "function_expression":
            yield str(node["value"])
        for child in node.get("children", ()):
            yield from _function_names(child)


def _copies(node: Any) -> int:
    """How many times the input may stand in the result, at most."""
    if not isinstance(node, dict):
        return 1
    children = [_copies(child) for child in node.get("children", ())]
    if node["type"] in ("multi_select_list", "multi_select_dict"):
        return sum(children)
    if node["type"] in ("function_expression", "or_expression", "and_expression"):
        return max(children, default=1)
    total = 1
    for one in children:
        total *= one
    return total


def _config(sentence: str) -> ConnectorError:
    return ConnectorError("config", sentence, permanent=True)
