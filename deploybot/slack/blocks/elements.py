"""The few Block Kit shapes that the renderers are made of, as plain dicts."""

from collections.abc import Sequence
from typing import Any

from deploybot.slack.limits import OPTION_VALUE, URL, Block
from deploybot.slack.text import size

Element = dict[str, Any]


def plain_text(text: str) -> Element:
    return {"type": "plain_text", "text": text}


def header(text: str) -> Block:
    return {"type": "header", "text": plain_text(text)}


def section(lines: Sequence[str], accessory: Element | None = None) -> Block:
    """Lines of mrkdwn, already escaped; empty ones are left out."""
    block: Block = {"type": "section", "text": {"type": "mrkdwn", "text": "\n".join(filter(None, lines))}}
    return {**block, "accessory": accessory} if accessory else block


def context(lines: Sequence[str]) -> Block:
    """Lines of mrkdwn in small print, already escaped; empty ones are left out."""
    return {"type": "context", "elements": [{"type": "mrkdwn", "text": "\n".join(filter(None, lines))}]}


def credit(shared_by: str) -> list[Block]:
    """Who shared an answer, "" for nobody; a mention of theirs, who pressed the button themselves."""
    return [context([f"shared by <@{shared_by}>"])] if shared_by.isalnum() else []


_REPEAT = "(may be a repeat)"


def repeated(repeat: bool) -> list[Block]:
    """The mark of a message that may be there already, since nobody can look."""
    return [context([_REPEAT])] if repeat else []


def repeated_text(text: str, repeat: bool) -> str:
    """The text with the same mark in front, where it is not cut off."""
    return f"{_REPEAT} {text}" if repeat else text


def divider() -> Block:
    return {"type": "divider"}


def actions(buttons: Sequence[Element]) -> list[Block]:
    """A row of buttons; none where there is nothing to press."""
    return [{"type": "actions", "elements": list(buttons)}] if buttons else []


def button(action: str, label: str, value: str, spoken: str) -> Element:
    """A button; `spoken` is what a screen reader says instead of the short label."""
    return {
        "type": "button",
        "action_id": action,
        "text": plain_text(label),
        "value": value,
        "accessibility_label": spoken,
    }


def overflow(action: str, options: Sequence[Element]) -> Element | None:
    """A menu; options whose value or address Slack would not take are left out, and so is an empty menu."""
    usable = [
        option for option in options if size(option["value"]) <= OPTION_VALUE and size(option.get("url", "")) <= URL
    ]
    return {"type": "overflow", "action_id": action, "options": usable} if usable else None


def option(label: str, value: str, url: str | None = None) -> Element:
    """An entry of a menu or a select."""
    entry: Element = {"text": plain_text(label), "value": value}
    return {**entry, "url": url} if url else entry
