"""What Slack refuses or screen readers miss, by the simulated workspace's rules, which share nothing with the bot."""

import json
from collections.abc import Iterator
from typing import Any

from deploybot.demo.workspace.rules import counted_text, message_problems, view_problems

BUDGET = 10_000


def assert_message(message: dict[str, Any]) -> None:
    """A message that Slack would take, and that can be heard as well as seen."""
    assert message["text"].strip(), "a screen reader reads nothing"
    assert len(message["text"].encode("utf-16-le")) <= 2 * 4000
    assert message_problems(message["blocks"]) == ()
    assert counted_text(message["blocks"]) <= BUDGET
    _assert_kind(message["blocks"])


def assert_view(view: dict[str, Any]) -> None:
    """A modal that Slack would take."""
    assert view_problems(view) == ()
    _assert_kind(view["blocks"])


def _assert_kind(blocks: list[dict[str, Any]]) -> None:
    json.dumps(blocks).encode("ascii")
    for node in nodes(blocks):
        if node.get("type") == "mrkdwn":
            assert node["verbatim"] is True
            assert node["text"].count("<") == node["text"].count(">")
        if node.get("type") == "button":
            assert node["accessibility_label"]


def nodes(node: object) -> Iterator[dict[str, Any]]:
    """Every object below a node."""
    if isinstance(node, dict):
        yield node
        for value in node.values():
            yield from nodes(value)
    elif isinstance(node, list):
        for item in node:
            yield from nodes(item)
