"""Slack in trouble, as the simulated workspace plays it: posted but not said so, shown late, rights that went away."""

import httpx
import pytest

from tests.demo.test_workspace_webapi import Caller, calling
from tests.workspace_client import JsonObject, SlackClient

POST = "chat.postMessage"


async def texts(slack: SlackClient) -> list[str]:
    return [message["text"] for message in await slack.messages("alice", "#checkout")]


async def keys(call: Caller) -> list[str]:
    history = await call("conversations.history", channel="C0CHECKOUT", include_all_metadata=True)
    return [message["metadata"]["event_payload"]["key"] for message in history["messages"]]


def with_key(key: str) -> JsonObject:
    return {"event_type": "deploybot_message", "event_payload": {"key": key}}


async def test_a_message_may_be_there_although_slack_answered_500() -> None:
    async with calling() as call:
        await call.slack.set_faults({"kind": "done_but_500", "methods": [POST], "times": 1})
        answer = await call.response(POST, channel="C0CHECKOUT", text="once")
        assert (answer.status_code, answer.json()["error"]) == (500, "internal_error")
        assert await texts(call.slack) == ["once"]


async def test_a_message_may_be_there_although_the_answer_took_too_long() -> None:
    async with calling() as call:
        await call.slack.set_faults({"kind": "done_but_slow", "seconds": 0.6, "times": 1})
        call.http.timeout = httpx.Timeout(0.2)
        with pytest.raises(httpx.ReadTimeout):
            await call(POST, channel="C0CHECKOUT", text="once")
        assert await texts(call.slack) == ["once"]


async def test_a_message_may_come_after_the_client_has_left() -> None:
    async with calling() as call:
        await call.slack.set_faults({"kind": "slow", "seconds": 0.3, "times": 1})
        call.http.timeout = httpx.Timeout(0.1)
        with pytest.raises(httpx.ReadTimeout):
            await call(POST, channel="C0CHECKOUT", text="late")
        assert await texts(call.slack) == []
        assert (await call.slack.wait_for_message("alice", "#checkout"))["text"] == "late"


@pytest.mark.parametrize("kind", ["none", "cut"])
async def test_a_message_may_be_shown_later_than_it_was_taken(kind: str) -> None:
    async with calling() as call:
        await call.slack.set_faults({"kind": kind, "methods": [POST], "times": 1, "shown_after": 0.3})
        if kind == "cut":
            with pytest.raises(httpx.RemoteProtocolError):
                await call(POST, channel="C0CHECKOUT", text="late", metadata=with_key("k1"))
        else:
            assert (await call(POST, channel="C0CHECKOUT", text="late", metadata=with_key("k1")))["ok"]
        await call(POST, channel="C0CHECKOUT", text="sooner", metadata=with_key("k2"))
        assert await keys(call) == ["k2"]
        await call.slack.wait_for_message("alice", "#checkout", lambda message: message["text"] == "late")
        assert await keys(call) == ["k2", "k1"]


async def test_an_update_keeps_the_metadata_that_it_does_not_name() -> None:
    async with calling() as call:
        posted = await call(POST, channel="C0CHECKOUT", text="one", metadata=with_key("k1"))
        await call("chat.update", channel="C0CHECKOUT", ts=posted["ts"], text="two")
        assert (await keys(call), await texts(call.slack)) == (["k1"], ["two"])


async def test_an_answer_to_a_deleted_message_goes_to_the_channel_itself() -> None:
    async with calling() as call:
        parent = await call(POST, channel="C0CHECKOUT", text="parent")
        await call("chat.delete", channel="C0CHECKOUT", ts=parent["ts"])
        reply = await call(POST, channel="C0CHECKOUT", text="reply", thread_ts=parent["ts"])
        assert (reply["ok"], "thread_ts" in reply["message"]) == (True, False)
        gone = await call("conversations.replies", channel="C0CHECKOUT", ts=parent["ts"])
        assert gone["error"] == "thread_not_found"


@pytest.mark.parametrize("refusal", ["token_revoked", "account_inactive"])
async def test_a_token_may_be_refused_from_one_moment_on(refusal: str) -> None:
    async with calling() as call:
        await call.slack.post("access", refusal=refusal)
        assert await call(POST, channel="C0CHECKOUT", text="x") == {"ok": False, "error": refusal}
        assert (await call("auth.test"))["error"] == refusal
        await call.slack.post("access", refusal="")
        assert (await call(POST, channel="C0CHECKOUT", text="x"))["ok"]


async def test_scopes_may_be_taken_away() -> None:
    async with calling() as call:
        answer = await call.slack.post("access", scopes=["chat:write", "groups:history"])
        assert answer["scopes"] == ["chat:write", "groups:history"]
        refused = await call("conversations.history", channel="C0CHECKOUT")
        assert (refused["error"], refused["needed"]) == ("missing_scope", "channels:history")
        assert (await call("conversations.history", channel="C0ONCALL01"))["ok"]


async def test_a_channel_is_renamed_and_keeps_its_id() -> None:
    async with calling() as call:
        await call.slack.post("channel", channel="#checkout", name="payments")
        assert (await call(POST, channel="C0CHECKOUT", text="x"))["ok"]
        assert len(await call.slack.messages("alice", "#payments")) == 1


async def test_a_channel_that_the_bot_left_shows_it_no_history() -> None:
    async with calling() as call:
        await call.slack.post("channel", channel="#checkout", bot_is_member=False)
        assert (await call("conversations.history", channel="C0CHECKOUT"))["error"] == "not_in_channel"
        assert (await call(POST, channel="C0CHECKOUT", text="x"))["error"] == "not_in_channel"
