"""chat.postMessage, chat.update, chat.delete, chat.postEphemeral."""

from dataclasses import replace

from deploybot.demo.workspace.drafting import Draft, message_draft
from deploybot.demo.workspace.methods.desk import Desk, flag_arg, text_arg
from deploybot.demo.workspace.people import Channel
from deploybot.demo.workspace.ratelimits import take
from deploybot.demo.workspace.records import JsonObject, Message
from deploybot.demo.workspace.refusals import RefusedError
from deploybot.demo.workspace.rendering import slack_message

MAX_UPDATE_TEXT = 4000
"""https://docs.slack.dev/reference/methods/chat.update"""


def post_message(desk: Desk, args: JsonObject) -> JsonObject:
    """https://docs.slack.dev/reference/methods/chat.postMessage"""
    channel = _addressed(desk, text_arg(args, "channel", "channel_not_found"))
    draft = message_draft(args)
    thread_ts = _thread(desk, channel, args)
    _refuse_haste(desk, channel)
    message = Message(
        channel=channel.id,
        ts=desk.workspace.ids.ts(desk.workspace.clock.now()),
        author=desk.workspace.bot.user_id,
        text=draft.text,
        blocks=draft.blocks,
        attachments=draft.attachments,
        thread_ts=thread_ts,
        broadcast=flag_arg(args, "reply_broadcast"),
        metadata=draft.metadata,
    )
    desk.workspace.put_message(message)
    shown = slack_message(desk.workspace, message, with_metadata=True)
    return {"channel": channel.id, "ts": message.ts, "message": shown, **_warned(draft)}


def update(desk: Desk, args: JsonObject) -> JsonObject:
    """https://docs.slack.dev/reference/methods/chat.update: the bot's own messages only, ephemeral ones never."""
    message = _own_message(desk, args, "cant_update_message")
    if len(str(args.get("text") or "")) > MAX_UPDATE_TEXT:
        raise RefusedError("msg_too_long")
    draft = message_draft(args)
    updated = replace(
        message,
        text=draft.text,
        blocks=draft.blocks,
        attachments=draft.attachments,
        metadata=draft.metadata or message.metadata,
        edited_ts=desk.workspace.ids.ts(desk.workspace.clock.now()),
    )
    desk.workspace.put_message(updated)
    shown = slack_message(desk.workspace, updated, with_metadata=True)
    answer = {"channel": message.channel, "ts": message.ts, "text": draft.text, "message": shown}
    return answer | _warned(draft)


def delete(desk: Desk, args: JsonObject) -> JsonObject:
    """https://docs.slack.dev/reference/methods/chat.delete"""
    message = _own_message(desk, args, "cant_delete_message")
    desk.workspace.remove_message(message)
    return {"channel": message.channel, "ts": message.ts}


def post_ephemeral(desk: Desk, args: JsonObject) -> JsonObject:
    """https://docs.slack.dev/reference/methods/chat.postEphemeral: its reader must be in the channel; no metadata."""
    channel = _addressed(desk, text_arg(args, "channel", "channel_not_found"))
    reader = text_arg(args, "user", "user_not_found")
    if reader not in channel.members:
        raise RefusedError("user_not_in_channel")
    draft = message_draft({**args, "metadata": None})
    message = Message(
        channel=channel.id,
        ts=desk.workspace.ids.ts(desk.workspace.clock.now()),
        author=desk.workspace.bot.user_id,
        text=draft.text,
        blocks=draft.blocks,
        attachments=draft.attachments,
        thread_ts=_thread(desk, channel, args),
        ephemeral_to=reader,
    )
    desk.workspace.put_message(message)
    return {"message_ts": message.ts, **_warned(draft)}


def _addressed(desk: Desk, channel_id: str) -> Channel:
    """The channel to post to: by id, by `#name` where it is public, or a person's id for their direct message."""
    person = desk.workspace.people.get(channel_id)
    if person is not None:
        channel_id = desk.workspace.direct_message_with(person).id
    if channel_id.startswith("#"):
        channel = desk.visible_channel(desk.workspace.channel(channel_id).id)
    else:
        channel = desk.visible_channel(channel_id)
    if channel.is_archived:
        raise RefusedError("is_archived")
    if channel.is_im and not desk.access.messages_tab:
        raise RefusedError("messages_tab_disabled")
    if not desk.is_in(channel) and "chat:write.public" not in desk.scopes:
        raise RefusedError("not_in_channel")
    return channel


def _thread(desk: Desk, channel: Channel, args: JsonObject) -> str | None:
    """The thread to answer in. Where its first message is gone, Slack posts to the channel itself and says nothing:
    https://github.com/slack-go/slack/issues/1571
    """
    thread_ts = args.get("thread_ts") or None
    if thread_ts is None:
        return None
    parent = desk.workspace.message(channel.id, str(thread_ts))
    if parent is None or parent.ephemeral_to:
        return None
    return parent.thread_ts or parent.ts


def _own_message(desk: Desk, args: JsonObject, not_own: str) -> Message:
    channel = desk.visible_channel(text_arg(args, "channel", "channel_not_found"))
    message = desk.workspace.message(channel.id, text_arg(args, "ts", "message_not_found"))
    if message is None or message.ephemeral_to:
        raise RefusedError("message_not_found")
    if message.author != desk.workspace.bot.user_id:
        raise RefusedError(not_own)
    if channel.is_archived:
        raise RefusedError("is_archived")
    return message


def _refuse_haste(desk: Desk, channel: Channel) -> None:
    timing, now = desk.timing, desk.workspace.clock.now()
    bucket, wait = take(desk.buckets.get(channel.id), now, timing.post_interval, timing.post_burst)
    desk.buckets[channel.id] = bucket
    if wait is not None:
        raise RefusedError("ratelimited", retry_after=wait)


def _warned(draft: Draft) -> JsonObject:
    if not draft.warnings:
        return {}
    return {"warning": "missing_text_in_message", "response_metadata": {"warnings": list(draft.warnings)}}
