"""`/deployments watch`, and the buttons Watch, Watch too and Stop watching."""

import time
from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Protocol

from deploybot.domain.query import Command, Query, Verb
from deploybot.domain.watch import Watch
from deploybot.errors import UserError
from deploybot.service.watching import Begun
from deploybot.slack.blocks.problem import sentence, sentence_view
from deploybot.slack.channels import refuse_where_silent
from deploybot.slack.delivery import Manner, Shown
from deploybot.slack.feature import Feature, Tools
from deploybot.slack.payload import Interaction

_OLD = "This button is not one of mine any more: type /deployments watch."
_BEGUN = "I follow this deployment in a message here from now on, and ping you at its end."
_JOINED = "This deployment is watched here already: you are pinged at its end too."
_WATCHING = "You are pinged at the end of this deployment."
_STOPPED = "You are not pinged about this deployment any more."


class Watches(Protocol):
    """The use cases of `service.watching.Watching`. UserErrors are shown as they are."""

    async def begin(
        self, subject: str, query: Query, user: str, channel: str, now: datetime, until: float
    ) -> Begun: ...

    async def join(self, watch_id: str, user: str, channel: str, now: datetime) -> Watch: ...

    async def leave(self, watch_id: str, user: str, channel: str, now: datetime) -> Watch: ...


def watching(
    watches: Watches, seconds: float, monotonic: Callable[[], float] = time.monotonic
) -> Callable[[Tools], Feature]:
    """The feature over its use cases, which answer within so many seconds."""

    def made(tools: Tools) -> Feature:
        chat = WatchChat(watches, tools, seconds, monotonic)
        return Feature(commands={Verb.WATCH: chat.command}, clicks={"watch": chat.click})

    return made


class WatchChat:
    """Asks, and tells the asker alone; the watch itself is a message for all, posted by the outbox."""

    def __init__(self, watches: Watches, tools: Tools, seconds: float, monotonic: Callable[[], float]) -> None:
        self._watches, self._tools = watches, tools
        self._seconds, self._monotonic = seconds, monotonic

    async def command(self, asked: Interaction, command: Command) -> None:
        """`watch <guid or app>`."""
        query = await self._tools.people.settle(command.query, asked.asker.user)
        await self._begin(asked, command.subject or "", query)

    async def click(self, asked: Interaction) -> None:
        """A button that begins a watch, or one of a watch's own message."""
        channel, user, now = asked.asker.channel, asked.asker.user, self._tools.moment()
        match asked.action:
            case "watch_start":
                foundation, _, guid = asked.text.partition("/")
                if not guid:
                    raise UserError(_OLD)
                await self._begin(asked, guid, Query(foundations=(foundation,)))
            case "watch_join":
                await self._watches.join(asked.text, user, channel, now)
                await self._tell(asked, _WATCHING)
            case "watch_stop":
                await self._watches.leave(asked.text, user, channel, now)
                await self._tell(asked, _STOPPED)
            case _:
                raise UserError(_OLD)

    async def _begin(self, asked: Interaction, subject: str, query: Query) -> None:
        channel = asked.asker.channel
        await refuse_where_silent(self._tools.client, channel, self._tools.home.name, "watch")
        begun = await self._watches.begin(
            subject, query, asked.asker.user, channel, self._tools.moment(), self._monotonic() + self._seconds
        )
        await self._tell(asked, _JOINED if begun.joined else _BEGUN)

    async def _tell(self, asked: Interaction, told: str) -> None:
        shown = Shown(partial(sentence, told), partial(sentence_view, told, "Watch"))
        await self._tools.delivery.show(asked, shown, Manner.ALONE)
