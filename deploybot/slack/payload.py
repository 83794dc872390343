"""What Slack sends, as values: whoever asks, where, and what. Any JSON can be read: what is missing reads as empty."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from deploybot.domain.telemetry import How
from deploybot.slack.answers import Asker

Body = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Home:
    """Where the bot is installed, from `auth.test`: one workspace, or everywhere in an organisation."""

    team: str
    enterprise: str = ""
    org_wide: bool = False
    bot_user: str = ""
    bot: str = ""
    name: str = "deploybot"
    """The bot's name in Slack, by which people invite it."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where something happened and the ways back to it; empty where there is none.

    `shared` tells a message that everybody sees from one that only the clicker sees. `trigger` opens one modal within
    three seconds, `response_url` takes five posts within thirty minutes.
    """

    channel: str = ""
    thread: str = ""
    response_url: str = ""
    trigger: str = ""
    view: str = ""
    shared: bool = False


@dataclass(frozen=True, slots=True)
class Interaction:
    """One thing a person did: typed a command, mentioned the bot, pressed a button, sent a form.

    `key` is the same when Slack delivers it again. `enterprise` is the organisation that the payload comes from.
    """

    key: str
    asker: Asker
    place: Place
    how: How = How.COMMAND
    action: str = ""
    text: str = ""
    enterprise: str = ""
    is_bot: bool = False
    block: str = ""
    """The id of the block that was clicked in."""
    form: str = ""
    """The private metadata of the modal that was clicked in."""

    @property
    def team(self) -> str:
        """The person's own workspace; empty where Slack does not say."""
        return self.asker.team


def is_at_home(done: Interaction, home: Home, enterprise: str = "") -> bool:
    """Whether the person belongs to the workspace, or for an org-wide bot the organisation, that the bot serves.

    In a channel shared between companies Slack delivers strangers' clicks and mentions as well. `enterprise` is the
    organisation that the person's profile names.
    """
    if home.org_wide and done.enterprise == home.enterprise:
        return done.team == home.team or enterprise == home.enterprise
    return bool(done.team) and done.team == home.team


def is_ours(body: object) -> bool:
    """Whether this is a kind of payload that the bot handles, with all that Bolt stumbles over where it is missing."""
    match body:
        case {"command": str()} | {"type": "url_verification"}:
            return True
        case {"type": "event_callback", "event": {"type": "app_mention"}}:
            return True
        case {"type": "block_actions", "actions": [{"action_id": str(), "block_id": str(), "type": str()}, *_]}:
            return True
        case {"type": "view_submission", "view": {"type": "modal", "callback_id": str()}}:
            return True
        case {"type": "block_suggestion", "action_id": str(), "block_id": str()}:
            return True
        case _:
            return False


def how_of(body: Body) -> How | None:
    """How somebody came to ask, for what is ours; None where nobody asks. Typing into a menu counts as its form."""
    if "command" in body:
        return How.COMMAND
    kinds = {
        "event_callback": How.MENTION,
        "block_actions": How.CLICK,
        "view_submission": How.FORM,
        "block_suggestion": How.FORM,
    }
    return kinds.get(_text(body, "type"))


def from_command(body: Body) -> Interaction:
    """A slash command. It cannot be typed in a thread."""
    team = _text(body, "team_id")
    return Interaction(
        key=_text(body, "trigger_id"),
        asker=Asker(_text(body, "user_id"), team, _text(body, "channel_id")),
        place=Place(
            channel=_text(body, "channel_id"),
            response_url=_text(body, "response_url"),
            trigger=_text(body, "trigger_id"),
        ),
        text=_text(body, "text"),
        enterprise=_text(body, "enterprise_id"),
    )


def from_mention(body: Body) -> Interaction:
    """A mention: answered in its thread, or in the one that begins with it."""
    event = _dict(body, "event")
    team = _text(event, "user_team") or _text(event, "team") or _own_team(body)
    channel = _text(event, "channel")
    return Interaction(
        key=_text(body, "event_id"),
        asker=Asker(_text(event, "user"), team, channel),
        place=Place(channel=channel, thread=_text(event, "thread_ts") or _text(event, "ts"), shared=True),
        how=How.MENTION,
        text=_text(event, "text"),
        enterprise=_enterprise(body),
        is_bot=bool(event.get("bot_id")),
    )


def _own_team(body: Body) -> str:
    """The workspace that an event comes from, unless the channel is shared: then it says nothing about the person."""
    return "" if body.get("is_ext_shared_channel") else _text(body, "team_id")


def from_action(body: Body) -> Interaction:
    """A click in a message or a modal. An ephemeral message is not in the payload."""
    actions = body.get("actions")
    action = actions[0] if isinstance(actions, list) and actions and isinstance(actions[0], dict) else {}
    container, message = _dict(body, "container"), _dict(body, "message")
    form = _text(body, "view", "private_metadata")
    channel = _text(body, "channel", "id") or _text(container, "channel_id") or channel_of(form)
    return Interaction(
        key=_text(body, "trigger_id"),
        asker=_clicker(body, channel),
        place=Place(
            channel=channel,
            thread=_text(message, "thread_ts") or _text(container, "thread_ts"),
            response_url=_text(body, "response_url"),
            trigger=_text(body, "trigger_id"),
            view=_text(body, "view", "id"),
            shared=not container.get("is_ephemeral") and not body.get("view"),
        ),
        how=How.CLICK,
        action=_text(action, "action_id"),
        text=_text(action, "value") or _text(action, "selected_option", "value"),
        enterprise=_enterprise(body),
        block=_text(action, "block_id"),
        form=form,
    )


_CHANNEL = re.compile(r"channel=([A-Z][A-Z0-9]{0,30})(?:\n|$)")


def channel_text(channel: str) -> str:
    """How a modal keeps the channel that it was opened from, as the first line of its private metadata.

    Slack does not say it with what is done in a modal, and what somebody may do depends on where they do it.
    """
    return f"channel={channel}"


def channel_of(form: str) -> str:
    """The channel that a modal was opened from; "" where it keeps none."""
    found = _CHANNEL.match(form)
    return found[1] if found else ""


def from_submission(body: Body) -> Interaction:
    """A form that was sent; its `text` is the form's private metadata."""
    return Interaction(
        key=_text(body, "trigger_id") or _text(body, "view", "id") + _text(body, "view", "hash"),
        asker=_clicker(body, ""),
        place=Place(trigger=_text(body, "trigger_id"), view=_text(body, "view", "id")),
        how=How.FORM,
        action=_text(body, "view", "callback_id"),
        text=_text(body, "view", "private_metadata"),
        enterprise=_enterprise(body),
    )


def from_suggestion(body: Body) -> Interaction:
    """Somebody types into a menu whose entries are asked of the bot; `text` is what they have typed."""
    return Interaction(
        key="",
        asker=_clicker(body, _text(body, "channel", "id")),
        place=Place(view=_text(body, "view", "id")),
        how=How.FORM,
        action=_text(body, "action_id"),
        text=_text(body, "value"),
        enterprise=_enterprise(body),
    )


def _clicker(body: Body, channel: str) -> Asker:
    """The person with their own workspace; the one of the payload only where theirs is not said."""
    team = _text(body, "user", "team_id") or _text(body, "team", "id")
    return Asker(_text(body, "user", "id"), team, channel)


def _enterprise(body: Body) -> str:
    return _text(body, "enterprise", "id") or _text(body, "enterprise_id") or _text(body, "team", "enterprise_id")


def _dict(body: Body, key: str) -> Body:
    found = body.get(key)
    return found if isinstance(found, dict) else {}


def _text(body: Body, *path: str) -> str:
    """The text at a path, "" where there is none."""
    *above, last = path
    for key in above:
        body = _dict(body, key)
    found = body.get(last)
    return found if isinstance(found, str) else ""
