"""Whether the user of a source can do more than read, and the script for one who cannot (S43)."""

from __future__ import annotations

from typing import Any, Protocol

_POWERS = """
SELECT 'is a superuser' FROM pg_roles WHERE rolname = current_user AND rolsuper
UNION ALL
SELECT 'may ' || what FROM (VALUES ('create roles'), ('create databases'), ('replicate')) AS p(what), pg_roles
 WHERE rolname = current_user AND NOT rolsuper
   AND CASE what WHEN 'create roles' THEN rolcreaterole WHEN 'create databases' THEN rolcreatedb
                 ELSE rolreplication END
UNION ALL
SELECT 'is a member of ' || g.rolname FROM pg_roles g
 WHERE g.rolname IN ('pg_read_server_files', 'pg_write_server_files', 'pg_execute_server_program',
                     'pg_write_all_data')
   AND NOT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user)
   AND pg_has_role(current_user, g.oid, 'MEMBER')
"""
_WRITABLE = """
SELECT format('%I.%I', n.nspname, c.relname) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'
   AND (has_table_privilege(c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE')
        OR has_any_column_privilege(c.oid, 'INSERT, UPDATE'))
 ORDER BY 1 LIMIT 4
"""
_CREATABLE = """
SELECT format('%I', nspname) FROM pg_namespace
 WHERE nspname <> 'information_schema' AND nspname !~ '^pg_' AND has_schema_privilege(oid, 'CREATE')
 ORDER BY 1 LIMIT 4
"""
_SCHEMAS = """
SELECT DISTINCT format('%I', n.nspname) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'
 ORDER BY 1 LIMIT 6
"""
_ROLE = "northstar_reader"


class Reads(Protocol):
    def read(self, statement: str) -> list[tuple[Any, ...]]:
        """Rows of a statement."""


def too_strong(session: Reads) -> str:
    """What the user may do beyond reading, in words; empty if nothing was found."""
    found = [str(row[0]) for row in session.read(_POWERS)]
    if not found:
        found += _listed("may write to ", session.read(_WRITABLE))
        found += _listed("may create tables in the schema ", session.read(_CREATABLE))
    return ", ".join(found)


def script(session: Reads) -> str:
    """SQL that makes a user who can only read."""
    database = session.read("SELECT format('%I', current_database())")[0][0]
    schemas = ", ".join(str(row[0]) for row in session.read(_SCHEMAS)) or "public"
    lines = [
        f"CREATE ROLE {_ROLE} LOGIN PASSWORD 'choose-a-long-one'",
        "  NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION;",
        f"ALTER ROLE {_ROLE} SET default_transaction_read_only = on;",
        f"GRANT CONNECT ON DATABASE {database} TO {_ROLE};",
        f"GRANT USAGE ON SCHEMA {schemas} TO {_ROLE};",
        f"GRANT SELECT ON ALL TABLES IN SCHEMA {schemas} TO {_ROLE};",
    ]
    if session.read(
        "SELECT 1 FROM pg_namespace WHERE nspname = 'public' AND has_schema_privilege(0, oid, 'CREATE')"
    ):
        # Up to PostgreSQL 14 everybody may create tables in the schema public.
        lines.append("REVOKE CREATE ON SCHEMA public FROM PUBLIC;")
    return "\n".join(lines)


def _listed(words: str, rows: list[tuple[Any, ...]]) -> list[str]:
    if not rows:
        return []
    names = [str(row[0]) for row in rows]
    return [words + ", ".join(names[:3]) + (" and more" if len(names) > 3 else "")]
