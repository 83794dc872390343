"""What happens in the workspace, as frozen values: messages, views, and notices that only one person sees."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

JsonObject: TypeAlias = dict[str, Any]
"""A JSON object as it crosses the wire."""

StateValues: TypeAlias = Mapping[str, Mapping[str, JsonObject]]
"""What people have entered: block_id -> action_id -> the element's value, as in `view.state.values`."""


@dataclass(frozen=True, slots=True)
class Message:
    """A message as Slack stores it: `text` and the blocks' mrkdwn are escaped already.

    `ephemeral_to` names the only reader; such a message is unknown to every Web API method.
    """

    channel: str
    ts: str
    author: str
    text: str
    blocks: tuple[JsonObject, ...] = ()
    attachments: tuple[JsonObject, ...] = ()
    thread_ts: str | None = None
    broadcast: bool = False
    ephemeral_to: str | None = None
    metadata: JsonObject | None = None
    edited_ts: str | None = None


@dataclass(frozen=True, slots=True)
class View:
    """An open modal. `payload` is what the app sent (with block ids filled in); `hash` changes with each update."""

    id: str
    person: str
    payload: JsonObject
    hash: str
    root_id: str
    previous_id: str | None = None
    state: StateValues = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Notice:
    """What Slack itself tells one person, in no message: a command that timed out, a form it would not send."""

    person: str
    error: str
    text: str
    channel: str | None = None
    view: str | None = None


def with_value(state: StateValues, block_id: str, action_id: str, value: JsonObject) -> StateValues:
    """The state with one element's value set."""
    return {**state, block_id: {**state.get(block_id, {}), action_id: value}}
