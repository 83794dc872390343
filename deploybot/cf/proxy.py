"""Through which proxy the client reaches a server: as the environment says, which httpx goes by."""

from base64 import b64encode
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit
from urllib.request import getproxies, proxy_bypass

from deploybot.cf.server import Server


@dataclass(frozen=True, slots=True)
class Proxy:
    """`variable` is what names it; `authorization` its own header, "" for none."""

    variable: str
    scheme: str
    host: str
    port: int
    authorization: str = field(default="", repr=False)

    @property
    def named(self) -> str:
        return f"{self.scheme}://{self.host}:{self.port}"

    @property
    def is_plain(self) -> bool:
        """Whether a tunnel can be asked for without TLS on the way to it."""
        return self.scheme == "http"


def proxy_for(server: Server) -> Proxy | None:
    """What HTTPS_PROXY, HTTP_PROXY or ALL_PROXY names, unless NO_PROXY takes the host out. ValueError for nonsense."""
    proxies = getproxies()
    scheme = "https" if server.has_tls else "http"
    chosen = next((name for name in (scheme, "all") if proxies.get(name)), None)
    if chosen is None or proxy_bypass(server.host):
        return None
    return _proxy(f"{chosen.upper()}_PROXY", proxies[chosen])


def _proxy(variable: str, address: str) -> Proxy:
    try:
        parts = urlsplit(address if "://" in address else f"http://{address}")
        port = parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError:
        raise ValueError(f"{variable} is no address") from None  # it may quote a part of a password
    if not parts.hostname:
        raise ValueError(f"{variable} is no address")
    return Proxy(variable, parts.scheme, parts.hostname, port, _basic(parts.username, parts.password))


def _basic(user: str | None, password: str | None) -> str:
    if user is None:
        return ""
    return "Basic " + b64encode(f"{unquote(user)}:{unquote(password or '')}".encode()).decode()
