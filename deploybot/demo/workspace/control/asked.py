"""What a control request asks for: its arguments, and the channel, message or modal that they mean."""

import json
from typing import Any

from starlette.requests import Request

from deploybot.demo.workspace.delivery import Answer
from deploybot.demo.workspace.people import Channel, Person
from deploybot.demo.workspace.records import JsonObject, Message, View
from deploybot.demo.workspace.refusals import RefusedError
from deploybot.demo.workspace.state import Workspace


async def json_body(request: Request) -> JsonObject:
    """The request's JSON object; an empty body is an empty one."""
    try:
        parsed: Any = json.loads(await request.body() or b"{}")
    except ValueError:
        raise RefusedError("invalid_json") from None
    if not isinstance(parsed, dict):
        raise RefusedError("invalid_json")
    return parsed


def text_in(given: JsonObject, name: str) -> str:
    value = given.get(name)
    if not isinstance(value, str) or not value:
        raise RefusedError("invalid_arguments", detail=f"{name}: a text is missing")
    return value


def query_text(request: Request, name: str) -> str:
    return text_in(dict(request.query_params), name)


def query_number(request: Request, name: str) -> float:
    """A number in the query, 0 if it isn't there."""
    try:
        return float(request.query_params.get(name) or 0)
    except ValueError:
        raise RefusedError("invalid_arguments", detail=f"{name}: a number") from None


def channel_of(workspace: Workspace, person: Person, name: str) -> Channel:
    """A channel by `#name` or id; the bot's own `@name` is this person's direct message with it."""
    if name in (workspace.bot.user_id, f"@{workspace.bot.name}"):
        return workspace.direct_message_with(person)
    return workspace.channel(name)


def message_of(workspace: Workspace, person: Person, given: JsonObject) -> Message:
    channel = channel_of(workspace, person, text_in(given, "channel"))
    message = workspace.message(channel.id, text_in(given, "ts"))
    if message is None:
        raise RefusedError("message_not_found")
    return message


def topmost_view(workspace: Workspace, person: Person, given: JsonObject) -> View:
    """The topmost modal; a `view_id` has to be its id, as a person reaches no other."""
    stack = workspace.stack(person.id)
    if not stack or given.get("view_id") not in (None, stack[-1].id):
        raise RefusedError("view_not_found")
    return stack[-1]


def told(answer: Answer | None) -> JsonObject:
    """`sent` false: kept in the client. `acknowledged` false: `failure` says what the person was told."""
    if answer is None:
        return {"sent": False, "acknowledged": False, "failure": None, "body": None}
    acknowledged = answer.failure is None
    return {"sent": True, "acknowledged": acknowledged, "failure": answer.failure, "body": answer.body}
