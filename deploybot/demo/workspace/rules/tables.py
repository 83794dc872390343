"""Tables, sortable data tables and charts, with the rules that span rows, columns and series."""

from collections.abc import Mapping
from typing import Any

from deploybot.demo.workspace.rules import limits
from deploybot.demo.workspace.rules.problem import Problem
from deploybot.demo.workspace.rules.richtext import RICH_TEXT
from deploybot.demo.workspace.rules.shapes import (
    Check,
    Problems,
    array,
    flag,
    nullable,
    number,
    record,
    tagged,
    text,
    whole,
    word,
)

RAW_TEXT = record({"type": word("raw_text"), "text": text(limits.DATA_TABLE_TEXT, least=1)})
RAW_NUMBER = record({"type": word("raw_number"), "value": number(), "text": text(limits.TEXT, least=1)})
PLAIN_CELLS: Mapping[str, Check] = {"raw_text": RAW_TEXT, "raw_number": RAW_NUMBER}
CELL = tagged({**PLAIN_CELLS, "rich_text": RICH_TEXT}, "table cell")
COLUMN = record({}, {"align": word("left", "center", "right"), "is_wrapped": flag})

TABLE_FIELDS: Mapping[str, Check] = {"rows": array(array(CELL, 1, limits.TABLE_CELLS), 1, limits.TABLE_ROWS)}
TABLE_OPTIONS: Mapping[str, Check] = {"column_settings": array(nullable(COLUMN), 0, limits.TABLE_CELLS)}
DATA_TABLE_FIELDS: Mapping[str, Check] = {
    "rows": array(array(CELL, *limits.DATA_TABLE_CELLS), *limits.DATA_TABLE_ROWS),
    "caption": text(limits.TEXT, least=1),
}
DATA_TABLE_OPTIONS: Mapping[str, Check] = {
    "page_size": whole(1, limits.DATA_TABLE_PAGE),
    "row_header_column_index": whole(0, limits.DATA_TABLE_CELLS[1] - 1),
}

LABEL = text(limits.CHART_LABEL, least=1)
POINT = record({"label": LABEL, "value": number()})
SERIES = record({"name": LABEL, "data": array(POINT, 1, limits.CHART_POINTS)})
AXES = record(
    {"categories": array(LABEL, 1, limits.CHART_POINTS)},
    {"x_label": text(limits.CHART_AXIS), "y_label": text(limits.CHART_AXIS)},
)
SEGMENT = record({"label": LABEL, "value": number(above=0)})


def points_fit_categories(value: dict[str, Any], at: str) -> Problems:
    """A rule for charts with axes: every series has one point for every category; names and categories are unique."""
    categories, series = value["axis_config"]["categories"], value["series"]
    names = [one["name"] for one in series]
    if len(set(categories)) != len(categories):
        yield Problem(f"{at}/axis_config/categories", "must be unique")
    if len(set(names)) != len(names):
        yield Problem(f"{at}/series", "names must be unique")
    for index, one in enumerate(series):
        if sorted(point["label"] for point in one["data"]) != sorted(categories):
            yield Problem(f"{at}/series/{index}/data", "needs exactly one point for every category")


def _chart(kind: str) -> Check:
    fields = {"type": word(kind), "series": array(SERIES, 1, limits.CHART_SEGMENTS), "axis_config": AXES}
    return record(fields, {}, points_fit_categories)


CHART = tagged(
    {
        "pie": record({"type": word("pie"), "segments": array(SEGMENT, 1, limits.CHART_SEGMENTS)}),
        "bar": _chart("bar"),
        "area": _chart("area"),
        "line": _chart("line"),
    },
    "chart",
)
CHART_FIELDS: Mapping[str, Check] = {"title": text(limits.CHART_TITLE, least=1), "chart": CHART}


def table_text(value: dict[str, Any], at: str) -> Problems:
    """A rule for tables: all cells together."""
    if cell_characters(value) > limits.TABLE_TEXT:
        yield Problem(f"{at}/rows", f"table text must be less than {limits.TABLE_TEXT + 1} characters")


def data_table_shape(value: dict[str, Any], at: str) -> Problems:
    """A rule for data tables: rows of one length, a header without rich text, a header column that exists."""
    rows = value["rows"]
    if len({len(row) for row in rows}) > 1:
        yield Problem(f"{at}/rows", "all rows must have the same number of cells")
    if any(cell["type"] == "rich_text" for cell in rows[0]):
        yield Problem(f"{at}/rows/0", "header cells must not be rich_text")
    if value.get("row_header_column_index", 0) >= len(rows[0]):
        yield Problem(f"{at}/row_header_column_index", "there is no such column")
    if cell_characters(value) > limits.DATA_TABLE_TEXT:
        yield Problem(f"{at}/rows", f"table text must be less than {limits.DATA_TABLE_TEXT + 1} characters")


def cell_characters(value: Any) -> int:
    """The characters of every `text` inside."""
    match value:
        case list():
            return sum(map(cell_characters, value))
        case dict():
            own = value.get("text")
            nested = sum(cell_characters(item) for key, item in value.items() if key != "text")
            return nested + (len(own) if isinstance(own, str) else 0)
        case _:
            return 0
