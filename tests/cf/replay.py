"""Answers with what a real Cloud Foundry once answered, byte for byte; a request that was never recorded is a failure.

An exchange is found by method, credential, path and decoded parameters: their order and equivalent percent-encodings
don't count, double encoding does. Where the same request was recorded several times, the answers come in that order
and the last one stays. Two things are not recordings: `GET /` names this server as the login server, and
`POST /oauth/token` gives a token for any recorded credential (the client id or the user name is its key).
"""

import difflib
import json
from base64 import b64decode
from collections import deque
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import parse_qs, unquote_to_bytes

from tests.cf.serving import Reply, Request, serving
from tests.recordings import exchanges

TOKEN_OF = "token-of-"
REQUEST_ID = "00000000-1111-2222-3333-444444444444"
Key = tuple[str, str, bytes, tuple[tuple[bytes, bytes | None], ...]]


class Replay:
    """The server's side: what it was asked, and what of it was never recorded."""

    def __init__(self, recorded: Iterable[dict[str, Any]], expires_in: int = 600) -> None:
        self.url = ""
        self.asked: list[Request] = []
        self.unknown: list[str] = []
        self.expires_in = expires_in
        self._known: dict[Key, deque[dict[str, Any]]] = {}
        for exchange in recorded:
            key = key_of(exchange["method"], exchange["as"], exchange["path"])
            self._known.setdefault(key, deque()).append(exchange)

    @property
    def targets(self) -> list[str]:
        """What the API was asked, login and discovery left out."""
        return [request.target for request in self.asked if request.target not in {"/", "/oauth/token"}]

    async def answer(self, request: Request) -> Reply:
        self.asked.append(request)
        if (request.method, request.target) == ("POST", "/oauth/token"):
            return self._token(request)
        key = key_of(request.method, credential(request), request.target)
        found = self._known.get(key)
        if found is None:
            return self._never_recorded(key)
        exchange = found.popleft() if len(found) > 1 else found[0]
        return self._as_recorded(exchange)

    def _as_recorded(self, exchange: dict[str, Any]) -> Reply:
        headers = {name: str(value) for name, value in exchange["headers"].items()}
        if headers.pop("x-vcap-request-id-present", None):
            headers.setdefault("x-vcap-request-id", REQUEST_ID)
        body = exchange["body"]
        if exchange["path"] == "/":
            body = body.replace("https://login.cf.example", self.url).replace("https://uaa.cf.example", self.url)
            headers.pop("content-length")
        return Reply(exchange["status"], headers, body.encode())

    def _never_recorded(self, key: Key) -> Reply:
        wanted = shown(key)
        nearest = difflib.get_close_matches(wanted, map(shown, self._known), n=1, cutoff=0.0)
        self.unknown.append(f"never recorded:   {wanted}\nnearest recorded: {nearest[0] if nearest else 'none'}")
        return Reply(599, {"content-type": "text/plain"}, self.unknown[-1].encode())

    def _token(self, request: Request) -> Reply:
        form = parse_qs(request.body.decode())
        name = form["username"][0] if "username" in form else _client_id(request)
        granted: dict[str, Any] = {"access_token": TOKEN_OF + name, "token_type": "bearer"}
        granted["expires_in"] = self.expires_in
        return Reply(200, {"content-type": "application/json"}, json.dumps(granted).encode())


@asynccontextmanager
async def replaying(
    recorded: Iterable[dict[str, Any]] | None = None, *, expires_in: int = 600, strict: bool = True
) -> AsyncIterator[Replay]:
    """A running replay of `recorded`, by default of all that change nothing; `strict` fails on unknown requests."""
    replay = Replay(read_only() if recorded is None else recorded, expires_in)
    async with serving(replay.answer) as replay.url:
        yield replay
    assert not (strict and replay.unknown), "\n".join(replay.unknown)


def read_only() -> list[dict[str, Any]]:
    return [exchange for exchange in exchanges() if not exchange["mutates"]]


def ordered_tail() -> list[dict[str, Any]]:
    """Actions and the reads that observe them: the same request gets other answers later."""
    return [exchange for exchange in exchanges() if exchange["mutates"] or exchange["path"] == "/"]


def key_of(method: str, who: str, target: str) -> Key:
    path, _, query = target.partition("?")
    pairs = (pair.partition("=") for pair in query.split("&") if pair)
    params = sorted(((_plain(name), _plain(value) if equals else None) for name, equals, value in pairs), key=repr)
    return (method, who, unquote_to_bytes(path), tuple(params))


def credential(request: Request) -> str:
    """The key of the recorded credential behind the token; `none` without one, `garbage` for any other."""
    given = request.headers.get("authorization")
    if given is None:
        return "none"
    scheme, _, token = given.partition(" ")
    known = scheme.lower() == "bearer" and token.startswith(TOKEN_OF)
    return token.removeprefix(TOKEN_OF) if known else "garbage"


def shown(key: Key) -> str:
    method, who, path, params = key
    decoded = [f"{name.decode(errors='replace')}={(value or b'').decode(errors='replace')}" for name, value in params]
    return f"{method} {path.decode(errors='replace')}?{'&'.join(decoded)} as {who}"


def _plain(text: str) -> bytes:
    return unquote_to_bytes(text.replace("+", " "))


def _client_id(request: Request) -> str:
    return b64decode(request.headers["authorization"].removeprefix("Basic ")).decode().partition(":")[0]
