"""Makes whatever is logged into plain, short values without secrets; nothing that is given to it makes it fail."""

import dataclasses
import enum
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from itertools import islice
from pathlib import PurePath
from typing import Any

from pydantic import BaseModel, SecretBytes, SecretStr

from deploybot.domain.secret import Secret
from deploybot.ops.exact import Exact
from deploybot.ops.shapes import MASK, SECRET_NAME, without_shapes, without_tokens

LONGEST = 8 * 1024
"""Characters of one text; of a longer one the beginning and the end are kept, since a traceback's end says most."""
READ = 64 * 1024
"""Characters of one text that are looked at: what is behind them is left out."""
SHORT, KEPT = 48, 1024
"""Of so short texts the last ones are remembered with what became of them: lines repeat most of one another."""
LONGEST_EVENT = 32 * 1024
LONGEST_NAME = 100
MOST_VALUES = 200
DEEPEST = 8
_TAIL = 2 * 1024
_LARGEST_NUMBER = 1 << 63
IDS = frozenset({"request_id", "trace_id", "span_id", "reference"})
"""Fields that are random on purpose: they are not taken for tokens."""


class Redaction:
    """What is logged, without the shapes of secrets, and without these `secrets` in whatever way they are written."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._exact = Exact(secrets)
        self._short = lru_cache(KEPT)(self._masked)

    def text(self, text: str) -> str:
        """A text of LONGEST characters at most, and a few that say how many are left out."""
        return self._short(text) if type(text) is str and len(text) <= SHORT else self._masked(text)

    def _masked(self, text: str) -> str:
        read = str.__getitem__(text, slice(0, READ))
        masked = without_shapes(self._exact.masked(read))
        unread = str.__len__(text) - len(read)
        if unread + len(masked) <= LONGEST:
            return masked
        head = LONGEST - _TAIL
        tail = "" if unread else masked[-_TAIL:]
        return f"{masked[:head]} … [{str.__len__(text) - head - len(tail)} characters left out] … {tail}".rstrip()

    def event(self, event: Mapping[Any, Any]) -> dict[str, Any]:
        """A whole line. It is bounded as a whole, too: what has no room any more is said to be left out."""
        return _Walk(self).fields(event)

    def sentence(self, text: str) -> str:
        """What is told to people of a set-up, where "token: ..." names a thing: only tokens themselves are masked."""
        return without_tokens(self._exact.masked(text))

    def known(self, text: str) -> str:
        """An id, which looks like a token: only the configured secrets are looked for in it."""
        return self._exact.masked(text[:LONGEST_NAME])


class _Walk:
    """One pass through what one line tells, with room for so many values and characters."""

    def __init__(self, redaction: Redaction) -> None:
        self._redaction = redaction
        self._values = MOST_VALUES
        self._room = LONGEST_EVENT

    def fields(self, found: Mapping[Any, Any], depth: int = 0) -> dict[str, Any]:
        """A mapping, its keys as text. What is named like a secret is hidden whatever it is."""
        told: dict[str, Any] = {}
        for key, value in self._first(found.items()):
            name = self._name(key)
            told[name] = self._field(name, value, depth)
        return told

    def _field(self, name: str, value: object, depth: int) -> object:
        if SECRET_NAME.search(name) and value is not None and not isinstance(value, bool):
            return MASK
        if name in IDS and type(value) is str:
            return self._redaction.known(value)
        return self.value(value, depth + 1)

    def _name(self, key: object) -> str:
        text = self.value(key, DEEPEST)
        return str(text)[:LONGEST_NAME]

    def value(self, value: object, depth: int = 0) -> object:
        """The value as JSON has it."""
        if value is None or value is True or value is False:
            return value
        try:
            return self._plain(value, depth)
        except Exception as problem:  # whatever an object does when it is looked at, the line is written
            return f"({_type_of(value)} that can't be shown: {_type_of(problem)})"

    def _plain(self, value: object, depth: int) -> object:
        match value:
            case Secret() | SecretStr() | SecretBytes():
                return MASK
            case enum.Enum():
                return self.value(value.value, depth + 1)
            case str():
                return self._text(value)
            case bytes() | bytearray() | memoryview():
                return self._text(bytes(value[: READ * 2]).decode(errors="replace"))
            case int() | float():
                return self._number(value)
            case PurePath():
                return self._text(str(value))
            case BaseException():
                return self._text(f"{_type_of(value)}: {', '.join(map(str, value.args))}")
        return self._inside(value, depth)

    def _inside(self, value: object, depth: int) -> object:
        parts = _parts_of(value)
        if parts is None:
            return self._text(repr(value))
        if depth >= DEEPEST:
            return "(too deep)"
        if isinstance(parts, Mapping):
            return self.fields(parts, depth)
        return [self.value(item, depth + 1) for item in self._first(parts)]

    def _first(self, items: Iterable[Any]) -> Iterator[Any]:
        """The items as far as there is room."""
        for item in islice(items, MOST_VALUES):
            if self._values <= 0 or self._room <= 0:
                return
            self._values -= 1
            yield item

    def _text(self, text: str) -> str:
        told = self._redaction.text(text)
        if len(told) > self._room:
            told = f"({len(text)} characters left out)"
        self._room -= len(told)
        return told

    def _number(self, value: float) -> object:
        """A number stays one where JSON has it, and unless it is a secret."""
        if isinstance(value, int) and abs(value) >= _LARGEST_NUMBER:
            return f"(a number of {value.bit_length()} bits)"
        plain = int(value) if isinstance(value, int) else float(value)
        written = repr(plain)
        told = self._redaction.known(written)
        return plain if told == written and written not in ("inf", "-inf", "nan") else told


_Parts = Mapping[Any, Any] | Iterable[Any]


def _parts_of(value: object) -> _Parts | None:
    """What a collection or a record consists of; None for what is not made of parts."""
    match value:
        case type():
            return None
        case Mapping():
            return value
        case tuple() if hasattr(value, "_fields"):
            return dict(zip(value._fields, value, strict=False))
        case list() | tuple() | set() | frozenset() | deque():
            return value
        case BaseModel():
            return _named(value, type(value).model_fields)
        case _ if dataclasses.is_dataclass(value):
            return _named(value, [one.name for one in dataclasses.fields(value) if one.repr])
        case _:
            names = getattr(type(value), "__struct_fields__", None)
            return None if names is None else _named(value, names)


def _named(value: object, names: Iterable[str]) -> Mapping[str, object]:
    return {name: _attribute(value, name) for name in names}


def _attribute(value: object, name: str) -> object:
    return getattr(value, name, None)


def _type_of(value: object) -> str:
    return type(value).__name__
