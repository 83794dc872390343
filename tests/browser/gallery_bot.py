"""A bot for the page's own tests: shows every kind of element and says what was done with each."""

import asyncio
import json
import os
import re
import sys
from typing import Any

from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncRespond
from slack_sdk.web.async_client import AsyncWebClient

JsonObject = dict[str, Any]

MANIFEST = {
    "display_information": {"name": "gallery"},
    "features": {"bot_user": {"display_name": "gallery"}, "slash_commands": [{"command": "/gallery"}]},
    "oauth_config": {"scopes": {"bot": ["commands", "chat:write"]}},
    "settings": {"interactivity": {"is_enabled": True}, "socket_mode_enabled": True},
}


def plain(text: str) -> JsonObject:
    return {"type": "plain_text", "text": text}


def option(name: str) -> JsonObject:
    return {"text": plain(name), "value": name}


RED_GREEN_BLUE = [option("red"), option("green"), option("blue")]
SURE = {"title": plain("Sure?"), "text": plain("It can't be undone."), "confirm": plain("Yes"), "deny": plain("No")}

MESSAGE: list[JsonObject] = [
    {"type": "header", "text": plain("Everything <that> can & be used")},
    {
        "type": "actions",
        "elements": [
            {"type": "button", "action_id": "risky", "text": plain("Risky"), "style": "danger", "confirm": SURE},
            {"type": "button", "action_id": "open", "text": plain("Open a form")},
            {
                "type": "static_select",
                "action_id": "colour",
                "placeholder": plain("Colour"),
                "options": RED_GREEN_BLUE,
                "initial_option": option("green"),
            },
            {"type": "external_select", "action_id": "group", "placeholder": plain("Group"), "min_query_length": 0},
            {"type": "users_select", "action_id": "person", "placeholder": plain("Person")},
            {"type": "datepicker", "action_id": "day", "initial_date": "2026-03-04"},
            {
                "type": "checkboxes",
                "action_id": "several",
                "options": RED_GREEN_BLUE,
                "initial_options": [option("red")],
            },
        ],
    },
    {
        "type": "section",
        "text": {"type": "mrkdwn", "text": "*bold* `code` :rocket: <@U0BOB00001> in <#C0CHECKOUT>"},
        "accessory": {
            "type": "multi_static_select",
            "action_id": "many",
            "placeholder": plain("Many"),
            "options": RED_GREEN_BLUE,
        },
    },
]


def form(title: str) -> JsonObject:
    text = {"type": "plain_text_input", "action_id": "value"}
    radio = {"type": "radio_buttons", "action_id": "value", "options": RED_GREEN_BLUE}
    number = {"type": "number_input", "action_id": "value", "is_decimal_allowed": False}
    push = {"type": "button", "action_id": "push", "text": plain("One more")}
    return {
        "type": "modal",
        "callback_id": "form",
        "title": plain(title),
        "submit": plain("Send"),
        "close": plain("Back"),
        "private_metadata": title,
        "blocks": [
            {"type": "input", "block_id": "name", "label": plain("Name"), "element": text},
            {"type": "input", "block_id": "pick", "label": plain("Pick"), "element": radio},
            {"type": "input", "block_id": "count", "label": plain("Count"), "element": number, "optional": True},
            {"type": "actions", "elements": [push]},
        ],
    }


def gallery(client: AsyncWebClient) -> AsyncApp:
    app = AsyncApp(client=client)

    @app.command("/gallery")
    async def show(ack: AsyncAck, respond: AsyncRespond) -> None:
        await ack()
        await respond(text="gallery", blocks=MESSAGE)

    @app.action("open")
    async def open_form(ack: AsyncAck, body: JsonObject) -> None:
        await ack()
        await client.views_open(trigger_id=body["trigger_id"], view=form("First"))

    @app.action("push")
    async def push_form(ack: AsyncAck, body: JsonObject) -> None:
        await ack()
        await client.views_push(trigger_id=body["trigger_id"], view=form("Second"))

    @app.action(re.compile(".*"))
    async def tell(ack: AsyncAck, respond: AsyncRespond, action: JsonObject) -> None:
        await ack()
        await respond(text=f"used {action['action_id']}: {json.dumps(chosen(action))}", replace_original=False)

    @app.options("group")
    async def offer(ack: AsyncAck, payload: JsonObject) -> None:
        await ack(options=[option(name) for name in ("operators", "checkout-team") if payload["value"] in name])

    @app.view("form")
    async def take(ack: AsyncAck, view: JsonObject, body: JsonObject) -> None:
        values = {name: block["value"] for name, block in view["state"]["values"].items() if "value" in block}
        if values["name"]["value"] == "wrong":
            await ack(response_action="errors", errors={"name": "This is no name."})
            return
        await ack()
        told = json.dumps([view["private_metadata"], *(chosen(value) for value in values.values())])
        await client.chat_postMessage(channel="C0CHECKOUT", text=f"sent by {body['user']['username']}: {told}")

    return app


def chosen(action: JsonObject) -> Any:
    """The value of an element, of options their values."""
    names = ("selected_option", "selected_options", "selected_user", "selected_date", "value")
    found = next((action[name] for name in names if action.get(name) is not None), None)
    match found:
        case {"value": value}:
            return value
        case [*options]:
            return [each["value"] for each in options]
        case _:
            return found


async def main() -> None:
    client = AsyncWebClient(token=os.environ["SLACK_BOT_TOKEN"], base_url=os.environ["SLACK_API_URL"])
    await AsyncSocketModeHandler(gallery(client), os.environ["SLACK_APP_TOKEN"]).start_async()  # type: ignore[no-untyped-call]


if __name__ == "__main__":
    if sys.argv[-1] == "manifest":
        sys.stdout.write(json.dumps(MANIFEST))
    else:
        asyncio.run(main())
