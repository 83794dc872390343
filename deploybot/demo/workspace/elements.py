"""How a person's choice in an interactive element becomes Slack's JSON: its state, and its entry in `actions`; pure."""

import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from deploybot.demo.workspace.records import JsonObject, StateValues
from deploybot.demo.workspace.refusals import RefusedError


@dataclass(frozen=True, slots=True)
class Shape:
    """Under which key a kind of element holds its value, under which its initial one; what the value is.

    `options` are chosen by their `value`; a `many` element holds a list.
    """

    key: str
    initial: str
    options: bool = False
    many: bool = False


SHAPES: Mapping[str, Shape] = {
    "static_select": Shape("selected_option", "initial_option", options=True),
    "radio_buttons": Shape("selected_option", "initial_option", options=True),
    "external_select": Shape("selected_option", "initial_option", options=True),
    "multi_external_select": Shape("selected_options", "initial_options", options=True, many=True),
    "multi_static_select": Shape("selected_options", "initial_options", options=True, many=True),
    "checkboxes": Shape("selected_options", "initial_options", options=True, many=True),
    "users_select": Shape("selected_user", "initial_user"),
    "channels_select": Shape("selected_channel", "initial_channel"),
    "conversations_select": Shape("selected_conversation", "initial_conversation"),
    "multi_users_select": Shape("selected_users", "initial_users", many=True),
    "multi_channels_select": Shape("selected_channels", "initial_channels", many=True),
    "multi_conversations_select": Shape("selected_conversations", "initial_conversations", many=True),
    "datepicker": Shape("selected_date", "initial_date"),
    "timepicker": Shape("selected_time", "initial_time"),
    "datetimepicker": Shape("selected_date_time", "initial_date_time"),
    "plain_text_input": Shape("value", "initial_value"),
    "email_text_input": Shape("value", "initial_value"),
    "url_text_input": Shape("value", "initial_value"),
    "number_input": Shape("value", "initial_value"),
    "rich_text_input": Shape("rich_text_value", "initial_value"),
}
EXTERNAL = frozenset({"external_select", "multi_external_select"})
"""Elements whose options the app tells when asked."""
WITHOUT_STATE = frozenset({"button", "overflow", "feedback_buttons", "icon_button", "workflow_button"})


@dataclass(frozen=True, slots=True)
class Found:
    """An interactive element and the block that holds it."""

    block: JsonObject
    element: JsonObject

    @property
    def dispatches(self) -> bool:
        """Whether using it sends `block_actions`: inside an input block only when that asks for it."""
        return self.block["type"] != "input" or bool(self.block.get("dispatch_action"))


def interactive(blocks: list[JsonObject]) -> Iterator[Found]:
    """Every interactive element of these blocks, nested ones too."""
    for block in blocks:
        holders = (block.get("accessory"), block.get("element"))
        listed = [*(block.get("elements") or []), *(block.get("actions") or [])]
        for element in (*holders, *listed):
            if isinstance(element, dict) and element.get("type") in (*SHAPES, *WITHOUT_STATE):
                yield Found(block, element)
        nested = [*(block.get("child_blocks") or []), *(_cards(block))]
        yield from interactive(nested)


def _cards(block: JsonObject) -> list[JsonObject]:
    return block["elements"] if block["type"] == "carousel" else []


def find(blocks: list[JsonObject], block_id: str, action_id: str) -> Found:
    for found in interactive(blocks):
        if found.block.get("block_id") == block_id and found.element.get("action_id") == action_id:
            return found
    raise RefusedError("element_not_found", detail=f"no element {action_id!r} in a block {block_id!r}")


def with_ids(blocks: list[JsonObject]) -> list[JsonObject]:
    """The blocks with a block_id each, and an action_id on each interactive element, as Slack fills them in."""
    return [_with_ids(block) for block in blocks]


def _with_ids(block: JsonObject) -> JsonObject:
    filled = {**block, "block_id": block.get("block_id") or uuid.uuid4().hex[:5]}
    for key in ("accessory", "element"):
        if isinstance(filled.get(key), dict):
            filled[key] = _with_action_id(filled[key])
    for key in ("elements", "actions"):
        if isinstance(filled.get(key), list):
            filled[key] = [_with_action_id(element) for element in filled[key]]
    if isinstance(filled.get("child_blocks"), list):
        filled["child_blocks"] = with_ids(filled["child_blocks"])
    return filled


def _with_action_id(element: Any) -> Any:
    if not isinstance(element, dict):
        return element
    if element.get("type") == "card":
        return _with_ids(element)
    if element.get("type") in (*SHAPES, *WITHOUT_STATE) and not element.get("action_id"):
        return {**element, "action_id": uuid.uuid4().hex[:5]}
    return element


def chosen(element: JsonObject, value: Any) -> JsonObject:
    """What `value` sets in this element: option values are looked up, None empties it. Refuses what isn't offered."""
    kind = element["type"]
    if kind == "overflow":
        return {"selected_option": _option(element, value)}
    if kind in WITHOUT_STATE:
        return {key: element[key] for key in ("value", "text", "url") if key in element}
    shape = SHAPES[kind]
    if shape.many:
        values = list(value or [])
        return {shape.key: [_option(element, item) for item in values] if shape.options else values}
    return {shape.key: _option(element, value) if shape.options and value is not None else value}


def _option(element: JsonObject, value: Any) -> JsonObject:
    for option in options(element):
        if option.get("value") == value:
            return option
    offered = [option.get("value") for option in options(element)]
    raise RefusedError("option_not_found", detail=f"{value!r} is not offered: {offered}")


def options(element: JsonObject) -> list[JsonObject]:
    groups = element.get("option_groups") or []
    return [*(element.get("options") or []), *(option for group in groups for option in group["options"])]


def state_of(blocks: list[JsonObject], entered: StateValues) -> dict[str, dict[str, JsonObject]]:
    """`state.values`: each element with a value, as entered, else as its initial value says, else empty."""
    state: dict[str, dict[str, JsonObject]] = {}
    for found in interactive(blocks):
        if found.element["type"] in SHAPES:
            block_id, action_id = found.block["block_id"], found.element["action_id"]
            value = entered.get(block_id, {}).get(action_id)
            state.setdefault(block_id, {})[action_id] = value or _initial(found.element)
    return state


def _initial(element: JsonObject) -> JsonObject:
    shape = SHAPES[element["type"]]
    return {"type": element["type"], shape.key: element.get(shape.initial, [] if shape.many else None)}


def action(found: Found, value: Any, action_ts: str) -> JsonObject:
    """The element's entry in `actions` of a `block_actions` payload."""
    element = found.element
    return {
        "type": element["type"],
        "action_id": element["action_id"],
        "block_id": found.block["block_id"],
        **{key: element[key] for key in ("placeholder", "confirm") if key in element},
        **chosen(element, value),
        "action_ts": action_ts,
    }
