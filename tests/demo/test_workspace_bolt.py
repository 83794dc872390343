"""A Bolt app, as the bot is one, lives in the simulated workspace over Socket Mode without knowing the difference."""

from typing import Any

from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from tests.demo.workspace_app import BUTTON, MODAL
from tests.workspace_client import APP_TOKEN, BOT_TOKEN, JsonObject, SlackClient


def small_app(slack: SlackClient) -> AsyncApp:
    """Pages with a button, asks with a modal, answers mentions in their thread."""
    app = AsyncApp(client=AsyncWebClient(token=BOT_TOKEN, base_url=slack.api_url))

    async def show(ack: Any, respond: Any) -> None:
        await ack()
        await respond(text="Page 1", blocks=[BUTTON])

    async def turn(ack: Any, respond: Any, client: Any, body: JsonObject) -> None:
        await ack()
        await respond(text="Page 2", replace_original=True)
        await client.views_open(trigger_id=body["trigger_id"], view=MODAL | {"callback_id": "filter"})

    async def take(ack: Any, view: JsonObject) -> None:
        name = view["state"]["values"]["app"]["name"]["value"]
        errors = {"response_action": "errors", "errors": {"app": f"No app {name}"}}
        await (ack() if name == "checkout" else ack(**errors))

    async def mention(say: Any, event: JsonObject) -> None:
        await say(text="Here I am", thread_ts=event["ts"])

    app.command("/deployments")(show)
    app.action("next")(turn)
    app.view("filter")(take)
    app.event("app_mention")(mention)
    return app


async def test_a_bolt_app_pages_asks_and_answers(slack: SlackClient) -> None:
    handler = AsyncSocketModeHandler(small_app(slack), APP_TOKEN, web_client=AsyncWebClient(base_url=slack.api_url))
    await handler.connect_async()  # type: ignore[no-untyped-call]
    try:
        await slack.wait_for_connections(1)
        assert (await slack.command("alice", "#checkout", "/deployments"))["acknowledged"]
        page = await slack.wait_for_message("alice", "#checkout")
        await slack.click("alice", page, "next")
        await slack.wait_for_message("alice", "#checkout", lambda message: message["text"] == "Page 2")

        view = await slack.wait_for_view("alice")
        await slack.click("alice", view, "name", "nope")
        assert (await slack.submit("alice"))["errors"] == {"app": "No app nope"}
        await slack.click("alice", view, "name", "checkout")
        assert (await slack.submit("alice"))["acknowledged"]
        assert await slack.views("alice") == []

        said = await slack.say("bob", "#checkout", "@deploybot hello")
        await slack.wait_for_message("bob", "#checkout", thread_ts=said["ts"])
        assert len(await slack.messages("alice", "#checkout")) == 3
    finally:
        await handler.close_async()  # type: ignore[no-untyped-call]
