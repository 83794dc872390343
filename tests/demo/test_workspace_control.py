"""The control endpoints of the simulated workspace: guarded, and enough for a page to be drawn from."""

import asyncio
import json

import aiohttp
import httpx
import pytest
from slack_sdk.web.async_client import AsyncWebClient

from tests.workspace_client import (
    APP_TOKEN,
    BOT_TOKEN,
    CONTROL_TOKEN,
    SIGNING_SECRET,
    SlackClient,
    SlackRefusedError,
    served_workspace,
)


async def test_without_the_token_nothing_is_shown_or_done(slack: SlackClient) -> None:
    async with httpx.AsyncClient(base_url=slack.url, trust_env=False) as stranger:
        looked = await stranger.get("/_control/workspace")
        acted = await stranger.post("/_control/command", json={}, headers={"Authorization": "Bearer wrong"})
    assert (looked.status_code, acted.status_code) == (401, 401)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Host": "evil.example"}, 403),
        ({"Host": "127.0.0.1.evil.example:80"}, 403),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Host": "localhost:80"}, 200),
    ],
)
async def test_only_loopback_is_served(slack: SlackClient, headers: dict[str, str], status: int) -> None:
    response = await slack.http.get("/_control/workspace", headers=headers)
    assert response.status_code == status


async def test_the_stream_is_guarded_like_the_rest(slack: SlackClient) -> None:
    url = f"{slack.url}/_control/stream"
    async with aiohttp.ClientSession() as session:
        for query, origin in (("?token=wrong", None), (f"?token={CONTROL_TOKEN}", "https://evil.example")):
            with pytest.raises(aiohttp.WSServerHandshakeError):
                await session.ws_connect(url + query, origin=origin)


async def test_the_stream_tells_what_happens(slack: SlackClient) -> None:
    async with aiohttp.ClientSession() as session:
        socket = await session.ws_connect(f"{slack.url}/_control/stream?token={CONTROL_TOKEN}", origin=slack.url)
        assert (await socket.receive_json())["type"] == "hello"
        await slack.say("alice", "#checkout", "hello")
        change = await socket.receive_json()
        assert (change["type"], change["channel"], change["message"]["text"]) == (
            "message_posted",
            "C0CHECKOUT",
            "hello",
        )
        again = await session.ws_connect(f"{slack.url}/_control/stream?token={CONTROL_TOKEN}&after={change['seq'] - 1}")
        assert (await again.receive_json())["type"] == "hello"
        assert (await again.receive_json())["seq"] == change["seq"]
        await socket.close()
        await again.close()


async def test_a_page_elsewhere_may_be_allowed_by_name() -> None:
    page = "http://127.0.0.1:5173"
    async with served_workspace(origins=[page]) as slack:
        asked = {
            "Origin": page,
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "authorization",
        }
        preflight = await slack.http.options("/_control/command", headers=asked)
        looked = await slack.http.get("/_control/workspace", headers={"Origin": page})
        assert preflight.headers["access-control-allow-origin"] == page
        assert (looked.status_code, looked.headers["access-control-allow-origin"]) == (200, page)


async def test_the_inspector_shows_both_ways_and_no_secret(slack: SlackClient) -> None:
    web = AsyncWebClient(base_url=slack.api_url)
    url = (await web.apps_connections_open(app_token=APP_TOKEN))["url"]
    await web.api_call("chat.postMessage", json={"token": BOT_TOKEN, "channel": "C0CHECKOUT", "text": BOT_TOKEN})
    async with aiohttp.ClientSession() as session, session.ws_connect(url) as socket:
        await socket.receive_json()
        typing = asyncio.ensure_future(slack.command("alice", "#checkout", "/deployments"))
        await socket.send_json({"envelope_id": (await socket.receive_json())["envelope_id"]})
        told = await typing

    entries = await slack.inspected()
    assert told["acknowledged"]
    assert [(entry["direction"], entry["via"]) for entry in entries] == [
        ("from_bot", "web_api"),
        ("from_bot", "web_api"),
        ("to_bot", "socket"),
    ]
    shown = json.dumps(entries)
    for secret in (BOT_TOKEN, APP_TOKEN, SIGNING_SECRET, CONTROL_TOKEN, url.partition("ticket=")[2]):
        assert secret not in shown


async def test_a_person_sees_only_their_channels(slack: SlackClient) -> None:
    assert await slack.messages("bob", "#oncall") == []
    with pytest.raises(SlackRefusedError, match="channel_not_found"):
        await slack.messages("carol", "#oncall")
    with pytest.raises(SlackRefusedError, match="channel_not_found"):
        await slack.say("dave", "#checkout", "hello")
    with pytest.raises(SlackRefusedError, match="is_archived"):
        await slack.say("alice", "#old-shop", "hello")
    with pytest.raises(SlackRefusedError, match="user_not_found"):
        await slack.messages("mallory", "#checkout")


async def test_everything_a_page_needs_to_start(slack: SlackClient) -> None:
    shown = await slack.get("workspace")
    assert [person["name"] for person in shown["people"]] == ["alice", "bob", "carol", "dave", "deploybot"]
    assert shown["app"]["commands"][0]["command"] == "/deployments"
    assert {channel["name"] for channel in shown["channels"] if channel["is_private"] and not channel["is_im"]} == {
        "oncall"
    }
    assert [channel["name"] for channel in shown["channels"] if not channel["is_member"]] == ["random"]


async def test_an_unknown_fault_is_refused(slack: SlackClient) -> None:
    with pytest.raises(SlackRefusedError, match="no fault of web_api"):
        await slack.set_faults({"kind": "drop_ack"})
    with pytest.raises(SlackRefusedError, match="unknown: colour"):
        await slack.set_faults({"kind": "slow", "colour": "red"})
    await slack.set_faults({"kind": "slow", "seconds": 0.5})
    assert (await slack.get("faults"))["faults"][0]["seconds"] == 0.5
    await slack.set_faults()
    assert (await slack.get("faults"))["faults"] == []


async def test_an_unknown_command_is_nobodys(slack: SlackClient) -> None:
    with pytest.raises(SlackRefusedError, match="unknown_command"):
        await slack.command("alice", "#checkout", "/nothing")
