"""What becomes of a person's typing on its way to the app: mentions, links, and the three escaped characters; pure."""

import re
from collections.abc import Iterable

from deploybot.demo.workspace.escaping import escaped, fully_escaped
from deploybot.demo.workspace.people import Channel, Person

_PERSON = re.compile(r"(?<![\w.@<])@([\w.-]*\w)")
_CHANNEL = re.compile(r"(?<![\w#<])#([\w-]+)")
_URL = re.compile(r"(?<![<|\w])https?://[^\s<>]+")


def as_command_text(
    text: str, people: Iterable[Person], channels: Iterable[Channel], *, should_escape: bool, entities: bool
) -> str:
    """The `text` of a slash command.

    `should_escape` is the manifest's switch for mentions and links; `entities` says whether `&`, `<` and `>` come
    escaped, which Slack does not document for commands: an app has to understand both.
    """
    sent = fully_escaped(text) if entities else text
    if not should_escape:
        return sent
    sent = _URL.sub(lambda found: f"<{found.group()}>", sent)
    sent = _linked(sent, _PERSON, {person.name: f"<@{person.id}|{person.name}>" for person in people})
    return _linked(sent, _CHANNEL, {known.name: _channel_link(known) for known in channels})


def as_message_text(text: str, people: Iterable[Person], channels: Iterable[Channel]) -> str:
    """The `text` of a message: escaped, with mentions, channels and links as control sequences."""
    sent = escaped(text)
    sent = _URL.sub(lambda found: f"<{found.group()}>", sent)
    sent = _linked(sent, _PERSON, {person.name: f"<@{person.id}>" for person in people})
    return _linked(sent, _CHANNEL, {known.name: _channel_link(known) for known in channels})


def _channel_link(channel: Channel) -> str:
    return f"<#{channel.id}|{'' if channel.is_private else channel.name}>"


def _linked(text: str, pattern: re.Pattern[str], links: dict[str, str]) -> str:
    return pattern.sub(lambda found: links.get(found.group(1), found.group()), text)
