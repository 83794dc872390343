"""What somebody, or all who are in a channel, may read there: by the configured rules, and by who they are in Slack."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from functools import cache

import structlog

from deploybot.domain.access import (
    ALL_SEEN,
    USUAL,
    Audience,
    Decision,
    Right,
    Rule,
    Sight,
    Target,
    Where,
    decide_act,
    sight_of,
)
from deploybot.domain.ports import Directory
from deploybot.errors import UserError

log = structlog.get_logger(__name__)

Sights = Callable[[str], Awaitable[Sight | None]]
"""What all who are in a channel may read; None where nobody can tell who they are at the moment."""

WHO_IS_HERE = (
    "Slack does not tell me who is in this channel at the moment: ask for yourself alone, or try again in a minute."
)
_PATIENCE = 15.0
"""Seconds until it is asked again who is in a channel."""
_ANYBODY = Audience(only_members=False)


async def all_seen(_: str) -> Sight | None:
    """Nothing is kept from anybody: for who has no rules to go by."""
    return ALL_SEEN


def patient(sights: Sights, monotonic: Callable[[], float]) -> Sights:
    """The same for who asks several times a second: where nobody could tell, nobody is asked again for a while."""
    silent: dict[str, float] = {}

    async def told(channel: str) -> Sight | None:
        if silent.get(channel, 0.0) > monotonic():
            return None
        if (sight := await sights(channel)) is None:
            log.warning("nobody can tell who reads a channel, so it waits", channel=channel)
            silent[channel] = monotonic() + _PATIENCE
        else:
            silent.pop(channel, None)
        return sight

    return told


def where_of(channel: str) -> Where:
    """A conversation by its id: Slack's direct messages begin with D."""
    return Where(channel, direct=channel.startswith("D"))


class Reading:
    """`rules` may change nothing while the bot runs; the directory remembers whom it has asked about."""

    def __init__(self, rules: Sequence[Rule], directory: Directory) -> None:
        self._rules = tuple(rules)
        self._directory = directory

    async def of_person(self, user: str, channel: str) -> Sight:
        """What one person may read in a conversation, for themselves alone; the channel may be ""."""
        return _quick(sight_of(self._rules, await self._directory.someone(user), where_of(channel)))

    async def permits(self, right: Right, user: str, channel: str) -> Callable[[Target], Decision]:
        """Whether one person has a right in a conversation, to be asked of any app."""
        someone = await self._directory.someone(user)
        return lambda target: decide_act(self._rules, someone, right, where_of(channel), target)

    async def permits_something(self, right: Right, user: str, channel: str) -> bool:
        """Whether one person has this right in a conversation for any app at all."""
        if right not in USUAL and not any(right in rule.may for rule in self._rules):
            return False
        alike = tuple(replace(rule, may=frozenset({Right.READ})) for rule in self._rules if right in rule.may)
        return not sight_of(alike, await self._directory.someone(user), where_of(channel)).why_nothing

    async def of_all(self, channel: str) -> Sight | None:
        """What may be shown to all in a channel; None where Slack does not tell who they are.

        Who they are is not asked where anybody may read everything.
        """
        where = where_of(channel)
        if sight_of(self._rules, _ANYBODY, where).everything:
            return ALL_SEEN
        audience = await self._directory.audience(channel)
        return _quick(sight_of(self._rules, audience, where)) if audience else None

    async def aloud(self, channel: str) -> Sight:
        """The same for an answer to a person: a UserError where Slack does not tell, or where there is no channel."""
        sight = await self.of_all(channel) if channel else None
        if sight is None:
            raise UserError(WHO_IS_HERE)
        return sight


def _quick(sight: Sight) -> Sight:
    """The same sight, which decides about each app once only, as long as it is kept."""
    return sight if sight.everything else replace(sight, sees=cache(sight.sees))
