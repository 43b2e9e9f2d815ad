"""PostgreSQL's numbers of types, by what they hold."""

from __future__ import annotations

from metrics.connectors.sql_rows import Family

FAMILIES: dict[int, Family] = {
    20: "exact", 21: "exact", 23: "exact", 26: "exact", 1700: "exact",
    700: "double", 701: "double",
    19: "text", 25: "text", 705: "text", 1042: "text", 1043: "text",
    1082: "date", 1114: "moment", 1184: "instant", 1083: "time", 1266: "time",
    16: "bool", 17: "bytes", 1560: "bits", 1562: "bits", 790: "money", 114: "json", 3802: "json",
}  # fmt: skip
