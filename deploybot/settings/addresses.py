"""What an address in the configuration must look like: of an API, of a page, of a database."""

import re
from ipaddress import ip_address
from typing import Annotated
from urllib.parse import SplitResult, urlsplit

from pydantic import AfterValidator, SecretStr


def _split(url: str) -> SplitResult | None:
    """The parts of an address; None where it is none. What urlsplit says of one may quote a password."""
    try:
        parts = urlsplit(url)
        return parts if parts.hostname and parts.port != 0 else None
    except ValueError:
        return None


def is_loopback(host: str) -> bool:
    """Is this host the machine itself? Only there are tokens sent without TLS."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _to_url(url: str) -> str:
    parts = _split(url)
    if not parts or parts.scheme not in ("http", "https"):
        raise ValueError("this is no address: write it like https://api.example.com")
    if parts.username is not None or parts.password is not None:
        raise ValueError("no user or password belongs into this address: take away what stands before the @")
    if parts.scheme == "http" and not is_loopback(parts.hostname or ""):
        raise ValueError("must be https, since tokens are sent there")
    return url


Url = Annotated[str, AfterValidator(_to_url)]


def _to_ui_url(url: str) -> str:
    """Slack refuses a whole message over one address that is none."""
    filled = re.sub(r"\{(app|space|org|guid)\}", "x", url)
    parts = _split(filled)
    if not parts or parts.scheme not in ("http", "https") or not filled.isprintable() or set(filled) & set("{}<>| "):
        raise ValueError("this is no address: write it like https://console.example.com/apps/{app}")
    return url


UiUrl = Annotated[str, AfterValidator(_to_ui_url)]


def _to_database_url(url: SecretStr) -> SecretStr:
    parts = _split_database(url.get_secret_value())
    if not parts or parts.scheme not in ("postgres", "postgresql") or not parts.path.strip("/"):
        raise ValueError("write it like postgresql://user:password@db.example.com/deploybot")
    return url


def _split_database(url: str) -> SplitResult | None:
    """A database may be at several hosts, or at a socket that a parameter names."""
    try:
        return urlsplit(url)
    except ValueError:
        return None


DatabaseUrl = Annotated[SecretStr, AfterValidator(_to_database_url)]
