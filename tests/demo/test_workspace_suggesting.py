"""Menus whose entries the app tells: asked with what was typed, checked like Slack, and only those can be chosen."""

from typing import Any

import pytest

from deploybot.demo.workspace.manifest import parse_manifest
from deploybot.demo.workspace.rules import message_problems
from tests.demo.workspace_app import App, app_in_workspace
from tests.workspace_client import MANIFEST, JsonObject, SlackClient, SlackRefusedError

MENU: JsonObject = {"type": "external_select", "action_id": "group", "min_query_length": 2}
CHOSEN = {"text": {"type": "plain_text", "text": "@operators"}, "value": "S2"}
OPTIONS = [{"text": {"type": "plain_text", "text": "@checkout-team"}, "value": "S1"}, CHOSEN]


def modal(**more: Any) -> JsonObject:
    block = {"type": "input", "block_id": "who", "label": {"type": "plain_text", "text": "Who"}}
    return {
        "type": "modal",
        "title": {"type": "plain_text", "text": "Mention"},
        "submit": {"type": "plain_text", "text": "Save"},
        "blocks": [{**block, "element": {**MENU, **more}}],
    }


async def opened(slack: SlackClient, app: App, **more: Any) -> JsonObject:
    await slack.command("alice", "#checkout", "/deployments")
    answer = await app.call("views.open", trigger_id=app.heard[-1]["trigger_id"], view=modal(**more))
    view: JsonObject = answer["view"]
    return view


def offering(entries: JsonObject) -> Any:
    return lambda payload: entries if payload["type"] == "block_suggestion" else None


async def test_the_app_is_asked_with_what_was_typed_and_what_it_offers_can_be_chosen() -> None:
    async with app_in_workspace() as (slack, app):
        view = await opened(slack, app)
        app.reply = offering({"options": OPTIONS})
        assert await slack.options("alice", view, "group", "op") == OPTIONS
        asked = app.heard[-1]
        assert (asked["type"], asked["action_id"], asked["block_id"], asked["value"]) == (
            "block_suggestion",
            "group",
            "who",
            "op",
        )
        assert asked["view"]["id"] == view["id"]
        assert asked["container"] == {"type": "view", "view_id": view["id"]}
        await slack.click("alice", view, "group", "S2")
        app.reply = lambda payload: None
        await slack.submit("alice")
        chosen = app.heard[-1]["view"]["state"]["values"]["who"]["group"]
        assert chosen == {"type": "external_select", "selected_option": CHOSEN}


async def test_what_was_not_offered_cannot_be_chosen() -> None:
    async with app_in_workspace() as (slack, app):
        view = await opened(slack, app)
        with pytest.raises(SlackRefusedError, match="option_not_found"):
            await slack.click("alice", view, "group", "S9")


async def test_what_it_began_with_is_sent_and_can_be_chosen_again() -> None:
    async with app_in_workspace() as (slack, app):
        view = await opened(slack, app, initial_option=CHOSEN)
        await slack.click("alice", view, "group", "S2")
        await slack.submit("alice")
        assert app.heard[-1]["view"]["state"]["values"]["who"]["group"]["selected_option"] == CHOSEN


async def test_the_app_is_not_asked_before_enough_is_typed() -> None:
    async with app_in_workspace() as (slack, app):
        view = await opened(slack, app)
        count = len(app.heard)
        with pytest.raises(SlackRefusedError, match="query_too_short"):
            await slack.options("alice", view, "group", "o")
        assert len(app.heard) == count


async def test_groups_of_entries_are_taken_as_well() -> None:
    async with app_in_workspace() as (slack, app):
        view = await opened(slack, app)
        app.reply = offering({"option_groups": [{"label": {"type": "plain_text", "text": "All"}, "options": OPTIONS}]})
        (group,) = await slack.options("alice", view, "group", "op")
        assert group["options"] == OPTIONS
        await slack.click("alice", view, "group", "S1")


@pytest.mark.parametrize(
    "entries",
    [
        {"options": OPTIONS * 51},
        {"options": [{"text": {"type": "mrkdwn", "text": "x"}, "value": "S1"}]},
        {"options": OPTIONS, "option_groups": []},
        {"text": "no options"},
    ],
)
async def test_entries_that_slack_would_not_show_are_none_and_a_notice(entries: JsonObject) -> None:
    async with app_in_workspace() as (slack, app):
        view = await opened(slack, app)
        app.reply = offering(entries)
        assert await slack.options("alice", view, "group", "op") == []
        notice = await slack.wait_for_change("notice")
        assert notice["notice"]["error"] == "options_not_loaded"


async def test_in_a_message_the_payload_names_message_and_channel() -> None:
    async with app_in_workspace() as (slack, app):
        block = {"type": "actions", "block_id": "who", "elements": [{**MENU, "min_query_length": 0}]}
        await app.call("chat.postMessage", channel="C0CHECKOUT", text="Who?", blocks=[block])
        message = await slack.wait_for_message("alice", "#checkout")
        app.reply = offering({"options": OPTIONS})
        assert await slack.options("alice", message, "group") == OPTIONS
        assert app.heard[-1]["channel"]["id"] == "C0CHECKOUT"
        assert app.heard[-1]["message"]["ts"] == message["ts"]
        await slack.click("alice", message, "group", "S1")
        assert app.heard[-1]["actions"][0]["selected_option"]["value"] == "S1"


async def test_only_external_menus_ask_the_app() -> None:
    async with app_in_workspace() as (slack, app):
        button = {"type": "button", "action_id": "b", "text": {"type": "plain_text", "text": "B"}, "value": "1"}
        block = {"type": "actions", "block_id": "x", "elements": [button]}
        await app.call("chat.postMessage", channel="C0CHECKOUT", text="B", blocks=[block])
        message = await slack.wait_for_message("alice", "#checkout")
        with pytest.raises(SlackRefusedError, match="element_not_external"):
            await slack.options("alice", message, "b")


@pytest.mark.parametrize(
    ("element", "reason"),
    [
        ({"type": "external_select"}, "missing required field: action_id"),
        ({**MENU, "min_query_length": -1}, "min_query_length"),
        ({**MENU, "options": OPTIONS}, "options"),
        ({"type": "users_select", "action_id": "u", "min_query_length": 1}, "min_query_length"),
    ],
)
def test_what_is_wrong_with_an_external_menu_is_named(element: JsonObject, reason: str) -> None:
    (problem, *_) = message_problems([{"type": "actions", "elements": [element]}])
    assert reason in problem.told()


async def test_over_http_the_manifest_has_to_say_where_menus_ask() -> None:
    settings = {**MANIFEST["settings"], "socket_mode_enabled": False}
    url = "https://bot.example.com/slack/events"
    http = {**MANIFEST, "settings": {**settings, "event_subscriptions": {"request_url": url}}}
    assert parse_manifest(http).options_url is None
    asked = {**settings, "interactivity": {"is_enabled": True, "message_menu_options_url": url}}
    assert parse_manifest({**http, "settings": asked}).options_url == url
