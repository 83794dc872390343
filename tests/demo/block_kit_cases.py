"""Block Kit payloads of any size, one for each limit, for the tests of the workspace's rules."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from deploybot.demo.workspace.rules import Problem, message_problems, view_problems

JsonObject = dict[str, Any]


def plain(text: str) -> JsonObject:
    return {"type": "plain_text", "text": text}


def mrkdwn(text: str) -> JsonObject:
    return {"type": "mrkdwn", "text": text}


def section(**fields: Any) -> JsonObject:
    return {"type": "section", "text": mrkdwn("x")} | fields


def button(**fields: Any) -> JsonObject:
    return {"type": "button", "action_id": "go", "text": plain("Go")} | fields


def option(number: int = 0, **fields: Any) -> JsonObject:
    return {"text": plain(f"Option {number}"), "value": f"v{number}"} | fields


def some_options(count: int) -> list[JsonObject]:
    return [option(number) for number in range(count)]


def confirm(**fields: Any) -> JsonObject:
    return {"title": plain("Sure?"), "text": plain("Really?"), "confirm": plain("Yes"), "deny": plain("No")} | fields


def actions(*elements: JsonObject) -> JsonObject:
    return {"type": "actions", "elements": list(elements)}


def menu(**fields: Any) -> JsonObject:
    return {"type": "static_select", "action_id": "menu"} | fields


def asked(element: JsonObject, **fields: Any) -> JsonObject:
    return {"type": "input", "label": plain("Name"), "element": element} | fields


def typed(**fields: Any) -> JsonObject:
    return {"type": "plain_text_input", "action_id": "name"} | fields


def image(**fields: Any) -> JsonObject:
    return {"type": "image", "image_url": "https://example.com/a.png", "alt_text": "a"} | fields


def cell(text: str = "x") -> JsonObject:
    return {"type": "raw_text", "text": text}


Rows = list[list[JsonObject]]


def grid(rows: int, cells: int = 1) -> Rows:
    return [[cell() for _ in range(cells)] for _ in range(rows)]


def table(rows: Rows, **fields: Any) -> JsonObject:
    return {"type": "table", "rows": rows} | fields


def data_table(rows: Rows, **fields: Any) -> JsonObject:
    return {"type": "data_table", "rows": rows, "caption": "All"} | fields


def pie(segments: int = 1, label: str = "a", title: str = "t") -> JsonObject:
    shown = [{"label": label, "value": 1} for _ in range(segments)]
    return {"type": "data_visualization", "title": title, "chart": {"type": "pie", "segments": shown}}


def bars(points: int) -> JsonObject:
    categories = [f"day {point}" for point in range(points)]
    series = [{"name": "one", "data": [{"label": category, "value": 1} for category in categories]}]
    chart = {"type": "bar", "series": series, "axis_config": {"categories": categories}}
    return {"type": "data_visualization", "title": "t", "chart": chart}


def card(**fields: Any) -> JsonObject:
    return {"type": "card", "title": plain("t")} | fields


def container(**fields: Any) -> JsonObject:
    return {"type": "container", "title": plain("t"), "child_blocks": [section()]} | fields


def modal(*blocks: JsonObject, **fields: Any) -> JsonObject:
    return {"type": "modal", "title": plain("t"), "blocks": list(blocks), "submit": plain("Go")} | fields


@dataclass(frozen=True, slots=True)
class Case:
    """`make(n)` is a message's blocks of size n; up to `most` it is taken, and one more is refused at `pointer`."""

    name: str
    most: int
    make: Callable[[int], list[JsonObject]]
    pointer: str

    def problems(self, size: int) -> tuple[Problem, ...]:
        return message_problems(self.make(size))


@dataclass(frozen=True, slots=True)
class ViewCase:
    """The same for a modal."""

    name: str
    most: int
    make: Callable[[int], JsonObject]
    pointer: str

    def problems(self, size: int) -> tuple[Problem, ...]:
        return view_problems(self.make(size))


CASES: tuple[Case | ViewCase, ...] = (
    Case("blocks", 50, lambda n: [{"type": "divider"}] * n, "/blocks"),
    Case("section.text", 3000, lambda n: [section(text=mrkdwn("x" * n))], "/blocks/0/text/text"),
    Case("section.fields", 10, lambda n: [section(fields=[plain("x")] * n)], "/blocks/0/fields"),
    Case("section.field", 2000, lambda n: [section(fields=[plain("x" * n)])], "/blocks/0/fields/0/text"),
    Case("block_id", 255, lambda n: [section(block_id="x" * n)], "/blocks/0/block_id"),
    Case("header", 150, lambda n: [{"type": "header", "text": plain("x" * n)}], "/blocks/0/text/text"),
    Case("context", 10, lambda n: [{"type": "context", "elements": [plain("x")] * n}], "/blocks/0/elements"),
    Case(
        "actions",
        25,
        lambda n: [actions(*(button(action_id=f"a{i}") for i in range(n)))],
        "/blocks/0/elements",
    ),
    Case("button.text", 75, lambda n: [actions(button(text=plain("x" * n)))], "/blocks/0/elements/0/text/text"),
    Case("button.value", 2000, lambda n: [actions(button(value="x" * n))], "/blocks/0/elements/0/value"),
    Case("button.url", 3000, lambda n: [actions(button(url="x" * n))], "/blocks/0/elements/0/url"),
    Case("action_id", 255, lambda n: [actions(button(action_id="x" * n))], "/blocks/0/elements/0/action_id"),
    Case(
        "accessibility_label",
        75,
        lambda n: [actions(button(accessibility_label="x" * n))],
        "/blocks/0/elements/0/accessibility_label",
    ),
    Case("agent_prompt", 4000, lambda n: [actions(button(agent_prompt="x" * n))], "/blocks/0/elements/0/agent_prompt"),
    Case(
        "confirm.title",
        100,
        lambda n: [actions(button(confirm=confirm(title=plain("x" * n))))],
        "/blocks/0/elements/0/confirm/title/text",
    ),
    Case(
        "confirm.text",
        300,
        lambda n: [actions(button(confirm=confirm(text=plain("x" * n))))],
        "/blocks/0/elements/0/confirm/text/text",
    ),
    Case(
        "confirm.deny",
        30,
        lambda n: [actions(button(confirm=confirm(deny=plain("x" * n))))],
        "/blocks/0/elements/0/confirm/deny/text",
    ),
    Case(
        "option.text",
        75,
        lambda n: [actions(menu(options=[option(text=plain("x" * n))]))],
        "/blocks/0/elements/0/options/0/text/text",
    ),
    Case(
        "option.value",
        150,
        lambda n: [actions(menu(options=[option(value="x" * n)]))],
        "/blocks/0/elements/0/options/0/value",
    ),
    Case(
        "option.description",
        75,
        lambda n: [actions(menu(options=[option(description=plain("x" * n))]))],
        "/blocks/0/elements/0/options/0/description/text",
    ),
    Case("static_select", 100, lambda n: [actions(menu(options=some_options(n)))], "/blocks/0/elements/0/options"),
    Case(
        "option_groups",
        100,
        lambda n: [actions(menu(option_groups=[{"label": plain("g"), "options": some_options(1)}] * n))],
        "/blocks/0/elements/0/option_groups",
    ),
    Case(
        "placeholder",
        150,
        lambda n: [actions(menu(options=some_options(1), placeholder=plain("x" * n)))],
        "/blocks/0/elements/0/placeholder/text",
    ),
    Case(
        "overflow",
        5,
        lambda n: [section(accessory={"type": "overflow", "action_id": "o", "options": some_options(n)})],
        "/blocks/0/accessory/options",
    ),
    Case(
        "checkboxes",
        10,
        lambda n: [actions({"type": "checkboxes", "action_id": "c", "options": some_options(n)})],
        "/blocks/0/elements/0/options",
    ),
    Case(
        "radio_buttons",
        10,
        lambda n: [actions({"type": "radio_buttons", "action_id": "r", "options": some_options(n)})],
        "/blocks/0/elements/0/options",
    ),
    Case("image.url", 3000, lambda n: [image(image_url="x" * n)], "/blocks/0/image_url"),
    Case("image.alt_text", 2000, lambda n: [image(alt_text="x" * n)], "/blocks/0/alt_text"),
    Case("image.title", 2000, lambda n: [image(title=plain("x" * n))], "/blocks/0/title/text"),
    Case("input.label", 2000, lambda n: [asked(typed(), label=plain("x" * n))], "/blocks/0/label/text"),
    Case("input.hint", 2000, lambda n: [asked(typed(), hint=plain("x" * n))], "/blocks/0/hint/text"),
    Case("markdown", 12_000, lambda n: [{"type": "markdown", "text": "x" * n}], "/blocks/0/text"),
    Case("table.rows", 100, lambda n: [table(grid(n))], "/blocks/0/rows"),
    Case("table.cells", 20, lambda n: [table(grid(1, n))], "/blocks/0/rows/0"),
    Case("table.columns", 20, lambda n: [table(grid(1), column_settings=[None] * n)], "/blocks/0/column_settings"),
    Case("table.text", 10_000, lambda n: [table([[cell("x" * n)]])], "/blocks/0/rows"),
    Case("data_table.rows", 201, lambda n: [data_table(grid(n))], "/blocks/0/rows"),
    Case("data_table.cells", 20, lambda n: [data_table(grid(2, n))], "/blocks/0/rows/0"),
    Case(
        "data_table.text",
        20_000,
        lambda n: [data_table([[cell()], [cell("x" * (n - 1))]])],
        "/blocks/0/rows",
    ),
    Case("data_table.page_size", 100, lambda n: [data_table(grid(2), page_size=n)], "/blocks/0/page_size"),
    Case("chart.title", 50, lambda n: [pie(title="x" * n)], "/blocks/0/title"),
    Case("chart.segments", 12, lambda n: [pie(n)], "/blocks/0/chart/segments"),
    Case("chart.label", 20, lambda n: [pie(label="x" * n)], "/blocks/0/chart/segments/0/label"),
    Case("chart.points", 20, lambda n: [bars(n)], "/blocks/0/chart/series/0/data"),
    Case("charts", 2, lambda n: [pie()] * n, "/blocks"),
    Case("card.title", 150, lambda n: [card(title=plain("x" * n))], "/blocks/0/title/text"),
    Case("card.body", 200, lambda n: [card(body=plain("x" * n))], "/blocks/0/body/text"),
    Case(
        "card.actions",
        3,
        lambda n: [card(actions=[button(action_id=f"a{i}") for i in range(n)])],
        "/blocks/0/actions",
    ),
    Case("carousel", 10, lambda n: [{"type": "carousel", "elements": [card()] * n}], "/blocks/0/elements"),
    Case("container", 10, lambda n: [container(child_blocks=[section()] * n)], "/blocks/0/child_blocks"),
    Case("container.title", 150, lambda n: [container(title=plain("x" * n))], "/blocks/0/title/text"),
    Case(
        "context_actions",
        5,
        lambda n: [
            {
                "type": "context_actions",
                "elements": [
                    {"type": "icon_button", "icon": "trash", "text": plain("x"), "action_id": f"a{i}"} for i in range(n)
                ],
            }
        ],
        "/blocks/0/elements",
    ),
    Case(
        "video.title",
        200,
        lambda n: [
            {
                "type": "video",
                "alt_text": "a",
                "title": plain("x" * n),
                "thumbnail_url": "https://example.com/t.png",
                "video_url": "https://example.com/v",
            }
        ],
        "/blocks/0/title/text",
    ),
    Case(
        "auth_provider.name",
        75,
        lambda n: [{"type": "auth_provider", "value": "v", "name": plain("x" * n), "is_connected": False}],
        "/blocks/0/name/text",
    ),
    ViewCase("view.blocks", 100, lambda n: modal(*[{"type": "divider"}] * n), "/view/blocks"),
    ViewCase("view.title", 24, lambda n: modal(title=plain("x" * n)), "/view/title/text"),
    ViewCase("view.submit", 24, lambda n: modal(submit=plain("x" * n)), "/view/submit/text"),
    ViewCase("view.close", 24, lambda n: modal(close=plain("x" * n)), "/view/close/text"),
    ViewCase("view.callback_id", 255, lambda n: modal(callback_id="x" * n), "/view/callback_id"),
    ViewCase("view.external_id", 255, lambda n: modal(external_id="x" * n), "/view/external_id"),
    ViewCase("view.private_metadata", 3000, lambda n: modal(private_metadata="x" * n), "/view/private_metadata"),
    ViewCase(
        "input.initial_value",
        3000,
        lambda n: modal(asked(typed(initial_value="x" * n))),
        "/view/blocks/0/element/initial_value",
    ),
    ViewCase("max_length", 3000, lambda n: modal(asked(typed(max_length=n))), "/view/blocks/0/element/max_length"),
    ViewCase("alert", 200, lambda n: modal({"type": "alert", "text": plain("x" * n)}), "/view/blocks/0/text/text"),
)
