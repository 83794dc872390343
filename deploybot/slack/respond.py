"""Answers to the address that came with a command or a click: every status is looked at, and nothing goes elsewhere."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
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
        """Post an answer; NotDeliveredError where Slack does not take it. An address takes 5 posts in 30 minutes."""
        parts = urlsplit(url)
        if f"{parts.scheme}://{parts.netloc}" != self._origin:
            raise NotDeliveredError("the address is not Slack's")
        wait: float | None = 0.0
        reason = ""
        for attempt in range(_TRIES):
            if wait is None:
                break
            await self._sleep(wait)
            reason, wait = await self._attempt(url, payload, attempt)
            if not reason:
                return
        raise NotDeliveredError(reason)

    async def _attempt(self, url: str, payload: Mapping[str, Any], attempt: int) -> tuple[str, float | None]:
        """One post: why it failed ("" if it did not), and how many seconds to wait before another is worth it."""
        backoff = 0.2 * 2**attempt
        try:
            async with self._session.post(url, json=payload, timeout=_TIMEOUT, allow_redirects=False) as answer:
                body = (await answer.content.read(_BODY)).decode(errors="replace")
                return _refusal(answer.status, body), _wait(answer.status, answer.headers, backoff)
        except (aiohttp.ClientError, TimeoutError) as problem:
            return type(problem).__name__, backoff


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
