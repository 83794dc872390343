"""Block elements: buttons, menus, inputs and pictures; https://docs.slack.dev/reference/block-kit/block-elements."""

import re
from collections.abc import Mapping
from typing import Any

from deploybot.demo.workspace.rules import limits, objects
from deploybot.demo.workspace.rules.problem import Problem
from deploybot.demo.workspace.rules.richtext import RICH_TEXT
from deploybot.demo.workspace.rules.shapes import (
    Check,
    Problems,
    array,
    flag,
    one_of,
    record,
    text,
    whole,
    word,
)

ACTION_ID = text(limits.ID, least=1)
PLACEHOLDER = objects.plain(limits.PLACEHOLDER)
USER_ID = text(limits.ID, least=1)


def _element(
    kind: str, required: Mapping[str, Check] | None = None, optional: Mapping[str, Check] | None = None, *rules: Check
) -> Check:
    return record({"type": word(kind), **(required or {})}, {"action_id": ACTION_ID, **(optional or {})}, *rules)


def _input(
    kind: str, required: Mapping[str, Check] | None = None, optional: Mapping[str, Check] | None = None, *rules: Check
) -> Check:
    return _element(kind, required, {"placeholder": PLACEHOLDER, "focus_on_load": flag, **(optional or {})}, *rules)


def matching(pattern: str, example: str) -> Check:
    """A string in a fixed shape, such as a date."""

    def check(value: Any, at: str) -> Problems:
        if not isinstance(value, str) or not re.fullmatch(pattern, value):
            yield Problem(at, f"must look like {example}")

    return check


DATE = matching(r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])", "2026-11-23")
TIME = matching(r"([01]\d|2[0-3]):[0-5]\d", "09:30")
DATE_TIME = whole(1_000_000_000, 9_999_999_999)
DECIMAL = matching(r"-?\d+(\.\d+)?", "12.5")
MOST_CHOSEN = {"max_selected_items": whole(1, 100_000)}
CONFIRMED = {"confirm": objects.CONFIRM}
LABELLED = {"accessibility_label": text(limits.LABEL_FOR_SCREEN_READERS)}
STYLE = word("primary", "danger")

IMAGE = record(
    {"type": word("image"), "alt_text": text(limits.ALT_TEXT, least=1)},
    {"image_url": text(limits.IMAGE_URL, least=1), "slack_file": objects.SLACK_FILE},
    one_of("image_url", "slack_file"),
)
BUTTON = _element(
    "button",
    {"text": objects.plain(limits.BUTTON_TEXT)},
    {
        "url": text(limits.BUTTON_URL),
        "value": text(limits.BUTTON_VALUE),
        "style": STYLE,
        "agent_prompt": text(limits.AGENT_PROMPT),
        "agent_prompt_display": text(limits.AGENT_PROMPT),
        "visible_to_user_ids": array(USER_ID, 0, limits.VISIBLE_TO),
        **LABELLED,
        **CONFIRMED,
    },
)
WORKFLOW_BUTTON = _element(
    "workflow_button",
    {"text": objects.plain(limits.BUTTON_TEXT), "workflow": objects.WORKFLOW},
    {"style": STYLE, **LABELLED},
)
OVERFLOW = _element("overflow", {"options": array(objects.OVERFLOW_OPTION, 1, limits.OVERFLOW_OPTIONS)}, CONFIRMED)


def _boxes(kind: str, initial: Mapping[str, Check]) -> Check:
    options = array(objects.BOX_OPTION, 1, limits.CHECKBOX_OPTIONS)
    optional = {**initial, "focus_on_load": flag, **CONFIRMED}
    return _element(kind, {"options": options}, optional, objects.initial_is_offered)


def _menu(kind: str, initial: Mapping[str, Check]) -> Check:
    optional = {
        "options": array(objects.MENU_OPTION, 1, limits.OPTIONS),
        "option_groups": array(objects.OPTION_GROUP, 1, limits.GROUPS),
        **initial,
        **CONFIRMED,
    }
    return _input(kind, {}, optional, one_of("options", "option_groups"), objects.initial_is_offered)


def _external(kind: str, initial: Mapping[str, Check]) -> Check:
    return _input(kind, {}, {"min_query_length": whole(0, 1000), **initial, **CONFIRMED}, _with_action_id)


def _with_action_id(element: Any, at: str) -> Problems:
    """Without one the app would not know which menu is asked about."""
    if isinstance(element, dict) and not element.get("action_id"):
        yield Problem(at, "missing required field: action_id")


def _picker(kind: str, initial: Mapping[str, Check]) -> Check:
    """A menu whose entries Slack itself knows."""
    return _input(kind, {}, {**initial, **CONFIRMED})


MANY_OPTIONS = {"initial_options": array(objects.MENU_OPTION, 1, limits.OPTIONS), **MOST_CHOSEN}
ONE_OPTION = {"initial_option": objects.MENU_OPTION}
RESPONSE_URL = {"response_url_enabled": flag}
CONVERSATIONS = {"default_to_current_conversation": flag, "filter": objects.CONVERSATION_FILTER}
DISPATCHED = {"dispatch_action_config": objects.DISPATCH_ACTION}
TYPED = {"initial_value": text(limits.TYPED_TEXT), **DISPATCHED}

MENUS: Mapping[str, Check] = {
    "static_select": _menu("static_select", ONE_OPTION),
    "multi_static_select": _menu("multi_static_select", MANY_OPTIONS),
    "external_select": _external("external_select", ONE_OPTION),
    "multi_external_select": _external("multi_external_select", MANY_OPTIONS),
    "users_select": _picker("users_select", {"initial_user": USER_ID}),
    "multi_users_select": _picker(
        "multi_users_select", {"initial_users": array(USER_ID, 0, limits.OPTIONS), **MOST_CHOSEN}
    ),
    "conversations_select": _picker(
        "conversations_select", {"initial_conversation": USER_ID, **CONVERSATIONS, **RESPONSE_URL}
    ),
    "multi_conversations_select": _picker(
        "multi_conversations_select",
        {"initial_conversations": array(USER_ID, 0, limits.OPTIONS), **CONVERSATIONS, **MOST_CHOSEN},
    ),
    "channels_select": _picker("channels_select", {"initial_channel": USER_ID, **RESPONSE_URL}),
    "multi_channels_select": _picker(
        "multi_channels_select", {"initial_channels": array(USER_ID, 0, limits.OPTIONS), **MOST_CHOSEN}
    ),
}
BOXES: Mapping[str, Check] = {
    "checkboxes": _boxes("checkboxes", {"initial_options": array(objects.BOX_OPTION, 1, limits.CHECKBOX_OPTIONS)}),
    "radio_buttons": _boxes("radio_buttons", {"initial_option": objects.BOX_OPTION}),
}
PICKERS: Mapping[str, Check] = {
    "datepicker": _input("datepicker", {}, {"initial_date": DATE, **CONFIRMED}),
    "timepicker": _input("timepicker", {}, {"initial_time": TIME, "timezone": text(limits.ID), **CONFIRMED}),
    "datetimepicker": _element(
        "datetimepicker", {}, {"initial_date_time": DATE_TIME, "focus_on_load": flag, **CONFIRMED}
    ),
}
INPUTS: Mapping[str, Check] = {
    "plain_text_input": _input(
        "plain_text_input",
        {},
        {
            "multiline": flag,
            "min_length": whole(0, limits.TYPED_TEXT),
            "max_length": whole(1, limits.TYPED_TEXT),
            **TYPED,
        },
    ),
    "email_text_input": _input("email_text_input", {}, TYPED),
    "url_text_input": _input("url_text_input", {}, TYPED),
    "number_input": _input(
        "number_input",
        {"is_decimal_allowed": flag},
        {"initial_value": DECIMAL, "min_value": DECIMAL, "max_value": DECIMAL, **DISPATCHED},
    ),
    "rich_text_input": _input(
        "rich_text_input",
        {},
        {
            "initial_value": RICH_TEXT,
            "min_lines": whole(1, limits.INPUT_LINES),
            "max_lines": whole(1, limits.INPUT_LINES),
            **DISPATCHED,
        },
    ),
    "file_input": _element(
        "file_input", {}, {"filetypes": array(text(limits.ID, least=1), 1, 100), "max_files": whole(1, limits.FILES)}
    ),
}

_FEEDBACK = record(
    {"text": objects.plain(limits.BUTTON_TEXT), "value": text(limits.BUTTON_VALUE)},
    LABELLED,
)
FEEDBACK_BUTTONS = _element("feedback_buttons", {"positive_button": _FEEDBACK, "negative_button": _FEEDBACK})
ICON_BUTTON = _element(
    "icon_button",
    {"icon": word("trash"), "text": objects.plain()},
    {
        "value": text(limits.BUTTON_VALUE),
        "visible_to_user_ids": array(USER_ID, 0, limits.VISIBLE_TO),
        **LABELLED,
        **CONFIRMED,
    },
)
URL_SOURCE = record({"type": word("url"), "url": text(limits.BUTTON_URL, least=1), "text": text(limits.TEXT, least=1)})

IN_SECTION: Mapping[str, Check] = {
    "image": IMAGE,
    "button": BUTTON,
    "workflow_button": WORKFLOW_BUTTON,
    "overflow": OVERFLOW,
    "datepicker": PICKERS["datepicker"],
    "timepicker": PICKERS["timepicker"],
    **MENUS,
    **BOXES,
}
IN_ACTIONS: Mapping[str, Check] = {
    "button": BUTTON,
    "workflow_button": WORKFLOW_BUTTON,
    "overflow": OVERFLOW,
    **MENUS,
    **BOXES,
    **PICKERS,
    "rich_text_input": INPUTS["rich_text_input"],
}
IN_INPUT: Mapping[str, Check] = {**MENUS, **BOXES, **PICKERS, **INPUTS}
