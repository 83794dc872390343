"""Answers to the address that came with a command or a click: every status is looked at, and nothing goes elsewhere."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import aiohttp

SLACK_API = "https://slack.com/api/"

_TRIES = 3
_LONGEST_WAIT = 5.0
_TIMEOUT = aiohttp.ClientTimeout(total=10)
_BODY = 4_096
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


class NotDeliveredError(Exception):
    """An answer that Slack did not take, and why in Slack's word: `expired_url`, `used_url`, `status 500`."""


class UnclearDeliveryError(NotDeliveredError):
    """An answer that Slack may have taken: the connection ended before it said so."""


def hooks_origin(api_url: str) -> str:
    """Where response addresses of this Slack begin: `https://hooks.slack.com`, or a local stand-in's own origin."""
    parts = urlsplit(api_url)
    if parts.hostname in _LOOPBACK:
        return f"{parts.scheme}://{parts.netloc}"
    return f"https://hooks.{(parts.hostname or '').removeprefix('www.')}"


class Responder:
    """Posts to response addresses over one shared session."""

    def __init__(
        self, session: aiohttp.ClientSession, origin: str, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    ) -> None:
        self._session = session
        self._origin = origin
        self._sleep = sleep

    async def post(self, url: str, payload: Mapping[str, Any]) -> None:
        """Post an answer; NotDeliveredError where Slack does not take it. An address takes 5 posts in 30 minutes.

        Where Slack did not say whether it took an answer, one that a single person sees is sent once more, since a
        double is better than none; what a whole channel sees is not: UnclearDeliveryError.
        """
        if _origin(url) != self._origin:
            raise NotDeliveredError("the address is not Slack's")
        failure = _Failure("", 0.0)
        unclear = False
        for attempt in range(_TRIES):
            await self._sleep(failure.wait or 0.0)
            tried = await self._attempt(url, payload, 0.2 * 2**attempt)
            if tried is None:
                return
            failure, unclear = tried, unclear or tried.unclear
            if failure.wait is None or (failure.unclear and attempt >= _sendings_again(payload)):
                break
        raise UnclearDeliveryError(failure.reason) if unclear else NotDeliveredError(failure.reason)

    async def _attempt(self, url: str, payload: Mapping[str, Any], backoff: float) -> "_Failure | None":
        """One post: None where Slack took it."""
        try:
            async with self._session.post(url, json=payload, timeout=_TIMEOUT, allow_redirects=False) as answer:
                body = (await answer.content.read(_BODY)).decode(errors="replace")
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as problem:
            return _Failure(type(problem).__name__, backoff)
        except (aiohttp.ClientError, TimeoutError) as problem:
            return _Failure(type(problem).__name__, backoff, unclear=True)
        reason = _refusal(answer.status, body)
        return _Failure(reason, _wait(answer.status, answer.headers, backoff)) if reason else None


def _origin(url: str) -> str:
    """`https://hooks.slack.com`; "" for what is no address."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return f"{parts.scheme}://{parts.netloc}"


@dataclass(frozen=True, slots=True)
class _Failure:
    """Why a post failed, in how many seconds another is worth it (None: never), and whether it may have worked."""

    reason: str
    wait: float | None
    unclear: bool = False


def _sendings_again(payload: Mapping[str, Any]) -> int:
    """How often what Slack may have taken is sent again: freely where it only replaces what is there."""
    if payload.get("replace_original"):
        return _TRIES
    return 0 if payload.get("response_type") == "in_channel" else 1


def _refusal(status: int, body: str) -> str:
    """Slack's reason for not taking an answer, "" if it took it; it says `ok`, or JSON, also with status 200."""
    try:
        told = json.loads(body)
    except ValueError:
        told = None
    if isinstance(told, dict) and told.get("ok") is not True:
        return str(told.get("error") or f"status {status}")
    return "" if status == 200 else f"status {status}"


def _wait(status: int, headers: Mapping[str, str], backoff: float) -> float | None:
    if status == 429:
        named = headers.get("Retry-After", "")
        return min(float(named), _LONGEST_WAIT) if named.isdecimal() else backoff
    return backoff if status >= 500 else None
