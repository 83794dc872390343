"""Asks the simulated foundation what was once asked of the real one, and tells where the answers differ."""

import json
import re
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from deploybot.demo.foundation.core import Core
from deploybot.demo.foundation.discovery import Addresses
from deploybot.demo.foundation.instants import SECOND, from_text
from deploybot.demo.foundation.limits import Limits
from deploybot.demo.foundation.loading import load_world
from deploybot.demo.foundation.messages import Answer, Request
from deploybot.demo.foundation.roles import people_of
from deploybot.demo.foundation.tokens import Minting
from tests.recordings import world as recorded_world

AT = Addresses(
    api="https://api.cf.example",
    uaa="https://uaa.cf.example",
    login="https://login.cf.example",
    domain="cf.example",
)
UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
HEADERS = (
    "content-type",
    "location",
    "retry-after",
    "vary",
    "x-ratelimit-limit",
    "x-ratelimit-remaining",
    "x-ratelimit-reset",
    "x-user-guid",
)


class Stage:
    """A foundation holding the recorded world, whose clock says when each recorded request was sent."""

    def __init__(self, limits: Limits | None = None) -> None:
        recorded = recorded_world()
        self.now = from_text(recorded["now"])
        self.users: dict[str, Any] = {user["key"]: user for user in recorded["users"]}
        self.minting = Minting(b"a key of the stage", AT.uaa)
        people = people_of(recorded["users"])
        self.core = Core(load_world(recorded), people, AT, self.minting, now=lambda: self.now, limits=limits)

    def ask(self, exchange: Mapping[str, Any]) -> Answer:
        path, _, query = exchange["path"].partition("?")
        headers = {"accept": "application/json"}
        headers |= {name.lower(): value for name, value in exchange["request_headers"].items()}
        self.now = max(self.now, from_text(exchange["at"]))
        authorization = self.authorization(exchange["as"])
        if authorization:
            headers["authorization"] = authorization
        body = (exchange["request_body"] or "").encode()
        return self.core.answer(Request(method=exchange["method"], path=path, query=query, headers=headers, body=body))

    def authorization(self, key: str) -> str | None:
        """The header for a recorded user, or for one of the recorded ways to get it wrong."""
        other_key = Minting(b"another key", AT.uaa)
        wrong = {
            "none": None,
            "garbage": "bearer not-a-jwt",
            "basic": "Basic dXNlcjpwdw==",
            "bearer_only": "bearer ",
            "no_bearer_prefix": self.token("dev"),
            "upper_bearer": f"BEARER {self.token('dev')}",
            "expired": f"bearer {self.token('dev', exp=self.now // SECOND - 1)}",
            "wrong_signature": f"bearer {other_key.written(self.claims('dev'))}",
            "wrong_audience": f"bearer {self.token('dev', aud=['openid'])}",
            "wrong_issuer": f"bearer {self.token('dev', iss='https://elsewhere.example/oauth/token')}",
            "refresh_token": f"bearer {self.token('dev', jti='id-r')}",
            "alg_none": f"bearer {self.token('dev').rpartition('.')[0]}.",
        }
        return wrong[key] if key in wrong else f"bearer {self.token(key)}"

    def token(self, key: str, **other_claims: Any) -> str:
        return self.minting.written({**self.claims(key), **other_claims})

    def claims(self, key: str) -> dict[str, Any]:
        user = self.users[key]
        who = "client_id" if user["kind"] == "client" else "user_id"
        return {
            who: user["guid"],
            "scope": user["scopes"],
            "aud": ["cloud_controller"],
            "iss": self.minting.issuer,
            "jti": "id",
            "exp": self.now // SECOND + 600,
        }


def differences(answer: Answer, exchange: Mapping[str, Any], begun: str) -> list[str]:
    """What differs; instants after `begun` and guids made since are any instant and any guid."""
    found = []
    if answer.status != exchange["status"]:
        found.append(f"status {answer.status}, recorded {exchange['status']}")
    for name in HEADERS:
        ours, theirs = answer.headers.get(name), exchange["headers"].get(name)
        if ours != theirs:
            found.append(f"{name} {ours!r}, recorded {theirs!r}")
    if ("x-vcap-request-id" in answer.headers) != exchange["headers"]["x-vcap-request-id-present"]:
        found.append("a request id on one side only")
    ours, theirs = _read(answer.body), _read(exchange["body"].encode())
    if exchange["method"] == "HEAD":
        if int(answer.headers["content-length"]) != int(exchange["headers"]["content-length"]):
            found.append("another length")
    elif difference := _difference(ours, theirs, begun, "$"):
        found.append(difference)
    return found


def _read(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return body.decode()


def _difference(ours: Any, theirs: Any, begun: str, path: str) -> str | None:
    if isinstance(ours, dict) and isinstance(theirs, dict):
        if list(ours) != list(theirs) and not path.endswith(("labels", "annotations")):
            return f"{path}: keys {list(ours)}, recorded {list(theirs)}"
        return _first(_difference(ours.get(key), theirs[key], begun, f"{path}.{key}") for key in theirs)
    if isinstance(ours, list) and isinstance(theirs, list):
        if len(ours) != len(theirs):
            return f"{path}: {len(ours)} elements, recorded {len(theirs)}"
        pairs = enumerate(zip(ours, theirs, strict=True))
        return _first(_difference(a, b, begun, f"{path}[{i}]") for i, (a, b) in pairs)
    if ours == theirs or _both_run_dependent(ours, theirs, begun):
        return None
    return f"{path}: {str(ours)[:300]!r}, recorded {str(theirs)[:300]!r}"


def _first(found: Iterable[str | None]) -> str | None:
    return next(filter(None, found), None)


def _both_run_dependent(ours: Any, theirs: Any, begun: str) -> bool:
    if not isinstance(ours, str) or not isinstance(theirs, str):
        return False
    if ours[:2] == theirs[:2] == "20" and ours.endswith("Z") and theirs.endswith("Z"):
        return min(ours, theirs) > begun
    new = not (set(UUID.findall(ours)) | set(UUID.findall(theirs))) & recorded_guids()
    return new and bool(UUID.search(ours)) and UUID.sub("", ours) == UUID.sub("", theirs)


@cache
def recorded_guids() -> frozenset[str]:
    """Guids that were there from the start: these must agree."""
    return frozenset(UUID.findall(json.dumps(recorded_world())))
