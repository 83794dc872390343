"""What people do in the simulated workspace and what an app may do about it: answers, clicks, modals, threads."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from deploybot.demo.workspace.serving import listening, served, url_of
from tests.workspace_client import (
    BOT_TOKEN,
    EAGER,
    MANIFEST,
    JsonObject,
    SlackClient,
    SlackRefusedError,
    served_workspace,
)

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


async def test_a_response_url_answers_the_person_alone_five_times() -> None:
    async with app_in_workspace() as (slack, app):
        await slack.command("alice", "#checkout", "/deployments")
        answers = [await app.respond({"text": f"Page {page}"}) for page in range(6)]

        assert [answer.status_code for answer in answers] == [200] * 5 + [404]
        assert answers[-1].json() == {"ok": False, "error": "used_url"}
        assert [message["text"] for message in await slack.messages("alice", "#checkout")] == [
            f"Page {page}" for page in range(5)
        ]
        assert await slack.messages("bob", "#checkout") == []


async def test_an_answer_in_channel_shows_the_typed_command_once() -> None:
    async with app_in_workspace() as (slack, app):
        await slack.command("alice", "#checkout", "/deployments app=x")
        await app.respond({"text": "one", "response_type": "in_channel"})
        await app.respond({"text": "two", "response_type": "in_channel"})

        seen = await slack.messages("bob", "#checkout")
        assert [message["text"] for message in seen] == ["/deployments app=x", "one", "two"]


async def test_a_click_on_an_ephemeral_message_carries_no_message_and_can_replace_it() -> None:
    async with app_in_workspace() as (slack, app):
        await slack.command("alice", "#checkout", "/deployments")
        await app.respond({"text": "Page 1", "blocks": [BUTTON]})
        page = await slack.wait_for_message("alice", "#checkout")
        await slack.click("alice", page, "next")
        click = app.heard[-1]
        await app.respond({"text": "Page 2", "replace_original": True})

        assert (click["container"]["is_ephemeral"], "message" in click) == (True, False)
        assert click["actions"][0] | {"action_ts": "-"} == {
            "type": "button",
            "action_id": "next",
            "block_id": "paging",
            "text": {"type": "plain_text", "text": "Next"},
            "value": "p2",
            "action_ts": "-",
        }
        assert [message["text"] for message in await slack.messages("alice", "#checkout")] == ["Page 2"]


async def test_a_click_on_a_message_for_all_carries_it() -> None:
    async with app_in_workspace() as (slack, app):
        await app.call("chat.postMessage", channel="C0CHECKOUT", text="a < b", blocks=[BUTTON])
        await slack.click("bob", await slack.wait_for_message("bob", "#checkout"), "next")

        click = app.heard[-1]
        assert click["message"]["text"] == "a &lt; b"
        assert click["container"]["is_ephemeral"] is False
        assert click["user"]["id"] == "U0BOB00001"
        await app.respond({"delete_original": True})
        assert await slack.messages("bob", "#checkout") == []


async def test_a_modal_opens_once_with_a_trigger_and_its_form_comes_back() -> None:
    async with app_in_workspace() as (slack, app):
        await slack.command("alice", "#checkout", "/deployments")
        trigger_id = app.heard[-1]["trigger_id"]
        opened = await app.call("views.open", trigger_id=trigger_id, view=MODAL)
        again = await app.call("views.open", trigger_id=trigger_id, view=MODAL)
        refused = await slack.submit("alice")
        await slack.click("alice", (await slack.views("alice"))[0], "name", "checkout")
        sent = await slack.submit("alice")

        assert (opened["ok"], again["error"]) == (True, "exchanged_trigger_id")
        assert refused["errors"] == {"app": "Please complete this required field."}
        assert sent["acknowledged"]
        submission = app.heard[-1]
        assert submission["type"] == "view_submission"
        assert submission["view"]["private_metadata"] == "v1"
        assert submission["view"]["state"]["values"]["app"]["name"]["value"] == "checkout"
        assert len(app.heard) == 2
        assert await slack.views("alice") == []


async def test_a_trigger_lives_three_seconds() -> None:
    async with app_in_workspace(timing=replace(EAGER, trigger=0.0)) as (slack, app):
        await slack.command("alice", "#checkout", "/deployments")
        await asyncio.sleep(0)
        answer = await app.call("views.open", trigger_id=app.heard[-1]["trigger_id"], view=MODAL)
        assert answer["error"] == "expired_trigger_id"


async def test_commands_do_not_work_in_threads() -> None:
    async with app_in_workspace() as (slack, app):
        with pytest.raises(SlackRefusedError, match="not_supported_in_threads"):
            await slack.command("alice", "#checkout", "/deployments", thread_ts="1.0")
        assert app.heard == []


async def test_a_mention_reaches_the_app_escaped_and_only_where_it_is_a_member() -> None:
    async with app_in_workspace() as (slack, app):
        await slack.say("alice", "#random", "@deploybot not here")
        said = await slack.say("alice", "#checkout", "@deploybot created>=2026-01-01")
        await slack.wait_for(lambda: heard(app), "the mention")

        event = app.heard[0]["event"]
        assert (event["type"], event["text"]) == ("app_mention", "<@U0DEPLOY01> created&gt;=2026-01-01")
        assert event["ts"] == said["ts"]
        assert len(app.heard) == 1


async def heard(app: App) -> bool | None:
    return bool(app.heard) or None
