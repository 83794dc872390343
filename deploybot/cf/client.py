"""The only module that sends HTTP to a Cloud Foundry: bounded requests, by a deadline, tried again with care."""

import asyncio
import random
import re
import time
import uuid
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from http.cookiejar import CookieJar, DefaultCookiePolicy
from pathlib import Path
from typing import TypeVar

import httpcore
import httpx
import structlog

from deploybot import __version__
from deploybot.cf.answer import Answer
from deploybot.cf.auth import Login, OneToken, Tokens
from deploybot.cf.departure import Departure
from deploybot.cf.endpoints import endpoint_of
from deploybot.cf.failures import (
    INVALID_TOKEN,
    CloudFoundryError,
    GarbledError,
    NotAuthenticatedError,
    TooSlowError,
    UnreachableError,
    failure,
)
from deploybot.cf.retry import RetryRules, wait_before_retry
from deploybot.cf.trust import trust_in
from deploybot.cf.unreachable import CONNECT_SECONDS, unreachable
from deploybot.cf.wire import UnreadableError
from deploybot.domain.secret import Secret
from deploybot.domain.telemetry import SILENT, FoundationAsked, FoundationRetried, Telemetry
from deploybot.service.request_id import request_id

T = TypeVar("T")
log = structlog.get_logger(__name__)

CONNECTIONS = 8
LOGIN_SECONDS = 10.0
LARGEST_BODY = 64 * 1024 * 1024
READ_BYTES = 256 * 1024
LOGGED_PATH = 200
"""Bytes of the path and query in the log: the rest is guids."""
NAMED_TOKEN = re.compile(rb"(/oauth/token/revoke/).+")
"""UAA takes what is to be revoked as a part of the path: the token itself, where that is opaque."""
REQUEST_ID = "X-Vcap-Request-Id"
KNOWN_ID = re.compile(r"[A-Za-z0-9_-]{1,200}")
HEADERS = {
    "User-Agent": f"deploybot/{__version__}",
    "Accept": "application/json",
    "Accept-Encoding": "identity",  # Cloud Controller compresses nothing, and a small body stays a small body
}


@dataclass(frozen=True, slots=True)
class Site:
    """One foundation: its name in the bot, the API's address, the login, and whom to believe over TLS."""

    name: str
    api: str
    login: Login
    ca_bundle: Path | None = None
    skip_tls_verify: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """One request as it went, for whoever counts: `status` is None where no answer came, or one that broke off."""

    foundation: str
    method: str
    path: str
    status: int | None
    seconds: float


def no_headers() -> Mapping[str, str]:
    """Where nothing is traced."""
    return {}


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the client takes from outside, so that tests can give it: time, chance, and somebody who counts."""

    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    jitter: Callable[[], float] = random.random
    watch: Callable[[Asked], None] | None = None
    telemetry: Telemetry = SILENT
    passed_on: Callable[[], Mapping[str, str]] = no_headers
    """Headers of the moment by which a request is known as a part of a trace."""


RULES = RetryRules()
REAL = Surroundings()


class OddProxyError(ValueError):
    """A proxy that can't be used: no address at all, or one of SOCKS."""

    def __init__(self) -> None:
        super().__init__("HTTP_PROXY, HTTPS_PROXY, ALL_PROXY or NO_PROXY holds something that can't be used")


class Client:
    """Asks one foundation. `until` is a deadline on the monotonic clock; every failure is a CloudFoundryError.

    OSError where the bundle of authorities can't be used, OddProxyError for a proxy of which that is true. Close it at
    the end with `aclose`.
    """

    def __init__(self, site: Site, rules: RetryRules = RULES, around: Surroundings = REAL) -> None:
        self.name = site.name
        self._api = site.api.rstrip("/")
        self._rules = rules
        self._around = around
        self._tokens = Tokens(site.name, self._api, site.login, self.send_plainly, around.clock)
        _read_in_larger_pieces()
        self._http = _connections(site)
        if site.skip_tls_verify:
            log.warning("tls certificates are not verified", foundation=site.name, api=self._api)

    async def aclose(self) -> None:
        await self._tokens.aclose()
        await self._http.aclose()

    async def get(self, path: str, read: Callable[[bytes], T], until: float) -> T:
        """What `read` makes of the body of a GET; its UnreadableError becomes a GarbledError."""
        answer = await self.answer(path, until)
        try:
            return read(answer.body)
        except UnreadableError as error:
            reason = f"sent an answer that can't be read: {error}"
            raise GarbledError(self.name, reason, status=answer.status) from error

    async def answer(self, path: str, until: float) -> Answer:
        """The answer to a GET itself, for whoever looks at its headers."""
        return await self._asked("GET", path, until)

    async def post(
        self, path: str, until: float, *, token: Secret | None = None, departure: Departure | None = None
    ) -> Answer:
        """A POST without a body: sent once, and again only where the bot's token was refused before anything was done.

        With a `token` it is sent as the one whose token it is, to the API's origin only. `departure` tells afterwards
        whether the last request had begun to leave. One that can't leave within some seconds does not.
        """
        person, leaving = OneToken(self._api, token) if token else None, departure or Departure()
        leaving.soon(self._around.clock)
        return await self._asked("POST", path, until, person, leaving)

    async def own_token(self, until: float) -> Secret:
        """The bot's own token, renewed where that is needed."""
        try:
            return Secret((await asyncio.wait_for(self._tokens.current(), until - self._around.clock())).value)
        except TimeoutError as error:
            raise TooSlowError(self.name, "did not log the bot in in time") from error

    async def _asked(
        self,
        method: str,
        path: str,
        until: float,
        person: httpx.Auth | None = None,
        departure: Departure | None = None,
    ) -> Answer:
        renewed, attempt = person is not None, 1
        while True:
            request = self._http.build_request(method, self._api + path, headers={REQUEST_ID: _request_id()})
            if departure:
                departure.begun, request.extensions = False, {**request.extensions, "trace": departure}
            try:
                return _accepted(self.name, await self._send(request, until, person or self._tokens))
            except NotAuthenticatedError as error:
                if renewed or INVALID_TOKEN not in error.codes:
                    raise
                renewed = True
                self._tokens.reject(request)
            except CloudFoundryError as error:
                await self._wait_or_give_up(error, request, attempt, until)
                attempt += 1

    async def _wait_or_give_up(
        self, error: CloudFoundryError, request: httpx.Request, attempt: int, until: float
    ) -> None:
        remaining = until - self._around.clock()
        wait = wait_before_retry(self._rules, request.method, attempt, error, remaining, self._around.jitter())
        if wait is None:
            raise error
        self._around.telemetry.note(FoundationRetried(self.name, endpoint_of(request.url.path)))
        log.info("cloud foundry is asked again", **_facts(self.name, request), reason=error.reason, wait=round(wait, 2))
        await self._around.sleep(wait)

    async def send_plainly(
        self, method: str, url: str, *, headers: Mapping[str, str] = {}, form: Mapping[str, str] | None = None
    ) -> Answer:
        """One request of a login, to any address: without the bot's token, and within ten seconds."""
        request = self._http.build_request(method, url, headers={REQUEST_ID: _request_id(), **headers}, data=form)
        return await self._send(request, self._around.clock() + LOGIN_SECONDS, None)

    async def _send(self, request: httpx.Request, until: float, auth: httpx.Auth | None) -> Answer:
        endpoint = endpoint_of(request.url.path)
        facts = {"foundation": self.name, "method": request.method, "endpoint": endpoint}
        with self._around.telemetry.span("cloud foundry request", **facts):
            request.headers.update(self._around.passed_on())
            return await self._sent(request, endpoint, until, auth)

    async def _sent(self, request: httpx.Request, endpoint: str, until: float, auth: httpx.Auth | None) -> Answer:
        begun = self._around.clock()
        status: int | None = None
        whole: int | None = None
        try:
            async with asyncio.timeout(until - begun):
                response = await self._http.send(request, auth=auth, stream=True)
                status = response.status_code
                try:
                    answer = Answer(status, response.headers, await _body(self.name, response))
                finally:
                    await response.aclose()
                whole = status
                return answer
        except TimeoutError as error:
            raise TooSlowError(self.name, "did not answer in time", status=status) from error
        except httpx.DecodingError as error:
            raise GarbledError(self.name, "sent an answer in an encoding that can't be undone") from error
        except httpx.TransportError as error:
            raise UnreachableError(self.name, unreachable(error, status)) from error
        finally:
            self._tell(request, endpoint, whole, self._around.clock() - begun)

    def _tell(self, request: httpx.Request, endpoint: str, status: int | None, seconds: float) -> None:
        facts = _facts(self.name, request)
        log.debug("cloud foundry was asked", **facts, status=status, duration_ms=round(seconds * 1000))
        self._around.telemetry.note(FoundationAsked(self.name, request.method, endpoint, status, seconds))
        if self._around.watch:
            self._around.watch(Asked(self.name, request.method, request.url.path, status, seconds))


def _connections(site: Site) -> httpx.AsyncClient:
    trust = False if site.skip_tls_verify else trust_in(site.ca_bundle)
    try:
        return httpx.AsyncClient(
            verify=trust,
            headers=HEADERS,
            limits=httpx.Limits(max_connections=CONNECTIONS, max_keepalive_connections=CONNECTIONS),
            timeout=httpx.Timeout(None, connect=CONNECT_SECONDS),
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=())),
            follow_redirects=False,
        )
    except (ImportError, ValueError, httpx.InvalidURL):
        raise OddProxyError from None  # it may quote a part of a password


async def _body(foundation: str, response: httpx.Response) -> bytes:
    """The whole body, and no more than LARGEST_BODY of it."""
    chunks, size = [], 0
    async for chunk in response.aiter_bytes():
        chunks.append(chunk)
        size += len(chunk)
        if size > LARGEST_BODY:
            raise GarbledError(foundation, f"sent more than {LARGEST_BODY >> 20} MB", status=response.status_code)
    return b"".join(chunks)


def _accepted(foundation: str, answer: Answer) -> Answer:
    if 200 <= answer.status < 300:
        return answer
    raise failure(foundation, answer.status, answer.headers, answer.body)


def _request_id() -> str:
    """The id of whatever is being done, if the log knows one, so that the foundation's logs can be joined to ours."""
    known = request_id()
    return known if KNOWN_ID.fullmatch(known) else uuid.uuid4().hex


def _facts(foundation: str, request: httpx.Request) -> dict[str, str]:
    return {
        "foundation": foundation,
        "method": request.method,
        "path": NAMED_TOKEN.sub(rb"\1...", request.url.raw_path)[:LOGGED_PATH].decode("ascii"),
        "request_id": request.headers.get(REQUEST_ID, ""),
    }


def _read_in_larger_pieces() -> None:
    """A page of 1,000 rows is a megabyte: in httpcore's pieces of 64 kB, handing it up costs more than decoding it.

    The size is httpcore's own attribute, and counts for the whole process.
    """
    httpcore.AsyncHTTP11Connection.READ_NUM_BYTES = READ_BYTES
