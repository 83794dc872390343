"""An app behind a request URL, for the tests of the simulated workspace."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from deploybot.demo.workspace.serving import listening, served, url_of
from tests.workspace_client import BOT_TOKEN, MANIFEST, JsonObject, SlackClient, served_workspace

MODAL: JsonObject = {
    "type": "modal",
    "title": {"type": "plain_text", "text": "Filter"},
    "submit": {"type": "plain_text", "text": "Show"},
    "private_metadata": "v1",
    "blocks": [
        {
            "type": "input",
            "block_id": "app",
            "label": {"type": "plain_text", "text": "App"},
            "element": {"type": "plain_text_input", "action_id": "name"},
        }
    ],
}
BUTTON: JsonObject = {
    "type": "actions",
    "block_id": "paging",
    "elements": [
        {"type": "button", "action_id": "next", "text": {"type": "plain_text", "text": "Next"}, "value": "p2"},
    ],
}


@dataclass
class App:
    """An app behind a request URL: remembers what it is sent, answers with what `reply` returns."""

    http: httpx.AsyncClient
    heard: list[JsonObject] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    reply: Callable[[JsonObject], Any] = lambda payload: None

    async def receive(self, request: Request) -> Response:
        self.headers.append(dict(request.headers))
        payload = await parsed(request)
        if payload.get("type") == "url_verification":
            return JSONResponse({"challenge": payload["challenge"]})
        self.heard.append(payload)
        answer = self.reply(payload)
        return answer if isinstance(answer, Response) else JSONResponse(answer) if answer else Response()

    async def respond(self, body: JsonObject, index: int = -1) -> httpx.Response:
        """Use the response_url of a payload that was heard."""
        return await self.http.post(self.heard[index]["response_url"], json=body)

    async def call(self, method: str, **args: Any) -> JsonObject:
        headers = {"Authorization": f"Bearer {BOT_TOKEN}"}
        answer: JsonObject = (await self.http.post(f"/api/{method}", json=args, headers=headers)).json()
        return answer


async def parsed(request: Request) -> JsonObject:
    raw = await request.body()
    if request.headers["content-type"].startswith("application/json"):
        answer: JsonObject = httpx.Response(200, content=raw).json()
        return answer
    form = dict(httpx.QueryParams(raw.decode()))
    return httpx.Response(200, content=form["payload"]).json() if "payload" in form else form


@asynccontextmanager
async def app_in_workspace(**more: Any) -> AsyncIterator[tuple[SlackClient, App]]:
    """A workspace that delivers by signed HTTP to an app beside it."""
    listener = listening()
    request_url = f"{url_of(listener)}/slack/events"
    async with (
        served_workspace(MANIFEST, request_url=request_url, **more) as slack,
        httpx.AsyncClient(base_url=slack.url, trust_env=False) as http,
    ):
        app = App(http)
        routes = [Route("/slack/events", app.receive, methods=["POST"])]
        async with served(Starlette(routes=routes), listener):
            yield slack, app


async def heard(app: App, count: int = 1) -> bool | None:
    """True once the app has heard so many payloads; None until then."""
    return len(app.heard) >= count or None
