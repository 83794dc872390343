"""Signed HTTP delivery: the same payloads as Socket Mode, posted to the app's request URL as Slack posts them."""

import asyncio
import hashlib
import hmac
import json
from collections.abc import Mapping
from urllib.parse import urlencode

import httpx

from deploybot.demo.workspace.delivery import TIMED_OUT, Answer, Kind, Parcel
from deploybot.demo.workspace.inspector import Inspector
from deploybot.demo.workspace.records import JsonObject
from deploybot.demo.workspace.timing import Clock, Timing

FORM = "application/x-www-form-urlencoded"
JSON = "application/json"
RETRY_REASONS = {"timeout": "http_timeout", "connection_failed": "connection_failed", "http_error": "http_error"}


class HttpDelivery:
    """Posts each payload to `request_url`, signed with the app's signing secret."""

    def __init__(
        self,
        request_url: str,
        *,
        client: httpx.AsyncClient,
        signing_secret: str,
        clock: Clock,
        timing: Timing,
        inspector: Inspector,
    ) -> None:
        self.request_url = request_url
        self._client, self._signing_secret = client, signing_secret
        self._clock, self._timing, self._inspector = clock, timing, inspector

    async def deliver(self, parcel: Parcel) -> Answer:
        content_type, body = to_body(parcel)
        answer = await self._post(content_type, body, retry_headers(parcel))
        shown = answer.failure or {"acknowledged": answer.body}
        self._inspector.record("to_bot", "http", parcel.kind.value, parcel.payload, shown)
        return answer

    async def verify(self, challenge: str) -> bool:
        """Slack's check of a new request URL: it has to answer the challenge that it is sent."""
        body = json.dumps({"token": "deprecated", "challenge": challenge, "type": "url_verification"})
        try:
            response = await self._send(JSON, body, {})
        except httpx.HTTPError:
            return False
        return response.status_code == 200 and challenge in response.text

    async def _post(self, content_type: str, body: str, headers: Mapping[str, str]) -> Answer:
        try:
            async with asyncio.timeout(self._timing.ack):
                return to_answer(await self._send(content_type, body, headers))
        except (TimeoutError, httpx.TimeoutException):
            return TIMED_OUT
        except httpx.HTTPError:
            return Answer(failure="dispatch_failed", reason="connection_failed")

    async def _send(self, content_type: str, body: str, headers: Mapping[str, str]) -> httpx.Response:
        timestamp = str(int(self._clock.now()))
        signed = {
            "Content-Type": content_type,
            "User-Agent": "Slackbot 1.0 (+https://api.slack.com/robots)",
            "X-Slack-Request-Timestamp": timestamp,
            "X-Slack-Signature": signature(self._signing_secret, timestamp, body),
        }
        timeout = self._timing.ack
        return await self._client.post(
            self.request_url, content=body.encode(), headers={**signed, **headers}, timeout=timeout
        )


def signature(secret: str, timestamp: str, body: str) -> str:
    """`v0=` and the HMAC-SHA256 of `v0:timestamp:body`, as in
    https://docs.slack.dev/authentication/verifying-requests-from-slack
    """
    digest = hmac.new(secret.encode(), f"v0:{timestamp}:{body}".encode(), hashlib.sha256)
    return f"v0={digest.hexdigest()}"


def to_body(parcel: Parcel) -> tuple[str, str]:
    """Content type and body: a command is a form, an interaction a form with one `payload`, an event is JSON."""
    match parcel.kind:
        case Kind.COMMAND:
            return FORM, urlencode(parcel.payload)
        case Kind.INTERACTION:
            return FORM, urlencode({"payload": json.dumps(parcel.payload)})
        case Kind.EVENT:
            return JSON, json.dumps(parcel.payload)


def retry_headers(parcel: Parcel) -> dict[str, str]:
    if parcel.retry is None:
        return {}
    reason = RETRY_REASONS.get(parcel.retry.reason, parcel.retry.reason)
    return {"X-Slack-Retry-Num": str(parcel.retry.attempt), "X-Slack-Retry-Reason": reason}


def to_answer(response: httpx.Response) -> Answer:
    """200 is an acknowledgement, whose body may be the answer itself, as JSON or as plain text."""
    if response.status_code != 200:
        stop = response.headers.get("x-slack-no-retry") == "1"
        return Answer(failure="dispatch_failed", reason="http_error", stop=stop)
    return Answer(body=_body(response))


def _body(response: httpx.Response) -> JsonObject | None:
    if not response.text:
        return None
    try:
        parsed = response.json()
    except ValueError:
        return {"text": response.text}
    return parsed if isinstance(parsed, dict) else None
