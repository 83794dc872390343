"""What people do in the simulated workspace and what an app may do about it: answers, clicks, modals, threads."""

from dataclasses import replace

import pytest

from tests.demo.workspace_app import BUTTON, MODAL, app_in_workspace, heard
from tests.workspace_client import EAGER, SlackRefusedError


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
    async with app_in_workspace(timing=replace(EAGER, trigger=-1.0)) as (slack, app):
        await slack.command("alice", "#checkout", "/deployments")
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


async def test_what_slack_does_not_promise_about_commands_can_be_had_both_ways() -> None:
    """Whether a command's text comes with `&gt;` is not documented: the bot is tested with both."""
    async with app_in_workspace() as (slack, app):
        await slack.command("alice", "#checkout", "/deployments created>=2026-01-01")
        assert app.heard[0]["text"] == "created>=2026-01-01"
    async with app_in_workspace(entities_in_commands=True) as (slack, app):
        await slack.command("alice", "#checkout", "/deployments created>=2026-01-01")
        assert app.heard[0]["text"] == "created&gt;=2026-01-01"


async def test_a_partner_acts_under_their_own_team() -> None:
    async with app_in_workspace() as (slack, app):
        await slack.command("dave", "#partner", "/deployments")
        await app.respond({"text": "x", "blocks": [BUTTON]})
        await slack.click("dave", await slack.wait_for_message("dave", "#partner"), "next")
        await slack.say("dave", "#partner", "@deploybot hello")
        await slack.wait_for(lambda: heard(app, 3), "the mention")

        command, click, mention = app.heard
        assert command["team_id"] == "T0PARTNER1"
        assert (click["team"]["id"], click["user"]["team_id"]) == ("T0PARTNER1", "T0PARTNER1")
        assert mention["event"]["user_team"] == "T0PARTNER1"
        assert mention["authorizations"][0]["team_id"] == "T0SHOP0001"
        assert mention["is_ext_shared_channel"] is True


async def test_a_mention_in_a_thread_tells_the_thread() -> None:
    async with app_in_workspace() as (slack, app):
        first = await slack.say("alice", "#checkout", "look at this")
        await slack.say("bob", "#checkout", "@deploybot app=x", thread_ts=first["ts"])
        await slack.wait_for(lambda: heard(app), "the mention")

        assert app.heard[0]["event"]["thread_ts"] == first["ts"]
        posted = await app.call("chat.postMessage", channel="C0CHECKOUT", text="here", thread_ts=first["ts"])
        thread = await slack.messages("carol", "#checkout", thread_ts=first["ts"])
        assert [message["ts"] for message in thread][-1] == posted["ts"]


async def test_an_option_that_is_not_offered_cannot_be_chosen() -> None:
    menu = {
        "type": "static_select",
        "action_id": "state",
        "options": [{"text": {"type": "plain_text", "text": "failed"}, "value": "failed"}],
    }
    overflow = {**menu, "type": "overflow", "action_id": "more"}
    async with app_in_workspace() as (slack, app):
        blocks = [{"type": "actions", "elements": [menu, overflow]}]
        await app.call("chat.postMessage", channel="C0CHECKOUT", text="x", blocks=blocks)
        message = await slack.wait_for_message("alice", "#checkout")
        with pytest.raises(SlackRefusedError, match="option_not_found"):
            await slack.click("alice", message, "state", "running")
        await slack.click("alice", message, "state", "failed")
        await slack.click("alice", message, "more", "failed")

        first, second = app.heard
        block_id = message["blocks"][0]["block_id"]
        assert first["state"]["values"][block_id]["state"]["selected_option"]["value"] == "failed"
        assert second["actions"][0]["selected_option"]["text"]["text"] == "failed"
        assert list(second["state"]["values"][block_id]) == ["state"]


async def test_an_ephemeral_message_stays_with_its_reader() -> None:
    async with app_in_workspace() as (slack, app):
        await slack.command("alice", "#checkout", "/deployments")
        await app.respond({"text": "Page 1", "blocks": [BUTTON]})
        page = await slack.wait_for_message("alice", "#checkout")
        with pytest.raises(SlackRefusedError, match="message_not_found"):
            await slack.click("bob", page, "next")
        await slack.click("alice", page, "next")
        await app.respond({"text": "Page 2", "replace_original": True, "response_type": "in_channel"})

        assert await slack.messages("bob", "#checkout") == []
        updated = await app.call("chat.update", channel="C0CHECKOUT", ts=page["ts"], text="Page 3")
        assert updated["error"] == "message_not_found"


async def test_a_response_url_expires_after_its_half_hour() -> None:
    async with app_in_workspace(timing=replace(EAGER, response_url=-1.0)) as (slack, app):
        await slack.command("alice", "#checkout", "/deployments")
        answer = await app.respond({"text": "too late"})
        assert (answer.status_code, answer.json()["error"]) == (404, "expired_url")


async def test_a_response_that_slack_refuses_is_not_counted_as_a_use() -> None:
    async with app_in_workspace(timing=replace(EAGER, response_url_uses=1)) as (slack, app):
        await slack.command("alice", "#checkout", "/deployments")
        refused = await app.respond({"text": "x", "blocks": [{"type": "header"}]})
        unknown = await app.respond({"text": "x", "colour": "red"})
        taken = await app.respond({"text": "x"})

        assert refused.json()["errors"] == ["missing required field: text [json-pointer:/blocks/0]"]
        assert unknown.json()["error"] == "invalid_arguments"
        assert [answer.status_code for answer in (refused, unknown, taken)] == [400, 400, 200]
