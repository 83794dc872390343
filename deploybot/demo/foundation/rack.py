"""Reads a query string as the server's Rack does: brackets nest, the last value wins, no `=` means null."""

import re
from typing import TypeAlias
from urllib.parse import unquote_to_bytes

from deploybot.demo.foundation.refusals import RackError

Value: TypeAlias = "str | list[str | None] | dict[str, Value] | None"
Params: TypeAlias = dict[str, Value]

BROKEN_ESCAPE = re.compile(r"%(?![0-9a-fA-F]{2})")


def parse(raw: str) -> Params:
    """Parameters in order of arrival; RackError on bad escapes, bad UTF-8 and contradictory nesting."""
    params: Params = {}
    for pair in filter(None, raw.split("&")):
        name, equals, value = pair.partition("=")
        _store(params, unescaped(name), unescaped(value) if equals else None)
    return params


def unescaped(text: str) -> str:
    if BROKEN_ESCAPE.search(text):
        raise RackError
    try:
        return unquote_to_bytes(text.replace("+", " ")).decode()
    except UnicodeDecodeError as error:
        raise RackError from error


def _store(params: Params, name: str, value: str | None) -> None:
    head, bracket, rest = name.partition("[")
    if not bracket or not head or "]" not in rest:
        params[name] = value
    elif rest.startswith("]"):
        many = params.setdefault(head, [])
        if not isinstance(many, list):
            raise RackError
        many.append(value)
    else:
        inner = params.setdefault(head, {})
        if not isinstance(inner, dict):
            raise RackError
        key, _, deeper = rest.partition("]")
        _store(inner, key + deeper, value)
