"""Slack over Socket Mode, with a watchdog: a socket that died unnoticed is found out and opened anew.

The SDK notices most deaths itself, but tries one and the same ticket for ever when a handshake failed with it, and a
ticket is good for one handshake only. https://docs.slack.dev/apis/events-api/using-socket-mode
"""

import asyncio
import logging
import math
import re
import time
from collections.abc import Callable

import aiohttp
import structlog
from pydantic import SecretStr
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.async_client import AsyncBaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse
from slack_sdk.web.async_client import AsyncWebClient

from deploybot.domain.telemetry import SILENT, Acknowledged, SocketOpened, Telemetry
from deploybot.errors import ConfigError
from deploybot.slack.payload import how_of, is_ours
from deploybot.slack.webapi import reason_of

log = structlog.get_logger(__name__)

_TOKEN_ERRORS = frozenset({"invalid_auth", "not_authed", "account_inactive", "token_revoked", "not_allowed_token_type"})
_UNREACHABLE = (SlackClientError, aiohttp.ClientError, OSError, TimeoutError)
_TICKET = re.compile(r"ticket=[^&\s'\")]+")
_AGAIN_SECONDS = 60.0
"""What repeats itself is told so often."""
_MOST_TOLD = 100


class SocketModeTransport:
    """One connection to Slack. Build it inside the running loop: the SDK's client begins to work at once.

    `patience` is for how many seconds the SDK may heal itself before the watchdog, looking every `interval` seconds,
    gives it a new ticket and connects anew.
    """

    def __init__(
        self,
        app: AsyncApp,
        client: AsyncWebClient,
        app_token: SecretStr,
        *,
        ping_interval: float = 10,
        interval: float = 5,
        patience: float = 20,
        now: Callable[[], float] = time.monotonic,
        telemetry: Telemetry = SILENT,
    ) -> None:
        self._client = _client(app_token, client, ping_interval, now)
        self._handler = _Handler(app, self._client, telemetry)
        self._telemetry = telemetry
        self._session: aiohttp.ClientWebSocketResponse | None = None
        self._client.on_message_listeners.append(self._notice)
        self._interval = interval
        self._patience = patience
        self._now = now
        self._last_message: float | None = None
        self._down_since: float | None = None
        self._told: dict[str, float] = {}
        self._trouble = ""
        self._watching: asyncio.Task[None] | None = None

    @property
    def last_seen(self) -> float | None:
        """When anything, a pong included, last came from Slack, by the monotonic clock."""
        times = [at for at in (self._last_message, self._client.last_pong) if at is not None]
        return max(times, default=None)

    def heard(self) -> tuple[float | None, str]:
        """The same, and why the last try to connect failed, in words; "" where it did not."""
        return self.last_seen, self._trouble

    async def is_connected(self) -> bool:
        """Whether Slack's messages reach us: the socket is open, its pongs come, and somebody reads and works."""
        working = (self._client.message_receiver, self._client.message_processor)
        return await self._client.is_connected() and not any(task is None or task.done() for task in working)

    async def start(self) -> None:
        """Connect, and watch from then on. ConfigError for a token that Slack does not take; an unreachable Slack is
        left to the watchdog.
        """
        refusal = await self._connect()
        if refusal and (reason := reason_of(refusal)) in _TOKEN_ERRORS:
            raise ConfigError([_advice(reason)]) from refusal
        self._watching = asyncio.create_task(self._watch())

    async def _connect(self, *, force: bool = False) -> SlackApiError | None:
        """Try once; Slack's refusal, if that is why not. The reason is logged, and kept for who asks."""
        self._trouble = ""
        try:
            async with asyncio.timeout(self._patience):
                await self._client.connect_to_new_endpoint(force=force)
        except SlackApiError as problem:
            self._trouble = f"it refuses a connection ({reason_of(problem)})"
            self._tell("slack refuses a connection", reason=reason_of(problem))
            return problem
        except _UNREACHABLE as problem:
            self._trouble = f"it can't be reached ({type(problem).__name__})"
            self._tell("slack can't be reached yet", reason=type(problem).__name__)
        return None

    def _tell(self, event: str, **facts: object) -> None:
        """In an outage the same is tried every few seconds, and told now and then."""
        if self._now() - self._told.get(event, -math.inf) >= _AGAIN_SECONDS:
            self._told[event] = self._now()
            log.warning(event, **facts)

    async def _watch(self) -> None:
        while not self._client.closed:
            await asyncio.sleep(self._interval)
            if await self.is_connected():
                self._down_since, self._trouble = None, ""
                self._told.clear()
            elif self._down_since is None:
                self._down_since = self._now()
            elif self._now() - self._down_since >= self._patience:
                await self._heal()

    async def _heal(self) -> None:
        """A new ticket for whoever is trying to connect; where nobody is, connect here."""
        self._tell("socket is dead, connecting anew", down_seconds=round(self._now() - (self._down_since or 0)))
        self._client.wss_uri = None
        if self._client.message_processor.done():
            self._client.message_processor = asyncio.ensure_future(self._client.process_messages())  # type: ignore[no-untyped-call]
        await self._connect(force=await self._client.is_connected())

    async def _notice(self, _: aiohttp.WSMessage) -> None:
        """Something came: the first of each connection is Slack's greeting."""
        self._last_message = self._now()
        if self._client.current_session is not self._session:
            self._telemetry.note(SocketOpened(again=self._session is not None))
            self._session = self._client.current_session

    async def close(self) -> None:
        """Stop watching, and close the connection. The SDK may swallow a cancellation, but heeds `closed`."""
        client = self._client
        client.closed = True
        if self._watching:
            self._watching.cancel()
            await asyncio.gather(self._watching, return_exceptions=True)
        own = (client.message_processor, client.current_session_monitor, client.message_receiver)
        await self._handler.close_async()  # type: ignore[no-untyped-call]
        await asyncio.gather(*(task for task in own if task), return_exceptions=True)


class _Client(SocketModeClient):
    """Knows a pong from the SDK's guess: where it has seen none yet, it takes its own ping's time for one."""

    clock: Callable[[], float] = staticmethod(time.monotonic)
    last_pong: float | None = None
    """When Slack last answered a ping, by that clock: the SDK's own times move with the machine's date."""
    _guessed: float | None = None

    @property
    def last_ping_pong_time(self) -> float | None:
        return self._guessed

    @last_ping_pong_time.setter
    def last_ping_pong_time(self, at: float | None) -> None:
        if at is not None and self._guessed is not None:
            self.last_pong = self.clock()
        self._guessed = at


def _client(app_token: SecretStr, client: AsyncWebClient, ping_interval: float, now: Callable[[], float]) -> _Client:
    made = _Client(app_token.get_secret_value(), logger=_logger(), web_client=client, ping_interval=ping_interval)
    made.clock = now
    return made


class _Handler(AsyncSocketModeHandler):
    """Acknowledges what is not ours as well, else Slack would send it again and again."""

    def __init__(self, app: AsyncApp, client: SocketModeClient, telemetry: Telemetry) -> None:
        """Bolt's own makes a client by itself: this one is given."""
        self.app, self.app_token, self.client = app, client.app_token, client
        self.client.socket_mode_request_listeners.append(self.handle)
        self._telemetry = telemetry

    async def handle(self, client: AsyncBaseSocketModeClient, req: SocketModeRequest) -> None:
        since = time.perf_counter()
        if is_ours(req.payload):
            await super().handle(client, req)  # type: ignore[arg-type]
            if how := how_of(req.payload):
                self._telemetry.note(Acknowledged(how, time.perf_counter() - since))
        else:
            log.info("payload left alone", type=req.type)
            await client.send_socket_mode_response(SocketModeResponse(envelope_id=req.envelope_id))


def _advice(error: str) -> str:
    return f"SLACK_APP_TOKEN: Slack says {error}; make an app-level token with the scope connections:write."


def _logger() -> logging.Logger:
    """The SDK's log as this connection has it."""
    logger = logging.getLogger("deploybot.slack.socket")
    logger.filters[:] = [_Sober()]
    return logger


class _Sober(logging.Filter):
    """Without the tickets that the SDK prints with every failed handshake, without its tracebacks, and without what it
    has just said already: in an outage it would say the same for ever.
    """

    def __init__(self) -> None:
        super().__init__()
        self._told: dict[str, float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        text = _TICKET.sub("ticket=…", record.getMessage())
        record.msg, record.args, record.exc_info = text, (), None
        now = time.monotonic()
        if now - self._told.get(text, -math.inf) < _AGAIN_SECONDS:
            return False
        if len(self._told) >= _MOST_TOLD:
            self._told.clear()
        self._told[text] = now
        return True
