"""One server of a foundation as findings speak of it: its API, or its login server."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from deploybot.domain.finding import Finding, Level

PORTS = {"https": 443, "http": 80}


@dataclass(frozen=True, slots=True)
class Server:
    """`part` is `API` or `login server`, `url` an address that has a host; what it holds of a password is not shown."""

    foundation: str
    part: str
    url: str

    @property
    def host(self) -> str:
        return urlsplit(self.url).hostname or ""

    @property
    def port(self) -> int:
        """ValueError where the address has one that is none."""
        parts = urlsplit(self.url)
        return parts.port or PORTS[parts.scheme]

    @property
    def has_tls(self) -> bool:
        return urlsplit(self.url).scheme == "https"

    @property
    def place(self) -> tuple[str, int]:
        return self.host, self.port

    @property
    def origin(self) -> str:
        """The address without a path, and without the port where it is the usual one."""
        scheme = urlsplit(self.url).scheme
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{scheme}://{host}" if self.port == PORTS[scheme] else f"{scheme}://{host}:{self.port}"

    @property
    def named(self) -> str:
        """How a sentence begins: `the API at api.example.com`."""
        return f"the {self.part} at {self.origin.partition('://')[2]}"

    def setting(self, key: str) -> str:
        """The name of a setting of this foundation, as other messages about settings write it."""
        return f"foundations.{self.foundation}.{key}"

    def ok(self, check: str, says: str) -> Finding:
        return self._finding(check, Level.OK, says, "")

    def note(self, check: str, says: str, fix: str = "") -> Finding:
        return self._finding(check, Level.NOTE, says, fix)

    def warning(self, check: str, says: str, fix: str) -> Finding:
        return self._finding(check, Level.WARNING, says, fix)

    def failure(self, check: str, says: str, fix: str) -> Finding:
        return self._finding(check, Level.FAILURE, says, fix)

    def _finding(self, check: str, level: Level, says: str, fix: str) -> Finding:
        return Finding(f"foundation {self.foundation}", check, level, says, fix)
