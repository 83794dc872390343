"""The workspace's limits beside those of the `slackblocks` package: two independent readings of Slack's rules."""

import re
from collections.abc import Callable
from typing import Any

import pytest
import slackblocks as sb
from slackblocks import _limits, _surfaces

from deploybot.demo.workspace.rules import limits
from deploybot.demo.workspace.rules.blocks import ON_MESSAGE, ON_MODAL
from tests.demo.block_kit_cases import CASES

OURS: dict[str, int] = {
    "TEXT_MAX_LENGTH": limits.TEXT,
    "ACTION_ID_MAX_LENGTH": limits.ID,
    "BLOCK_ID_MAX_LENGTH": limits.ID,
    "BUTTON_TEXT_MAX_LENGTH": limits.BUTTON_TEXT,
    "BUTTON_URL_MAX_LENGTH": limits.BUTTON_URL,
    "BUTTON_VALUE_MAX_LENGTH": limits.BUTTON_VALUE,
    "BUTTON_ACCESSIBILITY_LABEL_MAX_LENGTH": limits.LABEL_FOR_SCREEN_READERS,
    "BUTTON_AGENT_PROMPT_MAX_LENGTH": limits.AGENT_PROMPT,
    "CONFIRMATION_TITLE_MAX_LENGTH": limits.CONFIRM_TITLE,
    "CONFIRMATION_TEXT_MAX_LENGTH": limits.CONFIRM_TEXT,
    "CONFIRMATION_CONFIRM_MAX_LENGTH": limits.CONFIRM_BUTTON,
    "CONFIRMATION_DENY_MAX_LENGTH": limits.CONFIRM_BUTTON,
    "OPTION_TEXT_MAX_LENGTH": limits.OPTION_TEXT,
    "OPTION_VALUE_MAX_LENGTH": limits.OPTION_VALUE,
    "OPTION_DESCRIPTION_MAX_LENGTH": limits.OPTION_DESCRIPTION,
    "OPTION_URL_MAX_LENGTH": limits.OPTION_URL,
    "OPTION_GROUP_LABEL_MAX_LENGTH": limits.GROUP_LABEL,
    "OPTION_GROUP_OPTIONS_MAX_ITEMS": limits.OPTIONS,
    "SELECT_PLACEHOLDER_MAX_LENGTH": limits.PLACEHOLDER,
    "SELECT_OPTIONS_MAX_ITEMS": limits.OPTIONS,
    "SELECT_OPTION_GROUPS_MAX_ITEMS": limits.GROUPS,
    "OVERFLOW_OPTIONS_MAX_ITEMS": limits.OVERFLOW_OPTIONS,
    "CHECKBOXES_OPTIONS_MAX_ITEMS": limits.CHECKBOX_OPTIONS,
    "RADIO_BUTTONS_OPTIONS_MAX_ITEMS": limits.CHECKBOX_OPTIONS,
    "FILE_INPUT_MAX_FILES_MAX": limits.FILES,
    "PLAIN_TEXT_INPUT_MIN_LENGTH_MAX": limits.TYPED_TEXT,
    "PLAIN_TEXT_INPUT_MAX_LENGTH_MAX": limits.TYPED_TEXT,
    "PLAIN_TEXT_INPUT_PLACEHOLDER_MAX_LENGTH": limits.PLACEHOLDER,
    "EMAIL_INPUT_PLACEHOLDER_MAX_LENGTH": limits.PLACEHOLDER,
    "URL_INPUT_PLACEHOLDER_MAX_LENGTH": limits.PLACEHOLDER,
    "NUMBER_INPUT_PLACEHOLDER_MAX_LENGTH": limits.PLACEHOLDER,
    "DATE_PICKER_PLACEHOLDER_MAX_LENGTH": limits.PLACEHOLDER,
    "TIME_PICKER_PLACEHOLDER_MAX_LENGTH": limits.PLACEHOLDER,
    "RICH_TEXT_INPUT_PLACEHOLDER_MAX_LENGTH": limits.PLACEHOLDER,
    "RICH_TEXT_INPUT_MIN_LINES_MAX": limits.INPUT_LINES,
    "RICH_TEXT_INPUT_MAX_LINES_MAX": limits.INPUT_LINES,
    "ACTIONS_ELEMENTS_MAX_ITEMS": limits.ACTIONS_ELEMENTS,
    "ALERT_TEXT_MAX_LENGTH": limits.ALERT_TEXT,
    "CARD_TITLE_MAX_LENGTH": limits.CARD_TITLE,
    "CARD_SUBTITLE_MAX_LENGTH": limits.CARD_TITLE,
    "CARD_BODY_MAX_LENGTH": limits.CARD_BODY,
    "CARD_ACTIONS_MAX_ITEMS": limits.CARD_BUTTONS,
    "CARD_SUBTEXT_MAX_LENGTH": limits.CARD_BODY,
    "CAROUSEL_ELEMENTS_MAX_ITEMS": limits.CAROUSEL_CARDS,
    "CONTAINER_TITLE_MAX_LENGTH": limits.CONTAINER_TITLE,
    "CONTAINER_SUBTITLE_MAX_LENGTH": limits.CONTAINER_TITLE,
    "CONTAINER_CHILD_BLOCKS_MAX_ITEMS": limits.CONTAINER_BLOCKS,
    "CONTEXT_ELEMENTS_MAX_ITEMS": limits.CONTEXT_ELEMENTS,
    "CONTEXT_ACTIONS_ELEMENTS_MAX_ITEMS": limits.CONTEXT_ACTIONS_ELEMENTS,
    "FEEDBACK_BUTTON_TEXT_MAX_LENGTH": limits.BUTTON_TEXT,
    "FEEDBACK_BUTTON_VALUE_MAX_LENGTH": limits.BUTTON_VALUE,
    "FEEDBACK_BUTTON_ACCESSIBILITY_LABEL_MAX_LENGTH": limits.LABEL_FOR_SCREEN_READERS,
    "ICON_BUTTON_VALUE_MAX_LENGTH": limits.BUTTON_VALUE,
    "ICON_BUTTON_ACCESSIBILITY_LABEL_MAX_LENGTH": limits.LABEL_FOR_SCREEN_READERS,
    "ICON_BUTTON_VISIBLE_TO_USER_IDS_MAX_ITEMS": limits.VISIBLE_TO,
    "WORKFLOW_BUTTON_TEXT_MAX_LENGTH": limits.BUTTON_TEXT,
    "WORKFLOW_BUTTON_ACCESSIBILITY_LABEL_MAX_LENGTH": limits.LABEL_FOR_SCREEN_READERS,
    "TABLE_ROWS_MAX_ITEMS": limits.TABLE_ROWS,
    "TABLE_COLUMNS_MAX_ITEMS": limits.TABLE_CELLS,
    "TABLE_COLUMN_SETTINGS_MAX_ITEMS": limits.TABLE_CELLS,
    "DATA_TABLE_ROWS_MAX_ITEMS": limits.DATA_TABLE_ROWS[1],
    "DATA_TABLE_COLUMNS_MAX_ITEMS": limits.DATA_TABLE_CELLS[1],
    "DATA_TABLE_PAGE_SIZE_MAX": limits.DATA_TABLE_PAGE,
    "DATA_TABLE_CONTENT_MAX_LENGTH": limits.DATA_TABLE_TEXT,
    "DATA_TABLE_TOTAL_CONTENT_MAX_LENGTH": limits.DATA_TABLE_TEXT,
    "DATA_VISUALIZATION_TITLE_MAX_LENGTH": limits.CHART_TITLE,
    "DATA_VISUALIZATION_SEGMENTS_MAX_ITEMS": limits.CHART_SEGMENTS,
    "DATA_VISUALIZATION_SEGMENT_LABEL_MAX_LENGTH": limits.CHART_LABEL,
    "DATA_VISUALIZATION_SERIES_MAX_ITEMS": limits.CHART_SEGMENTS,
    "DATA_VISUALIZATION_SERIES_NAME_MAX_LENGTH": limits.CHART_LABEL,
    "DATA_VISUALIZATION_DATA_MAX_ITEMS": limits.CHART_POINTS,
    "DATA_VISUALIZATION_POINT_LABEL_MAX_LENGTH": limits.CHART_LABEL,
    "DATA_VISUALIZATION_CATEGORIES_MAX_ITEMS": limits.CHART_POINTS,
    "DATA_VISUALIZATION_CATEGORY_LABEL_MAX_LENGTH": limits.CHART_LABEL,
    "DATA_VISUALIZATION_AXIS_LABEL_MAX_LENGTH": limits.CHART_AXIS,
    "HEADER_TEXT_MAX_LENGTH": limits.HEADER_TEXT,
    "IMAGE_IMAGE_URL_MAX_LENGTH": limits.IMAGE_URL,
    "IMAGE_ALT_TEXT_MAX_LENGTH": limits.ALT_TEXT,
    "IMAGE_TITLE_MAX_LENGTH": limits.IMAGE_TITLE,
    "IMAGE_ELEMENT_IMAGE_URL_MAX_LENGTH": limits.IMAGE_URL,
    "IMAGE_ELEMENT_ALT_TEXT_MAX_LENGTH": limits.ALT_TEXT,
    "INPUT_LABEL_MAX_LENGTH": limits.INPUT_LABEL,
    "INPUT_HINT_MAX_LENGTH": limits.INPUT_LABEL,
    "MARKDOWN_TEXT_MAX_LENGTH": limits.MARKDOWN_PER_MESSAGE,
    "MARKDOWN_TOTAL_TEXT_MAX_LENGTH": limits.MARKDOWN_PER_MESSAGE,
    "PLAN_TASKS_MAX_ITEMS": limits.PLAN_TASKS,
    "SECTION_TEXT_MAX_LENGTH": limits.SECTION_TEXT,
    "SECTION_FIELDS_MAX_ITEMS": limits.SECTION_FIELDS,
    "SECTION_FIELDS_ITEM_MAX_LENGTH": limits.SECTION_FIELD,
    "VIDEO_ALT_TEXT_MAX_LENGTH": limits.ALT_TEXT,
    "VIDEO_TITLE_MAX_LENGTH": limits.VIDEO_TITLE,
    "VIDEO_AUTHOR_NAME_MAX_LENGTH": limits.VIDEO_AUTHOR,
    "VIDEO_DESCRIPTION_MAX_LENGTH": limits.VIDEO_TITLE,
    "VIDEO_PROVIDER_NAME_MAX_LENGTH": limits.VIDEO_AUTHOR,
    "VIDEO_THUMBNAIL_URL_MAX_LENGTH": limits.VIDEO_URL,
    "VIDEO_VIDEO_URL_MAX_LENGTH": limits.VIDEO_URL,
    "VIDEO_TITLE_URL_MAX_LENGTH": limits.VIDEO_TITLE_URL,
    "VIDEO_PROVIDER_ICON_URL_MAX_LENGTH": limits.VIDEO_TITLE_URL,
    "MESSAGE_DATA_VISUALIZATIONS_MAX_ITEMS": limits.CHARTS_PER_MESSAGE,
    "MESSAGE_BLOCKS_MAX_ITEMS": limits.BLOCKS_PER_MESSAGE,
    "VIEW_BLOCKS_MAX_ITEMS": limits.BLOCKS_PER_VIEW,
    "VIEW_PRIVATE_METADATA_MAX_LENGTH": limits.PRIVATE_METADATA,
    "VIEW_CALLBACK_ID_MAX_LENGTH": limits.ID,
    "VIEW_EXTERNAL_ID_MAX_LENGTH": limits.ID,
    "VIEW_TITLE_MAX_LENGTH": limits.VIEW_TITLE,
    "VIEW_CLOSE_MAX_LENGTH": limits.VIEW_TITLE,
    "VIEW_SUBMIT_MAX_LENGTH": limits.VIEW_TITLE,
}

NOT_COMPARED = {
    "MESSAGE_ATTACHMENTS_MAX_ITEMS": "legacy attachments are stored unjudged: the bot sends blocks",
    "DISPATCH_ACTION_CONFIGURATION_TRIGGER_ACTIONS_ON_MAX_ITEMS": "there are two such words",
    "RICH_TEXT_LIST_INDENT_MAX": "told in place, in rules/richtext.py",
    "RICH_TEXT_LIST_BORDER_MAX": "told in place, in rules/richtext.py",
    "RICH_TEXT_QUOTE_BORDER_MAX": "told in place, in rules/richtext.py",
    "RICH_TEXT_PREFORMATTED_BORDER_MAX": "told in place, in rules/richtext.py",
}


def bounds(side: str) -> dict[str, int]:
    """The names in slackblocks' table that end in this side of a range, `MIN` or `MAX`."""
    pattern = re.compile(rf".*_{side}(_LENGTH|_ITEMS)?")
    return {name: value for name, value in vars(_limits).items() if pattern.fullmatch(name)}


def test_every_maximum_that_slackblocks_knows_is_the_same_here() -> None:
    maxima = bounds("MAX")
    assert set(maxima) == set(OURS) | set(NOT_COMPARED)
    assert {name: maxima[name] for name in OURS} == OURS


def test_a_minimum_is_nothing_or_one_but_for_the_rows_of_a_data_table() -> None:
    """Ours stand in the shapes as `least`."""
    minima = bounds("MIN")
    assert len(minima) > 10
    assert {name: value for name, value in minima.items() if value not in (0, 1)} == {
        "DATA_TABLE_ROWS_MIN_ITEMS": limits.DATA_TABLE_ROWS[0]
    }


UNKNOWN_TO_SLACKBLOCKS = {"auth_provider"}


def test_blocks_go_where_slackblocks_lets_them_go() -> None:
    surfaces = _surfaces._BLOCK_TYPES_BY_SURFACE
    assert surfaces["message"] == ON_MESSAGE - UNKNOWN_TO_SLACKBLOCKS
    assert surfaces["modal"] == ON_MODAL


def menu_of(count: int) -> Any:
    return sb.StaticSelectMenu("menu", options=options(count))


def button(**fields: Any) -> Any:
    return sb.Button(**({"text": "Go", "action_id": "go"} | fields))


def confirmed(**fields: Any) -> Any:
    return button(
        confirm=sb.ConfirmationDialogue(**({"title": "t", "text": "t", "confirm": "y", "deny": "n"} | fields))
    )


def options(count: int) -> list[Any]:
    return [sb.Option(plain(f"o{i}"), f"v{i}") for i in range(count)]


def modal(**fields: Any) -> Any:
    return sb.ModalView(**({"title": "t", "blocks": [sb.DividerBlock()], "submit": "Go"} | fields))


def video(**fields: Any) -> Any:
    urls = {"thumbnail_url": "https://example.com/t.png", "video_url": "https://example.com/v"}
    return sb.VideoBlock(**({"alt_text": "a", "title": "t"} | urls | fields))


def plain(text: str) -> Any:
    return sb.Text(text, sb.TextType.PLAINTEXT)


def bars(points: int) -> Any:
    names = [f"day {point}" for point in range(points)]
    series = [sb.DataSeries("one", [sb.DataPoint(name, 1) for name in names])]
    return sb.DataVisualizationBlock("t", sb.BarChart(series, sb.AxisConfig(names)))


def pie(segments: int = 1, label: str = "a", title: str = "t") -> Any:
    return sb.DataVisualizationBlock(title, sb.PieChart([sb.ChartSegment(label, 1)] * segments))


def rows(count: int, cells: int = 1) -> list[list[Any]]:
    return [[sb.RawText("x")] * cells for _ in range(count)]


THEIRS: dict[str, Callable[[int], Any]] = {
    "blocks": lambda n: sb.Message("C1", "x", [sb.DividerBlock() for _ in range(n)]),
    "section.text": lambda n: sb.SectionBlock("x" * n),
    "section.fields": lambda n: sb.SectionBlock("x", fields=["x"] * n),
    "section.field": lambda n: sb.SectionBlock("x", fields=["x" * n]),
    "block_id": lambda n: sb.SectionBlock("x", block_id="x" * n),
    "header": lambda n: sb.HeaderBlock("x" * n),
    "context": lambda n: sb.ContextBlock([plain("x")] * n),
    "actions": lambda n: sb.ActionsBlock([button(action_id=f"a{i}") for i in range(n)]),
    "button.text": lambda n: button(text="x" * n),
    "button.value": lambda n: button(value="x" * n),
    "button.url": lambda n: button(url="x" * n),
    "action_id": lambda n: button(action_id="x" * n),
    "accessibility_label": lambda n: button(accessibility_label="x" * n),
    "agent_prompt": lambda n: button(agent_prompt="x" * n),
    "confirm.title": lambda n: confirmed(title="x" * n),
    "confirm.text": lambda n: confirmed(text="x" * n),
    "confirm.deny": lambda n: confirmed(deny="x" * n),
    "option.text": lambda n: sb.Option("x" * n, "v"),
    "option.value": lambda n: sb.Option("o", "x" * n),
    "option.description": lambda n: sb.Option("o", "v", description="x" * n),
    "static_select": menu_of,
    "option_groups": lambda n: sb.StaticSelectMenu("menu", option_groups=[sb.OptionGroup("g", options(1))] * n),
    "placeholder": lambda n: sb.StaticSelectMenu("menu", options=options(1), placeholder="x" * n),
    "overflow": lambda n: sb.OverflowMenu("o", options(n)),
    "checkboxes": lambda n: sb.CheckboxGroup("c", options(n)),
    "radio_buttons": lambda n: sb.RadioButtonGroup("r", options(n)),
    "image.url": lambda n: sb.ImageBlock("x" * n, "a"),
    "image.alt_text": lambda n: sb.ImageBlock("https://example.com/a.png", "x" * n),
    "image.title": lambda n: sb.ImageBlock("https://example.com/a.png", "a", title="x" * n),
    "input.label": lambda n: sb.InputBlock("x" * n, sb.PlainTextInput("name")),
    "input.hint": lambda n: sb.InputBlock("x", sb.PlainTextInput("name"), hint="x" * n),
    "markdown": lambda n: sb.MarkdownBlock("x" * n),
    "table.rows": lambda n: sb.TableBlock(rows(n)),
    "table.cells": lambda n: sb.TableBlock(rows(1, n)),
    "table.columns": lambda n: sb.TableBlock(rows(1), column_settings=[sb.ColumnSettings()] * n),
    "data_table.rows": lambda n: sb.DataTableBlock(rows(n), "All"),
    "data_table.cells": lambda n: sb.DataTableBlock(rows(2, n), "All"),
    "data_table.text": lambda n: sb.DataTableBlock([[sb.RawText("x")], [sb.RawText("x" * (n - 1))]], "All"),
    "data_table.page_size": lambda n: sb.DataTableBlock(rows(2), "All", page_size=n),
    "chart.title": lambda n: pie(title="x" * n),
    "chart.segments": pie,
    "chart.label": lambda n: pie(label="x" * n),
    "chart.points": bars,
    "charts": lambda n: sb.Message("C1", "x", [pie() for _ in range(n)]),
    "card.title": lambda n: sb.CardBlock(title="x" * n),
    "card.body": lambda n: sb.CardBlock(title="t", body="x" * n),
    "card.actions": lambda n: sb.CardBlock(title="t", actions=[button(action_id=f"a{i}") for i in range(n)]),
    "carousel": lambda n: sb.CarouselBlock([sb.CardBlock(title="t") for _ in range(n)]),
    "container": lambda n: sb.ContainerBlock([sb.SectionBlock("x") for _ in range(n)], title="t"),
    "container.title": lambda n: sb.ContainerBlock([sb.SectionBlock("x")], title="x" * n),
    "context_actions": lambda n: sb.ContextActionsBlock([sb.IconButton("x", action_id=f"a{i}") for i in range(n)]),
    "video.title": lambda n: video(title="x" * n),
    "view.blocks": lambda n: modal(blocks=[sb.DividerBlock() for _ in range(n)]),
    "view.title": lambda n: modal(title="x" * n),
    "view.submit": lambda n: modal(submit="x" * n),
    "view.close": lambda n: modal(close="x" * n),
    "view.callback_id": lambda n: modal(callback_id="x" * n),
    "view.external_id": lambda n: modal(external_id="x" * n),
    "view.private_metadata": lambda n: modal(private_metadata="x" * n),
    "max_length": lambda n: sb.PlainTextInput("name", max_length=n),
    "alert": lambda n: sb.AlertBlock("x" * n),
}

NO_OPINION = {
    "table.text": "slackblocks does not count the characters of a table",
    "auth_provider.name": "slackblocks does not know the block",
    "input.initial_value": "slackblocks does not measure initial values",
}


def test_every_limit_has_a_second_opinion_or_a_reason_for_none() -> None:
    assert {case.name for case in CASES} == set(THEIRS) | set(NO_OPINION)


@pytest.mark.parametrize("case", [case for case in CASES if case.name in THEIRS], ids=lambda case: case.name)
def test_slackblocks_draws_the_line_at_the_same_place(case: Any) -> None:
    build = THEIRS[case.name]
    build(case.most)
    with pytest.raises(sb.InvalidUsageError):
        build(case.most + 1)
    assert case.problems(case.most) == ()
    assert case.problems(case.most + 1) != ()
