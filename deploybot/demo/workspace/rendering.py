"""How the workspace's values look as Slack's JSON: messages, views, channels, people; pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from deploybot.demo.workspace.people import Bot, Channel, Person, UserGroup, utc_offset
from deploybot.demo.workspace.records import JsonObject, Message, Notice, View

if TYPE_CHECKING:
    from deploybot.demo.workspace.state import Workspace


def slack_message(workspace: Workspace, message: Message, *, with_metadata: bool = False) -> JsonObject:
    """A message as `conversations.history`, `chat.postMessage` and `block_actions` show it."""
    bot = workspace.bot
    shown: JsonObject = {
        "type": "message",
        "user": message.author,
        "ts": message.ts,
        "text": message.text,
        "team": workspace.people[message.author].team,
    }
    if message.author == bot.user_id:
        shown |= {"bot_id": bot.bot_id, "app_id": bot.app_id, "bot_profile": bot_profile(bot, workspace.team.id)}
    if message.blocks:
        shown["blocks"] = list(message.blocks)
    if message.attachments:
        shown["attachments"] = list(message.attachments)
    if message.edited_ts:
        shown["edited"] = {"user": message.author, "ts": message.edited_ts}
    if message.metadata and with_metadata:
        shown["metadata"] = message.metadata
    return shown | _thread_fields(workspace, message)


def _thread_fields(workspace: Workspace, message: Message) -> JsonObject:
    if message.thread_ts and message.thread_ts != message.ts:
        parent = workspace.message(message.channel, message.thread_ts)
        broadcast = {"subtype": "thread_broadcast"} if message.broadcast else {}
        return {
            "thread_ts": message.thread_ts,
            "parent_user_id": parent.author if parent else None,
            **broadcast,
        }
    replies = workspace.replies(message)
    if not replies:
        return {}
    return {
        "thread_ts": message.ts,
        "reply_count": len(replies),
        "reply_users": list(dict.fromkeys(reply.author for reply in replies)),
        "latest_reply": replies[-1].ts,
    }


def bot_profile(bot: Bot, team_id: str) -> JsonObject:
    return {"id": bot.bot_id, "app_id": bot.app_id, "name": bot.name, "team_id": team_id, "deleted": False}


def shown_message(workspace: Workspace, message: Message) -> JsonObject:
    """A message as a person's client draws it: Slack's shape, its channel, and whether only they see it."""
    return {
        **slack_message(workspace, message),
        "channel": message.channel,
        "is_ephemeral": message.ephemeral_to is not None,
        "ephemeral_to": message.ephemeral_to,
    }


def slack_view(workspace: Workspace, view: View) -> JsonObject:
    """A view as `views.open` answers it and as interaction payloads carry it."""
    given = view.payload
    return {
        "id": view.id,
        "team_id": workspace.team.id,
        "type": given["type"],
        "blocks": given["blocks"],
        "private_metadata": given.get("private_metadata", ""),
        "callback_id": given.get("callback_id", ""),
        "state": {"values": view.state},
        "hash": view.hash,
        "title": given["title"],
        "clear_on_close": given.get("clear_on_close", False),
        "notify_on_close": given.get("notify_on_close", False),
        "close": given.get("close"),
        "submit": given.get("submit"),
        "previous_view_id": view.previous_id,
        "root_view_id": view.root_id,
        "app_id": workspace.bot.app_id,
        "external_id": given.get("external_id", ""),
        "app_installed_team_id": workspace.team.id,
        "bot_id": workspace.bot.bot_id,
    }


def shown_view(workspace: Workspace, view: View) -> JsonObject:
    """A view as a person's client draws it: Slack's shape and the errors under its inputs."""
    return {**slack_view(workspace, view), "errors": dict(view.errors)}


def slack_channel(bot: Bot, channel: Channel) -> JsonObject:
    """A conversation as `conversations.info` shows it to the bot."""
    shared: JsonObject = {
        "id": channel.id,
        "is_im": channel.is_im,
        "is_archived": channel.is_archived,
        "is_mpim": False,
    }
    if channel.is_im:
        other = next(member for member in channel.members if member != bot.user_id)
        return shared | {"user": other, "is_channel": False, "is_group": False, "is_private": True}
    return shared | {
        "name": channel.name,
        "name_normalized": channel.name,
        "is_channel": True,
        "is_group": False,
        "is_private": channel.is_private,
        "is_general": channel.name == "general",
        "is_shared": channel.is_ext_shared,
        "is_ext_shared": channel.is_ext_shared,
        "is_org_shared": False,
        "is_member": bot.user_id in channel.members,
        "topic": {"value": channel.topic, "creator": "", "last_set": 0},
    }


def slack_user(person: Person, home_team: str, now: float) -> JsonObject:
    """A member as `users.info` shows them; one of another workspace is a stranger."""
    return {
        "id": person.id,
        "team_id": person.team,
        "name": person.name,
        "real_name": person.real_name,
        "deleted": False,
        "tz": person.tz,
        "tz_label": person.tz,
        "tz_offset": utc_offset(person, now),
        "profile": {"real_name": person.real_name, "display_name": person.name, "team": person.team},
        "is_admin": person.is_admin,
        "is_owner": False,
        "is_primary_owner": False,
        "is_restricted": person.is_restricted,
        "is_ultra_restricted": person.is_ultra_restricted,
        "is_bot": person.is_bot,
        "is_app_user": False,
        "is_stranger": person.team != home_team,
    }


def slack_group(group: UserGroup, team_id: str, *, with_users: bool) -> JsonObject:
    shown: JsonObject = {
        "id": group.id,
        "team_id": team_id,
        "is_usergroup": True,
        "name": group.name,
        "handle": group.handle,
        "user_count": len(group.members),
        "date_delete": 0,
    }
    return shown | {"users": list(group.members)} if with_users else shown


def shown_channel(bot: Bot, channel: Channel) -> JsonObject:
    """A conversation as a person's client lists it: Slack's shape and its members."""
    return {
        **slack_channel(bot, channel),
        "name": channel.name,
        "members": sorted(channel.members),
        "is_member": bot.user_id in channel.members,
    }


def channel_change(bot: Bot, channel: Channel) -> JsonObject:
    return {"channel": shown_channel(bot, channel)}


def message_change(workspace: Workspace, message: Message) -> JsonObject:
    return {"channel": message.channel, "message": shown_message(workspace, message)}


def view_change(workspace: Workspace, view: View) -> JsonObject:
    return {"view": shown_view(workspace, view)}


def notice_change(notice: Notice) -> JsonObject:
    return {
        "notice": {
            "error": notice.error,
            "text": notice.text,
            "channel": notice.channel,
            "view_id": notice.view,
        }
    }
