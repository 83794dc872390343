"""Every limit of Slack's that a message or a modal must keep, enforced in one place.

A renderer is a function of a width, the longest that foreign text may be in one field. `fit_message` and `fit_view`
draw with narrower and narrower widths until the whole fits: fields are shortened, rows never dropped. What is then
still too long in one place is cut there. https://docs.slack.dev/reference/block-kit
"""

from collections.abc import Callable, Iterator
from typing import Any

from deploybot.slack.text import ELLIPSIS, size

Block = dict[str, Any]
Message = dict[str, Any]
View = dict[str, Any]

MESSAGE_BLOCKS = 50
VIEW_BLOCKS = 100
BUDGET = 10_000
"""Escaped characters over all blocks of a message; Slack refuses from about 11,300 on with `msg_blocks_too_long`."""
HEADER_OVERHEAD = 100
"""What a header block costs of the budget beside its text."""
TOP_TEXT = 4_000
OPTION_VALUE = 150
BUTTON_VALUE = 2_000
URL = 3_000
ID = 255
PRIVATE_METADATA = 3_000
TEXT = 3_000

WIDTHS = (300, 200, 140, 100, 72, 52, 38, 28, 20, 14, 9)
"""How long foreign text may be in one field, tried one after the other."""

_TEXT_KINDS = frozenset({"mrkdwn", "plain_text"})
_TEXTS = {
    ("header", "text"): 150,
    ("section", "fields"): 2000,
    ("button", "text"): 75,
    ("option", "text"): 75,
    ("option", "description"): 75,
    ("input", "label"): 2000,
    ("input", "hint"): 2000,
    ("modal", "title"): 24,
    ("modal", "submit"): 24,
    ("modal", "close"): 24,
    ("plain_text_input", "placeholder"): 150,
    ("number_input", "placeholder"): 150,
    ("static_select", "placeholder"): 150,
    ("multi_static_select", "placeholder"): 150,
}
_COUNTS = {
    "actions": ("elements", 25),
    "context": ("elements", 10),
    "overflow": ("options", 5),
    "static_select": ("options", 100),
    "multi_static_select": ("options", 100),
}
_LENGTHS = {
    "action_id": ID,
    "block_id": ID,
    "callback_id": ID,
    "url": URL,
    "private_metadata": PRIVATE_METADATA,
    "initial_value": TEXT,
}
_VALUES = {"button": BUTTON_VALUE, "option": OPTION_VALUE}


class LimitError(ValueError):
    """A message that shortening cannot save: too many blocks, or a value too long to be cut. Always a bug."""


def fit_message(draw: Callable[[int], Message]) -> Message:
    """The message drawn as wide as Slack takes it, with unique block ids and every field within its limit."""
    message = _widest(draw)
    message["text"] = clip(message["text"], TOP_TEXT)
    return _checked(message, "message", MESSAGE_BLOCKS)


def fit_view(draw: Callable[[int], View]) -> View:
    """The same for a modal, which may have 100 blocks and has no text of its own."""
    return _checked(_widest(draw), "modal", VIEW_BLOCKS)


def _widest(draw: Callable[[int], dict[str, Any]]) -> dict[str, Any]:
    drawn = draw(WIDTHS[0])
    for width in WIDTHS[1:]:
        if weight(drawn["blocks"]) <= BUDGET and size(drawn.get("text", "")) <= TOP_TEXT:
            break
        drawn = draw(width)
    return drawn


def _checked(drawn: dict[str, Any], kind: str, most: int) -> dict[str, Any]:
    _number(drawn["blocks"])
    for holder, place, item in _items(drawn, kind, ""):
        if item.get("type") in _TEXT_KINDS:
            _shape(item, _TEXTS.get((holder, place), TEXT))
        else:
            _refuse(item)
    if len(drawn["blocks"]) > most or weight(drawn["blocks"]) > BUDGET:
        raise LimitError(f"{len(drawn['blocks'])} blocks with {weight(drawn['blocks'])} characters")
    return drawn


def weight(blocks: list[Block]) -> int:
    """What the blocks cost of a message's text budget, counted the dearest way: as if all were escaped once more."""
    headers = [block for block in blocks if block["type"] == "header"]
    texts = (item["text"] for _, _, item in _items(blocks, "", "") if item.get("type") in _TEXT_KINDS)
    return len(headers) * HEADER_OVERHEAD + sum(map(_escaped_size, texts))


def _escaped_size(text: str) -> int:
    return size(text) + 4 * text.count("&") + 3 * (text.count("<") + text.count(">"))


def _items(node: object, kind: str, place: str) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Every object below a node, with the kind of what holds it and the place it has there."""
    if isinstance(node, list):
        for item in node:
            yield from _items(item, kind, place)
    elif isinstance(node, dict):
        yield kind, place, node
        for key, value in node.items():
            if isinstance(value, dict | list):
                yield from _items(value, node.get("type", "option"), key)


def _number(blocks: list[Block]) -> None:
    """Give every block without an id its own: unique in the message, the same whenever it is drawn again."""
    for number, block in enumerate(blocks):
        block.setdefault("block_id", f"b{number}")
    if len({block["block_id"] for block in blocks}) != len(blocks):
        raise LimitError("two blocks share an id")


def _shape(text: dict[str, Any], most: int) -> None:
    """Cut a text object to the limit of its place; Slack need not search ours for names and links."""
    if text["type"] == "mrkdwn":
        text["text"] = clip(text["text"], most)
        text["verbatim"] = True
    else:
        text["text"] = _cut(text["text"], most)
        text["emoji"] = False
    text["text"] = text["text"].strip() or ELLIPSIS


def clip(text: str, most: int) -> str:
    """mrkdwn cut to a length, but never inside an entity or a `<...>` token."""
    if size(text) <= most:
        return text
    cut = _cut(text, most).removesuffix(ELLIPSIS)
    for opening, closing in ("<>", "&;"):
        start = cut.rfind(opening)
        if start > cut.rfind(closing):
            cut = cut[:start]
    return cut.rstrip() + ELLIPSIS


def _cut(text: str, most: int) -> str:
    if size(text) <= most:
        return text
    cut = text[: most - len(ELLIPSIS)]
    while size(cut) > most - len(ELLIPSIS):
        cut = cut[:-1]
    return cut + ELLIPSIS


def _refuse(item: dict[str, Any]) -> None:
    """Refuse what cannot be shortened: counts and values that a machine reads; labels are cut."""
    kind = item.get("type", "option")
    if "accessibility_label" in item:
        item["accessibility_label"] = _cut(item["accessibility_label"], 75)
    listed, most = _COUNTS.get(kind, ("", 0))
    if listed and not 0 < len(item[listed]) <= most:
        raise LimitError(f"{len(item[listed])} {listed} in {kind}")
    for place, length in {**_LENGTHS, "value": _VALUES.get(kind, TEXT)}.items():
        if size(item.get(place) or "") > length:
            raise LimitError(f"{place} of {kind} is too long")
