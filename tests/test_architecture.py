"""Who may import whom, and what no file may hold: the house rules that a machine can check."""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
APPS = ("northstar", "teams", "metrics")
LONGEST_FILE = 300
LONGEST_FUNCTION = 60  # the house aims at 40; a list of fields may run a little longer
PURE = ("metrics.analysis", "metrics.charts", "metrics.connectors")
SOCKETS = {"socket", "httpx", "httpcore", "urllib.request", "http.client", "requests", "smtplib"}
SMTP_ERRORS = {
    f"smtplib.SMTP{each}"
    for each in ("DataError", "Exception", "RecipientsRefused", "SenderRefused", "ServerDisconnected")
}
DRIVERS = {"psycopg", "psycopg2", "sqlalchemy", "pymysql", "pytds", "duckdb"}


def tracked(*patterns: str) -> list[Path]:
    """Files that are or would be committed."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", *patterns]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return [ROOT / name for name in sorted(set(done.stdout.splitlines())) if (ROOT / name).is_file()]


def module_of(path: Path) -> str:
    """The dotted name of a source file."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def sources() -> list[Path]:
    """The product's own modules, migrations left out."""
    return [
        path
        for path in tracked("*.py")
        if path.parts[len(ROOT.parts)] in APPS and "migrations" not in path.parts
    ]


def imports(path: Path) -> Iterator[tuple[str, int]]:
    """Every imported dotted name of a file with its line, `from a import b` as a.b, lazy ones included."""
    package = module_of(path).split(".")
    if path.name != "__init__.py":
        package = package[:-1]
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            start = ".".join([*base, *([node.module] if node.module else [])])
            yield from ((f"{start}.{alias.name}", node.lineno) for alias in node.names)


def within(name: str, *places: str) -> bool:
    """Whether a dotted name is one of the places or lies inside one."""
    return any(name == place or name.startswith(f"{place}.") for place in places)


def offences(rule: object) -> list[str]:
    """`file:line imports name` for each import that the rule (module, name) -> bool forbids."""
    return [
        f"{path.relative_to(ROOT)}:{line} imports {name}"
        for path in sources()
        for name, line in imports(path)
        if rule(module_of(path), name)  # type: ignore[operator]
    ]


def test_imports_run_one_way() -> None:
    def forbidden(module: str, name: str) -> bool:
        if within(module, "northstar.lib"):
            return within(name, "teams", "metrics") or (
                within(name, "northstar") and not within(name, "northstar.lib", "northstar.__version__")
            )
        if within(module, "metrics"):
            return within(name, "teams") or (within(name, "northstar") and not within(name, *GROUND))
        if within(module, "teams"):
            return within(name, "northstar") and not within(name, *GROUND)
        return False

    assert offences(forbidden) == []


# What the apps may take from `northstar`: the ground floor, how pages are drawn, and the version.
GROUND = ("northstar.lib", "northstar.ui", "northstar.__version__")


def test_what_is_pure_knows_no_database_settings_or_request() -> None:
    def forbidden(module: str, name: str) -> bool:
        return within(module, *PURE) and within(
            name, "django", "metrics.models", "teams", "celery", "rest_framework", "northstar.settings"
        )

    assert offences(forbidden) == []


def test_only_the_figures_know_plotly() -> None:
    assert offences(lambda module, name: within(name, "plotly") and module != "metrics.charts.figures") == []


def test_only_its_own_kind_knows_apprise_which_opens_connections() -> None:
    forbidden = lambda module, name: within(name, "apprise") and module != "teams.channels.apprise"  # noqa: E731
    assert offences(forbidden) == []


def test_only_the_guarded_door_opens_connections() -> None:
    def forbidden(module: str, name: str) -> bool:
        if module in ("northstar.starting", "northstar.management.commands.up"):  # look at our own port
            return False
        if module.startswith(
            ("metrics.connectors.postgresql", "metrics.connectors.sql", "metrics.connectors.mysql")
        ):  # through egress' check
            return False
        if module == "teams.channels.email" and name in SMTP_ERRORS:  # they open nothing
            return False
        if module == "metrics.connectors.files.child":  # a file, without outside access
            return False
        return within(name, *DRIVERS) or (
            within(name, *SOCKETS) and not module.startswith("northstar.lib.egress")
        )

    assert offences(forbidden) == []


def test_models_do_not_import_verbs_or_edges() -> None:
    def forbidden(module: str, name: str) -> bool:
        if not within(module, "metrics.models", "teams.models"):
            return False
        inside = within(name, "metrics", "teams") and not within(name, "metrics.models", "teams.models")
        return inside and not within(name, *PURE, "metrics.formatting")

    assert offences(forbidden) == []


def test_verbs_do_not_import_edges() -> None:
    def forbidden(module: str, name: str) -> bool:
        app, _, rest = module.partition(".")
        is_verb = app in ("metrics", "teams") and "." not in rest and rest.endswith("ing")
        return is_verb and re.match(r"(metrics|teams)\.(views|forms|api|admin|urls)\b", name) is not None

    assert offences(forbidden) == []


def test_no_module_is_named_after_nothing() -> None:
    vague = {"utils", "helpers", "services", "managers", "common", "misc"}
    assert [str(path) for path in sources() if vague & set(module_of(path).split("."))] == []


def test_no_request_reaches_a_query_unread() -> None:
    pattern = re.compile(r"\*\*\s*(self\.)?request\.(GET|POST|data|query_params)")
    assert [str(path) for path in sources() if pattern.search(path.read_text())] == []


def test_files_stay_short() -> None:
    long = {str(path.relative_to(ROOT)): len(path.read_text().splitlines()) for path in sources()}
    assert {name: lines for name, lines in long.items() if lines > LONGEST_FILE} == {}


def test_functions_stay_short() -> None:
    long = []
    for path in sources():
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef) and (node.end_lineno or 0) - node.lineno >= LONGEST_FUNCTION:
                long.append(f"{path.relative_to(ROOT)}:{node.lineno} {node.name}")
    assert long == []


def test_every_signature_is_annotated_from_the_future() -> None:
    bare = [
        str(path.relative_to(ROOT))
        for path in sources()
        if re.search(r"^\s*(def|class) ", path.read_text(), re.MULTILINE)
        and "from __future__ import annotations" not in path.read_text()
    ]
    assert bare == []


@pytest.mark.parametrize(
    "what, pattern",
    [
        ("a style attribute", r"<[^>]+\sstyle\s*="),
        ("an inline script", r"<script(?![^>]*(\bsrc=|type=\"application/json\"))[^>]*>"),
        ("an event handler attribute", r"<[^>]+\son[a-z]+\s*="),
        ("a style element", r"<style\b"),
        ("an address of another host", r"(src|href)=\"(https?:)?//"),
    ],
)
def test_no_template_holds(what: str, pattern: str) -> None:
    pages = [path for path in tracked("templates/*") if path.suffix == ".html" and "email" not in str(path)]
    bad = [str(path.relative_to(ROOT)) for path in pages if re.search(pattern, path.read_text())]
    assert bad == [], f"templates with {what}"
