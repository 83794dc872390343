"""Calls of Slack's Web API: one connection pool for all, waits that end, and refusals in Slack's own words.

https://docs.slack.dev/apis/web-api
"""

import aiohttp
from pydantic import SecretStr
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.http_retry import HttpRequest, HttpResponse, RetryState
from slack_sdk.http_retry.builtin_async_handlers import AsyncRateLimitErrorRetryHandler
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from deploybot.slack.respond import SLACK_API, NotDeliveredError, UnclearDeliveryError

WEB_ERRORS = (SlackClientError, aiohttp.ClientError, TimeoutError)
"""What a Web API call raises when Slack refuses, or cannot be reached in time."""

MOST_BYTES = 16_000_000
"""Of one answer: a page of history with 200 large messages has less."""
_LONGEST_WAIT = 5
_PASSING = frozenset({"internal_error", "fatal_error", "ratelimited", "service_unavailable", "request_timeout"})


def web_session() -> aiohttp.ClientSession:
    """A session whose answers may not be longer than MOST_BYTES; aiohttp itself reads whatever comes."""
    return aiohttp.ClientSession(response_class=_BoundedAnswer)


class _BoundedAnswer(aiohttp.ClientResponse):
    async def read(self) -> bytes:
        """The whole body; ClientPayloadError as soon as it is too long."""
        if self._body is None:
            self._body = await self._bounded()
        return await super().read()

    async def _bounded(self) -> bytes:
        kept = bytearray()
        async for piece in self.content.iter_any():
            kept += piece
            if len(kept) > MOST_BYTES:
                self.close()
                raise aiohttp.ClientPayloadError(f"an answer has more than {MOST_BYTES:,} bytes")
        return bytes(kept)


def web_client(session: aiohttp.ClientSession, token: SecretStr | None, api_url: str = SLACK_API) -> AsyncWebClient:
    """A client of the Web API over a shared session: without one the SDK opens a new connection for every call.

    It waits once, for some seconds at most, when told `429`; it does not send a second time what Slack may have
    received.
    """
    return AsyncWebClient(
        token=token.get_secret_value() if token else None,
        base_url=api_url if api_url.endswith("/") else f"{api_url}/",
        timeout=10,
        session=session,
        retry_handlers=[_ShortWait(max_retry_count=1)],
    )


class _ShortWait(AsyncRateLimitErrorRetryHandler):
    """Waits as long as Slack says, unless that is longer than a person would: the SDK sleeps for minutes if told so."""

    async def _can_retry_async(
        self,
        *,
        state: RetryState,  # noqa: ARG002 - the SDK's signature
        request: HttpRequest,  # noqa: ARG002
        response: HttpResponse | None = None,
        error: Exception | None = None,  # noqa: ARG002
    ) -> bool:
        return response is not None and response.status_code == 429 and _wait_of(response) <= _LONGEST_WAIT


def _wait_of(response: HttpResponse) -> int:
    named = next((value for name, value in response.headers.items() if name.lower() == "retry-after"), ["1"])
    return int(named[0]) if named and named[0].isdecimal() else _LONGEST_WAIT + 1


def reason_of(problem: SlackApiError) -> str:
    """Slack's word for what is wrong, `not_in_channel`; else the status, since a proxy answers without one."""
    response = problem.response
    answered = isinstance(response, AsyncSlackResponse) and isinstance(response.data, dict)
    error = response.get("error") if answered else None
    return str(error or f"status {status_of(problem)}")


def is_passing(problem: SlackApiError) -> bool:
    """Whether the same call may work a moment later: Slack itself is in trouble, or asks to wait."""
    return status_of(problem) == 429 or status_of(problem) >= 500 or reason_of(problem) in _PASSING


def status_of(problem: SlackApiError) -> int:
    """The HTTP status of a refusal. The SDK puts its own response there, or aiohttp's where the body was no JSON."""
    response = problem.response
    return int(getattr(response, "status_code", 0) or getattr(response, "status", 0))


def not_delivered(problem: Exception) -> NotDeliveredError:
    """A failed call as an answer that was not delivered; nobody knows where the connection ended before a word came."""
    if isinstance(problem, SlackApiError):
        return NotDeliveredError(reason_of(problem))
    sent = not isinstance(problem, aiohttp.ClientConnectorError)
    return (UnclearDeliveryError if sent else NotDeliveredError)(type(problem).__name__)
