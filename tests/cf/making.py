"""Builds what the tests of this package need: a foundation that talks to a server on loopback."""

import json
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from deploybot.cf.auth import Login
from deploybot.cf.client import Client, Site, Surroundings
from deploybot.cf.foundation import CloudFoundry
from deploybot.cf.retry import RetryRules
from tests.cf.serving import Reply, Request

PATIENT = 20.0
AT_ONCE = RetryRules(tries=3, first=0.001, longest=0.01)


def site(url: str, who: str = "ro_bot", login: Login | None = None) -> Site:
    return Site("prod", url, login or Login(client_id=who, client_secret="s3cret"))


def soon(seconds: float = PATIENT) -> float:
    return time.monotonic() + seconds


@asynccontextmanager
async def foundation(url: str, who: str = "ro_bot", around: Surroundings | None = None) -> AsyncIterator[CloudFoundry]:
    made = CloudFoundry(site(url, who), AT_ONCE, around or Surroundings())
    try:
        yield made
    finally:
        await made.aclose()


@asynccontextmanager
async def client(url: str, login: Login | None = None, around: Surroundings | None = None) -> AsyncIterator[Client]:
    made = Client(site(url, login=login), AT_ONCE, around or Surroundings())
    try:
        yield made
    finally:
        await made.aclose()


class Api:
    """A hand-made API with its own login server: answers by path, remembers what it was asked.

    `on` gives a path without its query its replies, one after the other (the last one stays), or functions of the
    request that make them.
    """

    def __init__(self) -> None:
        self.asked: list[Request] = []
        self.tokens_given = 0
        self.answers: dict[str, Any] = {}

    def on(self, path: str, *replies: Reply | Callable[[Request], Any]) -> "Api":
        self.answers[path] = list(replies)
        return self

    def count(self, path: str) -> int:
        return sum(request.target.partition("?")[0] == path for request in self.asked)

    async def __call__(self, request: Request) -> Reply | None:
        self.asked.append(request)
        path = request.target.partition("?")[0]
        replies = self.answers.get(path) or [self._usual]
        chosen = replies.pop(0) if len(replies) > 1 else replies[0]
        if isinstance(chosen, Reply):
            return chosen
        made = chosen(request)
        result: Reply | None = await made if hasattr(made, "__await__") else made
        return result

    def _usual(self, request: Request) -> Reply:
        if request.target == "/":
            return as_json({"links": {"login": {"href": f"http://{request.headers['host']}"}, "uaa": None}})
        if request.target == "/oauth/token":
            return self.token()
        return as_json({"errors": [{"code": 10000, "title": "CF-NotFound", "detail": "Unknown request"}]}, 404)

    def token(self, expires_in: float = 600, **more: str) -> Reply:
        self.tokens_given += 1
        return as_json({"access_token": f"token{self.tokens_given}", "expires_in": expires_in} | more)


def as_json(told: Any, status: int = 200, **headers: str) -> Reply:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply(status, {"content-type": "application/json"} | named, json.dumps(told).encode())


def listed(*resources: Any, total: int | None = None, following: str | None = None, **more: Any) -> Reply:
    """A page of a list."""
    pagination = {
        "total_results": len(resources) if total is None else total,
        "next": following and {"href": following},
    }
    return as_json({"pagination": pagination, "resources": resources} | more)


INVALID_TOKEN = as_json(
    {"errors": [{"code": 1000, "title": "CF-InvalidAuthToken", "detail": "Invalid Auth Token"}]}, 401
)
