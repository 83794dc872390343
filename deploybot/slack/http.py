"""Slack over HTTP: signed requests to `/slack/events`, read here and handed to Bolt as the values Socket Mode sends.

Bolt takes any form with the word "payload" in it for JSON, and loses the command; so forms are decoded before.
"""

import json
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl

import structlog
from pydantic import SecretStr
from slack_bolt.async_app import AsyncApp
from slack_bolt.request.async_request import AsyncBoltRequest
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from deploybot.domain.telemetry import SILENT, Acknowledged, Telemetry
from deploybot.serving.bounds import HttpBounds
from deploybot.serving.server import HttpServer
from deploybot.slack.payload import how_of, is_ours
from deploybot.slack.signature import is_signed

log = structlog.get_logger(__name__)

PATH = "/slack/events"
MOST_BYTES = 1_000_000


class EventsEndpoint:
    """Reads, checks and answers Slack's requests. `last_seen` is when a genuine one came, in seconds since 1970."""

    def __init__(
        self,
        app: AsyncApp,
        signing_secret: SecretStr,
        now: Callable[[], float] = time.time,
        telemetry: Telemetry = SILENT,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._app = app
        self._telemetry, self._clock = telemetry, clock
        self._secret = signing_secret
        self._now = now
        self.last_seen: float | None = None

    async def handle(self, request: Request) -> Response:
        """401 where the signature does not hold, 413 for what is too long, 400 for what can't be read."""
        since = self._clock()
        try:
            raw = await _read(request)
        except ClientDisconnect:
            return Response(status_code=400)
        if raw is None:
            return PlainTextResponse("too long", 413)
        if not self._is_genuine(request.headers, raw):
            return Response(status_code=200) if _is_ssl_check(raw) else PlainTextResponse("not signed by Slack", 401)
        self.last_seen = self._now()
        body = decode(raw)
        return PlainTextResponse("not readable", 400) if body is None else await self._dispatch(body, since)

    def _is_genuine(self, headers: Mapping[str, str], raw: bytes) -> bool:
        timestamp, signature = headers.get("x-slack-request-timestamp", ""), headers.get("x-slack-signature", "")
        return is_signed(self._secret.get_secret_value(), timestamp, signature, raw, self._now())

    async def _dispatch(self, body: dict[str, Any], since: float) -> Response:
        if not is_ours(body):
            log.info("payload left alone", type=body.get("type"))
            return Response(status_code=200)
        try:
            request = AsyncBoltRequest(mode="socket_mode", body=body)
        except (TypeError, AttributeError, LookupError):  # Bolt looks into fields without looking what they are
            return PlainTextResponse("not readable", 400)
        answer = await self._app.async_dispatch(request)
        if how := how_of(body):
            self._telemetry.note(Acknowledged(how, self._clock() - since))
        return Response(answer.body, answer.status, answer.first_headers())


async def _read(request: Request) -> bytes | None:
    """The body; None as soon as it is too long."""
    kept = bytearray()
    async for piece in request.stream():
        kept += piece
        if len(kept) > MOST_BYTES:
            return None
    return bytes(kept)


def decode(raw: bytes) -> dict[str, Any] | None:
    """What Slack sent: JSON for events, a form for commands, JSON in a form's `payload` for clicks; None for else."""
    try:
        text = raw.decode()
        form = {} if text.startswith("{") else dict(parse_qsl(text, keep_blank_values=True, max_num_fields=200))
        body = form if form and "payload" not in form else json.loads(form.get("payload", text))
    except (ValueError, RecursionError):
        return None
    return body if isinstance(body, dict) else None


def _is_ssl_check(raw: bytes) -> bool:
    """Slack tests the certificate without a signature; nothing happens but the answer."""
    return len(raw) < 500 and b"ssl_check=1" in raw.split(b"&")


class HttpTransport:
    """A server for Slack's requests, beside any other routes (health, metrics)."""

    def __init__(
        self,
        endpoint: EventsEndpoint,
        host: str,
        port: int,
        routes: Sequence[BaseRoute] = (),
        bounds: HttpBounds | None = None,
    ) -> None:
        self._endpoint = endpoint
        self._server = HttpServer([Route(PATH, endpoint.handle, methods=["POST"]), *routes], host, port, bounds)

    @property
    def port(self) -> int:
        """The one that is listened at, once started."""
        return self._server.port

    @property
    def last_seen(self) -> float | None:
        """When Slack's last genuine request came, in seconds since 1970."""
        return self._endpoint.last_seen

    async def is_connected(self) -> bool:
        """Whether requests can be taken."""
        return self._server.is_serving

    async def start(self) -> None:
        """Listen; OSError where the address is taken."""
        await self._server.start()

    async def close(self) -> None:
        """Answer what has come, then stop listening."""
        await self._server.close()
