"""Every filter as a form, filled in from a question; and the form, once sent, read as a question again."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from deploybot.domain.grammar import parse, query_text, quoted
from deploybot.domain.grammar_keys import KEYS, Key, Kind
from deploybot.domain.grammar_values import write
from deploybot.domain.query import Query
from deploybot.errors import UserError
from deploybot.slack.blocks.elements import Element, option, plain_text
from deploybot.slack.limits import PRIVATE_METADATA, TEXT, Block, View, fit_view
from deploybot.slack.payload import Place
from deploybot.slack.text import size

FILTER_FORM = "filter"
NOWHERE = Place()
FRESH_SECONDS = 29 * 60
"""How long after the click its response address is counted on; Slack takes answers there for 30 minutes."""


@dataclass(frozen=True, slots=True)
class Origin:
    """The click that opened the form: where its answer belongs, when it was (seconds since 1970), and its question."""

    place: Place = NOWHERE
    at: int = 0
    question: str = ""

    def is_fresh(self, now: float) -> bool:
        """Whether the click's response address should still take an answer."""
        return bool(self.place.response_url) and now - self.at < FRESH_SECONDS


class FormError(Exception):
    """What to put right in the form: a sentence for each block."""

    def __init__(self, by_block: Mapping[str, str]) -> None:
        super().__init__(str(by_block))
        self.by_block = dict(by_block)


_SHOWN = tuple(key for key in KEYS if not key.means and key.kind not in {Kind.PAGE, Kind.ZONE})
"""Every filter of the grammar but shorthands, the page to begin with, and the zone, which the form keeps."""
_LABELS = {
    "guid": "Deployment guid",
    "status": "Status value",
    "reason": "Status reason",
    "states": "Internal state",
    "by": "Started by",
    "label": "Labels",
    "sort": "Order",
    "per_page": "Rows on a page",
}
_SINGLE = {Kind.SORT, Kind.ROWS}
_ROWS = ("5", "10", "15", "20", "25")


def filter_view(query: Query, origin: Origin) -> View:
    """The form, filled in."""
    return fit_view(
        lambda _: {
            "type": "modal",
            "callback_id": FILTER_FORM,
            "title": plain_text("Filter deployments"),
            "submit": plain_text("Show"),
            "close": plain_text("Cancel"),
            "private_metadata": origin_text(replace(origin, question=query_text(query))),
            "blocks": [_input(key, query) for key in _SHOWN],
        }
    )


def _input(key: Key, query: Query) -> Block:
    filled = _filled(key, query)
    return {
        "type": "input",
        "block_id": key.name,
        "optional": key.kind not in _SINGLE,
        "label": plain_text(_LABELS.get(key.name, key.name.capitalize())),
        "hint": plain_text(key.meaning),
        "element": _choice(key, filled) if _choices(key) else _line(key, filled),
    }


def _filled(key: Key, query: Query) -> str:
    """The filter's part of the question as the grammar writes it, without the key; "" where nothing is asked."""
    value = getattr(query, key.field)
    if key.kind is Kind.LABEL:
        return value or ""
    if not value:
        return ""
    return " ".join(_without(key, written) for written in write(key, value))


def _without(key: Key, written: str) -> str:
    """`checkout` of `app=checkout`, `>=2h` of `created>=2h`."""
    return written.removeprefix(key.name).removeprefix("=")


def _choices(key: Key) -> tuple[str, ...]:
    """The words that there are to choose from, each in the one form that a question holds; none for free text."""
    if key.kind is Kind.ROWS:
        return _ROWS
    return tuple(choice.word for choice in key.choices)


def _line(key: Key, filled: str) -> Element:
    example = plain_text(_without(key, key.example).strip('"'))
    element: Element = {"type": "plain_text_input", "action_id": "value", "max_length": TEXT, "placeholder": example}
    return {**element, "initial_value": filled} if filled and size(filled) <= TEXT else element


def _choice(key: Key, filled: str) -> Element:
    chosen = filled.split(",") if filled else []
    options = [option(word, word) for word in dict.fromkeys((*_choices(key), *chosen))]
    initial = [option(word, word) for word in chosen]
    if key.kind in _SINGLE:
        return {"type": "static_select", "action_id": "value", "options": options, "initial_option": initial[0]}
    element: Element = {"type": "multi_static_select", "action_id": "value", "options": options}
    return {**element, "initial_options": initial} if initial else element


def read_form(view: object, origin: Origin) -> Query:
    """The question of a form that was sent; what the form does not show is kept from the question it was opened with.

    FormError says for each block what to put right.
    """
    values, problems = _values(view), dict[str, str]()
    query = _kept(origin)
    for key in _SHOWN:
        try:
            read = parse(asked(key, values.get(key.name, "").strip())).query
            query = replace(query, **{key.field: getattr(read, key.field)})
        except UserError as problem:
            problems[key.name] = str(problem)
    if problems:
        raise FormError(problems)
    return _not_too_long(query, values)


def _kept(origin: Origin) -> Query:
    try:
        return Query(tz=parse(origin.question).query.tz)
    except UserError:
        return Query()


def _not_too_long(query: Query, values: Mapping[str, str]) -> Query:
    """The query, if a button can hold it."""
    try:
        parse(query_text(query))
    except UserError as problem:
        longest = max(_SHOWN, key=lambda key: len(values.get(key.name, "")))
        raise FormError({longest.name: str(problem)}) from problem
    return query


def asked(key: Key, value: str) -> str:
    """A field's value as the grammar reads it; what somebody typed without quotes is quoted for them."""
    if not value:
        return ""
    if key.kind is Kind.TIMES:
        words = re.sub(r"([<>=,])\s+", r"\1", value).split()
        return " ".join(f"{key.name}{'' if word[0] in '<>=' else '='}{word}" for word in words)
    if key.kind is Kind.LABEL:
        return f'label="{value}"' if '"' not in value else f"label={value}"
    if '"' not in value and key.kind is Kind.NAMES:
        value = ",".join(quoted(part.strip()) for part in value.split(",") if part.strip())
    return f"{key.name}={value}"


def _values(view: object) -> dict[str, str]:
    """The form's values by block; a choice of several with commas between."""
    state = view.get("state") if isinstance(view, Mapping) else None
    blocks = state.get("values") if isinstance(state, Mapping) else None
    return {key: _value(block) for key, block in blocks.items()} if isinstance(blocks, Mapping) else {}


def _value(block: Any) -> str:
    element = block.get("value") if isinstance(block, Mapping) else None
    if not isinstance(element, Mapping):
        return ""
    chosen: Iterable[Any] = element.get("selected_options") or [element.get("selected_option")]
    words = [entry.get("value") for entry in chosen if isinstance(entry, Mapping)]
    return str(element.get("value") or "") or ",".join(map(str, words))


_VERSION = "1"


def origin_text(origin: Origin) -> str:
    """The origin for a modal's private metadata, a line a field; without the question where that would be too long."""
    place = origin.place
    shared = "shared" if place.shared else ""
    lines = [_VERSION, str(origin.at), shared, place.channel, place.thread, place.response_url, origin.question]
    text = "\n".join(lines)
    return text if size(text) <= PRIVATE_METADATA else "\n".join([*lines[:-1], ""])


def parse_origin(text: str) -> Origin:
    """The origin that `origin_text` wrote; an empty one for anything else."""
    lines = text.split("\n", 6)
    if len(lines) != 7 or lines[0] != _VERSION or not lines[1].isdecimal():
        return Origin()
    _, at, shared, channel, thread, url, question = lines
    return Origin(Place(channel, thread, url, shared=bool(shared)), int(at), question)
