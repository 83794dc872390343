"""Modals of the simulated workspace: the stack, what stays entered, and what an answer to a sent form does."""

from typing import Any

import pytest

from tests.demo.workspace_app import MODAL, App, app_in_workspace, heard
from tests.workspace_client import JsonObject, SlackClient, SlackRefusedError

PUSHED = MODAL | {"title": {"type": "plain_text", "text": "Second"}}


async def open_modal(slack: SlackClient, app: App, **more: Any) -> JsonObject:
    await slack.command("alice", "#checkout", "/deployments")
    opened = await app.call("views.open", trigger_id=app.heard[-1]["trigger_id"], view=MODAL | more)
    view: JsonObject = opened["view"]
    return view


async def send_form(slack: SlackClient, app: App, answer: JsonObject | None) -> JsonObject:
    """Fill in alice's topmost form and send it; the app acknowledges with `answer`."""
    app.reply = lambda payload: answer
    view = (await slack.views("alice"))[-1]
    await slack.click("alice", view, "name", "checkout")
    return await slack.submit("alice")


async def test_errors_stand_under_their_inputs_and_the_form_stays() -> None:
    async with app_in_workspace() as (slack, app):
        await open_modal(slack, app)
        told = await send_form(slack, app, {"response_action": "errors", "errors": {"app": "No such app"}})

        assert told["errors"] == {"app": "No such app"}
        assert [view["errors"] for view in await slack.views("alice")] == [{"app": "No such app"}]


async def test_errors_belong_to_input_blocks() -> None:
    async with app_in_workspace() as (slack, app):
        await open_modal(slack, app)
        await send_form(slack, app, {"response_action": "errors", "errors": {"nowhere": "?"}})

        notice = await slack.wait_for_change("notice")
        assert notice["notice"]["error"] == "invalid_arguments"
        assert "json-pointer:/errors/nowhere" in notice["notice"]["text"]


async def test_update_replaces_push_covers_and_clear_closes_all() -> None:
    async with app_in_workspace() as (slack, app):
        first = await open_modal(slack, app)
        await send_form(slack, app, {"response_action": "update", "view": PUSHED})
        (updated,) = await slack.views("alice")
        assert (updated["id"], updated["title"]["text"]) == (first["id"], "Second")
        assert updated["hash"] != first["hash"]

        await send_form(slack, app, {"response_action": "push", "view": MODAL})
        below, top = await slack.views("alice")
        assert (top["previous_view_id"], top["root_view_id"]) == (below["id"], first["id"])

        await send_form(slack, app, {"response_action": "clear"})
        assert await slack.views("alice") == []


async def test_without_a_response_action_only_the_sent_form_closes() -> None:
    async with app_in_workspace() as (slack, app):
        await open_modal(slack, app)
        await send_form(slack, app, {"response_action": "push", "view": PUSHED})
        await send_form(slack, app, None)
        assert [view["title"]["text"] for view in await slack.views("alice")] == ["Filter"]


async def test_a_stack_holds_three_modals() -> None:
    async with app_in_workspace() as (slack, app):
        await open_modal(slack, app)
        for _ in range(3):
            await send_form(slack, app, {"response_action": "push", "view": PUSHED})
        assert len(await slack.views("alice")) == 3
        assert (await slack.wait_for_change("notice"))["notice"]["error"] == "push_limit_reached"


async def test_what_was_entered_stays_where_block_and_element_stay() -> None:
    async with app_in_workspace() as (slack, app):
        view = await open_modal(slack, app)
        await slack.click("alice", view, "name", "checkout")
        await app.call("views.update", view_id=view["id"], view=PUSHED)
        kept = (await slack.views("alice"))[0]
        assert kept["state"]["values"]["app"]["name"]["value"] == "checkout"

        renamed = [{**MODAL["blocks"][0], "block_id": "app2"}]
        await app.call("views.update", view_id=view["id"], view=PUSHED | {"blocks": renamed})
        assert (await slack.views("alice"))[0]["state"]["values"] == {}


async def test_an_update_of_an_older_version_is_refused() -> None:
    async with app_in_workspace() as (slack, app):
        view = await open_modal(slack, app)
        taken = await app.call("views.update", view_id=view["id"], hash=view["hash"], view=PUSHED)
        late = await app.call("views.update", view_id=view["id"], hash=view["hash"], view=MODAL)

        assert (taken["ok"], late["error"]) == (True, "hash_conflict")
        await slack.close("alice")
        gone = await app.call("views.update", view_id=view["id"], view=MODAL)
        assert gone["error"] == "not_found"


async def test_push_needs_a_trigger_from_inside_a_modal() -> None:
    button = {"type": "button", "action_id": "more", "text": {"type": "plain_text", "text": "More"}}
    async with app_in_workspace() as (slack, app):
        await slack.command("alice", "#checkout", "/deployments")
        outside = await app.call("views.push", trigger_id=app.heard[-1]["trigger_id"], view=MODAL)
        view = await open_modal(slack, app, blocks=[{"type": "actions", "elements": [button]}])
        await slack.click("alice", (await slack.views("alice"))[0], "more")
        inside = await app.call("views.push", trigger_id=app.heard[-1]["trigger_id"], view=PUSHED)

        assert outside["error"] == "invalid_trigger_id"
        assert inside["view"]["previous_view_id"] == view["id"]
        click = app.heard[-1]
        assert (click["container"]["type"], "response_url" in click, "message" in click) == ("view", False, False)
        with pytest.raises(SlackRefusedError, match="view_not_found"):
            await slack.click("alice", view, "more", block_id=view["blocks"][0]["block_id"])


async def test_a_closed_modal_is_told_to_those_who_asked() -> None:
    async with app_in_workspace() as (slack, app):
        await open_modal(slack, app, notify_on_close=True)
        await slack.close("alice")
        await slack.wait_for(lambda: heard(app, 2), "view_closed")
        assert (app.heard[-1]["type"], app.heard[-1]["is_cleared"]) == ("view_closed", False)

        await open_modal(slack, app)
        await slack.close("alice")
        assert len(app.heard) == 3


async def test_an_invalid_modal_is_refused_by_path_and_its_trigger_is_not_spent() -> None:
    async with app_in_workspace() as (slack, app):
        await slack.command("alice", "#checkout", "/deployments")
        trigger_id = app.heard[-1]["trigger_id"]
        long = MODAL | {"title": {"type": "plain_text", "text": "x" * 25}}
        refused = await app.call("views.open", trigger_id=trigger_id, view=long)
        opened = await app.call("views.open", trigger_id=trigger_id, view=MODAL)

        assert refused["error"] == "invalid_arguments"
        assert refused["response_metadata"]["messages"] == [
            "[ERROR] must be less than 25 characters [json-pointer:/view/title/text]"
        ]
        assert opened["ok"]
