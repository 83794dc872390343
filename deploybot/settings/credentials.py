"""A PostgreSQL address out of what service brokers write: a URI, a JDBC address, or host, port, user and password.

Brokers do not agree on the names: compared here without case, dashes and underscores.
"""

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import parse_qs, quote, urlencode, urlsplit

_SCHEMES = ("postgres://", "postgresql://")
_JDBC = "jdbc:"
_HOST = ("host", "hostname", "dbhost", "address")
_PORT = ("port", "dbport")
_USER = ("username", "user", "dbuser", "dbusername", "login")
_PASSWORD = ("password", "pass", "dbpassword")
_NAME = ("dbname", "database", "databasename", "db", "name")
_SSL = ("sslmode",)


def is_postgresql_url(value: object) -> bool:
    return isinstance(value, str) and value.strip().removeprefix(_JDBC).startswith(_SCHEMES)


def to_database_url(credentials: Mapping[str, Any]) -> str:
    """`postgresql://user:password@host:port/name?sslmode=...`; "" where the credentials do not say where it is."""
    plain = {key.casefold().replace("_", "").replace("-", ""): value for key, value in credentials.items()}
    urls = [value.strip() for value in plain.values() if isinstance(value, str) and is_postgresql_url(value)]
    uri = next((url for url in urls if url.startswith(_SCHEMES)), "")
    jdbc = next((url for url in urls if url.startswith(_JDBC)), "")
    try:
        return _with_sslmode(uri, plain) if uri else _of_parts({**plain, **_jdbc_parts(jdbc)})
    except ValueError:
        return ""


def _jdbc_parts(jdbc: str) -> dict[str, Any]:
    """What a JDBC address says; its own parameters, which libpq does not know, are left out."""
    if not jdbc:
        return {}
    parts = urlsplit(jdbc.removeprefix(_JDBC))
    said = {key: values[0] for key, values in parse_qs(parts.query).items() if key in ("user", "password", "sslmode")}
    if "sslmode" not in said and parse_qs(parts.query).get("ssl") == ["true"]:
        said["sslmode"] = "require"
    if "user" in said:
        said["username"] = said.pop("user")
    return {"host": parts.hostname, "port": parts.port or "", "dbname": parts.path.strip("/"), **said}


def _of_parts(plain: Mapping[str, Any]) -> str:
    host, port, user, password, name, sslmode = (
        _first(plain, names) for names in (_HOST, _PORT, _USER, _PASSWORD, _NAME, _SSL)
    )
    if not host or not name:
        return ""
    secret = f":{quote(password, safe='')}" if password else ""
    login = f"{quote(user, safe='')}{secret}@" if user else ""
    place = f"[{host}]" if ":" in host else host
    query = f"?{urlencode({'sslmode': sslmode})}" if sslmode else ""
    return f"postgresql://{login}{place}{f':{port}' if port else ''}/{quote(name, safe='')}{query}"


def _with_sslmode(uri: str, plain: Mapping[str, Any]) -> str:
    sslmode = _first(plain, _SSL)
    if not sslmode or "sslmode=" in urlsplit(uri).query:
        return uri
    return f"{uri}{'&' if urlsplit(uri).query else '?'}{urlencode({'sslmode': sslmode})}"


def _first(plain: Mapping[str, Any], names: Iterable[str]) -> str:
    return next((str(plain[name]) for name in names if plain.get(name)), "")
