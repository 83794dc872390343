"""Every block and what may stand in it; https://docs.slack.dev/reference/block-kit/blocks."""

from collections.abc import Mapping
from typing import Any

from deploybot.demo.workspace.rules import elements, limits, objects, tables
from deploybot.demo.workspace.rules.problem import Problem
from deploybot.demo.workspace.rules.richtext import RICH_TEXT, RICH_TEXT_FIELDS
from deploybot.demo.workspace.rules.shapes import (
    Check,
    Problems,
    any_of,
    array,
    flag,
    one_of,
    record,
    tagged,
    text,
    whole,
    word,
)

BLOCK_ID: Mapping[str, Check] = {"block_id": text(limits.ID, least=1)}


def _block(
    kind: str, required: Mapping[str, Check], optional: Mapping[str, Check] | None = None, *rules: Check
) -> Check:
    return record({"type": word(kind), **required}, {**BLOCK_ID, **(optional or {})}, *rules)


def collapses_sensibly(value: dict[str, Any], at: str) -> Problems:
    """A rule for containers: what starts collapsed can be collapsed, and then has no divider under its header."""
    if value.get("default_collapsed") and not value.get("is_collapsible"):
        yield Problem(at, "default_collapsed needs is_collapsible")
    if value.get("has_header_divider") and value.get("is_collapsible"):
        yield Problem(at, "has_header_divider is for containers that are not collapsible")


def unique_tasks(value: dict[str, Any], at: str) -> Problems:
    """A rule for plans."""
    tasks = [task["task_id"] for task in value["tasks"]]
    if len(set(tasks)) != len(tasks):
        yield Problem(f"{at}/tasks", "task_id must be unique in its plan")


SECTION = _block(
    "section",
    {},
    {
        "text": objects.either(limits.SECTION_TEXT),
        "fields": array(objects.either(limits.SECTION_FIELD), 1, limits.SECTION_FIELDS),
        "accessory": tagged(elements.IN_SECTION, "section accessory"),
        "expand": flag,
    },
    any_of("text", "fields"),
)
HEADER = _block("header", {"text": objects.plain(limits.HEADER_TEXT)}, {"level": whole(1, 4)})
CONTEXT = _block(
    "context",
    {
        "elements": array(
            tagged(
                {"image": elements.IMAGE, "mrkdwn": objects.either(), "plain_text": objects.either()},
                "context element",
            ),
            1,
            limits.CONTEXT_ELEMENTS,
        )
    },
)
ACTIONS = _block(
    "actions",
    {"elements": array(tagged(elements.IN_ACTIONS, "actions element"), 1, limits.ACTIONS_ELEMENTS)},
)
INPUT = _block(
    "input",
    {
        "label": objects.plain(limits.INPUT_LABEL),
        "element": tagged(elements.IN_INPUT, "input element"),
    },
    {"hint": objects.plain(limits.INPUT_LABEL), "optional": flag, "dispatch_action": flag},
)
IMAGE = _block(
    "image",
    {"alt_text": text(limits.ALT_TEXT, least=1)},
    {
        "image_url": text(limits.IMAGE_URL, least=1),
        "slack_file": objects.SLACK_FILE,
        "title": objects.plain(limits.IMAGE_TITLE),
    },
    one_of("image_url", "slack_file"),
)
VIDEO = _block(
    "video",
    {
        "alt_text": text(limits.ALT_TEXT, least=1),
        "title": objects.plain(limits.VIDEO_TITLE),
        "thumbnail_url": text(limits.VIDEO_URL, least=1),
        "video_url": text(limits.VIDEO_URL, least=1),
    },
    {
        "author_name": text(limits.VIDEO_AUTHOR),
        "description": objects.plain(limits.VIDEO_TITLE),
        "provider_icon_url": text(limits.VIDEO_TITLE_URL),
        "provider_name": text(limits.VIDEO_AUTHOR),
        "title_url": text(limits.VIDEO_TITLE_URL),
    },
)
CARD = _block(
    "card",
    {},
    {
        "hero_image": elements.IMAGE,
        "icon": elements.IMAGE,
        "slack_icon": record({"type": word("icon"), "name": text(limits.ID, least=1)}),
        "title": objects.either(limits.CARD_TITLE),
        "subtitle": objects.either(limits.CARD_TITLE),
        "body": objects.either(limits.CARD_BODY),
        "subtext": objects.either(limits.CARD_BODY),
        "actions": array(tagged({"button": elements.BUTTON}, "card action"), 1, limits.CARD_BUTTONS),
    },
    any_of("hero_image", "title", "body", "actions"),
)
TASK_FIELDS: Mapping[str, Check] = {
    "task_id": text(limits.ID, least=1),
    "title": text(limits.TEXT, least=1),
    "status": word("pending", "in_progress", "complete", "error"),
}
TASK_OPTIONS: Mapping[str, Check] = {
    "details": RICH_TEXT,
    "output": RICH_TEXT,
    "sources": array(elements.URL_SOURCE, 1, 100),
}

IN_CONTAINER: Mapping[str, Check] = {
    "actions": ACTIONS,
    "context": CONTEXT,
    "divider": _block("divider", {}),
    "file": _block("file", {"external_id": text(limits.ID, least=1), "source": word("remote")}),
    "header": HEADER,
    "image": IMAGE,
    "input": INPUT,
    "rich_text": _block("rich_text", RICH_TEXT_FIELDS),
    "section": SECTION,
    "table": _block("table", tables.TABLE_FIELDS, tables.TABLE_OPTIONS, tables.table_text),
    "video": VIDEO,
}
BLOCKS: Mapping[str, Check] = {
    **IN_CONTAINER,
    "alert": _block(
        "alert",
        {"text": objects.either(limits.ALERT_TEXT)},
        {"level": word("default", "info", "warning", "error", "success")},
    ),
    "auth_provider": _block(
        "auth_provider",
        {
            "value": text(limits.PROVIDER_VALUE, least=1),
            "name": objects.plain(limits.PROVIDER_NAME),
            "is_connected": flag,
        },
        {
            "description": objects.plain(limits.PROVIDER_VALUE),
            "icon_url": text(limits.PROVIDER_URL),
            "auth_url": text(limits.PROVIDER_URL),
            "disconnect_url": text(limits.PROVIDER_URL),
            "connected_identity": objects.plain(limits.PROVIDER_NAME),
            "connected_context": objects.plain(limits.PROVIDER_NAME),
            "accessory": elements.OVERFLOW,
        },
    ),
    "card": CARD,
    "carousel": _block("carousel", {"elements": array(tagged({"card": CARD}, "card"), 1, limits.CAROUSEL_CARDS)}),
    "container": _block(
        "container",
        {"child_blocks": array(tagged(IN_CONTAINER, "block inside a container"), 1, limits.CONTAINER_BLOCKS)},
        {
            "title": objects.plain(limits.CONTAINER_TITLE),
            "rich_text_title": RICH_TEXT,
            "subtitle": objects.either(limits.CONTAINER_TITLE),
            "width": word("narrow", "standard", "wide", "full"),
            "icon": elements.IMAGE,
            "is_collapsible": flag,
            "default_collapsed": flag,
            "has_header_divider": flag,
        },
        any_of("title", "rich_text_title"),
        collapses_sensibly,
    ),
    "context_actions": _block(
        "context_actions",
        {
            "elements": array(
                tagged(
                    {"feedback_buttons": elements.FEEDBACK_BUTTONS, "icon_button": elements.ICON_BUTTON},
                    "context action",
                ),
                1,
                limits.CONTEXT_ACTIONS_ELEMENTS,
            )
        },
    ),
    "data_table": _block("data_table", tables.DATA_TABLE_FIELDS, tables.DATA_TABLE_OPTIONS, tables.data_table_shape),
    "data_visualization": _block("data_visualization", tables.CHART_FIELDS),
    "markdown": _block("markdown", {"text": text(limits.MARKDOWN_PER_MESSAGE, least=1)}),
    "plan": _block(
        "plan",
        {
            "title": text(limits.TEXT, least=1),
            "tasks": array(record(TASK_FIELDS, TASK_OPTIONS), 0, limits.PLAN_TASKS),
        },
        {},
        unique_tasks,
    ),
    "task_card": _block("task_card", {**TASK_FIELDS, "status": word("in_progress", "complete", "error")}, TASK_OPTIONS),
}

ANYWHERE = frozenset(
    {"actions", "card", "context", "divider", "header", "image", "input", "rich_text", "section", "video"}
)
"""Blocks for messages, modals and home tabs alike: as documented, and where nothing is, as people found by trying."""
ON_MESSAGE = ANYWHERE | {
    *("markdown", "context_actions", "plan", "task_card", "file", "data_visualization", "auth_provider"),
    *("table", "data_table", "carousel", "container"),
}
ON_MODAL = ANYWHERE | {"alert"}
