"""Which kinds of sources there are: those of the product, its presets, and those that packages add."""

from __future__ import annotations

from importlib import import_module

from metrics.connectors import plugins, preset_kinds
from metrics.connectors.base import Connector
from metrics.connectors.missing import missing

#: Built in, in the order of the gallery; each is loaded when it is asked for.
KINDS: dict[str, str] = {
    "postgresql": "metrics.connectors.postgresql.PostgresqlConnector",
    "mysql": "metrics.connectors.mysql.MysqlConnector",
    "sqlserver": "metrics.connectors.sqlserver.SqlserverConnector",
    "redshift": "metrics.connectors.postgresql_redshift.RedshiftConnector",
    "snowflake": "metrics.connectors.warehouses.snowflake.SnowflakeConnector",
    "bigquery": "metrics.connectors.warehouses.bigquery.BigqueryConnector",
    "clickhouse": "metrics.connectors.warehouses.clickhouse.ClickhouseConnector",
    "trino": "metrics.connectors.warehouses.trino.TrinoConnector",
    "sqlite_file": "metrics.connectors.files.kinds.SqliteFile",
    "duckdb_file": "metrics.connectors.files.kinds.DuckdbFile",
    "http_json": "metrics.connectors.http.json_kind.JsonConnector",
    "file_url": "metrics.connectors.http.file_kind.FileConnector",
    "google_sheets": "metrics.connectors.http.google_sheets.GoogleSheetsConnector",
    "prometheus": "metrics.connectors.monitoring.prometheus.PrometheusConnector",
    "influxdb": "metrics.connectors.monitoring.influxdb.InfluxdbConnector",
    "graphite": "metrics.connectors.monitoring.graphite.GraphiteConnector",
    "push": "metrics.connectors.push.PushConnector",
    "hand": "metrics.connectors.hand.HandConnector",
    "demo": "metrics.connectors.demo.DemoConnector",
}


def own_kinds() -> tuple[str, ...]:
    """The names of the kinds that come with the product, which no plug-in replaces."""
    return (*KINDS, *(kind for kind in preset_kinds.presets() if kind not in KINDS))


def kinds() -> tuple[str, ...]:
    """The names of all kinds, in the order of the gallery: those of plug-ins come last."""
    return (*own_kinds(), *plugins.kinds())


def connector_class(kind: str) -> type[Connector]:
    """The class of a kind; for one that is not there a stand-in that says why (see MissingKind)."""
    if kind in KINDS:
        module, name = KINDS[kind].rsplit(".", 1)
        found: type[Connector] = getattr(import_module(module), name)
        return found
    if kind in preset_kinds.presets():
        return preset_kinds.connector_class(kind)
    if not plugins.is_offered(kind):
        return missing(kind, _unknown(kind))
    try:
        return plugins.connector_class(kind)
    except plugins.PluginError as error:
        return missing(kind, str(error))


def _unknown(kind: str) -> str:
    return (
        f"There is no kind of source called '{kind[:60]}'. If a plug-in added it, install that again and "
        "start Northstar again; what is stored stays."
    )
