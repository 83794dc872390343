"""How Slack stores text: `&`, `<` and `>` escaped, its own `<...>` control sequences left alone."""

import re
from typing import Any

_ENTITY_OR_CONTROL = re.compile(
    r"&(?:amp|lt|gt);"
    r"|<(?:[@#!][^<>\s][^<>]*|(?:https?|mailto|slack|tel|ftp):[^<>]+)>"
    r"|[&<>]"
)
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}


def escaped(text: str) -> str:
    """`text` as Slack stores and echoes it; escaping twice changes nothing.

    https://docs.slack.dev/messaging/formatting-message-text
    """
    return _ENTITY_OR_CONTROL.sub(lambda found: _ENTITIES.get(found.group(), found.group()), text)


def fully_escaped(text: str) -> str:
    """`text` with every `&`, `<` and `>` escaped: how a person's typing arrives, and what a text budget counts."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def echoed(value: Any) -> Any:
    """Blocks as Slack echoes them: the text of every mrkdwn object escaped, all else untouched."""
    match value:
        case list():
            return [echoed(item) for item in value]
        case {"type": "mrkdwn", "text": str(text)}:
            return {**value, "text": escaped(text)}
        case dict():
            return {key: echoed(item) for key, item in value.items()}
        case _:
            return value
