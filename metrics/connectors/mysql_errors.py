"""What MySQL, MariaDB and their driver report, as a code and a sentence for a human."""

from __future__ import annotations

from metrics.connectors.errors import ConnectorError
from metrics.connectors.sql_dialects import MYSQL
from metrics.connectors.sql_errors import SECOND, WRITES, query, redacted
from metrics.connectors.sql_parameters import NAMES, has_second_statement

_SIGN_IN = {1045, 1130, 1129, 1251, 1524, 1698, 1820, 1862, 2049, 2059, 2061, 3118, 3159}
_TIMEOUT = {1317, 1969, 3024, 1205, 1907}
_CONNECTION = {1040, 1053, 1080, 1152, 1158, 1159, 1160, 1161, 1203, 1226, 2003, 2006, 2013, 2055, 1213, 1927}
_REFUSED = {1142, 1143, 1044, 1227, 1370, 1290, 1403}
_QUERY = {
    1054, 1146, 1305, 1052, 1060, 1064, 1065, 1111, 1140, 1055, 1222, 1241, 1242, 1247, 1365, 1690,
    1292, 1525, 1411, 1630, 1582, 1109, 1046, 1051, 1235, 1356, 4025, 1210, 3141, 1406,
}  # fmt: skip
_READ_ONLY = {1792, 1836, 1223}
_NO_DATABASE = 1049


def no_zone(zone: str) -> ConnectorError:
    """The server has no tables of time zones, without which its days would be somebody else's."""
    return ConnectorError(
        "config",
        f"The server does not know the time zone {zone}. Load its time zone tables, as its administrator: "
        "mysql_tzinfo_to_sql /usr/share/zoneinfo | mysql -u root mysql",
        permanent=True,
    )


def on_connecting(error: Exception, *, host: str, port: int, secrets: tuple[str, ...] = ()) -> ConnectorError:
    """Why no session came about."""
    code, said = _parts(error, secrets)
    lower = said.lower()
    if "needs verified tls" in lower:
        return _auth(
            f"{host} asks for the password itself, which is sent only where its certificate was checked. "
            "Choose the encryption with certificate check."
        )
    if "needs tls" in lower:
        return _auth(f"{host} takes this sign-in only over an encrypted connection. Choose always encrypted.")
    if code == 2026 or "certificate" in lower or "ssl" in lower:
        return ConnectorError("tls", f"No encrypted connection to {host}: {said}", permanent=True)
    if code in _SIGN_IN:
        return _auth(
            f"{host} refuses the sign-in: {said} Check user and password, and from where it may come."
        )
    if code in (_NO_DATABASE, 1044):
        return ConnectorError(
            "config", f"{host} has no such database for this user: {said}", permanent=True, field="database"
        )
    if "timed out" in lower:
        return ConnectorError("timeout", f"{host} did not answer on port {port} within 5 s.")
    return ConnectorError("connection", f"No connection to {host}, port {port}: {said}")


def on_querying(error: Exception, *, text: str, secrets: tuple[str, ...] = ()) -> ConnectorError:
    """Why a query gave no answer, by the server's number."""
    code, said = _parts(error, secrets)
    if "LOAD_LOCAL" in said:
        return ConnectorError(
            "unexpected",
            "The server answered by asking for a file of this machine. Nothing was sent. "
            "No honest server does this: find out what answers at this address.",
            permanent=True,
        )
    if code in _READ_ONLY:
        return query(WRITES)
    if code == 1064:
        return query(_syntax(said, text))
    if code in _REFUSED or code == 1045:
        return query(f"The server refuses: {said} Grant SELECT on it to the user of this source.")
    if code in _TIMEOUT:
        return ConnectorError(
            "timeout", f"The server cancelled the query: {said} Make it faster or ask for less."
        )
    if code in _SIGN_IN:
        return _auth(f"The server refuses the sign-in: {said}")
    if code in _CONNECTION or isinstance(error, OSError):
        return ConnectorError("connection", f"The connection failed while the query ran: {said}")
    if code in _QUERY:
        return query(f"The server says: {said}")
    if not code:
        return ConnectorError("connection", f"The server's answer could not be understood: {said}")
    return ConnectorError("unexpected", f"The server reports an error ({code}): {said}")


def _syntax(said: str, text: str) -> str:
    if has_second_statement(text, MYSQL):
        return SECOND
    if "near ':" in said:
        return f"The server says: {said} Parameters are {', '.join(f':{name}' for name in NAMES)}."
    return f"The server says: {said}"


def _auth(sentence: str) -> ConnectorError:
    return ConnectorError("auth", sentence, permanent=True)


def _parts(error: Exception, secrets: tuple[str, ...]) -> tuple[int, str]:
    code = error.args[0] if error.args and isinstance(error.args[0], int) else 0
    said = str(error.args[-1]) if error.args else type(error).__name__
    return code, redacted(said.replace("You have an error in your SQL syntax; ", ""), secrets)
