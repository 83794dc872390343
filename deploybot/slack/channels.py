"""Whether the bot may post in a channel, asked before somebody subscribes it, watches or asks there.

https://docs.slack.dev/reference/methods/conversations.info
"""

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from deploybot.errors import UserError
from deploybot.slack.webapi import WEB_ERRORS, reason_of

_ABSENT = "I am not in this channel: type /invite @{bot} here, then {verb} again."
_ARCHIVED = "This channel is archived: unarchive it, or {verb} in another one."
HIDDEN = frozenset({"channel_not_found", "not_in_channel", "method_not_supported_for_channel_type"})
_DIRECT = "D"
"""How the ids of direct messages begin: about them Slack would tell only with a scope that nothing else needs."""


async def refuse_where_silent(client: AsyncWebClient, channel: str, bot: str, verb: str = "subscribe") -> None:
    """A UserError where the bot, which is called `bot`, certainly can't post; else posting will show it.

    `verb` is what the person was about to do.
    """
    if not channel:
        raise UserError(f"I can't see which channel this is: type /deployments {verb} in the channel.")
    if channel.startswith(_DIRECT):
        return
    try:
        told = (await client.conversations_info(channel=channel)).get("channel") or {}
    except SlackApiError as problem:
        if reason_of(problem) in HIDDEN:
            raise UserError(_ABSENT.format(bot=bot, verb=verb)) from problem
        return
    except WEB_ERRORS:
        return
    if told.get("is_archived"):
        raise UserError(_ARCHIVED.format(verb=verb))
    if told.get("is_member") is False:
        raise UserError(_ABSENT.format(bot=bot, verb=verb))
