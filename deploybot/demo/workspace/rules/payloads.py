"""The rules that span a whole message or view: counts, surfaces, unique ids, text budgets, a form's submit button."""

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

from deploybot.demo.workspace.escaping import fully_escaped
from deploybot.demo.workspace.rules import limits
from deploybot.demo.workspace.rules.blocks import BLOCKS, ON_MESSAGE, ON_MODAL
from deploybot.demo.workspace.rules.objects import MENU_OPTION, OPTION_GROUP, plain
from deploybot.demo.workspace.rules.problem import Problem
from deploybot.demo.workspace.rules.shapes import Problems, array, flag, one_of, record, tagged, text, word
from deploybot.demo.workspace.rules.tables import cell_characters

MODAL_ONLY = frozenset({"email_text_input", "url_text_input", "number_input", "file_input", "rich_text_input"})
WITH_OWN_BUDGET = frozenset({"table", "data_table"})

VIEW = record(
    {
        "type": word("modal"),
        "title": plain(limits.VIEW_TITLE),
        "blocks": array(tagged(BLOCKS, "block"), 0, limits.BLOCKS_PER_VIEW),
    },
    {
        "submit": plain(limits.VIEW_TITLE),
        "close": plain(limits.VIEW_TITLE),
        "callback_id": text(limits.ID),
        "external_id": text(limits.ID),
        "private_metadata": text(limits.PRIVATE_METADATA),
        "clear_on_close": flag,
        "notify_on_close": flag,
    },
)

SUGGESTION = record(
    {},
    {
        "options": array(MENU_OPTION, 0, limits.OPTIONS),
        "option_groups": array(OPTION_GROUP, 0, limits.GROUPS),
    },
    one_of("options", "option_groups"),
)


def message_problems(blocks: list[Any]) -> tuple[Problem, ...]:
    """What is wrong with the blocks of a message; empty when Slack takes them."""
    at = "/blocks"
    found = tuple(array(tagged(BLOCKS, "block"), 0, limits.BLOCKS_PER_MESSAGE)(blocks, at))
    if found:
        return found
    return (*_misplaced(blocks, at, ON_MESSAGE, "a message"), *_repeated_ids(blocks, at), *_over_budget(blocks, at))


def view_problems(view: dict[str, Any]) -> tuple[Problem, ...]:
    """What is wrong with a modal; empty when Slack takes it."""
    if len(json.dumps(view).encode()) > limits.VIEW_BYTES:
        return (Problem("/view", f"must be less than {limits.VIEW_BYTES} bytes", "view_too_large"),)
    found = tuple(VIEW(view, "/view")) or tuple(_wrong_view(view))
    return tuple(Problem(problem.pointer, problem.reason, "invalid_arguments") for problem in found)


def suggestion_problems(answer: dict[str, Any]) -> tuple[Problem, ...]:
    """What is wrong with the entries that an app tells for a menu; empty when Slack shows them."""
    return tuple(SUGGESTION(answer, ""))


def _wrong_view(view: dict[str, Any]) -> Problems:
    blocks, at = view["blocks"], "/view/blocks"
    yield from _misplaced(blocks, at, ON_MODAL, "a modal")
    yield from _repeated_ids(blocks, at)
    if any(block["type"] == "input" for block in blocks) and "submit" not in view:
        yield Problem("/view", "missing required field: submit (the view has an input block)")
    if sum(1 for _, element in _elements(blocks, at) if element.get("focus_on_load")) > 1:
        yield Problem(at, "only one element may have focus_on_load")


def _misplaced(blocks: list[Any], at: str, allowed: frozenset[str], surface: str) -> Problems:
    for index, block in enumerate(blocks):
        if block["type"] not in allowed:
            yield Problem(f"{at}/{index}", f"unsupported type: {block['type']} does not go into {surface}")
    if allowed is ON_MESSAGE:
        for pointer, element in _elements(blocks, at):
            if element["type"] in MODAL_ONLY:
                yield Problem(pointer, f"unsupported type: {element['type']} does not go into {surface}")


def _repeated_ids(blocks: list[Any], at: str) -> Problems:
    for pointer, block_id in _repeated((pointer, block.get("block_id")) for pointer, block in _all(blocks, at)):
        yield Problem(pointer, f"block_id {block_id!r} is not unique")
    for pointer, block in _all(blocks, at):
        own = ((place, element.get("action_id")) for place, element in _own_elements(block, pointer))
        for place, action_id in _repeated(own):
            yield Problem(place, f"action_id {action_id!r} is not unique in its block")


def _repeated(ids: Iterator[tuple[str, Any]]) -> Iterator[tuple[str, str]]:
    """The places of ids that were there before."""
    seen: set[str] = set()
    for pointer, name in ids:
        if name in seen:
            yield pointer, name
        elif name:
            seen.add(name)


def _over_budget(blocks: list[Any], at: str) -> Problems:
    every = [block for _, block in _all(blocks, at)]
    kinds = Counter(block["type"] for block in every)
    if kinds["table"] > limits.TABLES_PER_MESSAGE:
        yield Problem(at, f"no more than {limits.TABLES_PER_MESSAGE} table allowed", "invalid_attachments")
    if kinds["data_visualization"] > limits.CHARTS_PER_MESSAGE:
        yield Problem(at, f"no more than {limits.CHARTS_PER_MESSAGE} data_visualization blocks allowed")
    data_tables = cell_characters([block["rows"] for block in every if block["type"] == "data_table"])
    if data_tables > limits.DATA_TABLE_TEXT:
        yield Problem(at, f"text of all data tables must be less than {limits.DATA_TABLE_TEXT + 1} characters")
    if sum(len(block["text"]) for block in every if block["type"] == "markdown") > limits.MARKDOWN_PER_MESSAGE:
        yield Problem(at, f"all markdown must be less than {limits.MARKDOWN_PER_MESSAGE + 1} characters")
    counted = counted_text(blocks)
    if counted > limits.TEXT_PER_MESSAGE:
        reason = f"{counted} characters of text in all blocks, {limits.TEXT_PER_MESSAGE} are taken"
        yield Problem(at, reason, "msg_blocks_too_long")


def counted_text(value: Any) -> int:
    """The text that counts against a message's budget, in escaped characters; tables have budgets of their own."""
    match value:
        case list():
            return sum(map(counted_text, value))
        case {"type": str(kind)} if kind in WITH_OWN_BUDGET:
            return 0
        case dict():
            own = value.get("text")
            escaped = len(fully_escaped(own)) if isinstance(own, str) else counted_text(own)
            overhead = limits.TEXT_PER_HEADER if value.get("type") == "header" else 0
            return overhead + escaped + sum(counted_text(item) for key, item in value.items() if key != "text")
        case _:
            return 0


def _all(blocks: list[Any], at: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every block with its pointer, those inside containers and carousels too."""
    for index, block in enumerate(blocks):
        yield f"{at}/{index}", block
        if block["type"] == "container":
            yield from _all(block["child_blocks"], f"{at}/{index}/child_blocks")
        if block["type"] == "carousel":
            yield from _all(block["elements"], f"{at}/{index}/elements")


def _elements(blocks: list[Any], at: str) -> Iterator[tuple[str, dict[str, Any]]]:
    for pointer, block in _all(blocks, at):
        yield from _own_elements(block, pointer)


def _own_elements(block: dict[str, Any], at: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """The elements that stand directly in this block."""
    for key in ("accessory", "element"):
        if key in block:
            yield f"{at}/{key}", block[key]
    for key in ("elements", "actions"):
        if block["type"] not in ("rich_text", "carousel"):
            for index, element in enumerate(block.get(key) or []):
                yield f"{at}/{key}/{index}", element
