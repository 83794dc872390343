"""Text into words and filters: quotes, escapes, comma lists, and blanks wherever people put them; in linear time."""

import re
from dataclasses import dataclass

from deploybot.domain.grammar_keys import ANY_KEY_BY_WORD, Kind
from deploybot.domain.typed import as_typed, is_kept
from deploybot.errors import UserError


@dataclass(frozen=True, slots=True)
class Word:
    """A word or a value. A quoted one means itself: it is no verb, no mention and not `null`."""

    text: str
    quoted: bool = False


@dataclass(frozen=True, slots=True)
class Filter:
    """`key op value,value`: the key as typed but in lower case, the operator as typed, at least one value."""

    key: str
    op: str
    values: tuple[Word, ...]


_FILTER = re.compile(r"""([^\s=<>!:"',]+)\s*(<=|>=|!=|=|<|>|:(?=\S))""")
_BLANKS = re.compile(r"\s*")
_WORD = re.compile(r"\S*")
_VALUE = re.compile(r"[^\s,]*")
_REQUIREMENT = re.compile(r"[^\s,]+(?:\s+(?:not)?in\s*\([^()]*\))?")
_QUOTED = {quote: re.compile(rf"{quote}([^{quote}\\]*(?:\\.[^{quote}\\]*)*){quote}") for quote in "\"'"}
_ESCAPE = re.compile(r"""\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(["'\\]))""")
_CONTROLS = frozenset((*range(0x20), *range(0x7F, 0xA0), *range(0xD800, 0xE000)))
_LAST_CHARACTER = 0x10FFFF

_BARE = re.compile(r"[\w.*/+][\w.*/+@~%$-]*")
_ENTITY = re.compile(r"&(?:lt|gt|amp);")
_SHOWN = 40


def split(text: str) -> tuple[Word | Filter, ...]:
    """The words and filters of a text as typed; a UserError for an unclosed quote or a missing value."""
    items: list[Word | Filter] = []
    at = _past(_BLANKS, text, 0)
    while at < len(text):
        item, at = _item(text, at)
        items.append(item)
        at = _past(_BLANKS, text, at)
    return tuple(items)


def quoted(value: str) -> str:
    """A value so that it reads as itself wherever a value may stand: bare where that is safe, else in quotes."""
    if _BARE.fullmatch(value) and as_typed(value) == value and value.lower() != "null":
        return value
    return '"' + "".join(_escaped(value, at) for at in range(len(value))) + '"'


def shortened(text: str) -> str:
    """What somebody typed, short enough to be repeated in a sentence."""
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"


def _escaped(value: str, at: int) -> str:
    character = value[at]
    if character in '"\\':
        return f"\\{character}"
    if is_kept(character) or (character == "&" and not _ENTITY.match(value, at)):
        return character
    return f"\\u{ord(character):04x}"


def _item(text: str, at: int) -> tuple[Word | Filter, int]:
    if text[at] in _QUOTED:
        return _quoted(text, at)
    found = _filter_at(text, at)
    if not found:
        end = _past(_WORD, text, at)
        return Word(text[at:end]), end
    values, end = _values(text, found.end(), found[1].lower())
    return Filter(found[1].lower(), found[2], values), end


def _filter_at(text: str, at: int) -> re.Match[str] | None:
    """A key and its operator; a colon only counts after a known key, since guids and names may hold one."""
    found = _FILTER.match(text, at)
    return found if found and (found[2] != ":" or found[1].lower() in ANY_KEY_BY_WORD) else None


def _values(text: str, at: int, key: str) -> tuple[tuple[Word, ...], int]:
    values: list[Word] = []
    while True:
        value, at = _value(text, at, key)
        values.append(value)
        comma = _past(_BLANKS, text, at)
        if text[comma : comma + 1] != ",":
            return tuple(values), at
        at = comma + 1


def _value(text: str, at: int, key: str) -> tuple[Word, int]:
    """The value at a place right after an operator or a comma; in a list no value begins like another filter."""
    start = _past(_BLANKS, text, at)
    if text[start : start + 1] in _QUOTED:
        return _quoted(text, start)
    is_label = key in ANY_KEY_BY_WORD and ANY_KEY_BY_WORD[key].kind is Kind.LABEL
    end = _past(_REQUIREMENT if is_label else _VALUE, text, start)
    after_comma = text[at - 1] == ","
    if end == start or (start > at and _is_known_filter(text, start)):
        raise UserError(_no_value(key, after_comma))
    value = text[start:end]
    if after_comma and not is_label and _is_known_filter(text, start):
        raise UserError(f"Put a blank, not a comma, before {shortened(value)}: commas only part values of one filter.")
    return Word(value), end


def _is_known_filter(text: str, at: int) -> bool:
    found = _filter_at(text, at)
    return found is not None and found[1].lower() in ANY_KEY_BY_WORD


def _no_value(key: str, after_comma: bool) -> str:
    row = ANY_KEY_BY_WORD.get(key)
    example = f": for example {row.example}" if row else ""
    if after_comma:
        return f"A value is missing at a comma of {shortened(key)}: add it, or leave the comma out{example}."
    return f"{shortened(key)} has no value: add one, or leave the filter out{example}."


def _quoted(text: str, at: int) -> tuple[Word, int]:
    found = _QUOTED[text[at]].match(text, at)
    if not found:
        raise UserError(
            f"The quote before {shortened(text[at + 1 :]) or 'the end'} is not closed: add {text[at]} after it."
        )
    end = found.end()
    if end < len(text) and not text[end].isspace() and text[end] != ",":
        raise UserError(f"Put a blank or a comma after the quoted {shortened(found[0])}.")
    if not found[1].strip():
        raise UserError("There is nothing between the quotes: write a value, or leave the filter out.")
    return Word(_ESCAPE.sub(_unescaped, found[1]), quoted=True), end


def _unescaped(escape: re.Match[str]) -> str:
    if escape[3]:
        return escape[3]
    code = int(escape[1] or escape[2], 16)
    return escape[0] if code in _CONTROLS or code > _LAST_CHARACTER else chr(code)


def _past(pattern: re.Pattern[str], text: str, at: int) -> int:
    """Where what matches at a place ends; the place itself where nothing does."""
    found = pattern.match(text, at)
    return found.end() if found else at
