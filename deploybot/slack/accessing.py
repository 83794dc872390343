"""`/deployments access`: what the asker may do here, and which rule says so; never told to anybody else."""

from collections.abc import Callable
from functools import partial

from deploybot.domain.query import Command, Query, Verb
from deploybot.service.accessing import Accessing
from deploybot.slack.blocks.access import access_message, access_view
from deploybot.slack.delivery import Manner, Shown
from deploybot.slack.feature import Feature, Tools
from deploybot.slack.payload import Interaction


def accessing_feature(accessing: Accessing, deadline: float, monotonic: Callable[[], float], tools: Tools) -> Feature:
    """The verb `access`; it answers within the deadline (seconds)."""

    async def access(asked: Interaction, command: Command) -> None:
        until = monotonic() + deadline
        standing = await accessing.standing(_names(command.query), asked.asker.user, asked.place.channel, until)
        shown = Shown(partial(access_message, standing), partial(access_view, standing))
        await tools.delivery.show(asked, shown, Manner.ALONE)

    return Feature(commands={Verb.ACCESS: access})


def _names(query: Query) -> Query:
    return Query(apps=query.apps, spaces=query.spaces, orgs=query.orgs, foundations=query.foundations)
