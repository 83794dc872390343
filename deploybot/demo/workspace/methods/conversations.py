"""conversations.info, .members, .open, .history and .replies, with the scope that each kind of channel needs."""

from collections.abc import Sequence

from deploybot.demo.workspace.methods.desk import Desk, cut_page, flag_arg, text_arg
from deploybot.demo.workspace.people import Channel
from deploybot.demo.workspace.records import JsonObject, Message
from deploybot.demo.workspace.refusals import RefusedError
from deploybot.demo.workspace.rendering import slack_channel, slack_message

MAX_LIMIT = 999


def info(desk: Desk, args: JsonObject) -> JsonObject:
    """https://docs.slack.dev/reference/methods/conversations.info"""
    channel = _readable(desk, args, "read")
    shown = slack_channel(desk.workspace.bot, channel)
    if flag_arg(args, "include_num_members"):
        shown["num_members"] = len(channel.members)
    return {"channel": shown}


def open_direct_message(desk: Desk, args: JsonObject) -> JsonObject:
    """https://docs.slack.dev/reference/methods/conversations.open, with one user: groups are not opened here."""
    channel = _resumed(desk, str(args["channel"])) if args.get("channel") else _opened(desk, args)
    shown = slack_channel(desk.workspace.bot, channel) if flag_arg(args, "return_im") else {"id": channel.id}
    return {"channel": shown}


def _resumed(desk: Desk, channel_id: str) -> Channel:
    channel = desk.visible_channel(channel_id)
    if not channel.is_im:
        raise RefusedError("method_not_supported_for_channel_type")
    return channel


def _opened(desk: Desk, args: JsonObject) -> Channel:
    user = text_arg(args, "users", "users_list_not_supplied")
    if user not in desk.workspace.people:
        raise RefusedError("user_not_found")
    return desk.workspace.direct_message_with(desk.workspace.people[user])


def members(desk: Desk, args: JsonObject) -> JsonObject:
    """https://docs.slack.dev/reference/methods/conversations.members: in pages, the bot among them."""
    everybody = sorted(_readable(desk, args, "read").members)
    page, cursor = cut_page(everybody, args, MAX_LIMIT)
    return {"members": page, "response_metadata": {"next_cursor": cursor}}


def history(desk: Desk, args: JsonObject) -> JsonObject:
    """https://docs.slack.dev/reference/methods/conversations.history: newest first, without what stands in threads."""
    channel = _readable(desk, args, "history")
    _refuse_stranger(desk, channel)
    shown = [
        message
        for message in desk.workspace.messages(channel.id)
        if not message.ephemeral_to and (message.broadcast or message.thread_ts in (None, message.ts))
    ]
    return _page(desk, _between(shown, args)[::-1], args)


def replies(desk: Desk, args: JsonObject) -> JsonObject:
    """https://docs.slack.dev/reference/methods/conversations.replies: the thread's first message, then its answers."""
    channel = _readable(desk, args, "history")
    _refuse_stranger(desk, channel)
    parent = desk.workspace.message(channel.id, text_arg(args, "ts", "thread_not_found"))
    if parent is None or parent.ephemeral_to:
        raise RefusedError("thread_not_found")
    return _page(desk, [parent, *_between(desk.workspace.replies(parent), args)], args)


def _readable(desk: Desk, args: JsonObject, what: str) -> Channel:
    channel = desk.workspace.channels.get(text_arg(args, "channel", "channel_not_found"))
    if channel is not None:
        family = "im" if channel.is_im else "groups" if channel.is_private else "channels"
        desk.require(f"{family}:{what}")
    return desk.visible_channel(str(args["channel"]))


def _refuse_stranger(desk: Desk, channel: Channel) -> None:
    if not desk.is_in(channel):
        raise RefusedError("not_in_channel")


def _between(messages: Sequence[Message], args: JsonObject) -> list[Message]:
    """The messages after `oldest` and before `latest`, the ends only when `inclusive`."""
    oldest, latest = args.get("oldest") or "0", args.get("latest") or "9999999999"
    within = [message for message in messages if float(oldest) <= float(message.ts) <= float(latest)]
    if flag_arg(args, "inclusive"):
        return within
    return [message for message in within if message.ts not in (oldest, latest)]


def _page(desk: Desk, messages: list[Message], args: JsonObject) -> JsonObject:
    with_metadata = flag_arg(args, "include_all_metadata")
    page, cursor = cut_page(messages, args, MAX_LIMIT)
    return {
        "messages": [slack_message(desk.workspace, message, with_metadata=with_metadata) for message in page],
        "has_more": bool(cursor),
        "response_metadata": {"next_cursor": cursor},
    }
