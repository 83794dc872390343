"""UAA tokens as an `httpx.Auth`: found by discovery, cached until shortly before they end, renewed once for all."""

import asyncio
import re
import time
from base64 import b64encode
from collections.abc import AsyncGenerator, Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import httpx
import msgspec

from deploybot.cf.answer import Answer, Send
from deploybot.cf.failures import CloudFoundryError, ErrorEntry, GarbledError, LoginRefusedError, failure
from deploybot.cf.wire import BAD_JSON
from deploybot.domain.deployment import Link
from deploybot.domain.secret import Secret
from deploybot.settings.addresses import is_loopback

MARGIN = 60.0
"""Seconds before its end from which a token counts as over; a tenth of its life when that is less."""
UNTOLD_LIFE = 300.0
REFUSAL_HOLDS = 30.0
"""Seconds for which a refused login is not tried again: UAA locks accounts after a few wrong passwords."""
TOKEN = re.compile(r"[\x21-\x7e]+")
_HOST = re.compile(r"(?:[A-Za-z0-9._-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?")
_PATH = re.compile(r"[A-Za-z0-9._~/-]{0,200}")
TOKEN_LIKE = re.compile(r"\S{40,}")


@dataclass(frozen=True, slots=True)
class Login:
    """How the bot proves who it is: a UAA client, or a user, or a refresh token (the last one given counts).

    Users log in through the client of the cf CLI, `cf` with an empty secret, unless another client is named.
    """

    client_id: str | None = None
    client_secret: str = field(default="", repr=False)
    username: str | None = None
    password: str = field(default="", repr=False)
    refresh_token: str | None = field(default=None, repr=False)

    @property
    def form(self) -> Mapping[str, str]:
        """The form of the token request."""
        if self.refresh_token:
            return refreshing(self.refresh_token)
        if self.username:
            return {"grant_type": "password", "username": self.username, "password": self.password}
        return {"grant_type": "client_credentials"}

    @property
    def basic(self) -> str:
        """The Authorization header that names the client."""
        return "Basic " + b64encode(f"{self.client_id or 'cf'}:{self.client_secret}".encode()).decode()


def refreshing(token: str) -> Mapping[str, str]:
    return {"grant_type": "refresh_token", "refresh_token": token}


@dataclass(frozen=True, slots=True)
class Token:
    """An access token; `over_at` is on the monotonic clock. `refresh` is None for a UAA client."""

    value: str = field(repr=False)
    over_at: float
    refresh: str | None = field(default=None, repr=False)


class Tokens(httpx.Auth):
    """Gives every request to the API's own origin a token, and no other request.

    However many requests wait, there is one renewal; it goes on when the one that began it gives up.
    """

    def __init__(
        self, foundation: str, api: str, login: Login, send: Send, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._foundation = foundation
        self._api = api
        self._origin = _origin(httpx.URL(api))
        self._login = login
        self._send = send
        self._clock = clock
        self._token: Token | None = None
        self._refresh = login.refresh_token
        self._renewal: asyncio.Task[Token] | None = None
        self._login_server: str | None = None
        self._refusal: tuple[float, str] | None = None

    async def async_auth_flow(self, request: httpx.Request) -> AsyncGenerator[httpx.Request, httpx.Response]:
        if _origin(request.url) == self._origin:
            request.headers["Authorization"] = _header(await self.current())
        yield request

    async def current(self) -> Token:
        """A token that is good for a while yet; waits for a renewal where there is none."""
        if self._token and self._clock() < self._token.over_at:
            return self._token
        if self._refusal and self._clock() < self._refusal[0]:
            raise LoginRefusedError(self._foundation, self._refusal[1])
        if self._renewal is None:
            self._renewal = asyncio.create_task(self._renewed())
            self._renewal.add_done_callback(self._forget_renewal)
        return await asyncio.shield(self._renewal)

    def reject(self, request: httpx.Request) -> None:
        """The API refused the token that this request carried: forget it, unless it was replaced meanwhile."""
        if self._token and request.headers.get("Authorization") == _header(self._token):
            self._token = None

    async def aclose(self) -> None:
        """End a renewal that nobody will wait for any more."""
        if self._renewal:
            self._renewal.cancel()
            await asyncio.gather(self._renewal, return_exceptions=True)

    def _forget_renewal(self, renewal: asyncio.Task[Token]) -> None:
        self._renewal = None
        if not renewal.cancelled():
            renewal.exception()  # looked at, so that a failure nobody waits for any more is no warning

    async def _renewed(self) -> Token:
        """By the last refresh token if there is one, else, or when it is over, by the configured login."""
        try:
            token = await self._by_refresh_token() or await self._asked(self._login.form)
        except LoginRefusedError as error:
            self._refusal = (self._clock() + REFUSAL_HOLDS, error.reason)
            raise
        self._token, self._refresh, self._refusal = token, token.refresh or self._refresh, None
        return token

    async def _by_refresh_token(self) -> Token | None:
        if self._refresh is None or self._refresh == self._login.refresh_token:
            return None
        try:
            return await self._asked(refreshing(self._refresh))
        except LoginRefusedError:
            self._refresh = None
            return None

    async def _asked(self, form: Mapping[str, str]) -> Token:
        server = await self._found_login_server()
        try:
            headers = {"Authorization": self._login.basic, "Accept": "application/json"}
            answer = await self._send("POST", f"{server}/oauth/token", headers=headers, form=form)
            if answer.status != 200:
                raise failure(self._foundation, answer.status, answer.headers, answer.body)
            return self._token_in(answer)
        except CloudFoundryError as error:
            raise _of_login_server(error) from error

    def _token_in(self, answer: Answer) -> Token:
        try:
            granted = _GRANTED.decode(answer.body)
        except BAD_JSON as error:
            raise GarbledError(self._foundation, "sent something that is no token") from error
        if not TOKEN.fullmatch(granted.access_token):
            raise GarbledError(self._foundation, "sent something that is no token")
        life = granted.expires_in or UNTOLD_LIFE
        over_at = self._clock() + life - min(MARGIN, life / 10)
        return Token(granted.access_token, over_at, granted.refresh_token or None)

    async def _found_login_server(self) -> str:
        """Where tokens are had, as the API's root says; asked once."""
        if self._login_server is None:
            self._login_server = await find_login_server(self._foundation, self._api, self._send)
        return self._login_server


class OneToken(httpx.Auth):
    """Gives a request to the API's own origin somebody's token, and no other request."""

    def __init__(self, api: str, token: Secret) -> None:
        self._origin, self._token = _origin(httpx.URL(api)), token

    async def async_auth_flow(self, request: httpx.Request) -> AsyncGenerator[httpx.Request, httpx.Response]:
        if _origin(request.url) == self._origin:
            request.headers["Authorization"] = f"Bearer {self._token.reveal()}"
        yield request


class _Granted(msgspec.Struct):
    access_token: str
    expires_in: float | None = None
    refresh_token: str | None = None


class _Root(msgspec.Struct):
    links: dict[str, Link | None]


_GRANTED = msgspec.json.Decoder(_Granted)
_ROOT = msgspec.json.Decoder(_Root)


async def find_login_server(foundation: str, api: str, send: Send) -> str:
    """Where tokens are had, as the API's root says: an address without a slash at its end."""
    answer = await send("GET", f"{api}/")
    if answer.status != 200:
        raise failure(foundation, answer.status, answer.headers, answer.body)
    return login_server_in(foundation, api, answer.body)


def login_server_in(foundation: str, api: str, body: bytes) -> str:
    """The login link of the API's root, else the UAA link.

    A secret is sent without TLS on loopback only, and there only if the API has none either.
    """
    try:
        links = _ROOT.decode(body).links
    except BAD_JSON as error:
        raise GarbledError(foundation, "does not answer like a Cloud Foundry API: check its address") from error
    found = [link.href for name in ("login", "uaa") if (link := links.get(name)) and link.href]
    if not found:
        raise GarbledError(foundation, "does not say where its login server is: check the API's address")
    if not _may_have_secrets(found[0], api):
        raise LoginRefusedError(foundation, "names a login server without TLS, which gets no password from the bot")
    if not _is_plain(found[0]):
        raise GarbledError(foundation, "names a login server by an address that is none: check the API's address")
    return found[0].rstrip("/")


def _is_plain(server: str) -> bool:
    """Whether an address reads as what it is: people are shown its host before they type a code there.

    In `https://login.example.com@evil.example` it would be another one than it seems.
    """
    parts = urlsplit(server)
    return bool(_HOST.fullmatch(parts.netloc) and _PATH.fullmatch(parts.path)) and not (parts.query or parts.fragment)


def _may_have_secrets(server: str, api: str) -> bool:
    try:
        parts = urlsplit(server)
        host = parts.hostname or ""
    except ValueError:
        return False
    if parts.scheme == "https":
        return bool(host)
    return parts.scheme == "http" and urlsplit(api).scheme == "http" and is_loopback(host)


def _of_login_server(error: CloudFoundryError) -> CloudFoundryError:
    """The same failure, told as the login server's. UAA quotes refresh tokens in its errors: they are cut out.

    Of its errors only the titles stay, by which its kinds of refusal are told apart.
    """
    refused = error.status in {400, 401, 403}
    told = "; ".join(dict.fromkeys(entry.detail or entry.title for entry in error.errors))
    reason = f"refused the bot's login: {told or error.status}" if refused else error.reason
    kind = LoginRefusedError if refused else type(error)
    return kind(
        error.foundation,
        f"its login server {TOKEN_LIKE.sub('…', reason)}",
        errors=tuple(ErrorEntry(title=TOKEN_LIKE.sub("…", title)) for title in error.titles),
        status=error.status,
        retry_after=error.retry_after,
        request_id=error.request_id,
    )


def _header(token: Token) -> str:
    return f"Bearer {token.value}"


def _origin(url: httpx.URL) -> tuple[str, str, int | None]:
    return (url.scheme, url.host, url.port)
