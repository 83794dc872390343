"""Calls of an examination: each ends in time, with Slack's answer or with the finding that it made instead."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import aiohttp
from slack_sdk.errors import SlackApiError

from deploybot.domain.finding import Finding, Level
from deploybot.slack.refusals import is_limit, wait_of
from deploybot.slack.webapi import WEB_ERRORS, is_passing, reason_of, status_of

AREA = "slack"
_LONGEST = 10.0
T = TypeVar("T")


async def asked(call: Callable[[], Awaitable[T]], until: float, check: str, fix: str) -> T | Finding:
    """What the call returns; else a finding: of `check` with this `fix` where Slack refuses, else of what hinders it.

    `until` is the deadline on the monotonic clock, which is the loop's.
    """
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout_at(min(until, loop.time() + _LONGEST)):
            return await call()
    except (*WEB_ERRORS, OSError) as problem:
        return trouble(problem, check, fix)


def trouble(problem: Exception, check: str, fix: str) -> Finding:
    """What a call that failed says about the set-up. Slack's own hiccups are no failure of it."""
    if not isinstance(problem, SlackApiError):
        return unreachable(problem)
    if is_limit(problem):
        says = f"Slack asks to wait {wait_of(problem):.0f} s, so this was not found out"
        return Finding(AREA, "rate-limit", Level.WARNING, says, "run it again later; the bot itself waits by itself")
    if is_passing(problem):
        says = f"Slack itself is in trouble ({reason_of(problem)}), so this was not found out"
        return Finding(AREA, "reachable", Level.WARNING, says, "look at https://slack-status.com, and run it again")
    if reason_of(problem).startswith("status "):
        says = f"something else than Slack answers at its address (status {status_of(problem)}, no JSON)"
        return Finding(AREA, "reachable", Level.FAILURE, says, "check SLACK_API_URL, and what proxies are on the way")
    return Finding(AREA, check, Level.FAILURE, f"Slack says {reason_of(problem)}", fix)


def unreachable(problem: Exception) -> Finding:
    """Why there is no connection, with what to look at."""
    match problem:
        case aiohttp.ClientConnectorDNSError():
            what, fix = f"the name {problem.host} can't be resolved", "check SLACK_API_URL and the DNS server"
        case aiohttp.ClientConnectorCertificateError() | aiohttp.ClientConnectorSSLError():
            what = "its certificate is not trusted: perhaps a proxy on the way gives its own"
            fix = "let connections to Slack pass untouched, or have this machine trust the proxy's authority"
        case TimeoutError():
            what, fix = "it does not answer in time", "check the network and firewalls on the way to Slack"
        case _:
            what = f"no connection: {type(problem).__name__}"
            fix = "check SLACK_API_URL, the network and firewalls on the way"
    return Finding(AREA, "reachable", Level.FAILURE, f"Slack can't be reached ({what})", fix)
