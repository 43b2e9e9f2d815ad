"""What the addresses of the environment mean: DATABASE_URL, REDIS_URL, EMAIL_URL."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from northstar.lib.env import ConfigError

SQLITE_PRAGMAS = (
    "PRAGMA journal_mode=WAL;PRAGMA synchronous=FULL;"
    "PRAGMA journal_size_limit=27103364;PRAGMA cache_size=-16000;PRAGMA foreign_keys=ON;"
)
DEFAULT_PORTS = {"postgres": 5432, "postgresql": 5432, "redis": 6379, "rediss": 6379}


def database_from(url: str, data_dir: Path) -> dict[str, Any]:
    """Django's DATABASES entry: PostgreSQL of the URL, else SQLite in the data folder."""
    if not url:
        return sqlite_at(data_dir / "northstar.sqlite3")
    parts = urlsplit(url)
    if parts.scheme not in ("postgres", "postgresql"):
        raise ConfigError(
            "DATABASE_URL must look like postgresql://user:password@host:5432/name; "
            f"it starts with {parts.scheme or 'nothing'!r}."
        )
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        # libpq takes host and port also behind the question mark, which is how sockets are named.
        "PORT": str(parts.port or dict(parse_qsl(parts.query)).get("port", 5432)),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": dict(parse_qsl(parts.query)) | {"connect_timeout": 5},
    }


def sqlite_at(path: Path) -> dict[str, Any]:
    """The embedded database: WAL alone loses updates, IMMEDIATE is what makes it safe."""
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(path),
        "OPTIONS": {"transaction_mode": "IMMEDIATE", "timeout": 20, "init_command": SQLITE_PRAGMAS},
    }


def broker_options(redis_url: str, data_dir: Path) -> tuple[str, dict[str, Any]]:
    """Celery's broker address and transport options: Redis, else files under the data folder."""
    if redis_url:
        return redis_url, {"visibility_timeout": 3600, "socket_timeout": 10, "socket_connect_timeout": 5}
    folder = data_dir / "broker"
    queue, control, processed = folder / "queue", folder / "control", folder / "processed"
    return "filesystem://localhost", {
        "data_folder_in": str(queue),
        "data_folder_out": str(queue),
        "processed_folder": str(processed),
        "control_folder": str(control),
        "polling_interval": 0.3,
        "store_processed": False,
    }


def cache_from(redis_url: str, data_dir: Path) -> dict[str, Any]:
    """Django's CACHES entry, shared by all processes: Redis, else files under the data folder."""
    if redis_url:
        return {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": redis_url}
    return {
        "BACKEND": "django.core.cache.backends.filebased.FileBasedCache",
        "LOCATION": data_dir / "cache",
        # When it is full, any entries go, also the counts of failed sign-ins: 300 would be full at once.
        "OPTIONS": {"MAX_ENTRIES": 10_000},
    }


def endpoint_of(url: str) -> list[tuple[str, int, str | None]]:
    """(host, port, database name) of each server that a URL may lead to; for the egress rules."""
    parts = urlsplit(url)
    if not parts.scheme.startswith("postgres"):
        host, default = parts.hostname or "", DEFAULT_PORTS.get(parts.scheme, 0)
        return [(host, parts.port or default, None)] if host else []
    more = dict(parse_qsl(parts.query))
    named = [parts.hostname or more.get("host", ""), more.get("hostaddr", "")]
    # A socket of this machine: the same server usually listens on TCP as well.
    hosts = ["127.0.0.1" if one.startswith(("/", "@")) else one for one in ",".join(named).split(",") if one]
    ports = [int(one) for one in str(parts.port or more.get("port", "")).split(",") if one.isdecimal()]
    name = unquote(parts.path.lstrip("/"))
    return [(host, port, name) for host in hosts or ["127.0.0.1"] for port in ports or [5432]]


def site_host(url: str) -> str:
    """The host of SITE_URL as ALLOWED_HOSTS spells it; "" for what is no address of a site."""
    try:
        parts = urlsplit(url)
        name = parts.hostname or ""
        whole = parts.scheme in ("http", "https") and not parts.path.strip("/") and parts.port != 0
    except ValueError:
        return ""
    if not whole or parts.query or parts.fragment or "@" in parts.netloc:
        return ""
    return f"[{name}]" if ":" in name else name


@dataclass(frozen=True, slots=True)
class Mail:
    """How mail leaves: over SMTP, or into files where no server is named."""

    backend: str
    configured: bool
    file_path: str | None = None
    host: str = ""
    port: int = 25
    user: str = ""
    password: str = field(default="", repr=False)
    use_tls: bool = False
    use_ssl: bool = False


def mail_from(url: str, *, outbox: Path) -> Mail:
    """smtp://user:password@host:587 (STARTTLS by smtp+tls://, TLS by smtps://); none writes files."""
    if not url:
        return Mail("django.core.mail.backends.filebased.EmailBackend", False, file_path=str(outbox))
    parts = urlsplit(url)
    if parts.scheme not in ("smtp", "smtp+tls", "smtps") or not parts.hostname:
        raise ConfigError("EMAIL_URL must look like smtp+tls://user:password@mail.example.com:587.")
    return Mail(
        "django.core.mail.backends.smtp.EmailBackend",
        True,
        host=parts.hostname,
        port=parts.port or {"smtp": 25, "smtp+tls": 587, "smtps": 465}[parts.scheme],
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        use_tls=parts.scheme == "smtp+tls",
        use_ssl=parts.scheme == "smtps",
    )
