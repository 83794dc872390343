"""Composition objects: texts, options, confirm dialogs, filters, files; https://docs.slack.dev/reference/block-kit."""

from collections.abc import Mapping
from typing import Any

from deploybot.demo.workspace.rules import limits
from deploybot.demo.workspace.rules.problem import Problem
from deploybot.demo.workspace.rules.shapes import (
    Check,
    Problems,
    array,
    flag,
    one_of,
    record,
    tagged,
    text,
    word,
)


def plain(most: int = limits.TEXT) -> Check:
    """A `plain_text` object of 1 to `most` characters."""
    return tagged({"plain_text": _plain(most)}, "text object")


def either(most: int = limits.TEXT) -> Check:
    """A `plain_text` or `mrkdwn` object of 1 to `most` characters."""
    return tagged({"plain_text": _plain(most), "mrkdwn": _mrkdwn(most)}, "text object")


def _plain(most: int) -> Check:
    return record({"type": word("plain_text"), "text": text(most, least=1)}, {"emoji": flag})


def _mrkdwn(most: int) -> Check:
    return record({"type": word("mrkdwn"), "text": text(most, least=1)}, {"verbatim": flag})


def option(label: Check, extra: Mapping[str, Check] | None = None) -> Check:
    required = {"text": label, "value": text(limits.OPTION_VALUE)}
    return record(required, {"description": either(limits.OPTION_DESCRIPTION), **(extra or {})})


MENU_OPTION = option(plain(limits.OPTION_TEXT))
BOX_OPTION = option(either(limits.OPTION_TEXT))
OVERFLOW_OPTION = option(plain(limits.OPTION_TEXT), {"url": text(limits.OPTION_URL)})
OPTION_GROUP = record({"label": plain(limits.GROUP_LABEL), "options": array(MENU_OPTION, 1, limits.OPTIONS)})

CONFIRM = record(
    {
        "title": plain(limits.CONFIRM_TITLE),
        "text": either(limits.CONFIRM_TEXT),
        "confirm": plain(limits.CONFIRM_BUTTON),
        "deny": plain(limits.CONFIRM_BUTTON),
    },
    {"style": word("primary", "danger")},
)
DISPATCH_ACTION = record({"trigger_actions_on": array(word("on_enter_pressed", "on_character_entered"), 1, 2)})
CONVERSATION_FILTER = record(
    {},
    {
        "include": array(word("im", "mpim", "private", "public"), 1, 4),
        "exclude_external_shared_channels": flag,
        "exclude_bot_users": flag,
    },
)
SLACK_FILE = record({}, {"id": text(limits.ID, least=1), "url": text(limits.IMAGE_URL, least=1)}, one_of("id", "url"))
WORKFLOW = record(
    {
        "trigger": record(
            {"url": text(limits.BUTTON_URL, least=1)},
            {
                "customizable_input_parameters": array(
                    record({"name": text(limits.TEXT), "value": text(limits.TEXT)}), 0, 100
                )
            },
        )
    }
)


def initial_is_offered(value: dict[str, Any], at: str) -> Problems:
    """A rule for menus and boxes: what is chosen at first has to be among the options."""
    groups = value.get("option_groups", [])
    offered = [*value.get("options", []), *(one for group in groups for one in group["options"])]
    chosen = [value["initial_option"]] if "initial_option" in value else value.get("initial_options", [])
    if any(option_ not in offered for option_ in chosen):
        yield Problem(at, "the initial option is not among the options")
