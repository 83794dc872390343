"""Requests and answers as values, so that everything between socket and world can be asked without one."""

import re
import uuid
from collections.abc import Mapping
from typing import Any

import msgspec

JSON = "application/json; charset=utf-8"
SINATRA_JSON = "application/json;charset=utf-8"
TEXT = "text/plain; charset=utf-8"
ECHOED = re.compile(r"[^\w-]", re.ASCII)
ESCAPES = ((b"&", rb"\u0026"), (b"<", rb"\u003c"), (b">", rb"\u003e"))


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """`path` is raw, with its escapes; header names are lower case; `address` is the peer's IP."""

    method: str
    path: str
    query: str = ""
    headers: Mapping[str, str] = {}
    body: bytes = b""
    address: str = "127.0.0.1"


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    status: int
    body: bytes = b""
    headers: Mapping[str, str] = {}

    def with_headers(self, more: Mapping[str, str]) -> "Answer":
        return msgspec.structs.replace(self, headers={**self.headers, **more})

    def without_header(self, name: str) -> "Answer":
        kept = {key: value for key, value in self.headers.items() if key != name}
        return msgspec.structs.replace(self, headers=kept)


def json_answer(value: Any, status: int = 200) -> Answer:
    """JSON as the v3 half of the server sends it: `<`, `>` and `&` escaped, varying by Accept."""
    return Answer(status=status, body=escaped_json(value), headers={"content-type": JSON, "vary": "Accept"})


def sinatra_answer(value: Any, status: int = 200) -> Answer:
    """JSON as the older half sends it: `/`, /v2 and every path that nobody knows."""
    return Answer(status=status, body=msgspec.json.encode(value), headers={"content-type": SINATRA_JSON})


def text_answer(text: str, status: int, content_type: str | None = TEXT) -> Answer:
    return Answer(status=status, body=text.encode(), headers={"content-type": content_type} if content_type else {})


def escaped_json(value: Any) -> bytes:
    body = msgspec.json.encode(value)
    for character, escape in ESCAPES:
        body = body.replace(character, escape)
    return body


def negotiated_type(accept: str) -> str:
    """Content type of an empty body: the wish when it is a single plain one, else HTML."""
    wishes = [wish.partition(";")[0].strip() for wish in accept.split(",")]
    return wishes[0] if len(wishes) == 1 and "*" not in wishes[0] and wishes[0] else "text/html"


def request_id(headers: Mapping[str, str]) -> str:
    """A new id, behind the caller's own if there is one."""
    own = headers.get("x-vcap-request-id") or headers.get("x-request-id")
    fresh = str(uuid.uuid4())
    return f"{ECHOED.sub('', own)[:255]}::{fresh}" if own else fresh
