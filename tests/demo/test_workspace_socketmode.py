"""Socket Mode of the simulated workspace, spoken by slack_sdk's own client."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.async_client import AsyncBaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse
from slack_sdk.web.async_client import AsyncWebClient

from tests.workspace_client import APP_TOKEN, BOT_TOKEN, EAGER, JsonObject, SlackClient, served_workspace

Reply = Callable[[SocketModeRequest], JsonObject | None]
HASTY = replace(EAGER, ack=0.2, disconnect_warning=0.05)


class Bot:
    """An app on slack_sdk's client: remembers each request, and acknowledges with what `reply` returns."""

    def __init__(self, slack: SlackClient, reply: Reply | None) -> None:
        self.requests: list[SocketModeRequest] = []
        self.reply = reply
        web = AsyncWebClient(base_url=slack.api_url)
        self.client = SocketModeClient(APP_TOKEN, web_client=web, ping_interval=0.2)
        self.client.socket_mode_request_listeners.append(self._hear)

    async def _hear(self, client: AsyncBaseSocketModeClient, request: SocketModeRequest) -> None:
        self.requests.append(request)
        if self.reply is not None:
            response = SocketModeResponse(request.envelope_id, self.reply(request))
            await client.send_socket_mode_response(response)


@asynccontextmanager
async def bot_in(slack: SlackClient, reply: Reply | None = lambda request: None) -> AsyncIterator[Bot]:
    """A bot with one connection; `reply` None is a bot that never acknowledges."""
    bot = Bot(slack, reply)
    try:
        await bot.client.connect()  # type: ignore[no-untyped-call]
        await slack.wait_for_connections(1)
        yield bot
    finally:
        await bot.client.close()  # type: ignore[no-untyped-call]


async def test_a_command_reaches_the_app_and_its_acknowledgement_is_the_answer() -> None:
    async with served_workspace() as slack, bot_in(slack, lambda request: {"text": "Nothing is running."}) as bot:
        told = await slack.command("alice", "#checkout", "/deployments app=payload-service")

        assert told["acknowledged"]
        payload = bot.requests[0].payload
        assert bot.requests[0].type == "slash_commands"
        assert payload["text"] == "app=payload-service"
        assert (payload["user_name"], payload["channel_name"]) == ("alice", "checkout")
        answer = await slack.wait_for_message("alice", "#checkout")
        assert (answer["text"], answer["is_ephemeral"]) == ("Nothing is running.", True)
        assert await slack.messages("bob", "#checkout") == []


async def test_whoever_is_not_answered_in_time_is_told_operation_timeout() -> None:
    async with served_workspace(timing=HASTY) as slack, bot_in(slack, reply=None):
        told = await slack.command("alice", "#checkout", "/deployments")

        assert (told["acknowledged"], told["failure"]) == (False, "operation_timeout")
        notice = await slack.wait_for_change("notice")
        assert (notice["person"], notice["notice"]["error"]) == ("U0ALICE001", "operation_timeout")


async def test_without_a_connection_a_command_fails_at_once() -> None:
    async with served_workspace() as slack:
        assert (await slack.command("alice", "#checkout", "/deployments"))["failure"] == "dispatch_failed"


async def test_a_ticket_opens_one_connection_only() -> None:
    async with served_workspace() as slack, aiohttp.ClientSession() as session:
        web = AsyncWebClient(token=APP_TOKEN, base_url=slack.api_url)
        url = (await web.apps_connections_open(app_token=APP_TOKEN))["url"]
        async with session.ws_connect(url) as socket:
            assert (await socket.receive_json())["type"] == "hello"
            with pytest.raises(aiohttp.WSServerHandshakeError):
                await session.ws_connect(url)


async def test_a_connection_needs_the_app_token() -> None:
    async with served_workspace() as slack:
        web = AsyncWebClient(base_url=slack.api_url)
        with pytest.raises(SlackApiError, match="not_allowed_token_type"):
            await web.apps_connections_open(app_token=BOT_TOKEN)


async def test_the_eleventh_connection_is_too_many() -> None:
    async with served_workspace() as slack, aiohttp.ClientSession() as session:
        sockets = [await open_socket(session, slack) for _ in range(10)]
        hellos = [await socket.receive_json() for socket in sockets]
        assert hellos[-1]["num_connections"] == 10

        eleventh = await open_socket(session, slack)
        assert (await eleventh.receive_json())["reason"] == "too_many_websockets"
        assert (await eleventh.receive()).type is aiohttp.WSMsgType.CLOSE
        assert len((await slack.get("sockets"))["connections"]) == 10
        for socket in (*sockets, eleventh):
            await socket.close()


async def test_each_payload_goes_to_one_connection() -> None:
    async with served_workspace() as slack, aiohttp.ClientSession() as session:
        sockets = [await open_socket(session, slack) for _ in range(2)]
        seen: list[int] = []
        answering = [
            asyncio.ensure_future(acknowledge_all(socket, seen, index)) for index, socket in enumerate(sockets)
        ]
        for _ in range(4):
            assert (await slack.command("alice", "#checkout", "/deployments"))["acknowledged"]

        assert sorted(seen) == [0, 0, 1, 1]
        for socket in sockets:
            await socket.close()
        await asyncio.gather(*answering)


async def test_after_a_warning_the_client_comes_back_over_a_new_connection() -> None:
    async with served_workspace(timing=HASTY) as slack, bot_in(slack) as bot:
        old = (await slack.wait_for_connections(1))[0]["id"]
        await slack.sockets("disconnect", reason="warning")

        async def renewed() -> bool | None:
            connections = (await slack.get("sockets"))["connections"]
            return True if connections and connections[0]["id"] != old else None

        await slack.wait_for(renewed, "a new connection")
        assert (await slack.command("alice", "#checkout", "/deployments"))["acknowledged"]
        assert len(bot.requests) == 1


async def test_a_dead_socket_answers_no_ping_and_delivers_nothing() -> None:
    async with served_workspace(timing=HASTY) as slack, aiohttp.ClientSession() as session:
        socket = await open_socket(session, slack, autoping=False)
        await socket.receive_json()
        await socket.ping(b"before")
        assert (await socket.receive()).type is aiohttp.WSMsgType.PONG

        await slack.sockets("dead")
        await socket.ping(b"after")
        assert (await slack.command("alice", "#checkout", "/deployments"))["failure"] == "operation_timeout"
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(socket.receive(), 0.1)
        assert (await slack.get("sockets"))["connections"][0]["dead"]
        await slack.sockets("cut")
        await socket.close()


async def test_a_cut_connection_is_noticed_and_replaced_by_the_client() -> None:
    async with served_workspace() as slack, bot_in(slack):
        old = (await slack.wait_for_connections(1))[0]["id"]
        await slack.sockets("cut")

        async def renewed() -> bool | None:
            connections = (await slack.get("sockets"))["connections"]
            return True if connections and connections[0]["id"] != old else None

        await slack.wait_for(renewed, "a new connection")


async def test_a_mention_that_is_not_acknowledged_comes_four_times_with_one_event_id() -> None:
    async with served_workspace(timing=HASTY) as slack, bot_in(slack, reply=None) as bot:
        await slack.say("alice", "#checkout", "@deploybot app=checkout")
        await slack.wait_for(lambda: happened(len(bot.requests) == 4), "three repetitions")

        assert [request.retry_attempt for request in bot.requests] == [0, 1, 2, 3]
        assert bot.requests[1].retry_reason == "timeout"
        assert len({request.payload["event_id"] for request in bot.requests}) == 1
        assert len({request.envelope_id for request in bot.requests}) == 4


async def test_a_lost_acknowledgement_repeats_the_event_but_not_the_command() -> None:
    async with served_workspace(timing=HASTY) as slack, bot_in(slack) as bot:
        await slack.set_faults({"kind": "drop_ack", "where": "delivery", "times": 2})
        assert (await slack.command("alice", "#checkout", "/deployments"))["failure"] == "operation_timeout"
        await slack.say("alice", "#checkout", "@deploybot app=checkout")
        await slack.wait_for(lambda: happened(len(bot.requests) == 3), "one repetition")

        assert [request.type for request in bot.requests] == ["slash_commands", "events_api", "events_api"]


async def test_a_payload_can_be_delivered_twice() -> None:
    async with served_workspace() as slack, bot_in(slack) as bot:
        await slack.command("alice", "#checkout", "/deployments app=x")
        await slack.post("redeliver")

        first, second = bot.requests
        assert first.payload == second.payload
        assert first.envelope_id != second.envelope_id


async def open_socket(
    session: aiohttp.ClientSession, slack: SlackClient, **more: Any
) -> aiohttp.ClientWebSocketResponse:
    web = AsyncWebClient(base_url=slack.api_url)
    url = (await web.apps_connections_open(app_token=APP_TOKEN))["url"]
    socket: aiohttp.ClientWebSocketResponse = await session.ws_connect(url, **more)
    return socket


async def acknowledge_all(socket: aiohttp.ClientWebSocketResponse, seen: list[int], index: int) -> None:
    async for message in socket:
        envelope = message.json()
        if "envelope_id" in envelope:
            seen.append(index)
            await socket.send_json({"envelope_id": envelope["envelope_id"]})


def happened(condition: bool) -> Awaitable[bool | None]:
    async def look() -> bool | None:
        return condition or None

    return look()
