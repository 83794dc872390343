"""Looks at the Slack app: its tokens and scopes, the way in which Slack reaches the bot, and the clocks.

No connection of Socket Mode is opened: Slack gives each payload to any one of an app's connections, and what it gave to
this one would be somebody's command without an answer. https://docs.slack.dev/apis/events-api/using-socket-mode
"""

import asyncio
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime
from functools import partial
from typing import Any
from urllib.parse import urlsplit

import aiohttp
from pydantic import SecretStr
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from deploybot.domain.finding import Finding, Level
from deploybot.slack.blocks.help import COMMAND
from deploybot.slack.examined_calls import AREA, asked
from deploybot.slack.examining_scopes import scope_findings
from deploybot.slack.http import PATH

CHECKS: Mapping[str, tuple[str, str]] = {
    "reachable": (
        "Whether Slack's Web API answers, at the address that is set, with a certificate that is trusted.",
        "Check the network, DNS and proxies on the way to Slack. While Slack itself is in trouble: wait.",
    ),
    "bot-token": (
        "Whether Slack takes the bot's token, and of which bot and workspace it is.",
        "Copy the Bot User OAuth Token again; where the app was removed, install it again first.",
    ),
    "scopes": (
        "Whether the app was granted what `deploybot manifest` asks for.",
        "Add the scope under OAuth & Permissions, and reinstall the app.",
    ),
    "optional-scopes": (
        "Scopes that you may refuse (`channels:history`, `groups:history`): what each would be good for.",
        "Nothing has to be done; to have it, add the scope and reinstall the app.",
    ),
    "extra-scopes": ("Scopes that the app has and does not use.", "Remove them under OAuth & Permissions."),
    "clock": (
        "How far this machine's clock is from Slack's. Slack's signatures (with `--http`) are good for five minutes.",
        "Set the clock by NTP.",
    ),
    "app-token": (
        "Socket Mode: whether Slack takes the app-level token.",
        "Make an app-level token with `connections:write` under Basic Information of the Slack app.",
    ),
    "same-app": (
        "Whether both tokens are of the same Slack app, where Slack says of which they are.",
        "Take both from one app.",
    ),
    "socket-mode": (
        "Whether Slack gives this app connections, and whether a WebSocket gets through to its server. None is opened "
        "in the app's name: Slack might give it somebody's command, which would get no answer.",
        "Turn Socket Mode on for the app; let WebSockets to the named host pass.",
    ),
    "signing-secret": (
        "With `--http`: whether the signing secret looks like one. Slack tells nobody whether it is the right one.",
        "Copy the Signing Secret from Basic Information of the Slack app.",
    ),
    "public-address": (
        "With `--http`: a reminder that from here nobody can see whether Slack reaches the bot's address.",
        "Type `/deployments help` in any channel.",
    ),
    "slash-command": (
        "A reminder: Slack tells no app which slash commands it has.",
        "Type `/deployments help` in any channel. Where there is no answer, paste `deploybot manifest` into the app.",
    ),
    "rate-limit": (
        "Slack asked this examination to wait, so something was not found out. The bot itself waits by itself.",
        "Run it again later.",
    ),
}
"""What each check looks at, and what to do where it is not well."""

_COPY_BOT = "copy the Bot User OAuth Token again (OAuth & Permissions); if the app was removed, install it again first"
_MAKE_APP = "make an app-level token with connections:write (Basic Information of the Slack app)"
_OFF, _FAR = 30.0, 240.0
"""Seconds: from here on times in messages look wrong; from here on signatures are about to be too old."""
_GATEWAYS = frozenset({407, 502, 503, 504})
"""Statuses by which something on the way says that it got no further."""


@dataclass(frozen=True, slots=True)
class SlackExamination:
    """The port `Examination`. `bot` and `app` carry a token each, the latter for Socket Mode, where there is one.

    `signed` says that Slack's requests come by HTTP, `now` is in seconds since 1970.
    """

    bot: AsyncWebClient
    app: AsyncWebClient | None
    session: aiohttp.ClientSession
    signed: bool
    signing_secret: SecretStr | None
    now: Callable[[], float]

    @property
    def area(self) -> str:
        return AREA

    async def findings(self, until: float) -> tuple[Finding, ...]:
        (bots_app, by_bot), (apps_app, by_app) = await asyncio.gather(self._by_bot(until), self._by_app(until))
        ways = http_findings(self.signing_secret) if self.signed else by_app
        return (*by_bot, *ways, *same_app(bots_app, apps_app), _command())

    async def _by_bot(self, until: float) -> tuple[str, list[Finding]]:
        """The app that the bot's token is of, "" where that is not known; and what was found with the token."""
        told = await asked(self.bot.auth_test, until, "bot-token", _COPY_BOT)
        if isinstance(told, Finding):
            return "", [told]
        found = [*identity(told), *scope_findings(granted_scopes(told)), *self._of_clock(told)]
        info = await asked(partial(self.bot.bots_info, bot=str(told.get("bot_id"))), until, "same-app", _COPY_BOT)
        return ("" if isinstance(info, Finding) else str((info.get("bot") or {}).get("app_id") or "")), found

    async def _by_app(self, until: float) -> tuple[str, list[Finding]]:
        if self.app is None:
            return "", []
        told = await asked(self.app.auth_test, until, "app-token", _MAKE_APP)
        if isinstance(told, Finding):
            return "", [told]
        name = str(told.get("app_id") or "")
        of = f" of the app {told.get('app_name')}" if told.get("app_name") else ""
        taken = Finding(AREA, "app-token", Level.OK, f"Slack takes the app-level token{of}")
        opening = partial(self.app.apps_connections_open, app_token=self.app.token or "")
        fix = f"turn Socket Mode on for the app, and {_MAKE_APP}"
        ticket = await asked(opening, until, "socket-mode", fix)
        if isinstance(ticket, Finding):
            return name, [taken, ticket]
        return name, [taken, await knock(self.session, str(ticket.get("url") or ""), until)]

    def _of_clock(self, told: AsyncSlackResponse) -> Iterator[Finding]:
        theirs = date_of(told.headers)
        if theirs is not None:
            yield clock_finding(self.now() - theirs, signed=self.signed)


def identity(told: AsyncSlackResponse) -> Iterator[Finding]:
    """Whose token it is."""
    if not told.get("bot_id"):
        says = "Slack takes the token, but it is no bot's"
        yield Finding(AREA, "bot-token", Level.FAILURE, says, _COPY_BOT)
        return
    where = f"{told.get('team') or 'a workspace'} ({told.get('team_id') or 'unknown'})"
    yield Finding(AREA, "bot-token", Level.OK, f"Slack takes the bot's token: @{told.get('user')} in {where}")


def granted_scopes(told: AsyncSlackResponse) -> frozenset[str] | None:
    """Of the header that comes with every answer; None where a proxy took it away."""
    given = _header(told.headers, "x-oauth-scopes")
    return frozenset(filter(None, (scope.strip() for scope in given.split(",")))) if given is not None else None


def date_of(headers: Mapping[str, Any]) -> float | None:
    """When the server answered, in seconds since 1970, by its own clock; None where it did not say."""
    try:
        told = parsedate_to_datetime(_header(headers, "date") or "")
    except ValueError:
        return None
    return (told if told.tzinfo else told.replace(tzinfo=UTC)).timestamp()


def _header(headers: Mapping[str, Any], name: str) -> str | None:
    value = next((value for key, value in headers.items() if key.lower() == name), None)
    return str(value[0] if isinstance(value, list) else value) if value is not None else None


def clock_finding(skew: float, *, signed: bool) -> Finding:
    """`skew` in seconds, positive where this machine is ahead; `signed`: whether requests come with signatures."""
    if abs(skew) < _OFF:
        return Finding(AREA, "clock", Level.OK, "this machine's clock and Slack's agree")
    way = "ahead of" if skew > 0 else "behind"
    says = f"this machine's clock is {abs(skew):.0f} s {way} Slack's"
    if signed and abs(skew) >= _FAR:
        says += ", so signatures look too old, and no request is taken"
        return Finding(AREA, "clock", Level.FAILURE, says, "set the clock by NTP")
    return Finding(AREA, "clock", Level.WARNING, says, "set the clock by NTP")


async def knock(session: aiohttp.ClientSession, url: str, until: float) -> Finding:
    """Whether a WebSocket gets through to the host of this address. It carries no ticket, so it is nobody's."""
    host = urlsplit(url).hostname or "nowhere"
    fix = f"let WebSockets to {host} pass: firewalls and proxies on the way may have to be told"
    bare = urlsplit(url)._replace(query="").geturl()
    status = await asked(partial(_knocked, session, bare), until, "socket-mode", fix)
    if isinstance(status, Finding):
        return Finding(
            AREA, "socket-mode", Level.FAILURE, f"Slack gives connections, but at {host}: {status.says}", fix
        )
    if status in _GATEWAYS:
        says = f"Slack gives connections, but something on the way to {host} answers {status}"
        return Finding(AREA, "socket-mode", Level.FAILURE, says, fix)
    return Finding(AREA, "socket-mode", Level.OK, f"Slack gives connections, and {host} answers")


async def _knocked(session: aiohttp.ClientSession, url: str) -> int:
    """The status of a handshake without a ticket; what was opened all the same is closed at once."""
    try:
        socket = await session.ws_connect(url)
    except aiohttp.WSServerHandshakeError as refusal:
        return refusal.status
    await socket.close()
    return 101


def same_app(bots: str, apps: str) -> Iterator[Finding]:
    """`bots` and `apps` are ids of the apps of the two tokens, "" where not known: then nothing is said."""
    if not bots or not apps:
        return
    if bots == apps:
        yield Finding(AREA, "same-app", Level.OK, f"both tokens are of the app {bots}")
        return
    says = f"the bot's token is of the app {bots}, the app-level token of {apps}: what people type never arrives here"
    yield Finding(AREA, "same-app", Level.FAILURE, says, "take both tokens from one Slack app")


def http_findings(signing_secret: SecretStr | None) -> Iterator[Finding]:
    """What can be said about requests that Slack sends, before it sends one."""
    if signing_secret is not None:
        yield _of_secret(signing_secret.get_secret_value())
    says = f"from here nobody can see whether Slack reaches this bot at https://…{PATH}"
    yield Finding(AREA, "public-address", Level.NOTE, says, f"type {COMMAND} help in any channel, once the bot runs")


def _of_secret(secret: str) -> Finding:
    if re.fullmatch(r"[0-9a-f]{32}", secret):
        says = "the signing secret looks like one; whether it is this app's shows with the first request"
        return Finding(AREA, "signing-secret", Level.OK, says)
    says = "the signing secret does not look like one (32 digits and letters a to f)"
    fix = "copy the Signing Secret from Basic Information of the Slack app, not its client secret"
    return Finding(AREA, "signing-secret", Level.WARNING, says, fix)


def _command() -> Finding:
    says = f"Slack tells no app which slash commands it has, so nobody can see from here whether there is {COMMAND}"
    return Finding(AREA, "slash-command", Level.NOTE, says, f"type {COMMAND} help in any channel, once the bot runs")
