"""What somebody, or all who are in a channel, may read there: by the configured rules, and by who they are in Slack."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from functools import cache

from deploybot.domain.access import ALL_SEEN, Audience, Rule, Sight, Where, sight_of
from deploybot.domain.ports import Directory
from deploybot.errors import UserError

Sights = Callable[[str], Awaitable[Sight | None]]
"""What all who are in a channel may read; None where nobody can tell who they are at the moment."""

WHO_IS_HERE = (
    "Slack does not tell me who is in this channel at the moment: ask for yourself alone, or try again in a minute."
)
_ANYBODY = Audience(only_members=False)


async def all_seen(_: str) -> Sight | None:
    """Nothing is kept from anybody: for who has no rules to go by."""
    return ALL_SEEN


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
