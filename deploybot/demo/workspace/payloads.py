"""The payloads that Slack sends to an app, built key by key as documented; pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from deploybot.demo.workspace.elements import Found
from deploybot.demo.workspace.people import Channel, Person
from deploybot.demo.workspace.records import JsonObject, Message, StateValues, View
from deploybot.demo.workspace.rendering import slack_message, slack_view

if TYPE_CHECKING:
    from deploybot.demo.workspace.state import Workspace

VERIFICATION_TOKEN = "deprecated-verification-token"  # noqa: S105 - a field of the past, no secret


def slash_command(
    workspace: Workspace,
    person: Person,
    channel: Channel,
    *,
    command: str,
    text: str,
    response_url: str,
    trigger_id: str,
) -> JsonObject:
    """https://docs.slack.dev/interactivity/implementing-slash-commands: all values are strings."""
    team = workspace.team_of(person)
    return {
        "token": VERIFICATION_TOKEN,
        "team_id": team.id,
        "team_domain": team.domain,
        "channel_id": channel.id,
        "channel_name": told_name(channel),
        "user_id": person.id,
        "user_name": person.name,
        "command": command,
        "text": text,
        "api_app_id": workspace.bot.app_id,
        "is_enterprise_install": "false",
        "response_url": response_url,
        "trigger_id": trigger_id,
    }


def message_click(
    workspace: Workspace,
    person: Person,
    message: Message,
    *,
    action: JsonObject,
    state: StateValues,
    response_url: str,
    trigger_id: str,
) -> JsonObject:
    """`block_actions` from a message. An ephemeral one is not carried along: there is no key `message` then."""
    channel = workspace.channels[message.channel]
    container: JsonObject = {
        "type": "message",
        "message_ts": message.ts,
        "channel_id": channel.id,
        "is_ephemeral": message.ephemeral_to is not None,
    }
    if message.thread_ts:
        container["thread_ts"] = message.thread_ts
    payload = _interaction(workspace, person, "block_actions") | {
        "container": container,
        "trigger_id": trigger_id,
        "channel": {"id": channel.id, "name": told_name(channel)},
        "state": {"values": state},
        "response_url": response_url,
        "actions": [action],
    }
    if message.ephemeral_to is None:
        payload["message"] = slack_message(workspace, message)
    return payload


def view_click(workspace: Workspace, person: Person, view: View, *, action: JsonObject, trigger_id: str) -> JsonObject:
    """`block_actions` from a modal: with its `view`, without channel, message and response_url."""
    return _interaction(workspace, person, "block_actions") | {
        "container": {"type": "view", "view_id": view.id},
        "trigger_id": trigger_id,
        "view": slack_view(workspace, view),
        "actions": [action],
    }


def block_suggestion(
    workspace: Workspace, person: Person, holder: Message | View, found: Found, typed: str
) -> JsonObject:
    """Somebody types into a menu with external entries, in a message or in a modal."""
    payload = _interaction(workspace, person, "block_suggestion") | {
        "action_id": found.element["action_id"],
        "block_id": found.block["block_id"],
        "value": typed,
    }
    if isinstance(holder, View):
        container = {"type": "view", "view_id": holder.id}
        return payload | {"container": container, "view": slack_view(workspace, holder)}
    channel = workspace.channels[holder.channel]
    payload |= {
        "container": {
            "type": "message",
            "message_ts": holder.ts,
            "channel_id": channel.id,
            "is_ephemeral": holder.ephemeral_to is not None,
        },
        "channel": {"id": channel.id, "name": told_name(channel)},
    }
    return payload if holder.ephemeral_to else payload | {"message": slack_message(workspace, holder)}


def view_submission(workspace: Workspace, person: Person, view: View, trigger_id: str) -> JsonObject:
    return _interaction(workspace, person, "view_submission") | {
        "trigger_id": trigger_id,
        "view": slack_view(workspace, view),
        "response_urls": [],
    }


def view_closed(workspace: Workspace, person: Person, view: View, *, is_cleared: bool) -> JsonObject:
    return _interaction(workspace, person, "view_closed") | {
        "view": slack_view(workspace, view),
        "is_cleared": is_cleared,
    }


def message_event(workspace: Workspace, kind: str, message: Message, event_id: str) -> JsonObject:
    """`app_mention` in a channel, or `message` in the bot's direct messages."""
    person, channel = workspace.people[message.author], workspace.channels[message.channel]
    event: JsonObject = {
        "type": kind,
        "user": person.id,
        "ts": message.ts,
        "client_msg_id": f"{event_id}-client",
        "text": message.text,
        "team": person.team,
        "channel": channel.id,
        "event_ts": message.ts,
    }
    if message.thread_ts:
        event["thread_ts"] = message.thread_ts
    if kind == "message":
        event["channel_type"] = "im"
    if person.team != workspace.team.id:
        event |= {"user_team": person.team, "source_team": person.team}
    return _event_callback(workspace, channel, event, event_id)


def _event_callback(workspace: Workspace, channel: Channel, event: JsonObject, event_id: str) -> JsonObject:
    team = workspace.team
    return {
        "token": VERIFICATION_TOKEN,
        "team_id": team.id,
        "context_team_id": team.id,
        "context_enterprise_id": None,
        "api_app_id": workspace.bot.app_id,
        "event": event,
        "type": "event_callback",
        "event_id": event_id,
        "event_time": int(float(event["event_ts"])),
        "authorizations": [
            {
                "enterprise_id": None,
                "team_id": team.id,
                "user_id": workspace.bot.user_id,
                "is_bot": True,
                "is_enterprise_install": False,
            }
        ],
        "is_ext_shared_channel": channel.is_ext_shared,
        "event_context": f"4-{event_id}",
    }


def _interaction(workspace: Workspace, person: Person, kind: str) -> JsonObject:
    team = workspace.team_of(person)
    return {
        "type": kind,
        "team": {"id": team.id, "domain": team.domain},
        "user": {"id": person.id, "username": person.name, "name": person.name, "team_id": person.team},
        "api_app_id": workspace.bot.app_id,
        "token": VERIFICATION_TOKEN,
        "enterprise": None,
        "is_enterprise_install": False,
    }


def told_name(channel: Channel) -> str:
    """The channel's name as payloads tell it: private channels and direct messages keep theirs to themselves."""
    if channel.is_im:
        return "directmessage"
    return "privategroup" if channel.is_private else channel.name
