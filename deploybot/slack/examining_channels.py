"""Looks whether the bot is in the channels that it must post to.

https://docs.slack.dev/reference/methods/conversations.info
"""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from deploybot.domain.finding import Finding, Level
from deploybot.service.places import Asked
from deploybot.slack.channels import HIDDEN
from deploybot.slack.examined_calls import AREA, asked
from deploybot.slack.webapi import reason_of

CHECKS: Mapping[str, tuple[str, str]] = {
    "channels": (
        "Whether the bot is in every channel that a guard, a subscription or a watch tells, and none is archived. "
        "Private channels are visible only to who is in them. At most 40 are looked at.",
        "Type `/invite @deploybot` in the channel, unarchive it, or remove what is told there.",
    ),
}
"""What each check looks at, and what to do where it is not well."""

MOST = 40
_AT_ONCE = 5

Told = Mapping[str, Any] | None | Finding
"""What Slack says of a channel: None where it hides it; or what hindered it from saying anything."""


@dataclass(frozen=True, slots=True)
class ChannelsExamination:
    """The port `Examination`; direct messages need no invitation."""

    client: AsyncWebClient
    places: Asked

    @property
    def area(self) -> str:
        return AREA

    async def findings(self, until: float) -> tuple[Finding, ...]:
        places = await self.places()
        wanted = [channel for channel in sorted(places.why) if channel[:1] in "CG"]
        told = await self._told(wanted[:MOST], until)
        more = _unlooked(len(wanted) - len(told), places.lacking)
        return (*channel_findings(told, places.why), *more)

    async def _told(self, channels: Sequence[str], until: float) -> dict[str, Told]:
        """What Slack says, asked a few at a time, and no more where it does not answer any more."""
        told: dict[str, Told] = {}
        for start in range(0, len(channels), _AT_ONCE):
            some = channels[start : start + _AT_ONCE]
            told |= zip(some, await asyncio.gather(*(self._one(one, until) for one in some)), strict=True)
            if any(isinstance(one, Finding) for one in told.values()):
                break
        return told

    async def _one(self, channel: str, until: float) -> Told:
        fix = "see what is said about the scopes channels:read and groups:read"
        return await asked(partial(self._shown, channel), until, "channels", fix)

    async def _shown(self, channel: str) -> Mapping[str, Any] | None:
        try:
            return dict((await self.client.conversations_info(channel=channel)).get("channel") or {})
        except SlackApiError as problem:
            if reason_of(problem) in HIDDEN:
                return None
            raise


def channel_findings(told: Mapping[str, Told], why: Mapping[str, str]) -> Iterator[Finding]:
    """A line for each channel that can't be posted to, one for all that can, one for each kind of trouble in asking."""
    well = 0
    for channel, one in told.items():
        if one is None or isinstance(one, Mapping):
            trouble = _trouble(channel, one, why[channel])
            well += trouble is None
            yield from [trouble] if trouble else []
    yield from dict.fromkeys(one for one in told.values() if isinstance(one, Finding))
    if well:
        yield Finding(AREA, "channels", Level.OK, f"the bot can post in {well} of {len(told)} channels that it tells")


def _trouble(channel: str, told: Mapping[str, Any] | None, why: str) -> Finding | None:
    if told is None:
        says = f"the bot can't see {channel} ({why}): it is private and the bot is not in it, or it is gone"
        return Finding(AREA, "channels", Level.FAILURE, says, _INVITE)
    name = f"#{told.get('name') or channel} ({channel}, {why})"
    if told.get("is_archived"):
        return Finding(AREA, "channels", Level.FAILURE, f"{name} is archived, so nothing is told there", _UNARCHIVE)
    if told.get("is_member") is False:
        says = f"the bot is not in {name}, so nothing is told there"
        return Finding(AREA, "channels", Level.FAILURE, says, _INVITE)
    return None


_INVITE = "type /invite and the bot's name there, or remove what is told there"
_UNARCHIVE = "unarchive it, or remove what is told there"


def _unlooked(count: int, lacking: str) -> Iterator[Finding]:
    if count > 0:
        yield Finding(AREA, "channels", Level.NOTE, f"{count} more channels were not looked at")
    if lacking:
        says = f"which channels are told is not known to the whole: {lacking}"
        yield Finding(AREA, "channels", Level.NOTE, says)
