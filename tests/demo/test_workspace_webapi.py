"""The Web API of the simulated workspace, called as slack_sdk and plain HTTP clients call Slack."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import httpx
import pytest
import pytest_asyncio
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from tests.workspace_client import APP_TOKEN, BOT_TOKEN, EAGER, MANIFEST, JsonObject, SlackClient, served_workspace

SECTION = {"type": "section", "text": {"type": "mrkdwn", "text": "a & b"}}


class Caller:
    """A bot's Web API over plain HTTP."""

    def __init__(self, slack: SlackClient) -> None:
        self.slack = slack
        self.http = httpx.AsyncClient(base_url=slack.api_url, trust_env=False)

    async def response(self, method: str, token: str = BOT_TOKEN, **args: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return await self.http.post(method, json=args, headers=headers)

    async def __call__(self, method: str, **args: Any) -> JsonObject:
        answer: JsonObject = (await self.response(method, **args)).json()
        return answer


@asynccontextmanager
async def calling(**more: Any) -> AsyncIterator[Caller]:
    async with served_workspace(**more) as slack:
        caller = Caller(slack)
        async with caller.http:
            yield caller


@pytest_asyncio.fixture
async def call() -> AsyncIterator[Caller]:
    async with calling() as caller:
        yield caller


async def test_slack_sdk_posts_updates_and_deletes(slack: SlackClient) -> None:
    client = AsyncWebClient(token=BOT_TOKEN, base_url=slack.api_url)
    posted = await client.chat_postMessage(channel="C0CHECKOUT", text="one", blocks=[SECTION])
    await client.chat_update(channel="C0CHECKOUT", ts=posted["ts"], text="two")
    (seen,) = await slack.messages("carol", "#checkout")
    assert (seen["text"], "blocks" in seen, "edited" in seen) == ("two", False, True)

    await client.chat_delete(channel="C0CHECKOUT", ts=posted["ts"])
    assert await slack.messages("carol", "#checkout") == []
    with pytest.raises(SlackApiError, match="message_not_found"):
        await client.chat_delete(channel="C0CHECKOUT", ts=posted["ts"])


async def test_arguments_come_as_a_form_or_as_json(call: Caller) -> None:
    form = {"channel": "C0CHECKOUT", "text": "x", "blocks": json.dumps([SECTION]), "token": BOT_TOKEN}
    from_form = (await call.http.post("chat.postMessage", data=form)).json()
    from_json = await call("chat.postMessage", channel="C0CHECKOUT", text="x", blocks=[SECTION])

    texts = [answer["message"]["blocks"][0]["text"]["text"] for answer in (from_form, from_json)]
    assert texts == ["a &amp; b", "a &amp; b"]


@pytest.mark.parametrize(
    ("token", "error"),
    [("", "not_authed"), ("xoxb-wrong", "invalid_auth"), (APP_TOKEN, "not_allowed_token_type")],
)
async def test_a_wrong_token_is_told_apart(call: Caller, token: str, error: str) -> None:
    assert (await call.response("users.list", token)).json() == {"ok": False, "error": error}


async def test_either_token_is_told_of_which_app_it_is(call: Caller) -> None:
    bot = (await call("auth.test"))["bot_id"]
    app = (await call("bots.info", bot=bot))["bot"]["app_id"]
    assert (await call.response("auth.test", APP_TOKEN)).json() == {"ok": True, "app_name": "deploybot", "app_id": app}
    assert (await call("bots.info", bot="B0NOBODY"))["error"] == "bot_not_found"


async def test_each_token_can_be_refused_alone(call: Caller) -> None:
    await call.slack.post("access", app_refusal="token_revoked")
    assert (await call("auth.test"))["ok"]
    assert (await call.response("apps.connections.open", APP_TOKEN)).json()["error"] == "token_revoked"


async def test_every_answer_tells_the_granted_scopes(call: Caller) -> None:
    response = await call.response("auth.test")
    assert response.json()["user_id"] == "U0DEPLOY01"
    assert "chat:write" in response.headers["x-oauth-scopes"].split(",")


async def test_a_scope_that_is_missing_is_named() -> None:
    async with calling(scopes=["chat:write"]) as call:
        refused = await call("users.info", user="U0ALICE001")
        assert refused == {"ok": False, "error": "missing_scope", "needed": "users:read", "provided": "chat:write"}
        private = await call("conversations.info", channel="C0ONCALL01")
        assert private["needed"] == "groups:read"


async def test_a_method_nobody_calls_is_unknown(call: Caller) -> None:
    assert (await call("chat.scheduleMessage"))["error"] == "unknown_method"


@pytest.mark.parametrize(
    ("channel", "error"),
    [
        ("C0NOWHERE1", "channel_not_found"),
        ("C0RANDOM01", "not_in_channel"),
        ("C0OLDSHOP1", "is_archived"),
        ("", "channel_not_found"),
    ],
)
async def test_where_the_bot_cannot_post(call: Caller, channel: str, error: str) -> None:
    assert (await call("chat.postMessage", channel=channel, text="x"))["error"] == error


async def test_a_private_channel_without_the_bot_does_not_exist_for_it(call: Caller) -> None:
    assert (await call("conversations.info", channel="C0ONCALL01"))["channel"]["is_private"]
    await call.slack.post("channel", channel="#oncall", bot_is_member=False)
    assert (await call("conversations.info", channel="C0ONCALL01"))["error"] == "channel_not_found"
    assert (await call("conversations.info", channel="C0RANDOM01"))["channel"]["is_member"] is False


async def test_posting_faster_than_one_a_second_is_refused_with_the_wait() -> None:
    async with calling(timing=replace(EAGER, post_interval=60.0)) as call:
        first = await call.response("chat.postMessage", channel="C0CHECKOUT", text="x")
        second = await call.response("chat.postMessage", channel="C0CHECKOUT", text="x")
        elsewhere = await call.response("chat.postMessage", channel="C0GENERAL1", text="x")

        assert [answer.status_code for answer in (first, second, elsewhere)] == [200, 429, 200]
        assert second.json() == {"ok": False, "error": "ratelimited"}
        assert 59 <= int(second.headers["Retry-After"]) <= 60
        assert len(await call.slack.messages("alice", "#checkout")) == 1


async def test_bad_blocks_are_refused_with_path_and_reason(call: Caller) -> None:
    blocks = [{"type": "actions", "elements": []}, {"type": "section", "text": "bare"}]
    refused = await call("chat.postMessage", channel="C0CHECKOUT", text="x", blocks=blocks)

    assert refused["error"] == "invalid_blocks"
    assert refused["errors"][0] == "no less than 1 items allowed [json-pointer:/blocks/0/elements]"
    assert refused["response_metadata"]["messages"] == [f"[ERROR] {reason}" for reason in refused["errors"]]
    assert await call.slack.messages("alice", "#checkout") == []
    no_list = await call("chat.postMessage", channel="C0CHECKOUT", text="x", blocks="{")
    assert no_list["error"] == "invalid_blocks_format"


async def test_blocks_without_a_text_are_taken_with_a_warning(call: Caller) -> None:
    posted = await call("chat.postMessage", channel="C0CHECKOUT", blocks=[SECTION])
    assert posted["ok"]
    assert "screen readers" in posted["response_metadata"]["warnings"][0]
    (entry,) = await call.slack.inspected("web_api")
    assert "screen readers" in entry["warnings"][0]
    assert (await call("chat.postMessage", channel="C0CHECKOUT"))["error"] == "no_text"


async def test_metadata_is_shown_only_to_who_asks_for_it(call: Caller) -> None:
    metadata = {"event_type": "digest", "event_payload": {"key": "k1"}}
    parent = await call("chat.postMessage", channel="C0CHECKOUT", text="parent")
    await call("chat.postMessage", channel="C0CHECKOUT", text="reply", thread_ts=parent["ts"], metadata=metadata)
    shown = await call("conversations.replies", channel="C0CHECKOUT", ts=parent["ts"], include_all_metadata=True)
    hidden = await call("conversations.replies", channel="C0CHECKOUT", ts=parent["ts"])

    assert [message["text"] for message in shown["messages"]] == ["parent", "reply"]
    assert shown["messages"][0]["reply_count"] == 1
    assert shown["messages"][1]["metadata"] == metadata
    assert "metadata" not in hidden["messages"][1]
    bad = await call("chat.postMessage", channel="C0CHECKOUT", text="x", metadata={"event_type": "digest"})
    assert bad["error"] == "invalid_metadata_schema"


async def test_history_is_newest_first_in_pages_without_threads_and_ephemerals(call: Caller) -> None:
    sent = [await call("chat.postMessage", channel="C0CHECKOUT", text=str(number)) for number in range(3)]
    await call("chat.postMessage", channel="C0CHECKOUT", text="reply", thread_ts=sent[0]["ts"])
    await call("chat.postEphemeral", channel="C0CHECKOUT", user="U0ALICE001", text="psst")
    first = await call("conversations.history", channel="C0CHECKOUT", limit=2)
    second = await call(
        "conversations.history",
        channel="C0CHECKOUT",
        limit=2,
        cursor=first["response_metadata"]["next_cursor"],
    )
    after = await call("conversations.history", channel="C0CHECKOUT", oldest=sent[1]["ts"])

    assert [message["text"] for message in first["messages"]] == ["2", "1"]
    assert [message["text"] for message in second["messages"]] == ["0"]
    assert (first["has_more"], second["has_more"]) == (True, False)
    assert [message["text"] for message in after["messages"]] == ["2"]


async def test_an_ephemeral_message_needs_its_reader_in_the_channel(call: Caller) -> None:
    taken = await call("chat.postEphemeral", channel="C0ONCALL01", user="U0ALICE001", text="psst")
    refused = await call("chat.postEphemeral", channel="C0ONCALL01", user="U0CAROL001", text="psst")

    assert (taken["ok"], refused["error"]) == (True, "user_not_in_channel")
    assert await call.slack.messages("bob", "#oncall") == []


async def test_the_bot_edits_its_own_messages_only(call: Caller) -> None:
    said = await call.slack.say("alice", "#checkout", "mine")
    updated = await call("chat.update", channel="C0CHECKOUT", ts=said["ts"], text="yours")
    deleted = await call("chat.delete", channel="C0CHECKOUT", ts=said["ts"])
    assert (updated["error"], deleted["error"]) == ("cant_update_message", "cant_delete_message")


async def test_an_update_takes_less_text_than_a_post(call: Caller) -> None:
    posted = await call("chat.postMessage", channel="C0CHECKOUT", text="x" * 4001)
    assert posted["ok"]
    refused = await call("chat.update", channel="C0CHECKOUT", ts=posted["ts"], text="x" * 4001)
    assert refused["error"] == "msg_too_long"


async def test_people_are_told_with_their_zone_and_standing(call: Caller) -> None:
    bob, carol, dave = [
        (await call("users.info", user=user))["user"] for user in ("U0BOB00001", "U0CAROL001", "U0DAVE0001")
    ]
    assert bob["tz"] == "America/New_York"
    assert bob["tz_offset"] in (-5 * 3600, -4 * 3600)
    assert (carol["is_restricted"], carol["is_ultra_restricted"]) == (True, False)
    assert (dave["team_id"], dave["is_stranger"]) == ("T0PARTNER1", True)
    assert (await call("users.info", user="U0NOBODY01"))["error"] == "user_not_found"


async def test_groups_and_their_members(call: Caller) -> None:
    groups = (await call("usergroups.list"))["usergroups"]
    assert [group["handle"] for group in groups] == ["checkout-team", "operators"]
    assert (await call("usergroups.users.list", usergroup=groups[1]["id"]))["users"] == ["U0BOB00001"]


async def test_people_and_members_of_a_channel_come_in_pages(call: Caller) -> None:
    first = await call("users.list", limit=3)
    assert [person["name"] for person in first["members"]] == ["alice", "bob", "carol"]
    rest = await call("users.list", limit=3, cursor=first["response_metadata"]["next_cursor"])
    assert [person["is_bot"] for person in rest["members"]] == [True]  # dave is of another workspace
    assert rest["response_metadata"]["next_cursor"] == ""

    members = await call("conversations.members", channel="C0PARTNER1", limit=3)
    assert members["members"] == ["U0ALICE001", "U0BOB00001", "U0DAVE0001"]
    cursor = members["response_metadata"]["next_cursor"]
    assert (await call("conversations.members", channel="C0PARTNER1", cursor=cursor))["members"] == ["U0DEPLOY01"]
    assert (await call("conversations.members", channel="C0PARTNER1", cursor="x"))["error"] == "invalid_cursor"
    assert (await call("conversations.members", channel="D0ALICE001"))["needed"] == "im:read"


async def test_a_direct_message_is_resumed_by_its_id(call: Caller) -> None:
    opened = await call("conversations.open", channel="D0ALICE001", return_im=True)
    assert (opened["channel"]["user"], opened["channel"]["is_im"]) == ("U0ALICE001", True)
    error = (await call("conversations.open", channel="C0CHECKOUT"))["error"]
    assert error == "method_not_supported_for_channel_type"


async def test_a_direct_message_is_opened_for_a_person(call: Caller) -> None:
    channel = (await call("conversations.open", users="U0DAVE0001"))["channel"]["id"]
    assert (await call("chat.postMessage", channel=channel, text="hello"))["ok"]
    assert (await call("chat.postMessage", channel="U0DAVE0001", text="again"))["channel"] == channel
    assert [message["text"] for message in await call.slack.messages("dave", "@deploybot")] == ["hello", "again"]


async def test_without_a_messages_tab_nobody_is_written_to() -> None:
    home = {**MANIFEST["features"], "app_home": {"messages_tab_enabled": False}}
    async with calling(manifest={**MANIFEST, "features": home}) as call:
        answer = await call("chat.postMessage", channel="U0DAVE0001", text="hello")
        assert answer["error"] == "messages_tab_disabled"


async def test_a_rate_limit_can_be_switched_on_for_some_calls(call: Caller) -> None:
    fault = {"kind": "rate_limited", "methods": ["chat.postMessage"], "times": 1, "retry_after": 7}
    await call.slack.set_faults(fault)
    refused = await call.response("chat.postMessage", channel="C0CHECKOUT", text="x")
    other = await call.response("auth.test")
    taken = await call.response("chat.postMessage", channel="C0CHECKOUT", text="x")

    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "7")
    assert (other.status_code, taken.status_code) == (200, 200)


async def test_a_cut_connection_leaves_the_message_posted(call: Caller) -> None:
    """The case in which a client cannot know whether its message is there."""
    await call.slack.set_faults({"kind": "cut", "times": 1})
    with pytest.raises(httpx.RemoteProtocolError):
        await call("chat.postMessage", channel="C0CHECKOUT", text="once")
    assert [message["text"] for message in await call.slack.messages("alice", "#checkout")] == ["once"]


async def test_a_server_error_posts_nothing(call: Caller) -> None:
    await call.slack.set_faults({"kind": "internal_error", "times": 1})
    assert (await call.response("chat.postMessage", channel="C0CHECKOUT", text="x")).status_code == 500
    assert await call.slack.messages("alice", "#checkout") == []
